//! A task whose identifier was chosen by whoever makes it: made again, it is the same one.

use std::collections::HashSet;

use super::zone_of;
use super::{assemble, relations};
use crate::error::{Error, Result};
use crate::model::{DateField, Id, NewTask, ProjectRef, Task, fold};
use crate::service::tx::Tx;
use crate::store;
use crate::store::rows::set_due;

/// Returns the caller's task that has the identifier already, where it is as the new one would be; none where nothing has it.
///
/// # Errors
/// `Conflict` for an identifier that something else has.
pub(super) fn found(tx: &mut Tx<'_>, id: Id, new: &NewTask) -> Result<Option<Task>> {
    if id == Id::NIL {
        return Err(Error::invalid("id", format!("{id} is no id of a task")).hint("make one, as with `uuidgen`"));
    }
    if store::task::places(tx.conn, &[id])?.is_empty() {
        return Ok(None);
    }
    let owner = tx.owner();
    let there = assemble::by_ids(tx.conn, owner, &[id])?.pop().filter(|task| task.owner_id == owner);
    match there {
        Some(task) if is_same(tx, &task, new)? => {
            tx.notice(format!("task {} has that id already, and says the same", task.number));
            Ok(Some(task))
        }
        _ => Err(Error::conflict(format!("another task has the id {id}"))
            .of_field("id")
            .hint("choose another id, or change that task with `muista edit`")),
    }
}

/// Whether a task says what a new one would say. Whether it is done, and how it is told of, is left aside.
fn is_same(tx: &mut Tx<'_>, task: &Task, new: &NewTask) -> Result<bool> {
    let mut wanted = Task {
        description: new.description.clone().map(Into::into),
        note: new.note.clone().map(Into::into),
        category: new.category,
        priority: new.priority,
        ..Task::titled(task.id, task.owner_id, new.title.clone().into(), task.created_at)
    };
    set_due(&mut wanted, new.due.as_ref());
    if new.due.is_none() && new.series.is_some() {
        (wanted.due_date, wanted.due_on) = (task.due_date, task.due_on);
    }
    new.planning.apply(&mut wanted, &zone_of(tx))?;
    let texts = |task: &Task| (task.title.clone(), task.description.clone(), task.note.clone());
    let words = new.series.as_ref().map(|series| series.words.as_str());
    Ok(texts(task) == texts(&wanted)
        && (task.category, task.priority) == (wanted.category, wanted.priority)
        && (task.date(DateField::Due), task.plan()) == (wanted.date(DateField::Due), wanted.plan())
        && task.recurrence.as_deref() == words
        && is_in(task, new.project.as_ref())
        && hangs_alike(tx, task, new)?)
}

/// Whether a task is in the project that is named, or in none.
fn is_in(task: &Task, project: Option<&ProjectRef>) -> bool {
    match project {
        None => task.project_id.is_none(),
        Some(ProjectRef::Id(id)) => task.project_id == Some(*id),
        Some(ProjectRef::Name(name)) => task.project.as_deref().is_some_and(|project| fold(project) == fold(name)),
    }
}

/// Whether a task has the tags, the parent and the prerequisites that a new one would have.
fn hangs_alike(tx: &mut Tx<'_>, task: &Task, new: &NewTask) -> Result<bool> {
    relations::refuse_many_tags(&new.tags)?;
    let owner = tx.owner();
    let parent = match &new.parent {
        Some(parent) => assemble::resolve_existing(tx.conn, owner, std::slice::from_ref(parent))?.pop(),
        None => None,
    };
    let before: HashSet<Id> = assemble::resolve_existing(tx.conn, owner, &new.depends_on)?.into_iter().collect();
    let tags: HashSet<String> = new.tags.iter().map(|tag| fold(tag)).collect();
    Ok(task.parent_id == parent
        && task.depends_on.iter().copied().collect::<HashSet<_>>() == before
        && task.tags.iter().map(|tag| fold(tag)).collect::<HashSet<_>>() == tags)
}
