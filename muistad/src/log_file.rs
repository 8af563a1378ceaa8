//! [`LogFile`]: the file that stderr goes to. When it has grown to its size it is put aside as `FILE.1`, the one before as
//! `FILE.2`, and so on; the oldest goes. Whoever follows it by its name goes on with the new one.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

use muista_core::config::LogConfig;
use muista_core::error::{Error, Result};

/// The file that stderr goes to.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    max_size: AtomicU32,
    keep: AtomicU32,
    /// Held while files are put aside.
    turning: Mutex<()>,
}

impl LogFile {
    /// Opens the file, which is made where it is missing, and sends stderr there: of this program and of whatever writes
    /// to it besides the log.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be written.
    pub(crate) fn open(path: &Path, config: &LogConfig) -> Result<Self> {
        let file = Self {
            path: path.to_owned(),
            max_size: AtomicU32::new(config.max_size),
            keep: AtomicU32::new(config.keep),
            turning: Mutex::new(()),
        };
        file.reopen().map_err(|e| {
            Error::unavailable(format!("cannot write the log {}: {e}", path.display()))
                .hint("make its folder writable for you, or choose another file with --log-file")
        })?;
        Ok(file)
    }

    /// Holds to these settings from now on.
    pub(crate) fn take_over(&self, config: &LogConfig) {
        self.max_size.store(config.max_size, Relaxed);
        self.keep.store(config.keep, Relaxed);
    }

    /// Sends stderr to the file that has the name now.
    ///
    /// # Errors
    /// When it cannot be opened; stderr then goes where it did.
    pub(crate) fn reopen(&self) -> io::Result<()> {
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)?;
        rustix::stdio::dup2_stderr(&file)?;
        Ok(())
    }

    /// Puts the file aside where `more` bytes would not fit. What cannot be put aside grows on: a line must not be lost.
    pub(crate) fn make_room(&self, more: usize) {
        if self.fits(more) {
            return;
        }
        let _turning = self.turning.lock().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have done it meanwhile.
        if !self.fits(more) {
            let _ = self.put_aside();
        }
    }

    fn fits(&self, more: usize) -> bool {
        let size = rustix::fs::fstat(io::stderr()).map_or(0, |file| u64::try_from(file.st_size).unwrap_or(0));
        // A line that is longer than all that fits goes into a file of its own.
        size == 0 || size.saturating_add(more as u64) <= u64::from(self.max_size.load(Relaxed))
    }

    fn put_aside(&self) -> io::Result<()> {
        // Where another program has put it aside already, it need only be opened anew.
        if self.is_current() {
            let keep = self.keep.load(Relaxed);
            // Those that a lower number leaves over go too.
            let mut over = keep.max(1);
            while over < u32::MAX && fs::remove_file(self.aside(over)).is_ok() {
                over += 1;
            }
            for number in (1..keep).rev() {
                match fs::rename(self.aside(number), self.aside(number + 1)) {
                    Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                    _ => {}
                }
            }
            match keep {
                0 => fs::remove_file(&self.path)?,
                _ => fs::rename(&self.path, self.aside(1))?,
            }
        }
        self.reopen()
    }

    /// Whether stderr goes to the file that has the name.
    fn is_current(&self) -> bool {
        let Ok(named) = File::open(&self.path).and_then(|file| file.metadata()) else {
            return false;
        };
        rustix::fs::fstat(io::stderr()).is_ok_and(|file| (file.st_dev, file.st_ino) == (named.dev(), named.ino()))
    }

    fn aside(&self, number: u32) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        PathBuf::from(name)
    }
}
