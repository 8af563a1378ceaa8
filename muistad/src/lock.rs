//! The lock that keeps a second daemon off the same data folder. The system lets go of it when the process ends,
//! however it ends; the file itself stays.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Read as _, Seek as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use muista_core::config::{LOCK_FILE, lock_pid, write_lock};
use muista_core::error::{Error, Result};
use rustix::fs::FlockOperation;
use rustix::io::Errno;

/// The data folder is this process's until the value is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of `data_dir`, which is made where it is missing.
    ///
    /// # Errors
    /// `Conflict` with the other's pid when another daemon has it; `Unavailable` when the folder cannot be written.
    pub(crate) fn take(data_dir: &Path) -> Result<Self> {
        private_dir(data_dir)?;
        let path = data_dir.join(LOCK_FILE);
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let mut file = opened.map_err(|e| unusable(&path, &e))?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Err(taken(data_dir, &mut file)),
            Err(e) => return Err(unusable(&path, &e.into())),
        }
        write(&mut file, None).map_err(|e| unusable(&path, &e))?;
        Ok(Self { file })
    }

    /// Leaves the daemon's address for commands whose environment names another folder for sockets, or none.
    ///
    /// # Errors
    /// `Unavailable` when the file cannot be written.
    pub(crate) fn leave_address(&mut self, socket: &Path) -> Result<()> {
        write(&mut self.file, Some(socket)).map_err(|e| unusable(Path::new(LOCK_FILE), &e))
    }
}

/// Makes `dir`, for this user alone, where it does not exist.
///
/// # Errors
/// `Unavailable` when it cannot be made.
pub(crate) fn private_dir(dir: &Path) -> Result<()> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|e| unusable(dir, &e))
}

fn write(file: &mut File, socket: Option<&Path>) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    write_lock(file, std::process::id(), socket)
}

fn taken(data_dir: &Path, file: &mut File) -> Error {
    let mut text = Vec::new();
    let pid = file.read_to_end(&mut text).ok().and_then(|_| lock_pid(&text));
    let who = pid.map_or_else(String::new, |pid| format!(" (pid {pid})"));
    Error::conflict(format!("another muistad works on {} already{who}", data_dir.display()))
        .hint("`muista daemon stop` ends it; --data-dir chooses other data")
}

fn unusable(path: &Path, error: &std::io::Error) -> Error {
    let path: PathBuf = path.to_owned();
    Error::unavailable(format!("cannot use {}: {error}", path.display()))
        .hint("make the folder writable for you, or choose another with --data-dir")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use muista_core::error::ErrorKind;

    use super::*;

    #[test]
    fn a_second_lock_is_refused_with_the_pid_of_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let data_dir = dir.path().join("a/b");
        let first = Lock::take(&data_dir).unwrap();
        let error = Lock::take(&data_dir).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict);
        assert!(error.message.contains(&format!("(pid {})", std::process::id())), "{error}");
        drop(first);
        assert!(Lock::take(&data_dir).is_ok());
    }

    #[test]
    fn a_longer_pid_left_behind_is_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(LOCK_FILE), "99999999999\n").unwrap();
        let _lock = Lock::take(dir.path()).unwrap();
        let text = std::fs::read_to_string(dir.path().join(LOCK_FILE)).unwrap();
        assert_eq!(text.trim(), std::process::id().to_string());
    }

    #[test]
    fn the_address_is_left_beside_the_pid() {
        let dir = tempfile::tempdir().unwrap();
        let mut lock = Lock::take(dir.path()).unwrap();
        lock.leave_address(Path::new("/run/user/1000/muista/muistad.sock")).unwrap();
        let text = std::fs::read_to_string(dir.path().join(LOCK_FILE)).unwrap();
        assert_eq!(text, format!("{}\n/run/user/1000/muista/muistad.sock\n", std::process::id()));
        let error = Lock::take(dir.path()).unwrap_err();
        assert!(error.message.contains(&format!("(pid {})", std::process::id())), "{error}");
    }

    #[test]
    fn a_data_folder_that_is_a_file_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = Lock::take(file.path()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable);
        assert!(error.message.contains(&file.path().display().to_string()), "{error}");
    }
}
