//! Making a backup: every row of one moment and the attachments' files go into an archive, which is read back before it
//! gets its name. Only then older ones go.

use std::fs::File;
use std::io::{BufWriter, Read as _, Write as _};
use std::path::Path;

use super::folder::{self, Half};
use crate::error::Result;
use crate::format::archive::{self, Head, Identities, Manifest, Recipient, Table, Value, Values, Writer};
use crate::model::{Backup, Id, Keep};
use crate::service::attachment::Folder;
use crate::store::SCHEMA_VERSION;
use crate::store::snapshot::Source;
use crate::time::Instant;

/// How many bytes of a file are read at once.
const PIECE: usize = 1 << 18;

/// Where a backup goes, and for whom.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub(super) folder: std::path::PathBuf,
    pub(super) keep: Option<Keep>,
    pub(super) recipients: Vec<Recipient>,
}

/// Makes a backup of what `source` reads, unless `stop` says why not to go on. Blocks.
pub(super) fn backup(
    source: &mut dyn Source,
    files: &Folder,
    target: &Target,
    now: Instant,
    stop: &dyn Fn() -> Result<()>,
) -> Result<Backup> {
    let half = Half::begin(&target.folder)?;
    // A key that is forgotten right after lets an encrypted backup be read back without anybody's secret key.
    let (passing, own) = Identities::passing();
    let mut recipients = target.recipients.clone();
    if !recipients.is_empty() {
        recipients.push(own);
    }
    let out = half.file.try_clone().map_err(|e| failed(&target.folder, &e))?;
    let manifest = write(source, files, BufWriter::with_capacity(1 << 18, out), &recipients, now, stop)?;
    half.file.sync_all().map_err(|e| failed(&target.folder, &e))?;
    archive::open(&half.path, &passing)?.verify()?;
    let bytes = half.file.metadata().map_err(|e| failed(&target.folder, &e))?.len();
    let path = half.keep(now, !recipients.is_empty())?;
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
pub(super) fn write(
    source: &mut dyn Source,
    files: &Folder,
    out: BufWriter<File>,
    recipients: &[Recipient],
    now: Instant,
    stop: &dyn Fn() -> Result<()>,
) -> Result<Manifest> {
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
            stop()?;
            attached.extend(id.and_then(|place| id_at(row, place)));
            writer.row(row)
        })?;
    }
    for id in attached {
        stop()?;
        file(&mut writer, files, id)?;
    }
    let (out, manifest) = writer.finish()?;
    out.into_inner()
        .map_err(|e| failed(Path::new("the backup"), e.error()))?
        .flush()
        .map_err(|e| failed(Path::new("the backup"), &e))?;
    Ok(manifest)
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
        match content.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(count) => writer.data(piece.get(..count).unwrap_or_default())?,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => {
                let message = format!("cannot read the file of the attachment {id}: {e}");
                return Err(crate::error::Error::internal(message).hint("check the disk that it is on"));
            }
        }
    }
}

fn failed(place: &Path, error: &std::io::Error) -> crate::error::Error {
    crate::error::Error::internal(format!("cannot write the backup into {}: {error}", place.display()))
        .hint("check the folder's owner and mode, and the space on its disk; --to chooses another")
}
