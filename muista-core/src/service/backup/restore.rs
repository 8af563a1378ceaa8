//! Bringing back all of a backup, into either kind of database. What was there stays until all of the backup was read and
//! found whole, and is kept: a file beside it, what a server holds as a backup.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use rustix::fs::{FlockOperation, flock};

use super::drill::missing_files;
use super::feed::{self, Fed};
use super::folder;
use super::staging::Staging;
use super::write::{self, Target};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::format::archive::{Identities, Reader, Recipient};
use crate::model::Id;
use crate::service::attachment::Folder;
use crate::store::snapshot::{self, Epoch, ServerLoad, Sink as _, file as sqlite_file};
use crate::store::{Database, Options, SCHEMA_VERSION, beside};
use crate::time::Instant;

/// What the new file's name ends with until it is whole.
pub(super) const RESTORING: &str = ".restoring";

/// A restore that is asked for.
#[derive(Debug)]
pub struct Restore {
    /// The database that it goes into.
    pub options: Options,
    /// The folder that attachments are kept below, and whose lock a daemon holds.
    pub data_dir: PathBuf,
    /// The backup.
    pub file: PathBuf,
    /// What an encrypted one is read with.
    pub identities: Identities,
    /// Whether what is there may be replaced.
    pub replace: bool,
    /// The folder of backups, where one is made of what a server holds.
    pub backups: PathBuf,
    /// Whom that one is encrypted for.
    pub recipients: Vec<Recipient>,
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Restored {
    /// The database, without its password.
    pub database: String,
    /// When the backup was made.
    pub created_at: Instant,
    /// How many tasks there are.
    pub tasks: u64,
    /// How many rows of all tables.
    pub rows: u64,
    /// How many attachments' files.
    pub attachments: u64,
    /// The attachments whose files the backup does not have.
    pub missing: Vec<Id>,
    /// Where what was there before is kept; none where there was nothing.
    pub kept: Option<String>,
}

impl Restore {
    /// Whether the database holds anything that a restore would replace; also where it cannot be read.
    #[must_use]
    pub fn replaces(&self) -> bool {
        !snapshot::is_empty(&self.options).unwrap_or(false)
    }
}

/// Restores a backup. Blocks.
///
/// # Errors
/// `Conflict` where something is there that may not be replaced, where a daemon works on it, and for a backup of a later
/// version; when the backup is damaged. What was there is as it was then.
pub fn restore(asked: &Restore, clock: &Arc<dyn Clock>) -> Result<Restored> {
    let _lock = lock(&asked.data_dir)?;
    let mut reader = feed::open(&asked.file, &asked.identities)?;
    if let Database::Postgres(_) = &asked.options.database {
        refuse_others(&asked.options)?;
    }
    let replaces = asked.replaces();
    if replaces && !asked.replace {
        return Err(Error::conflict(format!("{} is not empty", asked.options.database))
            .hint("--yes replaces what is there, of which a copy is kept"));
    }
    let epoch = Epoch { backup_at: reader.head().created_at, restored_at: clock.now() };
    let mut staging = Staging::begin(&asked.data_dir.join("attachments.restore"))?;
    let (fed, kept) = match &asked.options.database {
        Database::Sqlite(path) => into_file(path, asked, &mut reader, &mut staging, epoch)?,
        Database::Postgres(_) => {
            snapshot::prepare(&asked.options, clock)?;
            let mut load = snapshot::load_server(&asked.options)?;
            // Nobody else writes from now on, so nothing is missing in it.
            let kept = if replaces { Some(keep(asked, epoch)?) } else { None };
            load.empty()?;
            (into_server(load, asked, &mut reader, &mut staging, epoch)?, kept)
        }
    };
    Ok(Restored {
        database: asked.options.database.to_string(),
        created_at: epoch.backup_at,
        tasks: fed.manifest.rows_of("tasks"),
        rows: fed.manifest.rows(),
        attachments: staging.files.len() as u64,
        missing: fed.manifest.missing,
        kept: kept.map(|path| path.display().to_string()),
    })
}

fn into_file(
    path: &Path,
    asked: &Restore,
    reader: &mut Reader,
    staging: &mut Staging,
    epoch: Epoch,
) -> Result<(Fed, Option<PathBuf>)> {
    sqlite_file::remove_halves(path);
    let new = Temporary(beside(path, RESTORING));
    let fed = into_new_file(&new, reader, staging, Some(epoch))?;
    check_files(&fed, staging)?;
    staging.adopt(&Folder::new(&asked.data_dir, 0))?;
    let stamp = epoch.restored_at.in_zone(&TimeZone::UTC).strftime("%Y%m%dT%H%M%S%.3fZ").to_string();
    let aside = beside(path, &format!("{}restore-{stamp}", sqlite_file::BEFORE));
    sqlite_file::replace(&new.0, path, &aside)?;
    let kept = aside.exists().then_some(aside);
    Ok((fed, kept))
}

/// Fills a new SQLite file.
fn into_new_file(new: &Temporary, reader: &mut Reader, staging: &mut Staging, epoch: Option<Epoch>) -> Result<Fed> {
    new.remove();
    let mut load = sqlite_file::Load::create(&new.0, reader.head().schema_version)?;
    let fed = feed::feed(reader, &mut load, staging)?;
    load.finish(&fed.manifest.head, epoch)?;
    Ok(fed)
}

/// Makes a backup of what the database holds.
fn keep(asked: &Restore, epoch: Epoch) -> Result<PathBuf> {
    let (name, recipients) = (folder::BEFORE_RESTORE, asked.recipients.clone());
    let target = Target { folder: asked.backups.clone(), name, keep: None, recipients };
    let files = Folder::new(&asked.data_dir, 0);
    let kept = snapshot::read(&asked.options, |source| write::backup(source, &files, &target, epoch.restored_at));
    kept.map(|kept| kept.file.into()).map_err(|error| Error {
        message: format!("cannot keep what {} holds: {}", asked.options.database, error.message),
        hint: Some(
            "nothing was changed; `muista config set backup.to DIR` has it kept elsewhere, and --to-database restores \
             into another, empty database"
                .to_owned(),
        ),
        ..error
    })
}

fn into_server(
    mut load: ServerLoad,
    asked: &Restore,
    reader: &mut Reader,
    staging: &mut Staging,
    epoch: Epoch,
) -> Result<Fed> {
    if reader.head().schema_version < SCHEMA_VERSION {
        // The tables of an older version are made, and brought up to date, in a file.
        let new = Temporary(beside(&asked.data_dir.join("muista.db"), RESTORING));
        let fed = into_new_file(&new, reader, staging, None)?;
        check_files(&fed, staging)?;
        staging.adopt(&Folder::new(&asked.data_dir, 0))?;
        snapshot::read(&Options::of_file(&new.0), |source| snapshot::pour(source, &mut load))?;
        load.finish(&fed.manifest.head, Some(epoch))?;
        return Ok(fed);
    }
    let fed = feed::feed(reader, &mut load, staging)?;
    check_files(&fed, staging)?;
    staging.adopt(&Folder::new(&asked.data_dir, 0))?;
    load.finish(&fed.manifest.head, Some(epoch))?;
    Ok(fed)
}

/// Refuses a backup whose attachments are not what its rows say.
fn check_files(fed: &Fed, staging: &Staging) -> Result<()> {
    match missing_files(fed, staging).into_iter().next() {
        None => Ok(()),
        Some(fault) => Err(Error::internal(format!("the backup is damaged: {fault}"))
            .hint("take another backup: `muista backup ls` lists them")),
    }
}

/// Keeps every daemon off the data folder.
pub(in crate::service) fn lock(data_dir: &Path) -> Result<File> {
    let failed = |e: std::io::Error| {
        Error::unavailable(format!("cannot use {}: {e}", data_dir.display()))
            .hint("make the folder writable for you, or choose another with --data-dir")
    };
    DirBuilder::new().recursive(true).mode(0o700).create(data_dir).map_err(failed)?;
    let path = data_dir.join("muistad.lock");
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    let file = file.map_err(failed)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(rustix::io::Errno::WOULDBLOCK) => Err(Error::conflict(format!("a daemon works on {}", data_dir.display()))
            .hint("`muista daemon stop`, do this again, then `muista daemon start`")),
        Err(e) => Err(failed(e.into())),
    }
}

/// Refuses to work past others on a server's database.
pub(in crate::service) fn refuse_others(options: &Options) -> Result<()> {
    match snapshot::others(options)? {
        0 => Ok(()),
        count => Err(Error::conflict(format!("{count} connections of Muista are open on {}", options.database)).hint(
            "stop every daemon that works on it, as by `muista daemon stop`; behind a pooler, name the server itself",
        )),
    }
}

/// A database file that goes with this, and what SQLite keeps beside it.
pub(super) struct Temporary(pub(super) PathBuf);

impl Temporary {
    pub(super) fn remove(&self) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            fs::remove_file(beside(&self.0, suffix)).ok();
        }
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        self.remove();
    }
}
