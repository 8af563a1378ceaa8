//! The use cases of tasks: adding, showing, changing, completing, reopening and deleting them.

mod again;
pub(crate) mod assemble;
pub(crate) mod circles;
mod links;
mod list;
pub mod marks;
pub(crate) mod relations;
mod time;

use std::collections::HashSet;

use jiff::tz::TimeZone;

use super::access::allowance;
use super::access::{Access, Permission};
use super::tx::{Tx, checked_transaction, transaction};
use super::{Caller, Service, Settings, attachment, field, find_or_create, job, reminder, series};
use crate::error::{Error, Result};
use crate::model::{
    Attachment, Change, Comment, Id, NewTask, Scope, Task, TaskDetail, TaskPatch, TaskRef, WithNotices,
};
use crate::store;
use crate::store::rows::{TaskRow, set_due};
use crate::time::Instant;

pub(crate) use list::{Total, conditions, one_page};
pub use list::{explain, list};
pub(crate) use time::end_work;
pub use time::{start, stop};

/// Makes a task, and its project and tags where they are new. One whose identifier is given, and which is there already, is
/// not made again.
pub async fn add(service: &Service, caller: &Caller, new: NewTask) -> Result<WithNotices<Task>> {
    caller.require(Scope::TasksWrite)?;
    let settings = service.settings();
    let work = move |tx: &mut Tx<'_>| {
        if let Some(id) = new.id
            && let Some(there) = again::found(tx, id, &new)?
        {
            return Ok(there);
        }
        insert(tx, &settings, new)
    };
    let (value, told) = checked_transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

/// The same, as a part of another change.
pub(crate) fn insert(tx: &mut Tx<'_>, settings: &Settings, new: NewTask) -> Result<Task> {
    relations::refuse_many_tags(&new.tags)?;
    allowance::count(tx, 1)?;
    let (owner, id) = (tx.owner(), new.id.unwrap_or_else(|| Id::new(tx.now)));
    let beginning = new.series.map(|series| series::SeriesStart::of(tx, series, new.due.clone())).transpose()?;
    let due = beginning.as_ref().map(series::SeriesStart::due).or(new.due.as_ref()).map(|due| (due.at(), due.on()));
    let reminders = reminder::drafts(tx, &reminder::Target { settings, task: id, owner, due }, new.reminders)?;
    let parent_id = match &new.parent {
        Some(parent) => assemble::resolve_existing(tx.conn, owner, std::slice::from_ref(parent))?.pop(),
        None => None,
    };
    let depends_on = assemble::resolve_existing(tx.conn, owner, &new.depends_on)?;
    let said = field::value::read(tx, owner, &new.fields)?;
    let project = new.project.as_ref().map(|name| find_or_create::project(tx, name)).transpose()?;
    let tags = find_or_create::tags(tx, owner, &new.tags)?;
    let (project_id, project) = project.unzip();
    let mut task = Task {
        description: new.description.map(Into::into),
        note: new.note.map(Into::into),
        category: new.category,
        priority: new.priority,
        project_id,
        project,
        parent_id,
        ..Task::titled(id, owner, new.title.into(), tx.now)
    };
    set_due(&mut task, new.due.as_ref());
    task.tags = tags.iter().map(|(_, name)| name.clone()).collect();
    if let Some(beginning) = &beginning {
        set_due(&mut task, Some(beginning.due()));
    }
    new.planning.apply(&mut task, &zone_of(tx))?;
    field::value::set(&mut task, &said);
    if let Some(beginning) = beginning {
        series::create(tx, &beginning, &mut task)?;
    }
    task.number = store::task::insert_new(tx.conn, &TaskRow::from(&task))?;
    relations::add_tags(tx, &task, &tags)?;
    field::value::insert(tx.conn, task.id, &said)?;
    relations::add_dependencies(tx, &mut task, depends_on)?;
    tx.created(&task)?;
    reminder::attach(tx, settings, &task, reminders)?;
    Ok(task)
}

