//! [`Spool`]: what does not fit into memory while all of it is waited for, in a temporary file. What it means, and how much
//! of it there may be, is its owner's to say.

use std::fs::{DirBuilder, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};

/// How many bytes are gathered before they are written.
const BUFFER: usize = 256 << 10;

/// A file that has no name and that nobody else can read: it is gone once this is, however the process ends. Things are
/// put at its end, as JSON or as bytes, and read by where they stand.
#[derive(Debug)]
pub struct Spool {
    file: File,
    folder: PathBuf,
    buffer: Vec<u8>,
    written: u64,
}

impl Spool {
    /// Begins one in `folder`, which is made where it is not there.
    ///
    /// # Errors
    /// `Unavailable` where no file can be made there.
    pub fn begin(folder: &Path) -> Result<Self> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(folder);
        let file = made.and_then(|()| private(folder)).map_err(|e| failed("make", folder, &e))?;
        Ok(Self { file, folder: folder.to_owned(), buffer: Vec::new(), written: 0 })
    }

    /// How many bytes it holds.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// Puts a value at the end, as JSON.
    ///
    /// # Errors
    /// `Unavailable` where the disk has no room for it.
    pub fn push(&mut self, value: &impl Serialize) -> Result<()> {
        serde_json::to_writer(&mut self.buffer, value)
            .map_err(|e| Error::internal(format!("cannot write a value as JSON: {e}")))?;
        self.buffer.push(b'\n');
        self.write_beyond(BUFFER)
    }

    /// Puts bytes at the end.
    ///
    /// # Errors
    /// `Unavailable` where the disk has no room for them.
    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(bytes);
        self.write_beyond(BUFFER)
    }

    /// Writes what was gathered; only then it can be read.
    ///
    /// # Errors
    /// `Unavailable` where the disk has no room for it.
    pub fn finish(&mut self) -> Result<()> {
        self.write_beyond(0)?;
        self.buffer = Vec::new();
        Ok(())
    }

    fn write_beyond(&mut self, kept: usize) -> Result<()> {
        if self.buffer.len() <= kept {
            return Ok(());
        }
        self.file.write_all(&self.buffer).map_err(|e| failed("write", &self.folder, &e))?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// The bytes between two places.
    ///
    /// # Errors
    /// `Unavailable` where they cannot be read.
    pub fn read(&self, from: u64, to: u64) -> Result<Vec<u8>> {
        let length = usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, from).map_err(|e| failed("read", &self.folder, &e))?;
        Ok(bytes)
    }

    /// What was put in, value by value, from the first on.
    #[must_use]
    pub fn lines(&self) -> Lines<'_> {
        Lines { spool: self, at: 0, block: Vec::new(), used: 0 }
    }

    /// The values between two places.
    ///
    /// # Errors
    /// `Unavailable` where they cannot be read.
    pub fn values<T: DeserializeOwned>(&self, from: u64, to: u64) -> Result<Vec<T>> {
        let bytes = self.read(from, to)?;
        let values = serde_json::Deserializer::from_slice(&bytes).into_iter();
        values.collect::<Result<_, _>>().map_err(|e| failed("read", &self.folder, &e.into()))
    }
}

fn private(folder: &Path) -> io::Result<File> {
    let file = tempfile::tempfile_in(folder)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

/// Reads a spool of values, a block at a time.
#[derive(Debug)]
pub struct Lines<'a> {
    spool: &'a Spool,
    at: u64,
    block: Vec<u8>,
    used: usize,
}

impl Lines<'_> {
    /// The next value; none at the end.
    ///
    /// # Errors
    /// `Unavailable` where it cannot be read.
    pub fn value<T: DeserializeOwned>(&mut self) -> Result<Option<T>> {
        loop {
            let rest = &self.block[self.used..];
            if let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
                self.used += end + 1;
                let read = serde_json::from_slice(&rest[..end]);
                return read.map(Some).map_err(|e| failed("read", &self.spool.folder, &e.into()));
            }
            let more = self.spool.bytes().min(self.at + BUFFER as u64);
            if more == self.at {
                return Ok(None);
            }
            self.block.drain(..self.used);
            self.used = 0;
            self.block.extend(self.spool.read(self.at, more)?);
            self.at = more;
        }
    }
}

fn failed(what: &str, folder: &Path, error: &io::Error) -> Error {
    let folder = folder.display();
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            Error::unavailable(format!("the disk of {folder} has no room for what is to be kept there meanwhile"))
                .hint("free some space, and try again; nothing was changed")
        }
        _ => Error::unavailable(format!("cannot {what} a temporary file in {folder}: {error}"))
            .hint("check the folder's owner and mode, and its disk; nothing was changed"),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::fs::OpenOptions;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn what_is_put_in_is_read_by_its_place_and_the_file_has_no_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::begin(folder.path()).unwrap();
        let mut places = vec![0];
        for number in 0..100_000_u32 {
            spool.push(&format!("value {number}")).unwrap();
            places.push(spool.bytes());
        }
        spool.finish().unwrap();
        assert_eq!(spool.values::<String>(places[70_000], places[70_002]).unwrap(), ["value 70000", "value 70001"]);
        assert_eq!(spool.values::<String>(0, spool.bytes()).unwrap().len(), 100_000);
        let mut lines = spool.lines();
        for number in 0..100_000_u32 {
            assert_eq!(lines.value::<String>().unwrap(), Some(format!("value {number}")));
        }
        assert_eq!(lines.value::<String>().unwrap(), None);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(spool.file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_folder_is_made_where_that_can_be() {
        let folder = tempfile::tempdir().unwrap();
        let mut spool = Spool::begin(&folder.path().join("a/b")).unwrap();
        spool.put(b"abc").unwrap();
        spool.finish().unwrap();
        assert_eq!(spool.read(1, 3).unwrap(), b"bc");
        let error = Spool::begin(Path::new("/proc/nowhere")).unwrap_err();
        assert!(error.message.contains("/proc/nowhere"), "{error}");
    }

    #[test]
    fn a_full_disk_is_told_as_one() {
        let file = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut spool = Spool { file, folder: "/data".into(), buffer: Vec::new(), written: 0 };
        spool.push(&7).unwrap();
        let error = spool.finish().unwrap_err();
        assert!(error.message.contains("the disk of /data has no room"), "{error}");
        assert_eq!(error.kind, ErrorKind::Unavailable);
    }
}
