//! Undoing a change: finding it in the record of changes, and reverting its entries from the last to the first, in one
//! transaction. An undo is a change itself, so undoing it does the change again.

use std::collections::HashSet;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::write::{Audited, Tx, change};
use super::{Caller, Service, assemble, names, relations};
use crate::error::{Error, Result};
use crate::model::{
    Action, AuditEntry, Comment, Entity, Id, Project, Tag, TagName, Task, Undo, UndoTarget, Undone, fold,
};
use crate::store;
use crate::store::rows::{CommentRow, ProjectRow, TagRow, TaskRow};

/// Reverts a change of the caller's, all of it or nothing.
pub(crate) async fn undo(service: &Service, caller: &Caller, undo: Undo) -> Result<Undone> {
    let work = move |tx: &mut Tx<'_>| {
        let changes = targets(tx, &undo.target)?;
        let mut entries = Vec::new();
        for change in &changes {
            for row in store::audit::of_change(tx.conn, *change)? {
                let entry = row.into_entry()?;
                if entry.user_id != Some(tx.owner()) {
                    return Err(unknown(*change));
                }
                revert(tx, &entry)?;
                entries.push(entry);
            }
        }
        Ok(Undone { change_id: tx.change, changes, entries })
    };
    Ok(change(service, caller, work).await?.0)
}

/// The changes to revert, the newest first.
fn targets(tx: &mut Tx<'_>, target: &UndoTarget) -> Result<Vec<Id>> {
    match target {
        UndoTarget::Change(id) => match store::audit::first_of_change(tx.conn, *id)? {
            Some(_) => Ok(vec![*id]),
            None => Err(unknown(*id)),
        },
        UndoTarget::Last => {
            let last = last_before(tx, i64::MAX)?;
            last.map(|(_, change)| vec![change]).ok_or_else(nothing)
        }
        UndoTarget::Steps(steps) => effective(tx, *steps),
    }
}

/// The actor's last so many changes that are in effect: neither undos nor undone.
fn effective(tx: &mut Tx<'_>, steps: u32) -> Result<Vec<Id>> {
    let (mut found, mut reverted) = (Vec::new(), HashSet::new());
    let mut before = i64::MAX;
    while found.len() < usize::try_from(steps).unwrap_or(usize::MAX) {
        let Some((seq, change)) = last_before(tx, before)? else { break };
        before = store::audit::first_of_change(tx.conn, change)?.unwrap_or(seq);
        let undone = store::audit::undone_by(tx.conn, change)?;
        // Going backwards an undo is met before what it reverts, so one that is itself undone is known by then.
        match (reverted.contains(&change), undone.is_empty()) {
            (false, true) => found.push(change),
            (false, false) => reverted.extend(undone),
            (true, _) => {}
        }
    }
    if found.is_empty() { Err(nothing()) } else { Ok(found) }
}

fn last_before(tx: &mut Tx<'_>, before: i64) -> Result<Option<(i64, Id)>> {
    let (owner, actor) = (tx.owner(), tx.caller.actor.clone());
    store::audit::last(tx.conn, owner, &actor, before)
}

/// Reverts one entry, if its record still is as the entry left it.
fn revert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    match entry.entity {
        Entity::Task => revert_task(tx, entry),
        Entity::Project => revert_project(tx, entry),
        Entity::Tag => revert_tag(tx, entry),
        Entity::Comment => revert_comment(tx, entry),
    }
}

fn revert_task(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let owner = tx.owner();
    store::task::lock(tx.conn, owner, &[entry.record_id])?;
    let now: Option<Task> = assemble::by_ids(tx.conn, owner, &[entry.record_id])?.pop();
    unchanged(entry, now.as_ref())?;
    let Some(mut task) = snapshot::<Task>(entry.before.as_ref())? else {
        if let Some(now) = &now {
            delete_lone(tx, now)?;
        }
        return noted(tx, entry, now.as_ref(), None);
    };
    task.version = now.as_ref().map_or(task.version, |now| now.version) + 1;
    task.updated_at = tx.now;
    restore_project(tx, &mut task)?;
    match &now {
        Some(_) => store::task::update(tx.conn, &TaskRow::from(&task))?,
        None => store::task::insert(tx.conn, &[TaskRow::from(&task)])?,
    };
    restore_relations(tx, &mut task)?;
    noted(tx, entry, now.as_ref(), Some(&task))
}

/// Deletes a task on which nothing hangs that this undo does not know of.
fn delete_lone(tx: &mut Tx<'_>, task: &Task) -> Result<()> {
    let parts = store::task::children(tx.conn, &[task.id])?.len();
    let comments = store::comment::of_tasks(tx.conn, &[task.id])?.len();
    if parts + comments > 0 {
        return Err(Error::conflict(format!("task {} has got subtasks or comments since", task.number))
            .hint("delete it with `muista rm`, or undo those first"));
    }
    relations::release_dependents(tx, &[task.id])?;
    store::task::delete(tx.conn, &[task.id]).map(drop)
}

/// Puts a restored task into its project, if that still is there.
fn restore_project(tx: &mut Tx<'_>, task: &mut Task) -> Result<()> {
    let Some(id) = task.project_id else { return Ok(()) };
    let Some(row) = store::project::by_id(tx.conn, id)? else {
        let name = task.project.as_deref().unwrap_or_default();
        return Err(Error::conflict(format!("the project {name} of task {} is deleted", task.number))
            .hint("undo that first; `muista log` shows the changes"));
    };
    task.project = Some(row.name);
    Ok(())
}

