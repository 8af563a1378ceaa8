//! What completing tasks means for those that are linked to them: it may unblock some, and leave subtasks or prerequisites
//! open. The user is told.

use std::collections::HashSet;

use super::with_parts;
use crate::error::Result;
use crate::model::{Id, Task};
use crate::service::task::assemble;
use crate::service::tx::Tx;
use crate::store;

/// As many tasks are named in one sentence.
const NAMED: usize = 5;

/// The open subtasks of these tasks, all the way down, that the caller may change, locked.
pub(super) fn open_parts(tx: &mut Tx<'_>, tasks: &[Task]) -> Result<Vec<Task>> {
    let named: HashSet<Id> = tasks.iter().map(|task| task.id).collect();
    let (mut ids, _) = with_parts(tx, tasks.iter().map(|task| task.id).collect())?;
    ids.retain(|id| !named.contains(id));
    store::task::lock(tx.conn, &ids)?;
    let mut parts = assemble::all_by_ids(tx.conn, &ids)?;
    parts.retain(|part| !part.completed);
    Ok(parts)
}

/// Tells what completing these tasks unblocks, and what of them is still open.
pub(super) fn tell(tx: &mut Tx<'_>, done: &[Task]) -> Result<()> {
    if done.is_empty() {
        return Ok(());
    }
    let unblocked = unblocked(tx, done)?;
    if !unblocked.is_empty() {
        tx.notice(format!("unblocked: {}", named(unblocked.iter())));
    }
    let ids: Vec<Id> = done.iter().map(|task| task.id).collect();
    let parts: Vec<Id> = store::task::children(tx.conn, &ids)?.into_iter().map(|(id, ..)| id).collect();
    let parts = open(tx, &parts)?;
    for task in done {
        let own: Vec<&Task> = parts.iter().filter(|part| part.parent_id == Some(task.id)).collect();
        if !own.is_empty() {
            let (number, parts) = (task.number, named(own.into_iter()));
            tx.notice(format!(
                "task {number} has open subtasks: {parts}; `muista done {number} --with-subtasks` completes them"
            ));
        }
    }
    let before: Vec<Id> = done.iter().flat_map(|task| &task.depends_on).copied().collect();
    let before = open(tx, &before)?;
    for task in done {
        let own: Vec<&Task> = before.iter().filter(|other| task.depends_on.contains(&other.id)).collect();
        if !own.is_empty() {
            tx.notice(format!("task {} depends on tasks that are still open: {}", task.number, named(own.into_iter())));
        }
    }
    Ok(())
}

/// The open tasks that waited for these, and wait for nothing open any more.
fn unblocked(tx: &mut Tx<'_>, done: &[Task]) -> Result<Vec<Task>> {
    let ids: Vec<Id> = done.iter().map(|task| task.id).collect();
    let dependents = store::dependency::dependents(tx.conn, &ids)?;
    let mut dependents = open(tx, &dependents)?;
    if dependents.is_empty() {
        return Ok(dependents);
    }
    let before: Vec<Id> = dependents.iter().flat_map(|task| &task.depends_on).copied().collect();
    let mut still = assemble::all_by_ids(tx.conn, &unique(&before))?;
    still.retain(|task| !task.completed);
    let still: HashSet<Id> = still.into_iter().map(|task| task.id).collect();
    dependents.retain(|task| task.depends_on.iter().all(|id| !still.contains(id)));
    Ok(dependents)
}

/// Those of these tasks that are open and that the caller sees, by number.
fn open(tx: &mut Tx<'_>, ids: &[Id]) -> Result<Vec<Task>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let user = tx.owner();
    let mut tasks = assemble::by_ids(tx.conn, user, &unique(ids))?;
    tasks.retain(|task| !task.completed);
    tasks.sort_by_key(|task| task.number);
    Ok(tasks)
}

fn unique(ids: &[Id]) -> Vec<Id> {
    let mut ids = ids.to_vec();
    ids.sort();
    ids.dedup();
    ids
}

/// `7  “Paint the wall”, 8  “Hang the pictures”`
fn named<'a>(tasks: impl ExactSizeIterator<Item = &'a Task>) -> String {
    let more = tasks.len().saturating_sub(NAMED);
    let one = |task: &Task| format!("{}  “{}”", task.number, task.title);
    let mut text = tasks.take(NAMED).map(one).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text += &format!(" and {more} more");
    }
    text
}
