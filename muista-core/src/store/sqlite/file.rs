//! [`DataFile`]: the database's files as they were when this process opened them, and what happened to them since. A file
//! that was replaced or removed stays open, so that what is written goes where nobody sees it, and its log would be taken
//! for the new file's. So each writer looks before it begins; once something is wrong nothing more is read or written,
//! and what is in the old file is saved beside the new one.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use diesel::connection::SimpleConnection as _;

use super::copy::copy;
use super::header::{Header, Progress};
use super::{Conn, name};
use crate::clock::Clock;
use crate::error::{Error, Result, Trouble};

/// What the names of the files end with: the database, its log, and the index of the log.
const SUFFIXES: [&str; 3] = ["", "-wal", "-shm"];
/// How long until saving what is in the old file is tried again.
const AGAIN: Duration = Duration::from_secs(10);

/// Takes the whole log over into the file that it is of. Waits for those who read.
const EMPTY_LOG: &str = "PRAGMA busy_timeout = 10000; PRAGMA wal_checkpoint(TRUNCATE);";

/// The files of one database, which all connections of a store share.
pub(super) struct DataFile {
    path: PathBuf,
    /// Which file the first connection opened.
    main: OnceLock<FileId>,
    /// Whether something was found to be wrong, for those who do not take a turn.
    broken: AtomicBool,
    /// Held by who writes, from the look to the commit: none is in the middle when the old file is saved.
    turn: Mutex<Option<Opened>>,
    /// What was put right as it was opened.
    put_right: Mutex<Vec<&'static str>>,
}

/// A writer's turn.
pub(super) type Turn<'a> = MutexGuard<'a, Option<Opened>>;

/// Which file it is, whatever its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FileId(u64, u64);

/// What is known of the files.
pub(super) struct Opened {
    /// The file, and the index of its log. They are kept open as long as there are connections: to close them would end
    /// SQLite's locks (fcntl(2)).
    file: File,
    index: Option<File>,
    ids: [Option<FileId>; 3],
    /// When the file was last written to, how it began then, and how far the log was taken over into it.
    stamp: (u64, SystemTime),
    header: Option<Header>,
    progress: Option<Progress>,
    fault: Option<Fault>,
    saved: Option<PathBuf>,
    /// Why what is in the old file could not be saved, and when that was tried.
    unsaved: Option<(Error, Instant)>,
}

