//! Whole tasks from their rows: joined with their tags and dependencies; and finding the tasks that a caller names, so
//! far as it sees them.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, Result};
use crate::model::{FieldValues, Id, IdPrefix, Task, TaskRef, TimeEntry, WorkTime, clip};
use crate::service::access::{Access, Permission, not_yours};
use crate::store::rows::FoundTask;
use crate::store::{Conn, dependency, field, tag, task, time_entry};

/// How many candidates an error tells.
const TOLD: usize = 5;

/// Whole tasks of those that were found, in the same order.
pub(crate) fn hydrate(conn: &mut Conn, found: Vec<FoundTask>) -> Result<Vec<Task>> {
    let those = |which: fn(&FoundTask) -> bool| -> Vec<Id> {
        found.iter().filter(|found| which(found)).map(|found| found.row.id).collect()
    };
    let (tagged, dependent) = (those(|found| found.tagged), those(|found| found.dependent));
    let mut tags: HashMap<Id, Vec<String>> = HashMap::new();
    for (id, name) in tag::of_tasks(conn, &tagged)? {
        tags.entry(id).or_default().push(name);
    }
    let mut before: HashMap<Id, Vec<Id>> = HashMap::new();
    for (id, depends_on) in dependency::of_tasks(conn, &dependent)? {
        before.entry(id).or_default().push(depends_on);
    }
    let timed = those(|found| found.timed);
    let mut work: HashMap<Id, Vec<TimeEntry>> = HashMap::new();
    for row in time_entry::of_tasks(conn, &timed)? {
        work.entry(row.task_id).or_default().push(row.into());
    }
    let fielded = those(|found| found.fielded);
    let mut values: HashMap<Id, FieldValues> = HashMap::new();
    for row in field::of_tasks(conn, &fielded)? {
        let (task, name, value) = row.into_parts();
        values.entry(task).or_default().insert(name, value);
    }
    let whole = |found: FoundTask| {
        let mut task = found.row.into_task(found.project);
        task.tags = tags.remove(&task.id).unwrap_or_default();
        let work = work.remove(&task.id).unwrap_or_default();
        set_time(&mut task, &work);
        task.depends_on = before.remove(&task.id).unwrap_or_default();
        task.fields = values.remove(&task.id).unwrap_or_default();
        task
    };
    Ok(found.into_iter().map(whole).collect())
}

/// Sets what the stretches of work on a task amount to, the earliest first.
pub(crate) fn set_time(task: &mut Task, entries: &[TimeEntry]) {
    let ended: Vec<i64> = entries.iter().filter_map(TimeEntry::seconds).collect();
    task.time_spent = (!ended.is_empty()).then(|| WorkTime::of_seconds(ended.into_iter().fold(0, i64::saturating_add)));
    task.active_since = entries.iter().find(|entry| entry.ended_at.is_none()).map(|entry| entry.began_at);
}

/// The tasks with these ids that `user` sees, in the order given; one that is missing is left out.
pub(crate) fn by_ids(conn: &mut Conn, user: Id, ids: &[Id]) -> Result<Vec<Task>> {
    let (all, mut access) = (task::by_ids(conn, ids)?, Access::of(user));
    let mut seen = Vec::with_capacity(all.len());
    for found in all {
        if access.permission(conn, found.row.owner_id, found.row.project_id)?.is_some() {
            seen.push(found);
        }
    }
    ordered(conn, seen, ids)
}

/// The tasks with these ids, whoever may see them: for what follows from a change of other tasks.
pub(crate) fn all_by_ids(conn: &mut Conn, ids: &[Id]) -> Result<Vec<Task>> {
    let found = task::by_ids(conn, ids)?;
    ordered(conn, found, ids)
}

fn ordered(conn: &mut Conn, found: Vec<FoundTask>, ids: &[Id]) -> Result<Vec<Task>> {
    let mut tasks: HashMap<Id, Task> = hydrate(conn, found)?.into_iter().map(|task| (task.id, task)).collect();
    Ok(ids.iter().filter_map(|id| tasks.remove(id)).collect())
}

/// The ids that are named, each once, in the order given, with their names. Whether `user` sees the tasks is left to
/// whoever reads them.
fn resolve<'a>(conn: &mut Conn, user: Id, names: &'a [TaskRef]) -> Result<Vec<(Id, &'a TaskRef)>> {
    let numbers: Vec<i64> =
        names.iter().filter_map(|name| if let TaskRef::Number(n) = name { Some(*n) } else { None }).collect();
    let by_number: HashMap<i64, Id> = match numbers.as_slice() {
        [] => HashMap::new(),
        some => task::ids_of_numbers(conn, some)?.into_iter().collect(),
    };
    let mut named = Vec::with_capacity(names.len());
    let mut known = HashSet::with_capacity(names.len());
    for name in names {
        let found = match name {
            TaskRef::Id(id) => Some(*id),
            TaskRef::Number(number) => by_number.get(number).copied(),
            TaskRef::Prefix(text, prefix) => of_prefix(conn, user, text, prefix)?,
        };
        let id = found.ok_or_else(|| missing(name))?;
        if known.insert(id) {
            named.push((id, name));
        }
    }
    Ok(named)
}