/// Returns the zone in which dates that count from a due are computed: the caller's.
fn zone_of(tx: &Tx<'_>) -> TimeZone {
    tx.caller.timezone.as_deref().and_then(|name| crate::time::zone(name).ok()).unwrap_or(TimeZone::UTC)
}

/// A task alone.
///
/// # Errors
/// `NotFound` when there is none of that name that the caller may see.
pub async fn find(service: &Service, caller: &Caller, name: TaskRef) -> Result<Task> {
    caller.require(Scope::TasksRead)?;
    let owner = caller.user;
    service.store.read(move |conn| assemble::find_visible(conn, owner, &name)).await
}

/// A task with what belongs to it.
pub async fn get(service: &Service, caller: &Caller, name: TaskRef) -> Result<TaskDetail> {
    caller.require(Scope::TasksRead)?;
    let (owner, now) = (caller.user, service.now());
    service
        .store
        .read(move |conn| {
            let task = assemble::find_visible(conn, owner, &name)?;
            let (next_due, zone_unknown) = series::preview(conn, &task, now)?;
            let children: Vec<Id> = store::task::children(conn, &[task.id])?.into_iter().map(|(id, ..)| id).collect();
            let mut dependencies = assemble::by_ids(conn, owner, &task.depends_on)?;
            dependencies.sort_by_key(|task| task.number);
            let waiting = store::dependency::dependents(conn, &[task.id])?;
            let mut dependents = assemble::by_ids(conn, owner, &waiting)?;
            dependents.retain(|task| !task.completed);
            dependents.sort_by_key(|task| task.number);
            Ok(TaskDetail {
                dependents,
                parent: assemble::by_ids(conn, owner, task.parent_id.as_slice())?.pop().map(Box::new),
                subtasks: assemble::by_ids(conn, owner, &children)?,
                dependencies,
                comments: store::comment::of_tasks(conn, &[task.id])?.into_iter().map(Comment::from).collect(),
                attachments: store::attachment::of_tasks(conn, &[task.id])?.into_iter().map(Attachment::from).collect(),
                reminders: reminder::of_task(conn, &task)?,
                next_due,
                zone_unknown,
                task,
            })
        })
        .await
}

/// Changes tasks alike, all or none.
pub async fn edit(
    service: &Service,
    caller: &Caller,
    names: Vec<TaskRef>,
    patch: TaskPatch,
) -> Result<WithNotices<Vec<Task>>> {
    caller.require(Scope::TasksWrite)?;
    let settings = service.settings();
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let (tasks, others) = series::edit::lock_by_ref(tx, &names, &patch)?;
        tasks.iter().try_for_each(|task| refuse_other_version(task, patch.version))?;
        let tasks = if patch.completed == Some(false) { set_all(tx, tasks, None)? } else { tasks };
        let parent = match &patch.parent {
            Change::Set(parent) => assemble::resolve_existing(tx.conn, owner, std::slice::from_ref(parent))?.pop(),
            _ => None,
        };
        let project = match &patch.project {
            Change::Set(name) => Some(find_or_create::project(tx, name)?),
            _ => None,
        };
        let depends_on = match &patch.depends_on {
            Some(names) => Some(assemble::resolve_existing(tx.conn, owner, names)?),
            None => None,
        };
        let resolved = Resolved { parent, project, depends_on };
        let completes = patch.completed == Some(true);
        let parts = if completes && patch.with_subtasks { links::open_parts(tx, &tasks)? } else { Vec::new() };
        let changed = tasks.into_iter().map(|task| apply(tx, task, &patch, &resolved)).collect::<Result<Vec<_>>>()?;
        let beside = series::edit::sibling_patch(&patch);
        others.into_iter().try_for_each(|task| apply(tx, task, &beside, &resolved).map(drop))?;
        changed.iter().try_for_each(|task| reminder::patch(tx, &settings, task, &patch.reminder))?;
        if !completes {
            return Ok(changed);
        }
        let all = changed.into_iter().chain(parts).collect();
        set_all(tx, all, Some(tx.now))
    };
    let (value, told) = transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

