//! The archive that a backup is: every row of every table and every attachment's file, in one form for both databases.
//! What goes into it and what is done with it is `service::backup`'s; here is how it is written.
//!
//! A file begins with [`MAGIC`], which holds the format's version, and ends with the SHA-256 of all before it; between
//! them is one zstd stream of records. A record is a
//! tag of one byte, the length of its payload in four (little-endian), and the payload:
//!
//! | tag | payload |
//! |---|---|
//! | `H` | a [`Head`] as JSON; the first record |
//! | `T` | a [`Table`] as JSON; its rows follow |
//! | `R` | a number of rows in four bytes, and the rows: each value of each column as [`Value`] says |
//! | `F` | the id of an attachment as JSON; its file follows |
//! | `D` | a piece of that file |
//! | `M` | a [`Manifest`] as JSON; the last record |
//!
//! An encrypted archive is all of this within an age file (age-encryption.org/v1), for X25519 recipients.

mod read;
mod seal;
mod trailer;
mod value;
mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use read::{Reader, Record, open};
pub use seal::{Identities, Recipient};
pub use value::{Value, Values};
pub use write::Writer;

use crate::model::Id;
use crate::time::Instant;

/// The first bytes of an archive that is not encrypted.
pub const MAGIC: &[u8; 16] = b"muista-backup 1\n";

/// How many bytes of rows or of a file one record holds, as a rule.
const BLOCK: usize = 1 << 20;
/// How many bytes one record may hold: a row is never divided.
const MOST: usize = 64 << 20;

/// What is known of a backup before its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// Muista's version.
    pub program: String,
    /// The version of the schema whose tables it holds.
    pub schema_version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// The kind of database that it was made of: `sqlite` or `postgres`.
    pub database: String,
    /// The largest number that each table has given to a row, by table, where a number is never given twice.
    pub sequences: BTreeMap<String, i64>,
}

/// A table whose rows follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The columns, in the order of each row's values.
    pub columns: Vec<String>,
}

/// What a part of a backup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The rows of a table.
    Table,
    /// The file of an attachment.
    File,
}

/// A part of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// What it is.
    pub kind: Kind,
    /// The table, or the attachment's id.
    pub name: String,
    /// How many rows; 0 for a file.
    pub rows: u64,
    /// How many bytes, uncompressed.
    pub bytes: u64,
    /// The SHA-256 of these bytes, in hexadecimal.
    pub sha256: String,
}

/// What a backup holds, written when all of it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// What was known before.
    pub head: Head,
    /// The parts, in their order.
    pub parts: Vec<Part>,
    /// The attachments whose files were not there to be copied.
    pub missing: Vec<Id>,
}

impl Manifest {
    /// Returns how many rows the table `name` has.
    #[must_use]
    pub fn rows_of(&self, name: &str) -> u64 {
        self.parts.iter().filter(|part| part.kind == Kind::Table && part.name == name).map(|part| part.rows).sum()
    }

    /// Returns how many rows there are in all tables.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.rows).sum()
    }

    /// Returns how many attachments' files there are.
    #[must_use]
    pub fn files(&self) -> usize {
        self.parts.iter().filter(|part| part.kind == Kind::File).count()
    }
}

/// Returns bytes in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
