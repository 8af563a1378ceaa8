//! Installing and packages: `packaging/install.sh` from a release archive, the Debian package in a system of its own below a
//! temporary folder, and what can be said of the recipes for other systems without these systems. The units are in
//! [`crate::install`].

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use test_common::sandbox::Sandbox;

use crate::support::{Ran, home, run};
use crate::terminal::has;

fn packaging(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging").join(name)
}

/// The folder with the programs under test.
fn programs(home: &Sandbox) -> PathBuf {
    Path::new(home.muista().get_program()).parent().unwrap().to_owned()
}

/// Runs a program in the sandbox's environment.
fn sandboxed(home: &Sandbox, program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Ran {
    let mut command = Command::new(program);
    command.args(args).env_clear().current_dir(home.path());
    for (name, value) in home.muista().get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    // Debian keeps what dpkg looks for out of the path of most accounts. What is made need not be small.
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap());
    command.env("PATH", path).env("COMPRESSION", "1").env("MUISTA_HTTP", "127.0.0.1:0");
    run(command.env("DPKG_DEB_COMPRESSOR_TYPE", "gzip").env("DPKG_DEB_COMPRESSOR_LEVEL", "1"))
}

/// All files below a folder, by their path in it.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                found.push(entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn an_archive_is_installed_used_and_uninstalled() {
    let home = home();
    let programs = programs(&home);
    let made = sandboxed(&home, packaging("archive.sh"), &[programs.to_str().unwrap(), "out"]).ok();
    let archive = made.trim_end();
    let machine = sandboxed(&home, "uname", &["-m"]).ok();
    let name = format!("out/muista-{}-{}-linux-", env!("CARGO_PKG_VERSION"), machine.trim_end());
    assert!(archive.starts_with(&name) && archive.ends_with(".tar.gz"), "{archive}");
    sandboxed(&home, "tar", &["-xzf", archive]).ok();
    let folder =
        home.path().join(Path::new(archive).file_name().unwrap().to_str().unwrap().trim_end_matches(".tar.gz"));

    // From what was unpacked, into a folder with a blank in its name.
    let prefix = home.path().join("my prefix");
    let told = sandboxed(&home, folder.join("install.sh"), &["--prefix", prefix.to_str().unwrap()]).ok();
    assert!(told.contains("Installed muista ") && told.contains("to your PATH") && told.contains("fpath"), "{told}");
    let installed = files(&prefix);
    for file in [
        "bin/muista",
        "bin/muistad",
        "share/bash-completion/completions/muista",
        "share/fish/vendor_completions.d/muista.fish",
        "share/man/man1/muista-job-add.1",
        "share/man/man1/muista.1",
        "share/man/man8/muistad.8",
        "share/zsh/site-functions/_muista",
    ] {
        assert!(installed.iter().any(|it| it == file), "no {file}: {installed:?}");
    }
    let muista = prefix.join("bin/muista");
    assert_eq!(fs::metadata(&muista).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(sandboxed(&home, &muista, &["add", "Buy cat food", "--quiet"]).ok(), "");
    assert!(sandboxed(&home, &muista, &["daemon", "start"]).ok().starts_with("Daemon started"));
    sandboxed(&home, &muista, &["daemon", "stop"]).ok();

    // Again, over what is there; then all of it goes, and nothing else.
    sandboxed(&home, packaging("install.sh"), &["--from", archive, "--prefix=my prefix"]).ok();
    assert_eq!(files(&prefix), installed);
    fs::write(prefix.join("share/man/man1/other.1"), "").unwrap();
    let told = sandboxed(&home, packaging("install.sh"), &["--prefix", "my prefix", "--uninstall"]).ok();
    assert!(told.contains("Tasks and settings stay"), "{told}");
    assert_eq!(files(&prefix), ["share/man/man1/other.1"]);
    assert!(!prefix.join("bin").exists() && home.data_dir().join("muista.db").exists());
}

