//! Handing over what an archive holds, record by record, to a database and to a folder of files.

use std::collections::BTreeMap;
use std::path::Path;

use ring::digest::{SHA256, digest};

use super::staging::Staging;
use crate::error::{Error, Result};
use crate::format::archive::{self, Head, Identities, Manifest, Reader, Record, Table, Value, Values};
use crate::model::Id;
use crate::store::snapshot::{Sink, Source};
use crate::store::{self, SCHEMA_VERSION};

/// The rows of each table, whatever their order: how many, and the sum of their hashes.
pub(super) type Tally = BTreeMap<String, (u64, u128)>;

/// What was handed over.
pub(super) struct Fed {
    pub(super) manifest: Manifest,
    pub(super) tally: Tally,
    /// What the database says of each attachment: its size, and its SHA-256 where it knows it.
    pub(super) attachments: BTreeMap<Id, (i64, Option<Vec<u8>>)>,
}

/// Refuses a backup of a later schema than this program knows.
fn refuse_newer(head: &Head, name: &str) -> Result<()> {
    if head.schema_version <= SCHEMA_VERSION {
        return Ok(());
    }
    Err(Error::conflict(format!(
        "{name} was made by muista {} and has schema {}; this muista knows {SCHEMA_VERSION}",
        head.program, head.schema_version
    ))
    .hint("update this muista, then restore it"))
}

/// Opens a backup that was read to its end once: what a flipped bit makes of a row is not to be taken for one.
///
/// # Errors
/// When it cannot be read, is damaged, or was made by a later version.
pub(super) fn open(file: &Path, identities: &Identities) -> Result<Reader> {
    let mut reader = archive::open(file, identities)?;
    refuse_newer(reader.head(), &file.display().to_string())?;
    reader.verify(store::check_halt)?;
    archive::open(file, identities)
}

/// Hands over all of an archive.
///
/// # Errors
/// When it is damaged, or does not fit; what was handed over is to be forgotten then.
pub(super) fn feed(reader: &mut Reader, sink: &mut dyn Sink, staging: &mut Staging) -> Result<Fed> {
    let (mut tally, mut attachments, mut table) = (Tally::new(), BTreeMap::new(), None::<Table>);
    loop {
        store::check_halt()?;
        match reader.advance()? {
            Some(Record::Table(next)) => {
                sink.table(&next)?;
                tally.entry(next.name.clone()).or_default();
                table = Some(next);
            }
            Some(Record::Rows(count, bytes)) => {
                let Some(table) = &table else { return Err(unfit("it has rows before any table")) };
                each_row(table, count, bytes, |row, values| {
                    note_attachment(table, values, &mut attachments);
                    add(&mut tally, &table.name, row);
                    sink.row(values)
                })?;
            }
            Some(Record::File(id)) => staging.file(id)?,
            Some(Record::Data(bytes)) => staging.data(bytes)?,
            Some(Record::End(manifest)) => {
                staging.end()?;
                return Ok(Fed { manifest, tally, attachments });
            }
            None => return Err(unfit("it ends without a manifest")),
        }
    }
}

/// Hands over each of so many rows, as bytes and as values.
pub(super) fn each_row(
    table: &Table,
    count: u32,
    bytes: &[u8],
    mut row: impl FnMut(&[u8], &[Value<'_>]) -> Result<()>,
) -> Result<()> {
    let (mut values, mut all) = (Vec::with_capacity(table.columns.len()), Values::of(bytes));
    for _ in 0..count {
        let before = all.rest();
        values.clear();
        values.extend(all.by_ref().take(table.columns.len()));
        if values.len() != table.columns.len() {
            return Err(unfit(&format!("a row of {} cannot be read", table.name)));
        }
        row(before.get(..before.len() - all.rest().len()).unwrap_or_default(), &values)?;
    }
    if all.rest().is_empty() { Ok(()) } else { Err(unfit(&format!("{} has more rows than it says", table.name))) }
}

/// Counts the rows of all tables.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn tally(source: &mut dyn Source) -> Result<Tally> {
    tally_of(source, |_| None)
}

/// The same, where JSON documents count alike however they are written: PostgreSQL writes them in a form of its own.
///
/// # Errors
/// When the database cannot be read.
pub(super) fn tally_across(source: &mut dyn Source) -> Result<Tally> {
    tally_of(source, |row| Some(with_plain_documents(row)))
}

fn tally_of(source: &mut dyn Source, form: fn(&[u8]) -> Option<Vec<u8>>) -> Result<Tally> {
    let mut tally = Tally::new();
    for table in source.facts()?.tables {
        tally.entry(table.name.clone()).or_default();
        source.rows(&table, &mut |row| {
            store::check_halt()?;
            add(&mut tally, &table.name, form(row).as_deref().unwrap_or(row));
            Ok(())
        })?;
    }
    Ok(tally)
}

/// The row with each document among its values written with sorted keys.
fn with_plain_documents(row: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(row.len());
    for value in Values::of(row) {
        let document = match value {
            Value::Text(text) if text.starts_with(['{', '[']) => serde_json::from_str::<serde_json::Value>(text).ok(),
            _ => None,
        };
        match document {
            Some(mut document) => {
                document.sort_all_objects();
                Value::Text(&document.to_string()).write(&mut plain);
            }
            None => value.write(&mut plain),
        }
    }
    plain
}

fn add(tally: &mut Tally, table: &str, row: &[u8]) {
    let hash = digest(&SHA256, row);
    let hash = hash.as_ref().first_chunk().map_or(0, |start| u128::from_le_bytes(*start));
    if let Some((rows, sum)) = tally.get_mut(table) {
        *rows += 1;
        *sum = sum.wrapping_add(hash);
    }
}

fn note_attachment(table: &Table, values: &[Value<'_>], into: &mut BTreeMap<Id, (i64, Option<Vec<u8>>)>) {
    if table.name != "attachments" {
        return;
    }
    let of = |name: &str| values.get(table.columns.iter().position(|column| column == name)?).copied();
    if let (Some(Value::Bytes(id)), Some(Value::Integer(size))) = (of("id"), of("size_bytes"))
        && let Ok(id) = id.try_into()
    {
        let sha256 = match of("sha256") {
            Some(Value::Bytes(hash)) => Some(hash.to_vec()),
            _ => None,
        };
        into.insert(Id::from_bytes(id), (size, sha256));
    }
}

fn unfit(why: &str) -> Error {
    Error::internal(format!("the backup is damaged: {why}")).hint("take another backup: `muista backup ls` lists them")
}