/// What happened to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// Another file has its name.
    Replaced(&'static str),
    /// No file has its name.
    Removed(&'static str),
    /// It is the same file with another content. What it held is gone.
    Overwritten,
}

impl FileId {
    fn of(metadata: &Metadata) -> Self {
        Self(metadata.dev(), metadata.ino())
    }

    fn at(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().as_ref().map(Self::of)
    }
}

impl DataFile {
    pub(super) fn new(path: PathBuf) -> Self {
        let (broken, turn) = (AtomicBool::new(false), Mutex::new(None));
        Self { path, main: OnceLock::new(), broken, turn, put_right: Mutex::default() }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Notes what was put right.
    pub(super) fn note_put_right(&self, what: &'static str) {
        self.put_right.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    /// What was put right as it was opened.
    pub(super) fn put_right(&self) -> Vec<&'static str> {
        self.put_right.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The file's log, or the index of the log.
    pub(super) fn beside(&self, suffix: &str) -> PathBuf {
        beside(&self.path, suffix)
    }

    /// Opens a connection by `connect`, which must read something, and makes sure that it is to the same files as those
    /// before. Returns it with how the file began on the disk.
    ///
    /// # Errors
    /// `Unavailable` where the files are others by now, and where the log is not this file's; nothing has read it then.
    pub(super) fn open(&self, connect: impl FnOnce(Option<Header>) -> Result<Conn>) -> Result<Conn> {
        let mut turn = self.lock();
        if let Some(opened) = turn.as_mut() {
            if let Some(fault) = opened.look(self) {
                return Err(opened.refusal(self, fault));
            }
            let header = Header::read(&opened.file).map_err(|e| self.unreadable(&e))?;
            let conn = connect(header)?;
            // SQLite opened them by their names, maybe after the look.
            return match opened.look(self) {
                None => Ok(conn),
                Some(fault) => Err(opened.refusal(self, fault)),
            };
        }
        let file = File::open(&self.path).map_err(|e| self.unreadable(&e))?;
        let header = Header::read(&file).map_err(|e| self.unreadable(&e))?;
        if let (Some(header), Ok(log)) = (&header, File::open(self.beside("-wal")))
            && !header.fits(&log).map_err(|e| self.unreadable(&e))?
        {
            return Err(self.foreign_log());
        }
        let conn = connect(header)?;
        let metadata = file.metadata().map_err(|e| self.unreadable(&e))?;
        let ids = SUFFIXES.map(|suffix| FileId::at(&self.beside(suffix)));
        if ids[0] != Some(FileId::of(&metadata)) {
            let message = format!("{} was replaced just now", self.path.display());
            return Err(Error::unavailable(message).hint("try again").of_trouble(Trouble::Replaced));
        }
        let index = File::open(self.beside("-shm")).ok();
        let progress = index.as_ref().and_then(Progress::read);
        let stamp = stamp(&metadata);
        *turn = Some(Opened { file, index, ids, stamp, header, progress, fault: None, saved: None, unsaved: None });
        let _ = self.main.set(FileId::of(&metadata));
        Ok(conn)
    }

    /// Begins a writer's turn, which ends when what this returns is dropped.
    ///
    /// # Errors
    /// `Unavailable` where the files are not those that were opened. What was in them was saved by `conn`.
    pub(super) fn turn(&self, conn: &mut Conn, clock: &dyn Clock) -> Result<Turn<'_>> {
        let mut turn = self.lock();
        let fault = turn.as_mut().and_then(|opened| opened.look(self));
        self.broken.store(fault.is_some(), Relaxed);
        match (turn.as_mut(), fault) {
            (Some(opened), Some(fault)) => {
                opened.save(self, fault, conn, clock);
                Err(opened.refusal(self, fault))
            }
            _ => Ok(turn),
        }
    }

    /// Looks whether the file is the one that was opened. Costs who reads one call of the system.
    ///
    /// # Errors
    /// As [`DataFile::turn`].
    pub(super) fn check(&self, conn: &mut Conn, clock: &dyn Clock) -> Result<()> {
        if !self.broken.load(Relaxed) && FileId::at(&self.path).as_ref() == self.main.get() {
            return Ok(());
        }
        self.turn(conn, clock).map(drop)
    }

    /// Whether a connection must not be closed as usual: SQLite would write its log into what took the file's place.
    pub(super) fn is_overwritten(&self) -> bool {
        self.lock().as_ref().is_some_and(|opened| opened.fault == Some(Fault::Overwritten))
    }

    fn lock(&self) -> Turn<'_> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn unreadable(&self, error: &io::Error) -> Error {
        crate::store::error::unreachable(&error.to_string(), &name(&self.path))
    }

    fn foreign_log(&self) -> Error {
        let log = self.beside("-wal");
        Error::unavailable(format!("{} does not belong to {}: it is older", log.display(), self.path.display())).hint(
            format!(
                "one of the two was copied or restored without the other; move it away: `mv {0} {0}.old`",
                log.display()
            ),
        )
    }
}

impl Opened {
    /// What has happened to the files, if anything.
    fn look(&mut self, data: &DataFile) -> Option<Fault> {
        if self.fault != Some(Fault::Overwritten) {
            self.fault = self.renamed(data).or_else(|| self.overwritten(data));
        }
        self.fault
    }

    fn renamed(&self, data: &DataFile) -> Option<Fault> {
        SUFFIXES.into_iter().zip(self.ids).find_map(|(suffix, id)| {
            let found = if suffix.is_empty() { FileId::at(&data.path) } else { FileId::at(&data.beside(suffix)) };
            match (id, found) {
                // A file that is not in WAL mode yet has neither.
                (None, _) => None,
                (Some(id), Some(found)) => (found != id).then_some(Fault::Replaced(suffix)),
                (Some(_), None) => Some(Fault::Removed(suffix)),
            }
        })
    }

    /// Whether somebody else than SQLite wrote into the file. SQLite does when it takes its log over, and says so in the
    /// log's index; the file is no older then than before.
    fn overwritten(&mut self, data: &DataFile) -> Option<Fault> {
        let now = stamp(&self.file.metadata().ok()?);
        if now == self.stamp {
            return None;
        }
        let progress = self.index.as_ref().and_then(Progress::read);
        let taken_over = progress.is_none_or(|it| it.is_under_way() || progress != self.progress);
        let header = Header::read(&self.file).ok()?;
        let follows = match (&self.header, &header) {
            (Some(before), Some(now)) => now.follows(before),
            (Some(_), None) => false,
            (None, _) => true,
        };
        if taken_over && follows {
            (self.stamp, self.header, self.progress) = (now, header, progress);
            return None;
        }
        self.set_log_aside(data);
        Some(Fault::Overwritten)
    }

    /// Gives the log another name: whoever opens the file next would write it over the new content.
    fn set_log_aside(&self, data: &DataFile) {
        let log = data.beside("-wal");
        if let Err(error) = fs::rename(&log, data.beside("-wal.old")) {
            tracing::error!(log = %log.display(), %error, "the log of the overwritten file cannot be moved away");
        }
    }

    /// Saves what is in the old file, once: first into itself, so that nothing is left in a log that bears the new file's
    /// name, then to a file of its own. Tried again later where it failed.
    fn save(&mut self, data: &DataFile, fault: Fault, conn: &mut Conn, clock: &dyn Clock) {
        let again = self.unsaved.as_ref().is_none_or(|(_, tried)| tried.elapsed() > AGAIN);
        if fault == Fault::Overwritten || self.saved.is_some() || !again {
            return;
        }
        tracing::error!("{}", what(fault, data));
        let time = clock.now().whole_second().to_string().replace(':', "-");
        let path = data.path.with_file_name(format!("muista-saved-{time}.db"));
        let log = conn.batch_execute(EMPTY_LOG).map_err(crate::store::error::of_query);
        match log.and_then(|()| copy(conn, &path)) {
            Ok(()) => {
                tracing::error!(copy = %path.display(), "what was stored until then was saved");
                (self.saved, self.unsaved) = (Some(path), None);
            }
            Err(error) => self.unsaved = Some((error, Instant::now())),
        }
    }

    /// The error that tells what happened and what to do.
    fn refusal(&self, data: &DataFile, fault: Fault) -> Error {
        let rest = format!("put the file that you want at {}, then run `muista daemon restart`", data.path.display());
        let hint = match (&self.saved, &self.unsaved, fault) {
            (Some(copy), ..) => format!("all that was stored until then is in {}; {rest}", copy.display()),
            (None, Some((error, _)), _) => format!(
                "what was stored until then is not saved yet ({error}), which is tried again: leave the daemon running"
            ),
            (None, None, Fault::Overwritten) => format!("restore a backup: {rest}"),
            (None, None, _) => rest,
        };
        Error::unavailable(what(fault, data)).hint(hint).of_trouble(Trouble::Replaced)
    }
}

fn what(fault: Fault, data: &DataFile) -> String {
    let (suffix, how) = match fault {
        Fault::Replaced(suffix) => (suffix, "replaced by another file"),
        Fault::Removed(suffix) => (suffix, "removed"),
        Fault::Overwritten => ("", "overwritten"),
    };
    format!("{} was {how} while Muista had it open", data.beside(suffix).display())
}

/// Returns the path with something behind its name, as SQLite calls what it keeps beside a file.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn stamp(metadata: &Metadata) -> (u64, SystemTime) {
    (metadata.len(), metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH))
}