/// Refuses a change that was made from another version of a task.
fn refuse_other_version(task: &Task, version: Option<i64>) -> Result<()> {
    if version.is_none_or(|version| version == task.version) {
        return Ok(());
    }
    Err(Error::precondition_failed(format!("task {} was changed meanwhile", task.number))
        .hint("look at it with `muista show`, then make the change again"))
}

/// What a patch names, found.
struct Resolved {
    parent: Option<Id>,
    project: Option<(Id, String)>,
    depends_on: Option<Vec<Id>>,
}

fn apply(tx: &mut Tx<'_>, before: Task, patch: &TaskPatch, resolved: &Resolved) -> Result<Task> {
    let (mut task, all) = (before.clone(), patch);
    let patch = patch.clone();
    if let Some(title) = patch.title {
        task.title = title.into();
    }
    patch.description.apply(&mut task.description);
    patch.note.apply(&mut task.note);
    task.category = patch.category.unwrap_or(task.category);
    task.priority = patch.priority.unwrap_or(task.priority);
    match patch.due {
        Change::Keep => {}
        Change::Clear => set_due(&mut task, None),
        Change::Set(due) => set_due(&mut task, Some(&due)),
    }
    patch.planning.apply(&mut task, &zone_of(tx))?;
    if !patch.project.is_keep() {
        (task.project_id, task.project) = resolved.project.clone().unzip();
    }
    if !patch.parent.is_keep() {
        relations::refuse_parent_cycle(tx, &task, resolved.parent)?;
        task.parent_id = resolved.parent;
    }
    if let Some(names) = relations::patched_tags(&task.tags, patch.tags.as_deref(), &patch.add_tags, &patch.remove_tags)
    {
        relations::replace_tags(tx, &mut task, &names)?;
    }
    if let Some(depends_on) = &resolved.depends_on {
        relations::replace_dependencies(tx, &mut task, depends_on)?;
    }
    let said = field::value::read(tx, task.owner_id, &patch.fields)?;
    field::value::set(&mut task, &said);
    if task.fields != before.fields {
        field::value::write(tx, task.id, &said)?;
    }
    series::edit::apply(tx, &before, &mut task, all)?;
    save(tx, &before, task)
}

/// Writes a task that differs from `before`, with its version counted up; one that does not is left alone.
pub(crate) fn save(tx: &mut Tx<'_>, before: &Task, task: Task) -> Result<Task> {
    let now = tx.now;
    save_at(tx, before, task, now)
}

/// The same for a task that was changed then, elsewhere.
pub(crate) fn save_at(tx: &mut Tx<'_>, before: &Task, mut task: Task, at: Instant) -> Result<Task> {
    if task == *before {
        return Ok(task);
    }
    task.version += 1;
    task.updated_at = at;
    store::task::update(tx.conn, &TaskRow::from(&task))?;
    tx.updated(before, &task)?;
    tx.mark_for_reschedule(before, &task);
    Ok(task)
}

/// Marks tasks done, all or none.
pub async fn complete(service: &Service, caller: &Caller, names: Vec<TaskRef>) -> Result<WithNotices<Vec<Task>>> {
    set_completed(service, caller, names, Some).await
}

/// Marks tasks not done, all or none.
pub async fn reopen(service: &Service, caller: &Caller, names: Vec<TaskRef>) -> Result<WithNotices<Vec<Task>>> {
    set_completed(service, caller, names, |_| None).await
}

async fn set_completed(
    service: &Service,
    caller: &Caller,
    names: Vec<TaskRef>,
    completed_at: fn(Instant) -> Option<Instant>,
) -> Result<WithNotices<Vec<Task>>> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let (owner, at) = (tx.owner(), completed_at(tx.now));
        let tasks = assemble::lock_by_ref(tx.conn, owner, &names)?;
        set_all(tx, tasks, at)
    };
    let (value, told) = checked_transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

