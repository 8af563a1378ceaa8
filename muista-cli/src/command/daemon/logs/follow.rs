//! Following a log that is put aside and begun anew meanwhile, by the daemon or by logrotate in either of its ways: every
//! line is read once.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use muista_core::error::Error;
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::io::Errno;

use crate::command::daemon::holder;

/// How long nothing is looked at where nothing is heard of: a new file is not heard of until it is found.
const PAUSE: Duration = Duration::from_secs(1);

/// A log that is followed.
pub(super) struct Follower {
    path: PathBuf,
    file: File,
    watch: OwnedFd,
}

impl Follower {
    /// Follows the log at `path` from where `file`, which is that log, stands.
    pub(super) fn new(path: &Path, file: File) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), file, watch: watch(path)? })
    }

    /// Returns what was added; empty where nothing was.
    pub(super) fn added(&mut self) -> io::Result<Vec<u8>> {
        let mut added = Vec::new();
        // Watched anew before the rest of the old file is read, so that nothing comes between.
        let newer = self.newer()?;
        if !newer.is_empty() {
            self.watch = watch(&self.path)?;
        }
        if self.file.metadata()?.len() < self.file.stream_position()? {
            self.file.seek(SeekFrom::Start(0))?;
        }
        self.file.read_to_end(&mut added)?;
        for file in newer {
            self.file = file;
            self.file.read_to_end(&mut added)?;
        }
        Ok(added)
    }

    /// Waits until something may have been added.
    ///
    /// # Errors
    /// When the system cannot tell.
    pub(super) fn wait(&self) -> Result<(), Error> {
        if holder::ready(&self.watch, PAUSE)? {
            let mut heard = [0; 4096];
            while matches!(rustix::io::read(&self.watch, &mut heard), Ok(1..) | Err(Errno::INTR)) {}
        }
        Ok(())
    }

    /// The files that were begun since this one, the oldest first; none where this is still the log.
    fn newer(&self) -> io::Result<Vec<File>> {
        let own = identity(&self.file)?;
        let mut newer = Vec::new();
        let mut next = self.path.clone();
        for number in 1.. {
            match File::open(&next) {
                Ok(file) if identity(&file)? == own => break,
                Ok(file) => newer.push(file),
                // Just put aside, and not begun anew yet.
                Err(e) if e.kind() == io::ErrorKind::NotFound && number == 1 => return Ok(newer),
                // It was put aside under another name, or is gone: what is newer than that is the log alone.
                Err(e) if e.kind() == io::ErrorKind::NotFound => {
                    newer.truncate(1);
                    break;
                }
                Err(e) => return Err(e),
            }
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            next = name.into();
        }
        newer.reverse();
        Ok(newer)
    }
}

fn identity(file: &File) -> io::Result<(u64, u64)> {
    let metadata = file.metadata()?;
    Ok((metadata.dev(), metadata.ino()))
}

fn watch(path: &Path) -> io::Result<OwnedFd> {
    let handle = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
    inotify::add_watch(&handle, path, WatchFlags::MODIFY | WatchFlags::MOVE_SELF | WatchFlags::DELETE_SELF)?;
    Ok(handle)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::fs;
    use std::io::Write as _;

    use super::*;

    fn write(path: &Path, text: &str) {
        fs::File::options().append(true).create(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn every_line_is_read_once_however_often_the_file_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let log = at("log");
        write(&log, "1\n");
        let mut follower = Follower::new(&log, File::open(&log).unwrap()).unwrap();
        let mut added = || String::from_utf8(follower.added().unwrap()).unwrap();
        assert_eq!(added(), "1\n");
        write(&log, "2\n");
        fs::rename(&log, at("log.1")).unwrap();
        assert_eq!(added(), "2\n", "not begun anew yet");
        write(&log, "3\n");
        assert_eq!(added(), "3\n");
        // Twice meanwhile.
        write(&log, "4\n");
        fs::rename(at("log.1"), at("log.2")).unwrap();
        fs::rename(&log, at("log.1")).unwrap();
        write(&log, "5\n");
        fs::rename(at("log.1"), at("log.2")).unwrap();
        fs::rename(&log, at("log.1")).unwrap();
        write(&log, "6\n");
        assert_eq!(added(), "4\n5\n6\n");
        // By another name, and by truncating.
        fs::rename(&log, at("moved")).unwrap();
        write(&log, "7\n");
        assert_eq!(added(), "7\n");
        fs::File::options().write(true).open(&log).unwrap().set_len(0).unwrap();
        write(&log, "8\n");
        // As long as before: that it was truncated cannot be seen, until it was read to its end before.
        assert_eq!(added(), "");
        fs::File::options().write(true).open(&log).unwrap().set_len(0).unwrap();
        assert_eq!(added(), "");
        write(&log, "9\n");
        assert_eq!(added(), "9\n");
    }
}
