//! [`Writer`]: writes an archive as it comes, so that no more of it is in memory than a record.

use std::io::Write;

use ring::digest::{Context, SHA256};
use serde::Serialize;

use super::seal::{Recipient, Sealed};
use super::trailer::Hashing;
use super::{BLOCK, Head, Kind, MAGIC, MOST, Manifest, Part, Table, hex};
use crate::error::{Error, Result};
use crate::model::Id;

/// How hard to compress: 1 keeps up with the database, and the next ones gain a few percent.
const LEVEL: i32 = 1;

/// The archive being written.
pub struct Writer<W: Write> {
    out: zstd::Encoder<'static, Hashing<Sealed<W>>>,
    pub(super) manifest: Manifest,
    part: Option<Open>,
    /// The rows that wait to be written, behind the place of their number.
    block: Vec<u8>,
    rows: u32,
}

/// A part of which more is to come.
struct Open {
    part: Part,
    hash: Context,
}

impl<W: Write> Writer<W> {
    /// Begins an archive, encrypted where there are recipients.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub fn new(out: W, recipients: &[Recipient], head: Head) -> Result<Self> {
        let mut out = Hashing::new(Sealed::new(out, recipients)?);
        out.write_all(MAGIC).map_err(|e| failed(&e))?;
        let mut out = zstd::Encoder::new(out, LEVEL).map_err(|e| failed(&e))?;
        out.include_checksum(true).map_err(|e| failed(&e))?;
        // Compressing goes on while the next rows are read.
        out.multithread(1).map_err(|e| failed(&e))?;
        let mut writer = Self {
            out,
            manifest: Manifest { head, parts: Vec::new(), missing: Vec::new() },
            part: None,
            block: vec![0; 4],
            rows: 0,
        };
        writer.json(b'H', &writer.manifest.head.clone())?;
        Ok(writer)
    }

    /// Begins a table.
    ///
    /// # Errors
    /// When the archive cannot be written.
    pub fn table(&mut self, table: &Table) -> Result<()> {
        self.begin(Kind::Table, table.name.clone())?;
        self.json(b'T', table)
    }

    /// Adds a row to the table: its values, written one behind the other.
    ///
    /// # Errors
    /// When the archive cannot be written, or the row is larger than a record.
    pub fn row(&mut self, row: &[u8]) -> Result<()> {
        if self.rows > 0 && self.block.len() + row.len() > BLOCK {
            self.flush()?;
        }
        self.block.extend_from_slice(row);
        self.rows += 1;
        Ok(())
    }

    /// Begins the file of an attachment.
    ///
    /// # Errors
    /// When the archive cannot be written.
    pub fn file(&mut self, id: Id) -> Result<()> {
        self.begin(Kind::File, id.to_string())?;
        self.json(b'F', &id)
    }

    /// Adds bytes to the file.
    ///
    /// # Errors
    /// When the archive cannot be written.
    pub fn data(&mut self, bytes: &[u8]) -> Result<()> {
        for piece in bytes.chunks(BLOCK) {
            self.count(piece, 0);
            self.record(b'D', piece)?;
        }
        Ok(())
    }

    /// Notes an attachment whose file is not there.
    pub fn missing(&mut self, id: Id) {
        self.manifest.missing.push(id);
    }

    /// Ends the archive; returns what it was written to, and what it holds.
    ///
    /// # Errors
    /// When the archive cannot be written.
    pub fn finish(mut self) -> Result<(W, Manifest)> {
        self.end()?;
        let manifest = self.manifest.clone();
        self.json(b'M', &manifest)?;
        let sealed = self.out.finish().and_then(Hashing::finish).map_err(|e| failed(&e))?;
        Ok((sealed.finish()?, manifest))
    }

    fn begin(&mut self, kind: Kind, name: String) -> Result<()> {
        self.end()?;
        let part = Part { kind, name, rows: 0, bytes: 0, sha256: String::new() };
        self.part = Some(Open { part, hash: Context::new(&SHA256) });
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        self.flush()?;
        if let Some(Open { mut part, hash }) = self.part.take() {
            part.sha256 = hex(hash.finish().as_ref());
            self.manifest.parts.push(part);
        }
        Ok(())
    }

    /// Writes the rows that wait.
    fn flush(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut block = std::mem::take(&mut self.block);
        block.splice(..4, self.rows.to_le_bytes());
        self.count(&block, self.rows);
        self.record(b'R', &block)?;
        block.truncate(4);
        (self.block, self.rows) = (block, 0);
        Ok(())
    }

    fn count(&mut self, bytes: &[u8], rows: u32) {
        if let Some(Open { part, hash }) = &mut self.part {
            hash.update(bytes);
            part.bytes += bytes.len() as u64;
            part.rows += u64::from(rows);
        }
    }

    fn json(&mut self, tag: u8, document: &impl Serialize) -> Result<()> {
        let document = serde_json::to_vec(document)
            .map_err(|e| Error::internal(format!("cannot write a part of the backup as JSON: {e}")))?;
        self.record(tag, &document)
    }

    fn record(&mut self, tag: u8, payload: &[u8]) -> Result<()> {
        let length = u32::try_from(payload.len()).ok().filter(|length| *length as usize <= MOST);
        let length = length
            .ok_or_else(|| Error::internal(format!("a record of {} bytes is too large for a backup", payload.len())))?;
        let [a, b, c, d] = length.to_le_bytes();
        self.out.write_all(&[tag, a, b, c, d]).and_then(|()| self.out.write_all(payload)).map_err(|e| failed(&e))
    }
}

pub(super) fn failed(error: &std::io::Error) -> Error {
    Error::internal(format!("cannot write the backup: {error}"))
        .hint("check the folder's owner and mode, and the space on its disk")
}