#[test]
fn an_installation_that_cannot_be_says_why() {
    let home = home();
    let install = |args: &[&str]| sandboxed(&home, packaging("install.sh"), args);
    let wrong = install(&["--fly"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("--fly") && wrong.stderr.contains("--help"), "{wrong:?}");
    assert_eq!(install(&["--prefix"]).code, 2);
    assert!(install(&["--help"]).ok().contains("--uninstall"));
    let none = install(&["--uninstall", "--prefix", "nowhere"]);
    assert!(none.code == 1 && none.stderr.contains("nothing of Muista"), "{none:?}");
    // Programs of another machine.
    let other = home.path().join("other");
    fs::create_dir(&other).unwrap();
    for program in ["muista", "muistad"] {
        fs::write(other.join(program), "\u{7f}ELF").unwrap();
        fs::set_permissions(other.join(program), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let refused = install(&["--from", "other", "--prefix", "there"]);
    assert!(refused.code == 1 && refused.stderr.contains("does not run here"), "{refused:?}");
    fs::write(home.path().join("x.tar.gz"), "x").unwrap();
    let refused = install(&["--from", "x.tar.gz", "--prefix", "there"]);
    assert!(refused.code == 1 && refused.stderr.contains("cannot unpack x.tar.gz"), "{refused:?}");
    assert!(!home.path().join("there").exists(), "nothing is left half installed");
}

/// Runs dpkg on a system of its own below a folder.
fn dpkg(home: &Sandbox, system: &Path, args: &[&str]) -> Ran {
    let root = format!("--root={}", system.display());
    let mut all = vec![root.as_str(), "--force-script-chrootless", "--force-depends", "--log=/dev/null"];
    all.extend(args);
    sandboxed(home, "dpkg", &all)
}

#[test]
fn the_debian_package_is_installed_used_and_purged() {
    let home = home();
    if !has("dpkg-deb") {
        return;
    }
    let programs = programs(&home);
    let made = sandboxed(&home, packaging("deb.sh"), &[programs.to_str().unwrap(), "out"]).ok();
    let package = made.trim_end();
    let control = sandboxed(&home, "dpkg-deb", &["--field", package]).ok();
    let field =
        |name: &str| control.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).map(str::to_owned);
    assert_eq!(field("Package").as_deref(), Some("muista"));
    assert_eq!(field("Version"), Some(format!("{}-1", env!("CARGO_PKG_VERSION"))));
    let machine = if cfg!(target_arch = "x86_64") { "amd64" } else { "arm64" };
    assert_eq!(field("Architecture").as_deref(), Some(machine));
    let depends = field("Depends").unwrap_or_default();
    // The C library that this test is linked with is the one that the programs need.
    assert_eq!(cfg!(target_env = "gnu"), depends.starts_with("libc6 (>= 2."), "{control}");
    let scripts = sandboxed(&home, "dpkg-deb", &["--info", package]).ok();
    assert!(["postinst", "prerm", "postrm", "conffiles"].iter().all(|name| scripts.contains(name)), "{scripts}");

    let system = home.path().join("system");
    fs::create_dir_all(system.join("var/lib/dpkg/info")).unwrap();
    fs::create_dir_all(system.join("var/lib/dpkg/updates")).unwrap();
    fs::write(system.join("var/lib/dpkg/status"), "").unwrap();
    let is_root = sandboxed(&home, "id", &["-u"]).ok().trim_end() == "0";
    if is_root && has("dpkg") {
        dpkg(&home, &system, &["--install", package]).ok();
        assert!(dpkg(&home, &system, &["--status", "muista"]).ok().contains("Status: install ok installed"));
        assert!(dpkg(&home, &system, &["--verify", "muista"]).ok().is_empty());
    } else {
        eprintln!("dpkg needs root, so the package is only unpacked");
        sandboxed(&home, "dpkg-deb", &["-x", package, system.to_str().unwrap()]).ok();
    }
    for file in [
        "etc/muista/config.toml",
        "usr/bin/muistad",
        "usr/lib/systemd/system/muistad.service",
        "usr/lib/systemd/user/muistad.service",
        "usr/lib/sysusers.d/muista.conf",
        "usr/share/bash-completion/completions/muista",
        "usr/share/doc/muista/changelog.Debian.gz",
        "usr/share/doc/muista/copyright",
        "usr/share/fish/vendor_completions.d/muista.fish",
        "usr/share/man/man1/muista.1.gz",
        "usr/share/man/man8/muistad.8.gz",
        "usr/share/zsh/vendor-completions/_muista",
    ] {
        assert!(system.join(file).is_file(), "no {file}: {:?}", files(&system));
    }
    let muista = system.join("usr/bin/muista");
    let config = system.join("etc/muista/config.toml");
    let config = ["--config", config.to_str().unwrap()];
    sandboxed(&home, &muista, &[&config[..], &["add", "Buy cat food"]].concat()).ok();
    assert!(sandboxed(&home, &muista, &[&config[..], &["ls"]].concat()).ok().contains("Buy cat food"));
    assert!(
        sandboxed(&home, &muista, &[&config[..], &["daemon", "start"]].concat()).ok().starts_with("Daemon started")
    );
    sandboxed(&home, &muista, &[&config[..], &["daemon", "stop"]].concat()).ok();
    if !is_root {
        return;
    }

    // What is removed keeps its settings and data, what is purged keeps nothing.
    fs::create_dir_all(system.join("var/lib/muista")).unwrap();
    fs::write(system.join("var/lib/muista/muista.db"), "").unwrap();
    dpkg(&home, &system, &["--remove", "muista"]).ok();
    assert!(!muista.exists() && system.join("etc/muista/config.toml").exists());
    assert!(system.join("var/lib/muista/muista.db").exists());
    dpkg(&home, &system, &["--purge", "muista"]).ok();
    let left: Vec<_> = files(&system).into_iter().filter(|file| file.contains("muista")).collect();
    assert_eq!(left, [] as [&str; 0]);
}

#[test]
fn the_recipes_for_other_systems_are_well_formed() {
    let home = home();
    let version = env!("CARGO_PKG_VERSION");
    let fields = "pkgname pkgver pkgrel pkgdesc url";
    let script = format!(
        "set -eu; . '{}'; for name in {fields}; do printf '%s=%s\\n' $name \"${{!name:?}}\"; done; \
         printf '%s\\n' \"${{arch[@]:?}}\" \"${{license[@]:?}}\" \"${{source[@]:?}}\" \"${{sha256sums[@]:?}}\" \"${{makedepends[@]:?}}\"; \
         declare -F build package check >/dev/null; [[ ${{#source[@]}} == ${{#sha256sums[@]}} ]]",
        packaging("aur/PKGBUILD").display()
    );
    let read = sandboxed(&home, "bash", &["-c", &script]).ok();
    assert!(read.contains(&format!("pkgver={version}\n")), "{read}");
    assert!(read.contains("x86_64\naarch64\nMIT OR Apache-2.0\n"), "{read}");

    let formula = fs::read_to_string(packaging("homebrew/muista.rb")).unwrap();
    assert!(formula.contains(&format!("tag: \"v{version}\"")), "{formula}");
    for part in ["class Muista < Formula", "desc ", "homepage ", "license ", "def install", "test do"] {
        assert!(formula.contains(part), "{part}");
    }
    if has("ruby") {
        assert_eq!(
            sandboxed(&home, "ruby", &["-c", packaging("homebrew/muista.rb").to_str().unwrap()]).ok(),
            "Syntax OK\n"
        );
    }
    // What they install is there.
    let recipe = fs::read_to_string(packaging("aur/PKGBUILD")).unwrap();
    let root = packaging("..");
    let named =
        recipe.split_whitespace().filter(|word| word.starts_with("packaging/") || word.starts_with("completions/"));
    assert!(named.clone().count() >= 7);
    for file in named {
        assert!(root.join(file).is_file(), "{file}");
    }
}

#[test]
fn a_release_is_made_by_the_scripts_that_are_tested_here() {
    let path = packaging("../.github/workflows/release.yml");
    let text = fs::read_to_string(&path).unwrap();
    for part in [
        "packaging/archive.sh",
        "packaging/deb.sh",
        "packaging/install.sh",
        "sha256sum",
        "x86_64",
        "aarch64",
        "tags: [\"v*\"]",
    ] {
        assert!(text.contains(part), "{part}");
    }
    if !has("python3") {
        return;
    }
    let home = home();
    let read = "import sys, yaml; d = yaml.safe_load(open(sys.argv[1])); print(*d['jobs'])";
    let ran = sandboxed(&home, "python3", &["-c", read, path.to_str().unwrap()]);
    if ran.stderr.contains("No module named 'yaml'") {
        eprintln!("PyYAML is missing; the workflow was only searched");
    } else {
        assert_eq!(ran.ok(), "build release\n");
    }
}

#[test]
fn the_scripts_are_plain_posix_shell() {
    let home = home();
    let scripts = ["install.sh", "archive.sh", "deb.sh", "debian/postinst", "debian/prerm", "debian/postrm"];
    for script in scripts.map(packaging) {
        let text = fs::read_to_string(&script).unwrap();
        assert!(text.starts_with("#!/bin/sh\n"), "{}", script.display());
        assert_eq!(fs::metadata(&script).unwrap().permissions().mode() & 0o111, 0o111, "{}", script.display());
        sandboxed(&home, "sh", &["-n", script.to_str().unwrap()]).ok();
        if has("shellcheck") {
            sandboxed(&home, "shellcheck", &[script.to_str().unwrap()]).ok();
        }
    }
}