/// Marks tasks done, at an instant, or not done.
fn set_all(tx: &mut Tx<'_>, tasks: Vec<Task>, at: Option<Instant>) -> Result<Vec<Task>> {
    let mut following = at.map(|at| series::next_occurrences(tx, &tasks, at)).transpose()?.unwrap_or_default();
    let mut changed = Vec::new();
    let set = |before: Task| {
        if before.completed == at.is_some() {
            let state = if before.completed { "done" } else { "open" };
            tx.notice(format!("task {} is {state} already", before.number));
            return Ok(before);
        }
        let mut task = Task { completed: at.is_some(), completed_at: at, ..before.clone() };
        if task.completed {
            end_work(tx, &mut task)?;
        }
        let task = save(tx, &before, task)?;
        if let Some(following) = following.remove(&task.id) {
            series::follow(tx, &task, following)?;
        }
        changed.push(task.clone());
        Ok(task)
    };
    let tasks = tasks.into_iter().map(set).collect::<Result<Vec<_>>>()?;
    if at.is_some() {
        links::tell(tx, &changed)?;
    }
    Ok(tasks)
}

/// Deletes tasks and their parts, all or none; returns all that was deleted, a part before what it is a part of.
pub async fn delete(service: &Service, caller: &Caller, names: Vec<TaskRef>) -> Result<Vec<Task>> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let ids = assemble::resolve_changeable(tx.conn, owner, &names)?;
        delete_ids(tx, ids)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Deletes one task and its parts, if it is still the version that the caller saw.
pub async fn delete_seen(service: &Service, caller: &Caller, name: TaskRef, version: Option<i64>) -> Result<Vec<Task>> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let tasks = assemble::lock_by_ref(tx.conn, owner, &[name])?;
        tasks.iter().try_for_each(|task| refuse_other_version(task, version))?;
        delete_ids(tx, tasks.iter().map(|task| task.id).collect())
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Deletes these tasks and their parts. A part that the caller may not change stays, as a task of its own. The entries
/// stand in the order in which undo, going backwards, needs them: what hangs on a task before the task, a part before the
/// whole.
pub(crate) fn delete_ids(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<Vec<Task>> {
    let (ids, others) = with_parts(tx, ids)?;
    let locked: Vec<Id> = ids.iter().chain(&others).copied().collect();
    store::task::lock(tx.conn, &locked)?;
    for part in assemble::all_by_ids(tx.conn, &others)? {
        let alone = Task { parent_id: None, ..part.clone() };
        save(tx, &part, alone)?;
    }
    let mut tasks = assemble::all_by_ids(tx.conn, &ids)?;
    tasks.reverse();
    for comment in store::comment::of_tasks(tx.conn, &ids)? {
        tx.deleted(&Comment::from(comment))?;
    }
    time::forget(tx, &ids)?;
    attachment::forget(tx, &ids)?;
    reminder::forget(tx, &tasks)?;
    job::unlink(tx, &ids)?;
    relations::release_dependents(tx, &ids)?;
    store::task::delete(tx.conn, &ids)?;
    for task in &tasks {
        tx.deleted(task)?;
    }
    series::delete_orphans(tx, &tasks)?;
    Ok(tasks)
}

/// These tasks and all their parts, each once, the whole before its parts; and the parts that the caller may not change,
/// below which nobody looks.
fn with_parts(tx: &mut Tx<'_>, ids: Vec<Id>) -> Result<(Vec<Id>, Vec<Id>)> {
    let mut access = Access::of(tx.owner());
    let (mut all, mut others) = (Vec::new(), Vec::new());
    let mut level = ids;
    while !level.is_empty() {
        let parts = store::task::children(tx.conn, &level)?;
        all.append(&mut level);
        for (id, owner, project) in parts {
            let mine = access.permission(tx.conn, owner, project)? == Some(Permission::Write);
            if mine { &mut level } else { &mut others }.push(id);
        }
    }
    // A part that was named beside its whole stands twice: its last place is behind the whole.
    let mut seen = HashSet::with_capacity(all.len());
    all.reverse();
    all.retain(|id| seen.insert(*id));
    all.reverse();
    Ok((all, others))
}
