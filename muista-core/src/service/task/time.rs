//! The use cases of working on tasks: starting and stopping, which keep stretches of work; and their end when a task is done
//! or deleted.

use std::collections::HashMap;

use super::assemble;
use crate::error::{Error, Result};
use crate::model::{Id, Scope, Task, TaskRef, TimeEntry, WithNotices, WorkTime};
use crate::service::access::Access;
use crate::service::tx::{Tx, checked_transaction};
use crate::service::{Caller, Service};
use crate::store;
use crate::store::rows::{TaskRow, TimeEntryRow};
use crate::time::Instant;

/// The most tasks that one account works on at a time.
const RUNNING_MAX: usize = 50;
/// The most stretches of work that one task keeps.
const ENTRIES_MAX: usize = 10_000;

/// Begins to work on a task. What the account worked on is stopped, unless it is to `keep` running.
///
/// # Errors
/// `NotFound` for a task that the caller does not see, `Forbidden` for one that it may not change, `Conflict` for one that is
/// done, and where too much runs already.
pub async fn start(service: &Service, caller: &Caller, name: TaskRef, keep: bool) -> Result<WithNotices<Task>> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let user = tx.owner();
        let task = assemble::lock_by_ref(tx.conn, user, &[name])?.pop();
        let task = task.ok_or_else(|| Error::internal("a named task is none"))?;
        let number = task.number;
        if task.completed {
            return Err(Error::conflict(format!("task {number} is done"))
                .hint(format!("reopen it first: `muista undone {number}`")));
        }
        let running: Vec<TimeEntry> =
            store::time_entry::running(tx.conn, user)?.into_iter().map(TimeEntry::from).collect();
        if running.iter().any(|entry| entry.task_id == task.id) {
            tx.notice(format!("task {number} is active already"));
            return Ok(task);
        }
        refuse_too_many(tx, &task, if keep { running.len() } else { 0 })?;
        if !keep {
            stop_entries(tx, running)?;
        }
        let entry =
            TimeEntry { id: Id::new(tx.now), task_id: task.id, user_id: user, began_at: tx.now, ended_at: None };
        store::time_entry::insert(tx.conn, &TimeEntryRow::from(&entry))?;
        tx.created(&entry)?;
        touch(tx, task)
    };
    let (value, told) = checked_transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

fn refuse_too_many(tx: &mut Tx<'_>, task: &Task, running: usize) -> Result<()> {
    if running >= RUNNING_MAX {
        return Err(Error::conflict(format!("{running} tasks are active, {RUNNING_MAX} may be at a time"))
            .hint("stop some: `muista stop`"));
    }
    let kept = store::time_entry::of_tasks(tx.conn, &[task.id])?.len();
    if kept >= ENTRIES_MAX {
        return Err(Error::conflict(format!("task {} has been started {kept} times, which is the most", task.number))
            .hint("make a task for the work that is left"));
    }
    Ok(())
}

/// Ends the caller's work on a task, or on all that it works on; returns the tasks. Of a named task that the caller may change
/// and does not work on, that of others.
///
/// # Errors
/// `NotFound` for a task that the caller does not see, `Conflict` where it does not work on anything that is meant.
pub async fn stop(service: &Service, caller: &Caller, name: Option<TaskRef>) -> Result<WithNotices<Vec<Task>>> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let user = tx.owner();
        let mut running: Vec<TimeEntry> =
            store::time_entry::running(tx.conn, user)?.into_iter().map(TimeEntry::from).collect();
        if let Some(name) = &name {
            let task = assemble::find_visible(tx.conn, user, name)?;
            running.retain(|entry| entry.task_id == task.id);
            if running.is_empty() && task.active_since.is_some() {
                running = of_others(tx, &task)?;
            }
            if running.is_empty() {
                return Err(Error::conflict(format!("task {} is not active", task.number))
                    .hint("`muista ls is:active` lists the tasks that are"));
            }
        }
        if running.is_empty() {
            return Err(Error::conflict("no task is active").hint("start one: `muista start 7`"));
        }
        stop_entries(tx, running)
    };
    let (value, told) = checked_transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

