//! Undoing a change of a reminder. When it last fired and when it fires next are not what was changed: they go on.

use super::record::{noted, refuse_others, snapshot, unchanged};
use crate::error::{Error, Result};
use crate::model::{AuditEntry, Reminder};
use crate::service::write::{Place, Tx};
use crate::service::{assemble, notification, reminder};
use crate::store;
use crate::store::rows::ReminderRow;

/// Reverts a reminder.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let rows = store::reminder::by_ids(tx.conn, &[entry.record_id])?;
    let now = reminder::whole(tx.conn, rows)?.pop();
    let before = snapshot::<Reminder>(entry.before.as_ref())?;
    let task = now.as_ref().or(before.as_ref()).map(|reminder| reminder.task_id);
    let task = assemble::all_by_ids(tx.conn, task.as_slice())?.pop();
    if let Some(task) = &task {
        let place = Place { owner: task.owner_id, project: task.project_id };
        refuse_others(tx, entry, &[place], Some(task.number))?;
    }
    unchanged(entry, now.as_ref())?;
    let Some(mut before) = before else {
        notification::drop_pending(tx, &[entry.record_id])?;
        store::reminder::delete(tx.conn, &[entry.record_id])?;
        return noted(tx, entry, now.as_ref(), None);
    };
    let Some(task) = task else {
        return Err(Error::conflict(format!("task {} is deleted", before.task_number))
            .hint("undo that first; `muista log` shows the changes"));
    };
    before.task_title.clone_from(&task.title);
    before.version = now.as_ref().map_or(before.version, |now| now.version) + 1;
    before.updated_at = tx.now;
    reminder::resume(&mut before, &task, now.as_ref(), tx.now)?;
    match &now {
        Some(_) => store::reminder::update(tx.conn, &ReminderRow::from(&before)).map(drop)?,
        None => reminder::insert(tx, std::slice::from_ref(&before))?,
    }
    tx.wake(crate::service::Work::Schedules);
    noted(tx, entry, now.as_ref(), Some(&before))
}
