//! A drill: a backup is restored into a temporary place, as it would be in earnest, and compared with what it says of
//! itself.

use std::fs::{self, DirBuilder, File};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};

use super::feed::{self, Fed};
use super::folder::HALF_DRILL;
use super::staging::Staging;
use crate::error::{Error, ErrorKind, Result};
use crate::format::archive::Identities;
use crate::model::Drill;
use crate::store::snapshot::{self, Sink as _, file as sqlite_file};
use crate::store::{self, Options, SCHEMA_VERSION};

/// Restores the backup at `file` into a temporary place and looks at it. Blocks.
///
/// # Errors
/// When the backup cannot be found or opened with these keys, or there is no room for it.
pub(super) fn drill(file: &Path, identities: &Identities) -> Result<Drill> {
    let mut drill = Drill {
        file: file.display().to_string(),
        faults: Vec::new(),
        created_at: None,
        tasks: 0,
        rows: 0,
        attachments: 0,
    };
    match look(file, identities, &mut drill) {
        // What cannot be read is what the drill is to find.
        Err(error) if error.kind == ErrorKind::Internal => drill.faults.push(error.message),
        Err(error) => return Err(error),
        Ok(()) => {}
    }
    // What was cut off is no fault of the backup.
    store::check_halt()?;
    Ok(drill)
}

fn look(file: &Path, identities: &Identities, drill: &mut Drill) -> Result<()> {
    let mut reader = feed::open(file, identities)?;
    drill.created_at = Some(reader.head().created_at);
    let place = Place::make(file)?;
    let (database, mut staging) = (place.path.join("muista.db"), Staging::begin(&place.path.join("attachments"))?);
    let mut load = sqlite_file::Load::create(&database, reader.head().schema_version)?;
    let fed = feed::feed(&mut reader, &mut load, &mut staging)?;
    load.finish(&fed.manifest.head, None)?;
    drop(load);
    (drill.tasks, drill.rows) = (fed.manifest.rows_of("tasks"), fed.manifest.rows());
    drill.attachments = staging.files.len() as u64;
    drill.faults.extend(sqlite_file::faults(&database)?);
    drill.faults.extend(missing_files(&fed, &staging));
    if fed.manifest.head.schema_version == SCHEMA_VERSION {
        drill.faults.extend(other_rows(&fed, &database)?);
    }
    Ok(())
}

/// What the restored database holds otherwise than the backup.
fn other_rows(fed: &Fed, database: &Path) -> Result<Vec<String>> {
    let restored = snapshot::read(&Options::of_file(database), feed::tally)?;
    let differs = |(table, was): (&String, &(u64, u128))| {
        let is = restored.get(table).copied().unwrap_or_default();
        (is != *was)
            .then(|| format!("the table {table} has {} rows in the backup and {} restored, or others", was.0, is.0))
    };
    Ok(fed.tally.iter().filter_map(differs).collect())
}

/// The attachments whose files did not come back as the database knows them.
pub(super) fn missing_files(fed: &Fed, staging: &Staging) -> Vec<String> {
    let wrong = |(id, (size, sha256)): (&crate::model::Id, &(i64, Option<Vec<u8>>))| match staging.files.get(id) {
        // It was missing when the backup was made, and was told of then.
        None if fed.manifest.missing.contains(id) => None,
        None => Some(format!("the file of the attachment {id} is missing")),
        Some((found, hash)) => {
            let same = i64::try_from(*found).is_ok_and(|found| found == *size)
                && sha256.as_ref().is_none_or(|sha256| sha256 == hash);
            (!same).then(|| format!("the file of the attachment {id} is not as it was"))
        }
    };
    fed.attachments.iter().filter_map(wrong).collect()
}

/// A folder for what a backup holds, which goes with it.
pub(super) struct Place {
    pub(super) path: PathBuf,
    _lock: File,
}

impl Place {
    /// Makes it beside the backup, where there is room for one, or else where temporary files go.
    pub(super) fn make(file: &Path) -> Result<Self> {
        let beside = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Self::within(beside).or_else(|_| Self::within(&std::env::temp_dir())).map_err(|e| {
            Error::unavailable(format!("cannot make a temporary place for the drill: {e}"))
                .hint("check the mode of the backup's folder, and the space on its disk")
        })
    }

    fn within(folder: &Path) -> std::io::Result<Self> {
        let path = folder.join(format!("{}{}{}", HALF_DRILL.0, uuid::Uuid::now_v7(), HALF_DRILL.1));
        DirBuilder::new().mode(0o700).create(&path)?;
        // As long as it is held, nobody takes the folder for abandoned.
        let lock = File::open(&path)?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self { path, _lock: lock })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.path).ok();
    }
}
