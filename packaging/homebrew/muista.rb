# Muista for Homebrew on Linux: brew install --formula packaging/homebrew/muista.rb
class Muista < Formula
  desc "Command-line to-do list that sends reminders and runs scripts on a schedule"
  homepage "https://github.com/muista/muista"
  url "https://github.com/muista/muista.git", tag: "v0.1.0"
  license any_of: ["MIT", "Apache-2.0"]
  head "https://github.com/muista/muista.git", branch: "main"

  depends_on "rust" => :build
  depends_on :linux

  def install
    system "cargo", "install", "--profile", "dist", *std_cargo_args(path: "muista-cli")
    system "cargo", "install", "--profile", "dist", *std_cargo_args(path: "muistad")
    generate_completions_from_executable(bin/"muista", "completions", shells: [:bash, :zsh, :fish])
    system bin/"muista", "man", "--dir", man
  end

  service do
    run opt_bin/"muistad"
    keep_alive successful_exit: false
  end

  test do
    ENV["MUISTA_DATA_DIR"] = testpath/"data"
    system bin/"muista", "add", "Buy cat food", "due:tomorrow"
    assert_match "Buy cat food", shell_output("#{bin}/muista ls")
    assert_match version.to_s, shell_output("#{bin}/muistad --version")
  end
end
