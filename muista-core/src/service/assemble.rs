//! Whole tasks from their rows: joined with their tags and dependencies; and finding the tasks that a caller names.

use std::collections::{HashMap, HashSet};

use crate::error::{Error, Result};
use crate::model::{Id, IdPrefix, Task, TaskRef};
use crate::store::rows::TaskRow;
use crate::store::{Conn, dependency, tag, task};

/// Whole tasks of rows with their projects' names, in the same order.
pub(crate) fn whole(conn: &mut Conn, rows: Vec<(TaskRow, Option<String>)>) -> Result<Vec<Task>> {
    let ids: Vec<Id> = rows.iter().map(|(row, _)| row.id).collect();
    let mut tags: HashMap<Id, Vec<String>> = HashMap::new();
    for (id, name) in tag::of_tasks(conn, &ids)? {
        tags.entry(id).or_default().push(name);
    }
    let mut before: HashMap<Id, Vec<Id>> = HashMap::new();
    for (id, depends_on) in dependency::of_tasks(conn, &ids)? {
        before.entry(id).or_default().push(depends_on);
    }
    let whole = |(row, project): (TaskRow, Option<String>)| {
        let mut task = row.into_task(project);
        task.tags = tags.remove(&task.id).unwrap_or_default();
        task.depends_on = before.remove(&task.id).unwrap_or_default();
        task
    };
    Ok(rows.into_iter().map(whole).collect())
}

/// The owner's tasks with these ids, in the order given; one that is missing is left out.
pub(crate) fn by_ids(conn: &mut Conn, owner: Id, ids: &[Id]) -> Result<Vec<Task>> {
    let rows = task::by_ids(conn, owner, ids)?;
    let mut found: HashMap<Id, Task> = whole(conn, rows)?.into_iter().map(|task| (task.id, task)).collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// The ids of the owner's tasks that are named, each once, in the order given.
///
/// # Errors
/// `NotFound` when one is named that does not exist or that the owner may not see, `Invalid` for an ambiguous prefix.
pub(crate) fn resolve(conn: &mut Conn, owner: Id, names: &[TaskRef]) -> Result<Vec<Id>> {
    let numbers: Vec<i64> =
        names.iter().filter_map(|name| if let TaskRef::Number(n) = name { Some(*n) } else { None }).collect();
    let by_number: HashMap<i64, Id> = match numbers.as_slice() {
        [] => HashMap::new(),
        some => task::ids_of_numbers(conn, owner, some)?.into_iter().collect(),
    };
    let mut ids = Vec::with_capacity(names.len());
    let mut seen = HashSet::with_capacity(names.len());
    for name in names {
        let found = match name {
            TaskRef::Id(id) => Some(*id),
            TaskRef::Number(number) => by_number.get(number).copied(),
            TaskRef::Prefix(text, prefix) => of_prefix(conn, owner, text, prefix)?,
        };
        let id = found.ok_or_else(|| missing(name))?;
        if seen.insert(id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn of_prefix(conn: &mut Conn, owner: Id, text: &str, prefix: &IdPrefix) -> Result<Option<Id>> {
    match task::ids_of_prefix(conn, owner, prefix)?.as_slice() {
        [] => Ok(None),
        [id] => Ok(Some(*id)),
        _ => Err(Error::invalid("id", format!("“{text}” is the beginning of several tasks' ids"))
            .hint("give more of the id, or the task's number")),
    }
}

/// The same as [`resolve`], for ids that must exist.
///
/// # Errors
/// As [`resolve`], and `NotFound` when an id is of no task of the owner's.
pub(crate) fn resolve_existing(conn: &mut Conn, owner: Id, names: &[TaskRef]) -> Result<Vec<Id>> {
    let ids = resolve(conn, owner, names)?;
    let unsure: Vec<Id> =
        names.iter().filter_map(|name| if let TaskRef::Id(id) = name { Some(*id) } else { None }).collect();
    let owners = if unsure.is_empty() { Vec::new() } else { task::existing(conn, &unsure)? };
    match unsure.iter().find(|id| !owners.contains(&(**id, owner))) {
        Some(id) => Err(missing(&TaskRef::Id(*id))),
        None => Ok(ids),
    }
}

/// The owner's task that is named, whole.
///
/// # Errors
/// As [`resolve_existing`].
pub(crate) fn one(conn: &mut Conn, owner: Id, name: &TaskRef) -> Result<Task> {
    let ids = resolve(conn, owner, std::slice::from_ref(name))?;
    by_ids(conn, owner, &ids)?.pop().ok_or_else(|| missing(name))
}

/// The owner's tasks that are named, whole, in the order given, locked until the end of the transaction, so that what
/// is read cannot change meanwhile.
///
/// # Errors
/// As [`resolve_existing`].
pub(crate) fn named_locked(conn: &mut Conn, owner: Id, names: &[TaskRef]) -> Result<Vec<Task>> {
    let ids = resolve(conn, owner, names)?;
    task::lock(conn, owner, &ids)?;
    let tasks = by_ids(conn, owner, &ids)?;
    if tasks.len() == ids.len() {
        return Ok(tasks);
    }
    let gone = ids.iter().find(|id| !tasks.iter().any(|task| task.id == **id));
    Err(gone.map_or_else(|| Error::not_found("such task"), |id| missing(&TaskRef::Id(*id))))
}

fn missing(name: &TaskRef) -> Error {
    Error::not_found(format!("task {name}")).hint("`muista ls --status all` shows what there is")
}
