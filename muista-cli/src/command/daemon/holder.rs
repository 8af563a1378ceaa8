//! The process that is the daemon: found by the data folder's lock, watched and signalled by a handle that never turns
//! into another process.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use muista_core::config::{LOCK_FILE, lock_pid};
use muista_core::error::Error;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::FlockOperation;
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::error::Result;

/// A running process.
#[derive(Debug)]
pub(super) struct Process {
    pid: u32,
    handle: OwnedFd,
}

impl Process {
    /// The process of this pid; none where there is none any more.
    pub(super) fn open(pid: u32) -> Result<Option<Self>, Error> {
        let raw = i32::try_from(pid).ok().and_then(Pid::from_raw);
        let raw = raw.ok_or_else(|| Error::internal(format!("{pid} is not a process id")))?;
        match pidfd_open(raw, PidfdFlags::empty()) {
            Ok(handle) => Ok(Some(Self { pid, handle })),
            Err(Errno::SRCH) => Ok(None),
            Err(e) => Err(Error::internal(format!("cannot watch process {pid}: {e}"))),
        }
    }

    /// Asks the process to end.
    ///
    /// # Errors
    /// `Forbidden` when it is another user's.
    pub(super) fn terminate(&self) -> Result<(), Error> {
        match pidfd_send_signal(&self.handle, Signal::TERM) {
            Ok(()) | Err(Errno::SRCH) => Ok(()),
            Err(e) => Err(Error::forbidden(format!("cannot stop process {}: {e}", self.pid))
                .hint("stop it as the user who started it")),
        }
    }

    /// Waits until the process has ended, and says whether it has.
    pub(super) fn wait(&self, most: Duration) -> Result<bool, Error> {
        ready(&self.handle, most)
    }
}

/// Waits until there is something to read from `handle`, for `most` at most, and says whether there is.
pub(super) fn ready(handle: &impl std::os::fd::AsFd, most: Duration) -> Result<bool, Error> {
    let deadline = std::time::Instant::now() + most;
    loop {
        let left = deadline.saturating_duration_since(std::time::Instant::now());
        let left = Timespec::try_from(left).map_err(|e| Error::internal(format!("cannot wait that long: {e}")))?;
        match poll(&mut [PollFd::new(handle, PollFlags::IN)], Some(&left)) {
            Ok(count) => return Ok(count > 0),
            Err(Errno::INTR) => {}
            Err(e) => return Err(Error::internal(format!("cannot wait for the daemon: {e}"))),
        }
    }
}

/// The pid of the daemon that holds the lock of `data_dir`; none where none does.
pub(super) fn pid(data_dir: &Path) -> Result<Option<u32>, Error> {
    let path = data_dir.join(LOCK_FILE);
    let failed = |e: &std::io::Error| Error::internal(format!("cannot read {}: {e}", path.display()));
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(failed(&e)),
    };
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared) {
        // Closing the file lets go of the lock again.
        Ok(()) => return Ok(None),
        Err(Errno::WOULDBLOCK) => {}
        Err(e) => return Err(failed(&e.into())),
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(|e| failed(&e))?;
    Ok(lock_pid(&text))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_lock_that_nobody_holds_names_nobody() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(pid(dir.path()).unwrap(), None);
        std::fs::write(dir.path().join("muistad.lock"), "4242\n/a.sock\n").unwrap();
        assert_eq!(pid(dir.path()).unwrap(), None, "left behind");
        let holder = File::open(dir.path().join("muistad.lock")).unwrap();
        rustix::fs::flock(&holder, FlockOperation::LockExclusive).unwrap();
        assert_eq!(pid(dir.path()).unwrap(), Some(4242));
    }

    #[test]
    fn a_process_is_waited_for_and_ended() {
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let process = Process::open(child.id()).unwrap().unwrap();
        assert!(!process.wait(Duration::ZERO).unwrap());
        process.terminate().unwrap();
        assert!(process.wait(Duration::from_secs(60)).unwrap());
        child.wait().unwrap();
        assert!(Process::open(child.id()).unwrap().is_none());
    }
}