fn of_prefix(conn: &mut Conn, user: Id, text: &str, prefix: &IdPrefix) -> Result<Option<Id>> {
    let seen = Access::of(user).scope(conn)?;
    let found = task::ids_of_prefix(conn, &seen, prefix, TOLD + 1)?;
    if found.len() < 2 {
        return Ok(found.first().copied());
    }
    let mut told: Vec<(i64, String)> =
        task::by_ids(conn, &found)?.into_iter().map(|found| (found.row.number, found.row.title)).collect();
    told.sort_unstable();
    let more = if told.len() > TOLD { " and others" } else { "" };
    let told: Vec<String> =
        told.iter().take(TOLD).map(|(number, title)| format!("{number} “{}”", clip(title))).collect();
    Err(Error::invalid("id", format!("the ids of several tasks begin with “{text}”: {}{more}", told.join(", ")))
        .hint("give more of the id, or the task's number"))
}

/// The ids of the tasks that are named, each once, in the order given.
///
/// # Errors
/// `NotFound` when one is named that does not exist or that `user` does not see, `Invalid` for an ambiguous prefix.
pub(crate) fn resolve_existing(conn: &mut Conn, user: Id, names: &[TaskRef]) -> Result<Vec<Id>> {
    with_permission(conn, user, names, Permission::Read)
}

/// The same for tasks that `user` is about to change.
///
/// # Errors
/// As [`resolve_existing`], and `Forbidden` for a task that `user` only sees.
pub(crate) fn resolve_changeable(conn: &mut Conn, user: Id, names: &[TaskRef]) -> Result<Vec<Id>> {
    with_permission(conn, user, names, Permission::Write)
}

fn with_permission(conn: &mut Conn, user: Id, names: &[TaskRef], wanted: Permission) -> Result<Vec<Id>> {
    let named = resolve(conn, user, names)?;
    let ids: Vec<Id> = named.iter().map(|(id, _)| *id).collect();
    let places: HashMap<Id, (Id, Option<Id>)> =
        task::places(conn, &ids)?.into_iter().map(|(id, owner, project)| (id, (owner, project))).collect();
    let mut access = Access::of(user);
    for (id, name) in named {
        let (owner, project) = *places.get(&id).ok_or_else(|| missing(name))?;
        let right = access.permission(conn, owner, project)?.ok_or_else(|| missing(name))?;
        if right < wanted {
            let number = task::by_ids(conn, &[id])?.pop().map(|found| found.row.number);
            return Err(number.map_or_else(|| missing(name), not_yours));
        }
    }
    Ok(ids)
}

/// The task that is named, whole.
///
/// # Errors
/// As [`resolve_existing`].
pub(crate) fn find_visible(conn: &mut Conn, user: Id, name: &TaskRef) -> Result<Task> {
    let named = resolve(conn, user, std::slice::from_ref(name))?;
    let ids: Vec<Id> = named.into_iter().map(|(id, _)| id).collect();
    by_ids(conn, user, &ids)?.pop().ok_or_else(|| missing(name))
}

/// The tasks that are named, whole, in the order given, locked until the end of the transaction, so that what is read
/// cannot change meanwhile; `user` may change them all.
///
/// # Errors
/// As [`resolve_changeable`].
pub(crate) fn lock_by_ref(conn: &mut Conn, user: Id, names: &[TaskRef]) -> Result<Vec<Task>> {
    let named = resolve(conn, user, names)?;
    let ids: Vec<Id> = named.iter().map(|(id, _)| *id).collect();
    task::lock(conn, &ids)?;
    let tasks = by_ids(conn, user, &ids)?;
    if tasks.len() < ids.len() {
        let gone = named.iter().find(|(id, _)| !tasks.iter().any(|task| task.id == *id));
        return Err(gone.map_or_else(|| Error::not_found("such task"), |(_, name)| missing(name)));
    }
    let mut access = Access::of(user);
    for task in &tasks {
        if access.permission(conn, task.owner_id, task.project_id)? != Some(Permission::Write) {
            return Err(not_yours(task.number));
        }
    }
    Ok(tasks)
}

pub(crate) fn missing(name: &TaskRef) -> Error {
    Error::not_found(format!("task {name}")).hint("`muista ls --status all` shows what there is")
}
