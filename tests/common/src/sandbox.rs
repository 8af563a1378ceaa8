//! A home of their own for `muista` and `muistad`: nothing of the user's environment, config or
//! data reaches them, and nothing of theirs stays.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use tempfile::TempDir;

pub use crate::daemon::Daemon;

/// A temporary folder with a home, and the environment that points there.
pub struct Sandbox {
    folder: TempDir,
    environment: Vec<(OsString, OsString)>,
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Sandbox {
    /// Makes the folders.
    ///
    /// # Panics
    /// When the temporary folder can't be written.
    pub fn new() -> Self {
        match Self::make() {
            Ok(sandbox) => sandbox,
            Err(error) => panic!("no sandbox for the test: {error}"),
        }
    }

    fn make() -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("muista-").tempdir()?;
        let mut environment = vec![("LANG".into(), "C.UTF-8".into()), ("TZ".into(), "UTC".into())];
        for (name, below) in
            [("HOME", "home"), ("XDG_CONFIG_HOME", "config"), ("XDG_DATA_HOME", "data"), ("XDG_RUNTIME_DIR", "run")]
        {
            let path = folder.path().join(below);
            fs::create_dir(&path)?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700))?;
            environment.push((name.into(), path.into()));
        }
        Ok(Self { folder, environment })
    }

    /// Sets a variable for every later command; the last value of a name holds.
    #[must_use]
    pub fn with_env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().into(), value.as_ref().into()));
        self
    }

    /// The whole sandbox, for files of the test's own.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Muista's config file, which does not exist at first.
    pub fn config_file(&self) -> PathBuf {
        self.path().join("config/muista/config.toml")
    }

    /// Muista's data folder, which does not exist at first.
    pub fn data_dir(&self) -> PathBuf {
        self.path().join("data/muista")
    }

    /// The `muista` program in this sandbox.
    pub fn muista(&self) -> Command {
        self.command(&programs().join("muista"))
    }

    /// The `muistad` program in this sandbox.
    pub fn muistad(&self) -> Command {
        self.command(&programs().join("muistad"))
    }

    /// A shell in this sandbox's home, which finds both programs.
    pub fn shell(&self) -> Command {
        let mut command = self.command(Path::new("/bin/sh"));
        let mut path = programs().as_os_str().to_owned();
        if let Some(others) = std::env::var_os("PATH") {
            path.push(":");
            path.push(others);
        }
        command.env("PATH", path).current_dir(self.path().join("home"));
        command
    }

    /// A running daemon that serves HTTP on a free port of 127.0.0.1; returns once it answers.
    ///
    /// # Panics
    /// When it does not become ready; the message holds what it printed.
    pub fn daemon<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Daemon {
        self.daemon_at("127.0.0.1:0", args)
    }

    /// The same at another address.
    ///
    /// # Panics
    /// When it does not become ready; the message holds what it printed.
    pub fn daemon_at<S: AsRef<OsStr>>(&self, http: &str, args: impl IntoIterator<Item = S>) -> Daemon {
        let mut command = self.muistad();
        command.args(["--http", http]).args(args);
        match Daemon::start(command) {
            Ok(daemon) => daemon,
            Err(error) => panic!("no daemon for the test: {error}"),
        }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().current_dir(self.path());
        if let Some(path) = std::env::var_os("PATH") {
            command.env("PATH", path);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// The folder with both programs: the one that the running test was built into. They are built
/// when one is missing, as a test of another package does not bring them.
fn programs() -> &'static Path {
    static PROGRAMS: OnceLock<PathBuf> = OnceLock::new();
    PROGRAMS.get_or_init(|| match find_programs() {
        Ok(folder) => folder,
        Err(error) => panic!("no programs to test: {error}"),
    })
}

fn find_programs() -> io::Result<PathBuf> {
    let test = std::env::current_exe()?;
    // target/PROFILE/deps/TEST
    let (Some(profile), Some(target)) = (test.ancestors().nth(2), test.ancestors().nth(3)) else {
        return Err(io::Error::other(format!("{} is in no target folder", test.display())));
    };
    if ["muista", "muistad"].iter().any(|program| !profile.join(program).is_file()) {
        build(target, profile)?;
    }
    Ok(profile.into())
}

fn build(target: &Path, profile: &Path) -> io::Result<()> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--quiet", "-p", "muista-cli", "-p", "muistad", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        .arg("--target-dir")
        .arg(target);
    // The folder has the profile's name, but for the profile `dev`.
    match profile.file_name() {
        Some(name) if name != "debug" => cargo.arg("--profile").arg(name),
        _ => &mut cargo,
    };
    let output = cargo.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_program_sees_the_sandbox_and_nothing_else() {
        let sandbox = Sandbox::new().with_env("MUISTA_TIMEZONE", "Europe/Helsinki");
        let output = sandbox.command(Path::new("/usr/bin/env")).output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let mut names: Vec<&str> = printed.lines().filter_map(|it| it.split('=').next()).collect();
        names.sort_unstable();
        let expected =
            ["HOME", "LANG", "MUISTA_TIMEZONE", "PATH", "TZ", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"];
        assert_eq!(names, expected);
        let home = format!("HOME={}", sandbox.path().join("home").display());
        assert!(printed.lines().any(|line| line == home), "{printed}");
    }

    #[test]
    fn a_sandbox_leaves_nothing_behind() {
        let sandbox = Sandbox::new();
        let path = sandbox.path().to_owned();
        assert!(path.join("run").is_dir());
        drop(sandbox);
        assert!(!path.exists());
    }
}
