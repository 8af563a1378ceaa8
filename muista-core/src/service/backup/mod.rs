//! The use cases of backups: making one, listing and checking them, bringing one back, doing it by schedule. What a backup
//! looks like is `format::archive`'s, how a database is read and filled is `store::snapshot`'s.

mod bring;
mod drill;
mod feed;
mod folder;
mod left;
mod moving;
mod restore;
mod staging;
mod write;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use left::left_in_sqlite;
pub use moving::{Move, Moved, move_all};
pub use restore::{Restore, Restored, restore};
pub(super) use restore::{lock, refuse_others};

use super::attachment::blocking;
use super::{Caller, Credential, Service, engine};
use crate::error::{Error, Result};
use crate::format::archive::{Identities, Recipient};
use crate::model::{Backup, BackupFile, Drill, NewBackup, Role, Scopes, Task, TaskRef, WithNotices};
use crate::store::health;
use write::Target;

/// The error for a file of backups that cannot be written into a folder.
fn unwritable(what: &str, folder: &Path, error: &std::io::Error) -> Error {
    Error::internal(format!("cannot write {what} into {}: {error}", folder.display()))
        .hint("check the folder's owner and mode, and the space on its disk; for a backup, --to chooses another")
}

/// Refuses whoever may not have all that the database holds.
fn require_everything(caller: &Caller) -> Result<()> {
    let all = Scopes::of(Role::Admin);
    if caller.role == Role::Admin && caller.scopes.and(all) == all {
        return Ok(());
    }
    Err(Error::forbidden(format!("{} may not back up or restore: a backup holds every account's data", caller.actor))
        .hint("use an account with the role admin, and a token with all its scopes"))
}

/// Makes a backup while others write.
///
/// # Errors
/// `Forbidden` for whoever is not an admin; `Invalid` for a folder that is named from another machine; when the database
/// cannot be read or the backup not be written, or not be read back. Older backups are as they were then.
pub async fn create(service: &Service, caller: &Caller, new: NewBackup) -> Result<Backup> {
    require_everything(caller)?;
    let settings = service.settings().backup.clone();
    let folder = match new.to {
        Some(_) if caller.credential != Credential::Local => {
            return Err(Error::invalid("to", "a folder cannot be named from another machine")
                .hint("leave --to out: the daemon writes into its own backup folder, the setting backup.to"));
        }
        Some(to) => whole(&to)?,
        None => settings.folder.clone(),
    };
    let further = new.encrypt_to.iter().map(|recipient| recipient.parse()).collect::<Result<Vec<Recipient>>>()?;
    let recipients = settings.recipients.iter().cloned().chain(further).collect();
    make(service, Target { folder, name: folder::BACKUP, keep: new.keep.or(settings.keep), recipients }).await
}

fn whole(to: &str) -> Result<PathBuf> {
    let folder = Path::new(to);
    if folder.is_absolute() {
        return Ok(folder.to_owned());
    }
    Err(Error::invalid("to", format!("{to} is not a whole path")).hint("begin with /"))
}

/// Makes a backup for the engine, or for whoever was let in.
async fn make(service: &Service, target: Target) -> Result<Backup> {
    // A file that was replaced under a daemon is told of here, and not backed up for the one that it works on.
    service.store.read(health::ping).await?;
    let (store, files, now) = (service.store.clone(), Arc::clone(&service.settings().attachments), service.now());
    at_length(service, move || store.snapshot(|source| write::backup(source, &files, &target, now))).await
}

/// Does what takes long, off the runtime's thread, and gives it up when the daemon stops.
async fn at_length<T: Send + 'static>(
    service: &Service,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let halt = service.store.halt().clone();
    blocking(move || halt.unless_ordered(work)).await
}

/// Lists the backups in a folder, or in that of the settings, the newest first.
///
/// # Errors
/// `Forbidden` for whoever is not an admin; when the folder cannot be read.
pub async fn list(service: &Service, caller: &Caller, folder: Option<String>) -> Result<Vec<BackupFile>> {
    require_everything(caller)?;
    let folder = match folder {
        Some(folder) if caller.credential == Credential::Local => whole(&folder)?,
        _ => service.settings().backup.folder.clone(),
    };
    blocking(move || folder::list(&folder)).await
}

/// Restores a backup, or the newest of the settings' folder, into a temporary place, and says what is wrong with it.
///
/// # Errors
/// `Forbidden` for whoever is not an admin, `NotFound` where there is no backup; when there is no room for it. What is wrong
/// with the backup is no error of this.
pub async fn drill(
    service: &Service,
    caller: &Caller,
    file: Option<String>,
    identity: Option<String>,
) -> Result<Drill> {
    require_everything(caller)?;
    if (file.is_some() || identity.is_some()) && caller.credential != Credential::Local {
        return Err(Error::invalid("file", "a file cannot be named from another machine")
            .hint("leave it out: the daemon takes the newest backup of its own folder"));
    }
    let identity = identity.map(PathBuf::from);
    drill_of(service, file.map(PathBuf::from), identity).await
}

/// Brings back one task of a backup, with what belongs to it.
///
/// # Errors
/// `Forbidden` for whoever is not an admin; `Invalid` from another machine; `NotFound` where the backup has no such task,
/// `Conflict` where it still is there.
pub async fn restore_task(
    service: &Service,
    caller: &Caller,
    file: String,
    identity: Option<String>,
    task: TaskRef,
) -> Result<WithNotices<Task>> {
    require_everything(caller)?;
    if caller.credential != Credential::Local {
        return Err(Error::invalid("file", "a backup cannot be named from another machine")
            .hint("run `muista restore --task` on the machine of the daemon"));
    }
    let identity = identity.map(PathBuf::from).or_else(|| service.settings().backup.identity.clone());
    let identities = identity.map_or(Ok(Identities::default()), |path| Identities::read(&path))?;
    bring::bring(service, caller, file.into(), identities, task).await
}

async fn drill_of(service: &Service, file: Option<PathBuf>, identity: Option<PathBuf>) -> Result<Drill> {
    let settings = service.settings().backup.clone();
    at_length(service, move || {
        let file = match file {
            Some(file) => file,
            None => newest(&settings.folder)?,
        };
        let identities = match identity.or(settings.identity) {
            Some(path) => Identities::read(&path)?,
            None => Identities::default(),
        };
        drill::drill(&file, &identities)
    })
    .await
}

/// Returns the newest backup of a folder.
fn newest(folder: &Path) -> Result<PathBuf> {
    let newest = folder::list(folder)?.into_iter().next();
    newest.map(|newest| newest.file.into()).ok_or_else(|| {
        Error::not_found(format!("backup in {}", folder.display())).hint("make one with `muista backup`")
    })
}

/// Makes the backup that the schedule asks for.
///
/// # Errors
/// As [`create`].
pub(super) async fn by_schedule(service: &Service) -> Result<Backup> {
    let settings = service.settings().backup.clone();
    let (folder, recipients) = (settings.folder.clone(), settings.recipients.clone());
    make(service, Target { folder, name: folder::BACKUP, keep: settings.keep, recipients }).await
}

/// Tries the newest backup, as the schedule asks for.
///
/// # Errors
/// As [`drill()`], and when something is wrong with the backup.
pub(super) async fn drill_by_schedule(service: &Service) -> Result<Drill> {
    let drill = drill_of(service, None, None).await?;
    engine::of_faults(&drill.file, &drill.faults).map_or(Ok(drill), Err)
}
