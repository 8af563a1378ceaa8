//! Undoing a change of a stretch of work.

use super::record::{gone, noted, snapshot, task_is_there, unchanged};
use crate::error::{Error, Result};
use crate::model::{AuditEntry, TimeEntry};
use crate::service::access::{Access, Permission};
use crate::service::tx::Tx;
use crate::store;
use crate::store::rows::TimeEntryRow;

/// Reverts a stretch of work. Whose it is may do that, and whoever may change the task.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let now = store::time_entry::by_id(tx.conn, entry.record_id)?.map(TimeEntry::from);
    let before = snapshot::<TimeEntry>(entry.before.as_ref())?;
    if let Some(work) = now.as_ref().or(before.as_ref()) {
        task_is_there(tx, work.task_id, "work")?;
        refuse_others(tx, entry, work)?;
    }
    unchanged(entry, now.as_ref())?;
    match (&before, &now) {
        (Some(before), now) => {
            refuse_second(tx, before)?;
            let row = TimeEntryRow::from(before);
            if now.is_some() {
                store::time_entry::update(tx.conn, &row)?
            } else {
                store::time_entry::insert(tx.conn, &row)?
            }
        }
        (None, _) => store::time_entry::delete(tx.conn, entry.record_id)?,
    };
    noted(tx, entry, now.as_ref(), before.as_ref())
}

fn refuse_others(tx: &mut Tx<'_>, entry: &AuditEntry, work: &TimeEntry) -> Result<()> {
    let place = tx.scope_of(work.task_id)?;
    match Access::of(tx.owner()).permission(tx.conn, place.owner, place.project)? {
        None => Err(gone(entry)),
        Some(Permission::Read) if work.user_id != tx.owner() => Err(Error::forbidden("that is another member's work")
            .hint("ask owners it is, the task's owner, or an admin of the project")),
        Some(_) => Ok(()),
    }
}

/// Refuses work to go on beside other work of the same account on the same task.
fn refuse_second(tx: &mut Tx<'_>, work: &TimeEntry) -> Result<()> {
    if work.ended_at.is_some() {
        return Ok(());
    }
    let running = store::time_entry::running(tx.conn, work.user_id)?;
    if running.iter().all(|row| row.task_id != work.task_id || row.id == work.id) {
        return Ok(());
    }
    Err(Error::conflict("the task was started again since").hint("stop it first: `muista stop`"))
}
