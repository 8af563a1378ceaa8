//! Taking away tasks that a change made, so far as nothing hangs on them that the undo does not know of.

use crate::error::{Error, Result};
use crate::model::{Id, Task};
use crate::service::task::relations;
use crate::service::tx::Tx;
use crate::store;

/// Deletes tasks, together with what they are to each other.
pub(super) fn delete_lone(tx: &mut Tx<'_>, tasks: &[Task]) -> Result<()> {
    if tasks.is_empty() {
        return Ok(());
    }
    let ids: Vec<Id> = tasks.iter().map(|task| task.id).collect();
    if hung_on(tx, &ids)? {
        return Err(refusal(tx, tasks)?);
    }
    relations::release_dependents(tx, &ids)?;
    store::task::delete(tx.conn, &ids).map(drop)
}

/// Whether anything but these tasks hangs on one of them.
fn hung_on(tx: &mut Tx<'_>, tasks: &[Id]) -> Result<bool> {
    let parts = store::task::children(tx.conn, tasks)?;
    Ok(parts.iter().any(|(part, ..)| !tasks.contains(part))
        || !store::comment::of_tasks(tx.conn, tasks)?.is_empty()
        || !store::time_entry::of_tasks(tx.conn, tasks)?.is_empty()
        || !store::reminder::of_tasks(tx.conn, tasks)?.is_empty()
        || !store::attachment::of_tasks(tx.conn, tasks)?.is_empty()
        || !store::job::lock_of_tasks(tx.conn, tasks)?.is_empty())
}

/// Names the task on which something hangs.
fn refusal(tx: &mut Tx<'_>, tasks: &[Task]) -> Result<Error> {
    for task in tasks {
        if hung_on(tx, &[task.id])? {
            let what = format!("task {} has got subtasks, comments, files, reminders, jobs or time since", task.number);
            return Ok(Error::conflict(what).hint("delete it with `muista rm`, or undo those first"));
        }
    }
    Ok(Error::internal("nothing hangs on any of the tasks"))
}
