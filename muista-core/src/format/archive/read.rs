//! [`Reader`]: reads an archive record by record, and finds out whether it is what its manifest says.

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

use ring::digest::{Context, SHA256};
use serde::de::DeserializeOwned;

use super::seal::{AGE, Identities, unseal};
use super::trailer::Trailed;
use super::{Head, Kind, MAGIC, MOST, Manifest, Part, Table, hex};
use crate::error::{Error, Result};
use crate::model::Id;

/// A record of an archive.
#[derive(Debug)]
pub enum Record<'a> {
    /// A table begins.
    Table(Table),
    /// So many rows of it, as bytes that [`super::Values`] reads.
    Rows(u32, &'a [u8]),
    /// The file of an attachment begins.
    File(Id),
    /// A piece of it.
    Data(&'a [u8]),
    /// All was read, and is what the manifest says.
    End(Manifest),
}

/// The archive being read.
pub struct Reader {
    input: Box<dyn Read + Send>,
    name: String,
    head: Head,
    payload: Vec<u8>,
    seen: Vec<Part>,
    hash: Context,
    ended: bool,
}

/// Opens the archive at `path`.
///
/// # Errors
/// When it cannot be read, is no archive or one of a later version, or is encrypted and none of `identities` opens it.
pub fn open(path: &Path, identities: &Identities) -> Result<Reader> {
    let file = File::open(path).map_err(|e| {
        let message = format!("cannot read the backup {}: {e}", path.display());
        let error =
            if e.kind() == ErrorKind::NotFound { Error::invalid("file", message) } else { Error::internal(message) };
        error.hint("`muista backup ls` lists the backups")
    })?;
    Reader::new(file, &path.display().to_string(), identities)
}

impl Reader {
    /// Begins to read an archive that messages call `name`.
    ///
    /// # Errors
    /// As [`open`].
    pub fn new<R: Read + Send + 'static>(input: R, name: &str, identities: &Identities) -> Result<Self> {
        let mut input = BufReader::with_capacity(1 << 17, input);
        let first = begin(&mut input, name)?;
        let whole = std::io::Cursor::new(first).chain(input);
        let plain: Box<dyn Read + Send> = if AGE.starts_with(&first) {
            unseal(whole, name, identities)?
        } else {
            check_magic(&first, name)?;
            Box::new(whole)
        };
        let mut plain = Trailed::new(plain);
        check_magic(&begin(&mut plain, name)?, name)?;
        let input = zstd::Decoder::new(plain).map_err(|e| damaged(name, &e.to_string()))?;
        let mut reader = Self {
            input: Box::new(input),
            name: name.to_owned(),
            head: Head {
                program: String::new(),
                schema_version: 0,
                created_at: crate::time::Instant::MIN,
                database: String::new(),
                sequences: Default::default(),
            },
            payload: Vec::new(),
            seen: Vec::new(),
            hash: Context::new(&SHA256),
            ended: false,
        };
        match reader.record()? {
            b'H' => reader.head = reader.json()?,
            _ => return Err(damaged(name, "it does not begin as a backup does")),
        }
        Ok(reader)
    }

    /// What is known before the rows.
    #[must_use]
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// Returns the next record; none behind the end.
    ///
    /// # Errors
    /// When the archive is damaged or incomplete.
    pub fn advance(&mut self) -> Result<Option<Record<'_>>> {
        if self.ended {
            return Ok(None);
        }
        match self.record()? {
            b'T' => {
                let table: Table = self.json()?;
                self.begin(Kind::Table, table.name.clone());
                Ok(Some(Record::Table(table)))
            }
            b'F' => {
                let id: Id = self.json()?;
                self.begin(Kind::File, id.to_string());
                Ok(Some(Record::File(id)))
            }
            b'R' => {
                let count = self.payload.first_chunk::<4>().map(|count| u32::from_le_bytes(*count));
                let count = count.ok_or_else(|| damaged(&self.name, "a record is too short"))?;
                self.count(u64::from(count));
                Ok(Some(Record::Rows(count, self.payload.get(4..).unwrap_or_default())))
            }
            b'D' => {
                self.count(0);
                Ok(Some(Record::Data(&self.payload)))
            }
            b'M' => {
                let manifest = self.json()?;
                self.close();
                self.compare(&manifest)?;
                self.refuse_more()?;
                self.ended = true;
                Ok(Some(Record::End(manifest)))
            }
            _ => Err(damaged(&self.name, "it holds a record of an unknown kind")),
        }
    }

    /// Reads the rest, and returns what the manifest says. Before each record `go_on` may refuse to.
    ///
    /// # Errors
    /// As [`Reader::advance`], and those of `go_on`.
    pub fn verify(&mut self, go_on: impl Fn() -> Result<()>) -> Result<Manifest> {
        loop {
            go_on()?;
            match self.advance()? {
                Some(Record::End(manifest)) => return Ok(manifest),
                Some(_) => {}
                None => return Err(damaged(&self.name, "it was read already")),
            }
        }
    }

    /// Reads a record's payload; returns its tag.
    fn record(&mut self) -> Result<u8> {
        let mut start = [0; 5];
        self.input.read_exact(&mut start).map_err(|e| self.broken(&e))?;
        let [tag, length @ ..] = start;
        let length = u32::from_le_bytes(length) as usize;
        if length > MOST {
            return Err(damaged(&self.name, "a record is longer than any may be"));
        }
        self.payload.resize(length, 0);
        let mut payload = std::mem::take(&mut self.payload);
        let read = self.input.read_exact(&mut payload);
        self.payload = payload;
        read.map_err(|e| self.broken(&e))?;
        Ok(tag)
    }

    fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.payload).map_err(|e| damaged(&self.name, &e.to_string()))
    }

    fn begin(&mut self, kind: Kind, name: String) {
        self.close();
        self.seen.push(Part { kind, name, rows: 0, bytes: 0, sha256: String::new() });
    }

    fn count(&mut self, rows: u64) {
        self.hash.update(&self.payload);
        if let Some(part) = self.seen.last_mut() {
            part.bytes += self.payload.len() as u64;
            part.rows += rows;
        }
    }

    /// Ends the part that was begun last.
    fn close(&mut self) {
        let hash = std::mem::replace(&mut self.hash, Context::new(&SHA256));
        if let Some(part) = self.seen.last_mut() {
            part.sha256 = hex(hash.finish().as_ref());
        }
    }

    /// Refuses an archive whose parts are not those of its manifest.
    fn compare(&self, manifest: &Manifest) -> Result<()> {
        for part in &manifest.parts {
            let what = match part.kind {
                Kind::Table => format!("the table {}", part.name),
                Kind::File => format!("the attachment {}", part.name),
            };
            match self.seen.iter().find(|seen| seen.kind == part.kind && seen.name == part.name) {
                None => return Err(damaged(&self.name, &format!("{what} is missing"))),
                Some(seen) if seen != part => return Err(damaged(&self.name, &format!("{what} is not as it was"))),
                Some(_) => {}
            }
        }
        if self.seen.len() != manifest.parts.len() || manifest.head != self.head {
            return Err(damaged(&self.name, "it holds more than its manifest lists"));
        }
        Ok(())
    }

    fn refuse_more(&mut self) -> Result<()> {
        // Reading on to the end has the checksum at the end of the stream looked at.
        match self.input.read(&mut [0]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(damaged(&self.name, "something follows its end")),
            Err(e) => Err(self.broken(&e)),
        }
    }

    fn broken(&self, error: &std::io::Error) -> Error {
        if error.kind() == ErrorKind::UnexpectedEof {
            return damaged(&self.name, "it is incomplete");
        }
        damaged(&self.name, &error.to_string())
    }
}

/// Reads as many bytes as the magic has.
fn begin(input: &mut impl Read, name: &str) -> Result<[u8; MAGIC.len()]> {
    let mut first = [0; MAGIC.len()];
    input.read_exact(&mut first).map_err(|e| match e.kind() {
        ErrorKind::UnexpectedEof => foreign(name),
        _ => damaged(name, &e.to_string()),
    })?;
    Ok(first)
}

fn check_magic(first: &[u8], name: &str) -> Result<()> {
    if first == MAGIC {
        return Ok(());
    }
    if first.starts_with(b"muista-backup ") {
        return Err(Error::conflict(format!("{name} is a backup of a later version of Muista"))
            .hint("update this muista, then restore it"));
    }
    Err(foreign(name))
}

fn foreign(name: &str) -> Error {
    Error::invalid("file", format!("{name} is not a backup of Muista"))
        .hint("name a file that `muista backup` wrote; `muista backup ls` lists them")
}

fn damaged(name: &str, why: &str) -> Error {
    Error::internal(format!("the backup {name} is damaged: {why}"))
        .hint("take another backup: `muista backup ls` lists them")
}