fn restore_relations(tx: &mut Tx<'_>, task: &mut Task) -> Result<()> {
    let names: Vec<TagName> = task.tags.iter().map(|name| TagName::parse(name)).collect::<Result<_>>()?;
    let tags = names::tags(tx, &names)?;
    store::tag::detach_all(tx.conn, &[task.id])?;
    relations::add_tags(tx, task, tags)?;
    let still: Vec<Id> = store::task::existing(tx.conn, &task.depends_on)?.into_iter().map(|(id, _)| id).collect();
    relations::replace_dependencies(tx, task, &still)
}

fn revert_project(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let now = store::project::by_id(tx.conn, entry.record_id)?.map(|row| row.into_project(0, 0));
    unchanged(entry, now.as_ref())?;
    let Some(mut project) = snapshot::<Project>(entry.before.as_ref())? else {
        if !store::task::in_project(tx.conn, entry.record_id)?.is_empty() {
            return Err(Error::conflict("the project has got tasks since").hint("delete it with `muista project rm`"));
        }
        store::project::delete(tx.conn, entry.record_id)?;
        return noted(tx, entry, now.as_ref(), None);
    };
    project.version = now.as_ref().map_or(project.version, |now| now.version) + 1;
    project.updated_at = tx.now;
    let row = ProjectRow::from(&project);
    let done = match &now {
        Some(_) => store::project::update(tx.conn, &row)?,
        None => store::project::insert(tx.conn, &[row])?,
    };
    if done == 0 {
        return Err(Error::conflict(format!("there is another project {} by now", project.name)));
    }
    noted(tx, entry, now.as_ref(), Some(&project))
}

fn revert_tag(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let after = snapshot::<Tag>(entry.after.as_ref())?;
    let Some(before) = snapshot::<Tag>(entry.before.as_ref())? else {
        store::tag::delete(tx.conn, entry.record_id)?;
        return noted(tx, entry, after.as_ref(), None);
    };
    let row = TagRow {
        id: before.id,
        owner_id: tx.owner(),
        name: before.name.clone(),
        name_key: fold(&before.name),
        created_at: tx.now,
    };
    let owner = tx.owner();
    let taken = store::tag::find(tx.conn, owner, std::slice::from_ref(&row.name_key))?.pop();
    if taken.is_some_and(|other| other.id != row.id) {
        return Err(Error::conflict(format!("there is another tag {} by now", before.name)));
    }
    match entry.action {
        Action::Update => store::tag::rename(tx.conn, row.id, &row.name, &row.name_key)?,
        _ => store::tag::insert(tx.conn, &[row])?,
    };
    noted(tx, entry, after.as_ref(), Some(&before))
}

fn revert_comment(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let now = store::comment::by_id(tx.conn, entry.record_id)?.map(Comment::from);
    unchanged(entry, now.as_ref())?;
    let before = snapshot::<Comment>(entry.before.as_ref())?;
    match &before {
        Some(comment) => store::comment::insert(tx.conn, &[CommentRow::from(comment)])?,
        None => store::comment::delete(tx.conn, entry.record_id)?,
    };
    noted(tx, entry, now.as_ref(), before.as_ref())
}

/// Notes a reverted entry as a change of its own.
fn noted<T: Audited>(tx: &mut Tx<'_>, entry: &AuditEntry, before: Option<&T>, after: Option<&T>) -> Result<()> {
    let action = match (before, after) {
        (None, _) => Action::Create,
        (Some(_), Some(_)) => Action::Update,
        (Some(_), None) => Action::Delete,
    };
    tx.note(action, before, after, Some(entry.change_id))
}

fn snapshot<T: DeserializeOwned>(document: Option<&Value>) -> Result<Option<T>> {
    document
        .map(T::deserialize)
        .transpose()
        .map_err(|e| Error::internal(format!("the record of changes cannot be read: {e}")))
}

/// Refuses an entry whose record was changed by something else since.
fn unchanged<T: Audited>(entry: &AuditEntry, now: Option<&T>) -> Result<()> {
    let now = now.map(serde_json::to_value).transpose().map_err(|e| Error::internal(e.to_string()))?;
    if content(entry, now.as_ref()) == content(entry, entry.after.as_ref()) {
        return Ok(());
    }
    let name = [&entry.after, &entry.before, &now]
        .into_iter()
        .flatten()
        .find_map(|value| value["number"].as_i64().map(|number| format!("task {number}")))
        .unwrap_or_else(|| format!("the {}", entry.entity.as_str().to_lowercase()));
    Err(Error::conflict(format!("{name} was changed since"))
        .hint("`muista log` shows the changes; undo the later one first"))
}

/// A record without the fields that every change touches, and without what is counted or named elsewhere.
fn content(entry: &AuditEntry, record: Option<&Value>) -> Option<Value> {
    let mut record = record?.clone();
    if let Value::Object(fields) = &mut record {
        for field in ["version", "updatedAt", "open", "total"] {
            fields.remove(field);
        }
        // A renamed project is no change of its tasks.
        if fields.contains_key("projectId") {
            fields.remove("project");
        }
        // Tasks made by one change may wait for each other; the first to go takes itself out of the others.
        if entry.action == Action::Create {
            fields.remove("dependsOn");
        }
    }
    Some(record)
}

fn nothing() -> Error {
    Error::not_found("change to undo")
}

fn unknown(change: Id) -> Error {
    Error::not_found(format!("change {change}")).hint("`muista log` shows the changes")
}
