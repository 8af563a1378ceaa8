//! Undoing a change of a task: bringing it back as it was, with its tags, and with what it waits for.

use std::collections::HashSet;

use super::record::{noted, refuse_others, snapshot, unchanged};
use crate::error::{Error, Result};
use crate::model::{AuditEntry, Id, TagName, Task};
use crate::service::sight::Sight;
use crate::service::write::{Place, Tx};
use crate::service::{assemble, names, relations};
use crate::store;
use crate::store::rows::TaskRow;

/// The tasks that one undo brings back, and those among them that wait for others that were not back in their turn.
#[derive(Default)]
pub(super) struct Restored {
    pub(super) all: HashSet<Id>,
    pub(super) waiting: Vec<Task>,
}

/// Reverts a task.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry, restored: &mut Restored) -> Result<()> {
    store::task::lock(tx.conn, &[entry.record_id])?;
    let now: Option<Task> = assemble::all_by_ids(tx.conn, &[entry.record_id])?.pop();
    let before = snapshot::<Task>(entry.before.as_ref())?;
    let places: Vec<Place> = [&now, &before].into_iter().flatten().map(place).collect();
    refuse_others(tx, entry, &places, now.as_ref().or(before.as_ref()).map(|task| task.number))?;
    unchanged(entry, now.as_ref())?;
    let Some(mut task) = before else {
        if let Some(now) = &now {
            delete_lone(tx, now)?;
        }
        return noted(tx, entry, now.as_ref(), None);
    };
    task.version = now.as_ref().map_or(task.version, |now| now.version) + 1;
    task.updated_at = tx.now;
    restore_project(tx, &mut task, now.as_ref())?;
    restore_parent(tx, &task)?;
    restore_series(tx, &task)?;
    match &now {
        Some(_) => store::task::update(tx.conn, &TaskRow::from(&task))?,
        None => store::task::insert(tx.conn, &[TaskRow::from(&task)])?,
    };
    restore_tags(tx, &mut task)?;
    restore_dependencies(tx, &mut task, restored)?;
    if let Some(now) = &now {
        tx.moved(now, &task);
    }
    noted(tx, entry, now.as_ref(), Some(&task))
}

/// Deletes a task on which nothing hangs that this undo does not know of.
fn delete_lone(tx: &mut Tx<'_>, task: &Task) -> Result<()> {
    let parts = store::task::children(tx.conn, &[task.id])?.len();
    let comments = store::comment::of_tasks(tx.conn, &[task.id])?.len();
    let reminders = store::reminder::of_tasks(tx.conn, &[task.id])?.len();
    if parts + comments + reminders > 0 {
        return Err(Error::conflict(format!("task {} has got subtasks, comments or reminders since", task.number))
            .hint("delete it with `muista rm`, or undo those first"));
    }
    relations::release_dependents(tx, &[task.id])?;
    store::task::delete(tx.conn, &[task.id]).map(drop)
}

fn place(task: &Task) -> Place {
    Place { owner: task.owner_id, project: task.project_id }
}

/// Puts a restored task into its project, if that still is there and the caller is in it.
fn restore_project(tx: &mut Tx<'_>, task: &mut Task, now: Option<&Task>) -> Result<()> {
    let Some(id) = task.project_id else { return Ok(()) };
    let name = task.project.as_deref().unwrap_or_default();
    let Some(row) = store::project::by_id(tx.conn, id)? else {
        return Err(Error::conflict(format!("the project {name} of task {} is deleted", task.number))
            .hint("undo that first; `muista log` shows the changes"));
    };
    let goes_there = now.is_none_or(|now| now.project_id != Some(id));
    if goes_there && Sight::of(tx.owner()).role(tx.conn, &row)?.is_none() {
        return Err(Error::conflict(format!("you are not in the project {name} of task {} any more", task.number))
            .hint("ask its owner to share it with you again"));
    }
    task.project = Some(row.name);
    Ok(())
}

/// Refuses to make a task a part of what is deleted, or of itself.
fn restore_parent(tx: &mut Tx<'_>, task: &Task) -> Result<()> {
    let Some(parent) = task.parent_id else { return Ok(()) };
    if store::task::places(tx.conn, &[parent])?.is_empty() {
        return Err(Error::conflict(format!("what task {} is a part of is deleted", task.number))
            .hint("undo that first; `muista log` shows the changes"));
    }
    relations::refuse_parent_cycle(tx, task, Some(parent))
}

/// Refuses to make a task an occurrence of a series that is deleted.
fn restore_series(tx: &mut Tx<'_>, task: &Task) -> Result<()> {
    let Some(id) = task.series_id else { return Ok(()) };
    if store::series::by_id(tx.conn, id)?.is_some() {
        return Ok(());
    }
    Err(Error::conflict(format!("the series of task {} is deleted", task.number))
        .hint("undo that first; `muista log` shows the changes"))
}

fn restore_tags(tx: &mut Tx<'_>, task: &mut Task) -> Result<()> {
    let names: Vec<TagName> = task.tags.iter().map(|name| TagName::parse(name)).collect::<Result<_>>()?;
    let tags = names::tags(tx, task.owner_id, &names)?;
    store::tag::detach_all(tx.conn, &[task.id])?;
    relations::add_tags(tx, task, tags)
}

/// Makes a task wait again for what still is there, or comes back with it.
fn restore_dependencies(tx: &mut Tx<'_>, task: &mut Task, restored: &mut Restored) -> Result<()> {
    let wanted = std::mem::take(&mut task.depends_on);
    let here: Vec<Id> = store::task::places(tx.conn, &wanted)?.into_iter().map(|(id, ..)| id).collect();
    relations::replace_dependencies(tx, task, &here)?;
    let later = wanted.iter().filter(|id| !here.contains(id) && restored.all.contains(id));
    task.depends_on.extend(later);
    if task.depends_on.len() > here.len() {
        task.depends_on.sort();
        restored.waiting.push(task.clone());
    }
    Ok(())
}
