//! Making a backup: every row of one moment and the attachments' files go into an archive, which is read back before it
//! gets its name. Only then older ones go.

use std::fs::File;
use std::io::{BufWriter, Read as _};

use super::folder::{self, Half};
use super::unwritable;
use crate::error::{Error, Result};
use crate::format::archive::{self, Head, Identities, Manifest, Recipient, Table, Value, Values, Writer};
use crate::model::{Backup, Id, Keep};
use crate::service::attachment::Folder;
use crate::store::snapshot::Source;
use crate::store::{self, SCHEMA_VERSION};
use crate::time::Instant;

/// How many bytes of a file are read at once.
const PIECE: usize = 1 << 18;

/// Where a backup goes, and for whom.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) folder: std::path::PathBuf,
    /// What its name begins with.
    pub(super) name: &'static str,
    pub(super) keep: Option<Keep>,
    pub(super) recipients: Vec<Recipient>,
}

/// Makes a backup of what `source` reads. Blocks.
pub(super) fn backup(source: &mut dyn Source, files: &Folder, target: &Target, now: Instant) -> Result<Backup> {
    let fail = |e: std::io::Error| unwritable("the backup", &target.folder, &e);
    let half = Half::begin(&target.folder)?;
    // A key that is forgotten right after lets an encrypted backup be read back without anybody's secret key.
    let (passing, own) = Identities::passing();
    let mut recipients = target.recipients.clone();
    if !recipients.is_empty() {
        recipients.push(own);
    }
    let out = half.file.try_clone().map_err(fail)?;
    let (out, manifest) = write(source, files, BufWriter::with_capacity(1 << 18, out), &recipients, now)?;
    out.into_inner().map_err(|e| fail(e.into_error()))?.sync_all().map_err(fail)?;
    archive::open(&half.path, &passing)?.verify(store::check_halt)?;
    let bytes = half.file.metadata().map_err(fail)?.len();
    let path = half.keep(target.name, now, !recipients.is_empty())?;
    let removed = target.keep.map_or(Ok(Vec::new()), |keep| folder::prune(&target.folder, keep))?;
    Ok(Backup {
        file: path.display().to_string(),
        created_at: now,
        bytes,
        encrypted: !recipients.is_empty(),
        program: manifest.head.program.clone(),
        schema_version: manifest.head.schema_version,
        database: manifest.head.database.clone(),
        tasks: manifest.rows_of("tasks"),
        rows: manifest.rows(),
        attachments: manifest.files() as u64,
        missing: manifest.missing,
        removed,
    })
}

/// Writes the archive.
fn write(
    source: &mut dyn Source,
    files: &Folder,
    out: BufWriter<File>,
    recipients: &[Recipient],
    now: Instant,
) -> Result<(BufWriter<File>, Manifest)> {
    let facts = source.facts()?;
    let head = Head {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        schema_version: SCHEMA_VERSION,
        created_at: now,
        database: facts.kind.to_owned(),
        sequences: facts.sequences,
    };
    let mut writer = Writer::new(out, recipients, head)?;
    let mut attached = Vec::new();
    for table in &facts.tables {
        writer.table(table)?;
        let id = attachment_id(table);
        source.rows(table, &mut |row| {
            store::check_halt()?;
            attached.extend(id.and_then(|place| id_at(row, place)));
            writer.row(row)
        })?;
    }
    for id in attached {
        store::check_halt()?;
        file(&mut writer, files, id)?;
    }
    writer.finish()
}

/// The place of the id in a row of the table of attachments.
pub(super) fn attachment_id(table: &Table) -> Option<usize> {
    let of = (table.name == "attachments").then_some(&table.columns);
    of?.iter().position(|column| column == "id")
}

pub(super) fn id_at(row: &[u8], place: usize) -> Option<Id> {
    match Values::of(row).nth(place)? {
        Value::Bytes(bytes) => bytes.try_into().ok().map(Id::from_bytes),
        _ => None,
    }
}

/// Adds the file of an attachment. A file never changes, and outlives its row by a week, so it is the one of the moment
/// that was read; one that is not there was taken away by other hands, or is kept on another machine.
fn file(writer: &mut Writer<BufWriter<File>>, files: &Folder, id: Id) -> Result<()> {
    if !files.holds(id) {
        writer.missing(id);
        return Ok(());
    }
    let mut content = files.open(id)?;
    writer.file(id)?;
    let mut piece = vec![0; PIECE];
    loop {
        store::check_halt()?;
        match content.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => writer.data(piece.get(..count).unwrap_or_default())?,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => {
                let message = format!("cannot read the file of the attachment {id}: {e}");
                return Err(Error::internal(message).hint("check the disk that it is on"));
            }
        }
    }
}
