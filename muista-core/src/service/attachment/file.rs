//! The folder of the files that belong to attachments: each is named by its attachment's id, never by what a user calls
//! it, and can be read by nobody else. What comes is written beside it and gets its name once it is whole and on the disk.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind as Io, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ring::digest::{Context, SHA256};

use super::kind::{self, Utf8};
use crate::error::{Error, Result};
use crate::model::{FileName, Id};
use crate::time::Instant;

/// How many of a file's first bytes tell what it is.
const HEAD: usize = 64 << 10;
/// What a file is called until it is whole.
const PART: &str = ".part";

/// The folder. It is made when the first file comes.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
    max: u64,
}

/// A file of which more is to come.
pub(super) struct Part {
    file: File,
    temporary: Temporary,
    place: PathBuf,
    max: u64,
    size: u64,
    hash: Context,
    head: Vec<u8>,
    text: Utf8,
}

/// A path that is removed with this.
#[derive(Debug)]
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // What cannot be removed now is removed with what is old.
        fs::remove_file(&self.0).ok();
    }
}

/// What is known of a file that is kept.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) media_type: String,
    pub(super) size: i64,
    pub(super) sha256: String,
}

/// Does what may wait for the disk, off the runtime's thread.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|e| Error::internal(format!("working on a file broke off: {e}")))?
}

impl Folder {
    /// The most bytes of a file.
    #[must_use]
    pub fn max(&self) -> u64 {
        self.max
    }

    /// The folder below the data folder, for files of at most `max` bytes.
    pub(crate) fn new(data_dir: &Path, max: u32) -> Self {
        Self { path: data_dir.join("attachments"), max: max.into() }
    }

    fn place(&self, id: Id) -> PathBuf {
        self.path.join(id.to_string())
    }

    /// Begins the file of an attachment.
    pub(super) fn begin(&self, id: Id) -> Result<Part> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.path).map_err(|e| self.failed("make", &e))?;
        let temporary = self.path.join(format!("{id}{PART}"));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(0o600);
        let file = options.open(&temporary).map_err(|e| self.failed("write into", &e))?;
        Ok(Part {
            file,
            temporary: Temporary(temporary),
            place: self.place(id),
            max: self.max,
            size: 0,
            hash: Context::new(&SHA256),
            head: Vec::new(),
            text: Utf8::default(),
        })
    }

    /// Opens the file of an attachment.
    pub(crate) fn open(&self, id: Id) -> Result<File> {
        File::open(self.place(id)).map_err(|e| match e.kind() {
            Io::NotFound => Error::not_found(format!("file of the attachment {id}"))
                .hint("it was kept on another machine, or taken away by hand"),
            _ => self.failed("read", &e),
        })
    }

    /// Whether there is the file of an attachment.
    pub(crate) fn holds(&self, id: Id) -> bool {
        self.place(id).is_file()
    }

    /// Takes over files as those of attachments, in the place of any that are there.
    pub(crate) fn adopt(&self, files: impl Iterator<Item = (Id, PathBuf)>) -> Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.path).map_err(|e| self.failed("make", &e))?;
        for (id, file) in files {
            fs::rename(file, self.place(id)).map_err(|e| self.failed("write into", &e))?;
        }
        File::open(&self.path).and_then(|folder| folder.sync_all()).map_err(|e| self.failed("write into", &e))
    }

    /// Removes the file of an attachment, where there is one.
    pub(crate) fn remove(&self, id: Id) -> Result<()> {
        match fs::remove_file(self.place(id)) {
            Err(e) if e.kind() != Io::NotFound => Err(self.failed("delete in", &e)),
            _ => Ok(()),
        }
    }

    /// The attachments whose files were last written before `before`.
    pub(crate) fn older_than(&self, before: Instant) -> Result<Vec<Id>> {
        self.entries(before, |name| name.parse().ok())
    }

    /// Removes files that were never finished and were last written before `before`; returns how many.
    pub(crate) fn remove_parts(&self, before: Instant) -> Result<usize> {
        let parts = self.entries(before, |name| name.ends_with(PART).then(|| name.to_owned()))?;
        let removed = parts.iter().filter(|name| fs::remove_file(self.path.join(name)).is_ok());
        Ok(removed.count())
    }

    fn entries<T>(&self, before: Instant, wanted: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
        let entries = match fs::read_dir(&self.path) {
            Ok(entries) => entries,
            Err(e) if e.kind() == Io::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(self.failed("read", &e)),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|e| self.failed("read", &e))?;
            let name = entry.file_name();
            let Some(one) = name.to_str().and_then(&wanted) else { continue };
            // One that is gone by now is not old.
            let Ok(written) = entry.metadata().and_then(|about| about.modified()) else { continue };
            if instant(written).is_some_and(|written| written < before) {
                found.push(one);
            }
        }
        Ok(found)
    }

    fn failed(&self, what: &str, error: &std::io::Error) -> Error {
        Error::internal(format!("cannot {what} the folder of attachments, {}: {error}", self.path.display()))
            .hint("check its owner and mode, and the space on its disk")
    }
}

fn instant(time: SystemTime) -> Option<Instant> {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Instant::from_micros(i64::try_from(since.as_micros()).ok()?)
}

/// The bytes from a place on, `most` at most; none at the end.
pub(super) fn read(file: &mut File, from: u64, most: usize) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = file.seek(SeekFrom::Start(from)).and_then(|_| file.take(most as u64).read_to_end(&mut bytes));
    read.map_err(|e| Error::internal(format!("cannot read an attachment's file: {e}")))?;
    Ok(bytes)
}

impl Part {
    /// Takes in the next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<()> {
        self.size += bytes.len() as u64;
        if self.size > self.max {
            return Err(Error::invalid("sizeBytes", format!("the file has more than {} bytes", self.max))
                .hint("attach a smaller one; the key attachments.max_bytes allows larger ones"));
        }
        self.file.write_all(bytes).map_err(|e| broken(&e))?;
        self.hash.update(bytes);
        self.text.push(bytes);
        let missing = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..missing]);
        Ok(())
    }

    /// The SHA-256 of what came so far.
    pub(super) fn sha256(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.iter_mut().zip(self.hash.clone().finish().as_ref()).for_each(|(to, from)| *to = *from);
        hash
    }

    /// Finds out what it is, and gives the file its name once it is on the disk.
    pub(super) fn keep(mut self, name: &FileName, declared: Option<&str>) -> Result<Kept> {
        if self.size == 0 {
            return Err(Error::invalid("sizeBytes", "the file is empty").hint("attach one that holds something"));
        }
        let text = std::mem::take(&mut self.text).is_text();
        let root = kind::root_of(&self.head).map(|place| read(&mut self.file, place, kind::ROOT)).transpose()?;
        let media_type = kind::of(&self.head, root.as_deref(), text, name, declared)?.to_owned();
        self.file.sync_all().map_err(|e| broken(&e))?;
        fs::rename(&self.temporary.0, &self.place).map_err(|e| broken(&e))?;
        let folder = self.place.parent().unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| broken(&e))?;
        let sha256 = self.sha256().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Kept { media_type, size: i64::try_from(self.size).unwrap_or(i64::MAX), sha256 })
    }
}

fn broken(error: &std::io::Error) -> Error {
    Error::internal(format!("cannot keep an attachment's file: {error}"))
        .hint("check the space on the disk of the data folder")
}
