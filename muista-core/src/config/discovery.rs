//! Where the daemon of a data folder is found: the user's folder for sockets, which the environment need not name, and
//! the address that a daemon leaves in its lock. Programs that cron or an agent starts have an environment of their own.

use std::ffi::OsStr;
use std::io::Write;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::Config;

/// The lock's file within the data folder. Its first line is the pid of the daemon that has it, its second the daemon's
/// socket once it listens.
pub const LOCK_FILE: &str = "muistad.lock";

/// Returns `/run/user/UID`, which pam_systemd(8) makes with mode 0700, where it is there and is ours alone.
#[must_use]
pub fn system_runtime_dir() -> Option<PathBuf> {
    let uid = rustix::process::geteuid().as_raw();
    let folder = PathBuf::from(format!("/run/user/{uid}"));
    let found = std::fs::symlink_metadata(&folder).ok()?;
    (found.is_dir() && found.uid() == uid && found.mode() & 0o077 == 0).then_some(folder)
}

impl Config {
    /// Returns the socket that the daemon of the data folder, or the last one, has left its address of; none where the
    /// settings name a socket, or where it is the usual one.
    #[must_use]
    pub fn left_socket(&self) -> Option<PathBuf> {
        if !self.is_default("socket") {
            return None;
        }
        let lock = std::fs::read(self.data_dir.join(LOCK_FILE)).ok()?;
        let line = lock.split(|byte| *byte == b'\n').nth(1).filter(|line| !line.is_empty())?;
        let socket = Path::new(OsStr::from_bytes(line));
        (socket.is_absolute() && socket != self.socket).then(|| socket.to_owned())
    }
}

/// Writes what stands in the lock's file.
///
/// # Errors
/// When the file cannot be written.
pub fn write_lock(mut file: impl Write, pid: u32, socket: Option<&Path>) -> std::io::Result<()> {
    let mut text = format!("{pid}\n").into_bytes();
    // A path that holds a line break could not be told from what follows.
    if let Some(path) = socket.map(|path| path.as_os_str().as_bytes()).filter(|path| !path.contains(&b'\n')) {
        text.extend_from_slice(path);
        text.push(b'\n');
    }
    file.write_all(&text)
}

/// Reads the pid from what stands in the lock's file.
#[must_use]
pub fn lock_pid(text: &[u8]) -> Option<u32> {
    std::str::from_utf8(text.split(|byte| *byte == b'\n').next()?).ok()?.trim().parse().ok()
}