/// Returns the work of others on a task that the caller may change: they may not see it any more.
fn of_others(tx: &mut Tx<'_>, task: &Task) -> Result<Vec<TimeEntry>> {
    assemble::lock_by_ref(tx.conn, tx.owner(), &[task.id.into()])?;
    let entries = store::time_entry::of_tasks(tx.conn, &[task.id])?.into_iter().map(TimeEntry::from);
    Ok(entries.filter(|entry| entry.ended_at.is_none()).collect())
}

/// Ends stretches of work now, and tells of each; returns the tasks. Of a task that is not shared with the caller any more
/// only its own work ends: neither the task nor the record of changes says anything of it.
fn stop_entries(tx: &mut Tx<'_>, entries: Vec<TimeEntry>) -> Result<Vec<Task>> {
    let ids: Vec<Id> = entries.iter().map(|entry| entry.task_id).collect();
    store::task::lock(tx.conn, &ids)?;
    let (user, mut access) = (tx.owner(), Access::of(tx.owner()));
    let mut seen = Vec::with_capacity(ids.len());
    for task in assemble::all_by_ids(tx.conn, &ids)? {
        if task.owner_id == user || access.permission(tx.conn, task.owner_id, task.project_id)?.is_some() {
            seen.push(task);
        }
    }
    let mut took = HashMap::new();
    for entry in entries {
        let after = if seen.iter().any(|task| task.id == entry.task_id) {
            end(tx, &entry)?
        } else {
            let after = ended(&entry, tx.now);
            store::time_entry::update(tx.conn, &TimeEntryRow::from(&after))?;
            after
        };
        took.insert(after.task_id, WorkTime::of_seconds(after.seconds().unwrap_or_default()));
    }
    let mut stopped = Vec::with_capacity(seen.len());
    for task in seen {
        let task = touch(tx, task)?;
        let took = took.get(&task.id).copied().unwrap_or_default();
        tx.notice(format!("stopped {}  “{}”  ({})", task.number, task.title, took.words()));
        stopped.push(task);
    }
    Ok(stopped)
}

/// Returns a stretch of work that ended now. A clock that was set back ends it when it began.
fn ended(entry: &TimeEntry, now: Instant) -> TimeEntry {
    TimeEntry { ended_at: Some(now.max(entry.began_at)), ..entry.clone() }
}

/// Ends a stretch of work now, and tells of it.
fn end(tx: &mut Tx<'_>, entry: &TimeEntry) -> Result<TimeEntry> {
    let after = ended(entry, tx.now);
    store::time_entry::update(tx.conn, &TimeEntryRow::from(&after))?;
    tx.updated(entry, &after)?;
    Ok(after)
}

/// Counts a task's version up, on which somebody began or ended to work: what is told of it is another than before.
fn touch(tx: &mut Tx<'_>, before: Task) -> Result<Task> {
    let mut task = before.clone();
    let entries = store::time_entry::of_tasks(tx.conn, &[task.id])?;
    let entries: Vec<TimeEntry> = entries.into_iter().map(TimeEntry::from).collect();
    assemble::set_time(&mut task, &entries);
    task.version += 1;
    task.updated_at = tx.now;
    store::task::update(tx.conn, &TaskRow::from(&task))?;
    tx.updated(&before, &task)?;
    Ok(task)
}

/// Ends all work on a task that is being done, whoever is at it.
pub(crate) fn end_work(tx: &mut Tx<'_>, task: &mut Task) -> Result<()> {
    if task.active_since.is_none() {
        return Ok(());
    }
    let entries = store::time_entry::of_tasks(tx.conn, &[task.id])?;
    let mut all = Vec::with_capacity(entries.len());
    for entry in entries.into_iter().map(TimeEntry::from) {
        all.push(if entry.ended_at.is_none() { end(tx, &entry)? } else { entry });
    }
    assemble::set_time(task, &all);
    Ok(())
}

/// Notes that the work on tasks is forgotten, which are about to be deleted.
pub(super) fn forget(tx: &mut Tx<'_>, tasks: &[Id]) -> Result<()> {
    let entries = store::time_entry::of_tasks(tx.conn, tasks)?;
    entries.into_iter().try_for_each(|row| tx.deleted(&TimeEntry::from(row)))
}
