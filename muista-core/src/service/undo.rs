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
use crate::store::rows::{AuditRow, CommentRow, ProjectRow, TagRow, TaskRow};

/// Reverts a change of the caller's, all of it or nothing.
pub(crate) async fn undo(service: &Service, caller: &Caller, undo: Undo) -> Result<Undone> {
    let work = move |tx: &mut Tx<'_>| {
        let changes = targets(tx, &undo.target)?;
        let mut entries = Vec::new();
        for change in &changes {
            let of_change = store::audit::of_change(tx.conn, *change)?;
            let of_change = of_change.into_iter().map(AuditRow::into_entry).collect::<Result<Vec<_>>>()?;
            if of_change.iter().any(|entry| entry.user_id != Some(tx.owner())) {
                return Err(unknown(*change));
            }
            revert_all(tx, &of_change)?;
            entries.extend(of_change);
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

/// The tasks that one undo brings back, and those among them that wait for others that were not back in their turn.
#[derive(Default)]
struct Restored {
    all: HashSet<Id>,
    waiting: Vec<Task>,
}

/// Reverts the entries of a change, each if its record still is as the entry left it.
fn revert_all(tx: &mut Tx<'_>, entries: &[AuditEntry]) -> Result<()> {
    let back = entries.iter().filter(|entry| entry.entity == Entity::Task && entry.after.is_none());
    let mut restored = Restored { all: back.map(|entry| entry.record_id).collect(), waiting: Vec::new() };
    for entry in entries {
        match entry.entity {
            Entity::Task => revert_task(tx, entry, &mut restored)?,
            Entity::Project => revert_project(tx, entry)?,
            Entity::Tag => revert_tag(tx, entry)?,
            Entity::Comment => revert_comment(tx, entry)?,
        }
    }
    restored.waiting.into_iter().try_for_each(|mut task| {
        let before = task.depends_on.clone();
        relations::replace_dependencies(tx, &mut task, &before)
    })
}

fn revert_task(tx: &mut Tx<'_>, entry: &AuditEntry, restored: &mut Restored) -> Result<()> {
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
    restore_parent(tx, &task)?;
    match &now {
        Some(_) => store::task::update(tx.conn, &TaskRow::from(&task))?,
        None => store::task::insert(tx.conn, &[TaskRow::from(&task)])?,
    };
    restore_tags(tx, &mut task)?;
    restore_dependencies(tx, &mut task, restored)?;
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

/// Refuses to make a task a part of what is deleted, or of itself.
fn restore_parent(tx: &mut Tx<'_>, task: &Task) -> Result<()> {
    let Some(parent) = task.parent_id else { return Ok(()) };
    let owner = tx.owner();
    if store::task::by_ids(tx.conn, owner, &[parent])?.is_empty() {
        return Err(Error::conflict(format!("what task {} is a part of is deleted", task.number))
            .hint("undo that first; `muista log` shows the changes"));
    }
    relations::refuse_parent_cycle(tx, task, Some(parent))
}

fn restore_tags(tx: &mut Tx<'_>, task: &mut Task) -> Result<()> {
    let names: Vec<TagName> = task.tags.iter().map(|name| TagName::parse(name)).collect::<Result<_>>()?;
    let tags = names::tags(tx, &names)?;
    store::tag::detach_all(tx.conn, &[task.id])?;
    relations::add_tags(tx, task, tags)
}

/// Makes a task wait again for what still is there, or comes back with it.
fn restore_dependencies(tx: &mut Tx<'_>, task: &mut Task, restored: &mut Restored) -> Result<()> {
    let wanted = std::mem::take(&mut task.depends_on);
    let here: Vec<Id> = store::task::existing(tx.conn, &wanted)?.into_iter().map(|(id, _)| id).collect();
    relations::replace_dependencies(tx, task, &here)?;
    let later = wanted.iter().filter(|id| !here.contains(id) && restored.all.contains(id));
    task.depends_on.extend(later);
    if task.depends_on.len() > here.len() {
        task.depends_on.sort();
        restored.waiting.push(task.clone());
    }
    Ok(())
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
    let owner = tx.owner();
    let named = store::project::find(tx.conn, owner, std::slice::from_ref(&row.name_key))?.pop();
    let done = match &now {
        _ if named.is_some_and(|other| other.id != row.id) => 0,
        Some(_) => store::project::update(tx.conn, &row)?,
        None => store::project::insert(tx.conn, &[row])?,
    };
    if done == 0 {
        return Err(Error::conflict(format!("there is another project {} by now", project.name))
            .hint("rename that one first, with `muista project edit`"));
    }
    noted(tx, entry, now.as_ref(), Some(&project))
}

/// Tags go by their names here: one that was deleted and made again is another row.
fn revert_tag(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let (before, after) = (snapshot::<Tag>(entry.before.as_ref())?, snapshot::<Tag>(entry.after.as_ref())?);
    let now = match &after {
        Some(after) => tag_named(tx, &after.name)?,
        None => None,
    };
    match (&before, &after, now) {
        (_, Some(after), None) => return Err(Error::conflict(format!("the tag {} was changed since", after.name))),
        (None, Some(after), Some(now)) => {
            if !store::tag::tasks(tx.conn, now.id)?.is_empty() {
                return Err(Error::conflict(format!("tasks have got the tag {} since", after.name))
                    .hint("delete it with `muista tag rm`"));
            }
            store::tag::delete(tx.conn, now.id)?;
        }
        (Some(before), _, Some(now)) => {
            free_tag_name(tx, &before.name, now.id)?;
            store::tag::rename(tx.conn, now.id, &before.name, &fold(&before.name))?;
        }
        (Some(before), None, None) => {
            free_tag_name(tx, &before.name, before.id)?;
            let (name, name_key) = (before.name.clone(), fold(&before.name));
            let row = TagRow { id: before.id, owner_id: tx.owner(), name, name_key, created_at: tx.now };
            store::tag::insert(tx.conn, &[row])?;
        }
        (None, None, _) => {}
    }
    noted(tx, entry, after.as_ref(), before.as_ref())
}

fn tag_named(tx: &mut Tx<'_>, name: &str) -> Result<Option<TagRow>> {
    let owner = tx.owner();
    Ok(store::tag::find(tx.conn, owner, &[fold(name)])?.pop())
}

/// Makes a name free for the tag `id`: a tag that no task carries any more is none.
fn free_tag_name(tx: &mut Tx<'_>, name: &str, id: Id) -> Result<()> {
    let Some(other) = tag_named(tx, name)?.filter(|other| other.id != id) else { return Ok(()) };
    if !store::tag::tasks(tx.conn, other.id)?.is_empty() {
        return Err(Error::conflict(format!("there is another tag {name} by now"))
            .hint("rename that one first, with `muista tag rename`"));
    }
    store::tag::delete(tx.conn, other.id).map(drop)
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
    Error::not_found("change to undo").hint("`muista log` shows the changes")
}

fn unknown(change: Id) -> Error {
    Error::not_found(format!("change {change}")).hint("`muista log` shows the changes")
}
