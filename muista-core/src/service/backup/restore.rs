//! Bringing back all of a backup, into either kind of database. What was there stays until all of the backup was read and
//! found whole, and is kept beside it where it is a file.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use rustix::fs::{FlockOperation, flock};

use super::drill::missing_files;
use super::feed::{self, Fed};
use super::staging::Staging;
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::format::archive::{Identities, Reader};
use crate::model::Id;
use crate::service::attachment::Folder;
use crate::store::snapshot::{self, Epoch, Sink as _, file as sqlite_file};
use crate::store::{ConnectionSettings, Database, Lanes, Migrate, Options, SCHEMA_VERSION};
use crate::time::Instant;

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
    /// Where what was there before is kept; none where there was nothing, or it was no file.
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
    if !asked.replace && asked.replaces() {
        return Err(Error::conflict(format!("{} is not empty", asked.options.database))
            .hint("--yes replaces what is there; a copy of a SQLite file is kept beside it"));
    }
    let epoch = Epoch { backup_at: reader.head().created_at, restored_at: clock.now() };
    let mut staging = Staging::begin(&asked.data_dir.join("attachments.restore"))?;
    let (fed, kept) = match &asked.options.database {
        Database::Sqlite(path) => into_file(path, asked, &mut reader, &mut staging, epoch)?,
        Database::Postgres(_) => (into_server(asked, &mut reader, &mut staging, epoch, clock)?, None),
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
    let new = Temporary(beside(path, ".restoring"));
    let fed = into_new_file(&new, reader, staging, Some(epoch))?;
    check_files(&fed, staging)?;
    staging.adopt(&Folder::new(&asked.data_dir, 0))?;
    let stamp = epoch.restored_at.in_zone(&TimeZone::UTC).strftime("%Y%m%dT%H%M%S%.3fZ").to_string();
    let aside = beside(path, &format!(".before-restore-{stamp}"));
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

fn into_server(
    asked: &Restore,
    reader: &mut Reader,
    staging: &mut Staging,
    epoch: Epoch,
    clock: &Arc<dyn Clock>,
) -> Result<Fed> {
    snapshot::prepare(&asked.options, clock)?;
    if reader.head().schema_version < SCHEMA_VERSION {
        // The tables of an older version are made, and brought up to date, in a file.
        let new = Temporary(asked.data_dir.join("muista.db.restoring"));
        let fed = into_new_file(&new, reader, staging, None)?;
        check_files(&fed, staging)?;
        staging.adopt(&Folder::new(&asked.data_dir, 0))?;
        let options = Options {
            database: Database::Sqlite(new.0.clone()),
            ca: None,
            migrate: Migrate::Refuse,
            lanes: Lanes::Embedded,
            usage: ConnectionSettings::default(),
        };
        let mut load = snapshot::load_server(&asked.options)?;
        snapshot::read(&options, |source| snapshot::pour(source, &mut load))?;
        load.finish(&fed.manifest.head, Some(epoch))?;
        return Ok(fed);
    }
    let mut load = snapshot::load_server(&asked.options)?;
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
pub(super) fn lock(data_dir: &Path) -> Result<File> {
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
            .hint("`muista daemon stop`, restore, then `muista daemon start`")),
        Err(e) => Err(failed(e.into())),
    }
}

/// Refuses to restore into a server's database that others work on.
pub(super) fn refuse_others(options: &Options) -> Result<()> {
    match snapshot::others(options)? {
        0 => Ok(()),
        count => Err(Error::conflict(format!("{count} connections of Muista are open on {}", options.database)).hint(
            "stop every daemon that works on it, as by `muista daemon stop`; behind a pooler, name the server itself",
        )),
    }
}

/// A path with something behind its name.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
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
