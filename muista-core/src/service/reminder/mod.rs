//! The use cases of reminders: adding, listing, deleting, snoozing and acknowledging them. What a new one must be is in
//! `draft`, what becomes of them with their task in `follow`; when one falls due is `schedule`'s, firing it the engine's.

mod copy;
mod draft;
mod follow;
mod set;

use std::collections::HashMap;

pub(crate) use copy::copy_relative;
use draft::draft;
pub(crate) use draft::{Target, attach, drafts, insert, refuse_many};
pub(crate) use follow::{Moved, forget, reschedule, resume};
pub(crate) use set::patch;
pub use set::{delete_seen, get, set};

use super::access::{Access, Permission, not_yours};
use super::task::assemble;
use super::tx::{Tx, checked_transaction, transaction};
use super::{Caller, Service, Topic, schedule};
use crate::error::{Error, Result};
use crate::model::{
    Channel, Id, NewReminder, Page, Reminder, ReminderPage, ReminderQuery, ReminderTarget, Scope, Task, TaskRef,
    WithNotices, cursor,
};
use crate::store::rows::ReminderRow;
use crate::store::{self, Conn};
use crate::time::Instant;

/// Makes a reminder of a task.
pub async fn add(service: &Service, caller: &Caller, name: TaskRef, new: NewReminder) -> Result<WithNotices<Reminder>> {
    caller.require(Scope::TasksWrite)?;
    let settings = service.settings();
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let task = one_locked(tx, owner, name)?;
        let drafts = vec![draft(tx, &Target::of(&settings, &task), new)?];
        attach(tx, &settings, &task, drafts)?.pop().ok_or_else(|| Error::internal("no reminder was made"))
    };
    let (value, told) = checked_transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

fn one_locked(tx: &mut Tx<'_>, owner: Id, name: TaskRef) -> Result<Task> {
    let task = assemble::lock_by_ref(tx.conn, owner, &[name])?.pop();
    task.ok_or_else(|| Error::not_found("such task"))
}

/// One page of the reminders: the next to fire first, those that are not active last.
pub async fn list(service: &Service, caller: &Caller, query: ReminderQuery) -> Result<ReminderPage> {
    caller.require(Scope::TasksRead)?;
    let user = caller.user;
    let after = query.cursor.as_deref().map(cursor::read::<PageCursor>).transpose()?;
    service.store.read(move |conn| page(conn, user, &query, after)).await
}

/// Where a page ended: the last reminder's cursor and identifier.
type PageCursor = (Option<Instant>, Id);

fn page(conn: &mut Conn, user: Id, query: &ReminderQuery, after: Option<PageCursor>) -> Result<ReminderPage> {
    let task = match &query.task {
        Some(task) => assemble::resolve_existing(conn, user, std::slice::from_ref(task))?.pop(),
        None => None,
    };
    let seen = &Access::of(user).scope(conn)?;
    let limit = match query.limit {
        0 => Page::MAX,
        limit => limit.min(Page::MAX),
    };
    let wanted = i64::from(limit) + 1;
    let mut rows = match after {
        None => store::reminder::active(conn, seen, task, None, wanted)?,
        Some((Some(at), id)) => store::reminder::active(conn, seen, task, Some((at, id)), wanted)?,
        Some((None, _)) => Vec::new(),
    };
    let left = wanted - i64::try_from(rows.len()).unwrap_or(wanted);
    if query.all && left > 0 {
        let behind = after.and_then(|(at, id)| at.is_none().then_some(id));
        rows.extend(store::reminder::inactive(conn, seen, task, behind, left)?);
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let items = marked(whole(conn, rows)?);
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|last| cursor::write(&(last.next_trigger_at, last.id))).transpose()?;
    Ok(ReminderPage { items, next_cursor })
}

/// Deletes reminders, all or none, and what waits to be told of them; returns how they were.
pub async fn delete(service: &Service, caller: &Caller, target: ReminderTarget) -> Result<WithNotices<Vec<Reminder>>> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let reminders = match target {
            ReminderTarget::Ids(ids) => named(tx.conn, owner, &ids, Permission::Write)?,
            ReminderTarget::Task(name) => {
                let task = one_locked(tx, owner, name)?;
                let reminders = of_tasks_locked(tx.conn, std::slice::from_ref(&task))?;
                if reminders.is_empty() {
                    tx.notice(format!("task {} has no reminders", task.number));
                }
                reminders
            }
        };
        set::remove(tx, &reminders)?;
        Ok(reminders)
    };
    let (value, told) = transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

/// Puts the last reminder of each task off until `until`: the one that fired last, or, where none has, the next.
pub async fn snooze(service: &Service, caller: &Caller, names: Vec<TaskRef>, until: Instant) -> Result<Vec<Reminder>> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        if until <= tx.now {
            return Err(Error::invalid("until", "a reminder cannot be snoozed until a time in the past")
                .hint("give a time to come, as in `muista snooze 7 1h`"));
        }
        let owner = tx.owner();
        let tasks = assemble::lock_by_ref(tx.conn, owner, &names)?;
        let all = of_tasks_locked(tx.conn, &tasks)?;
        tasks.iter().map(|task| snooze_one(tx, task, &all, until)).collect::<Result<Vec<_>>>()
    };
    Ok(transaction(service, caller, work).await?.0)
}

fn snooze_one(tx: &mut Tx<'_>, task: &Task, all: &[Reminder], until: Instant) -> Result<Reminder> {
    if task.completed {
        return Err(Error::conflict(format!("task {} is done: it sends no reminders", task.number))
            .hint(format!("reopen it first, with `muista undone {}`", task.number)));
    }
    let own = || all.iter().filter(|reminder| reminder.task_id == task.id);
    let fired = own().filter(|reminder| reminder.last_triggered_at.is_some());
    let next = || own().filter(|r| r.next_trigger_at.is_some()).min_by_key(|r| (r.next_trigger_at, r.id));
    let before = fired.max_by_key(|r| (r.last_triggered_at, r.id)).or_else(next).ok_or_else(|| {
        Error::conflict(format!("task {} has no reminder", task.number))
            .hint(format!("set a reminder with `muista remind {} \"tomorrow 9:00\"`", task.number))
    })?;
    let mut after = before.clone();
    if before.last_triggered_at.is_none() {
        let at = before.next_trigger_at.unwrap_or(until);
        if until < at {
            return Err(Error::conflict(format!("task {} has no reminder before then", task.number))
                .hint("put it off to a later time; `muista reminder ls` shows when it is"));
        }
        after.regular_at = schedule::regular_or_kept(before, schedule::due_of(task), at)?;
    }
    after.repeat_at = Some(until);
    after.acknowledged_at = None;
    put(tx, before, after)
}

/// Acknowledges what was told of these tasks: it is not told again before its schedule's next time.
pub async fn acknowledge(
    service: &Service,
    caller: &Caller,
    names: Vec<TaskRef>,
) -> Result<WithNotices<Vec<Reminder>>> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let tasks = assemble::lock_by_ref(tx.conn, owner, &names)?;
        let told = |reminder: &Reminder| reminder.last_triggered_at.is_some() && reminder.acknowledged_at.is_none();
        let all: Vec<Reminder> = of_tasks_locked(tx.conn, &tasks)?.into_iter().filter(told).collect();
        for task in tasks.iter().filter(|task| all.iter().all(|reminder| reminder.task_id != task.id)) {
            tx.notice(format!("task {} has no unacknowledged reminder", task.number));
        }
        let acknowledge = |before: &Reminder| {
            let after = Reminder { acknowledged_at: Some(tx.now), repeat_at: None, ..before.clone() };
            put(tx, before, after)
        };
        all.iter().map(acknowledge).collect::<Result<Vec<_>>>()
    };
    let (value, told) = transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

/// Writes a changed reminder, its version counted up and its cursor set.
fn put(tx: &mut Tx<'_>, before: &Reminder, mut after: Reminder) -> Result<Reminder> {
    after.next_trigger_at = schedule::cursor(after.regular_at, after.repeat_at);
    after.version += 1;
    after.updated_at = tx.now;
    store::reminder::update(tx.conn, &ReminderRow::from(&after))?;
    tx.updated(before, &after)?;
    tx.publish(Topic::Schedules);
    Ok(after)
}

/// Whole reminders of rows with their tasks' numbers and titles, in the same order.
pub(crate) fn whole(conn: &mut Conn, rows: Vec<(ReminderRow, i64, String)>) -> Result<Vec<Reminder>> {
    let ids: Vec<Id> = rows.iter().map(|(row, ..)| row.id).collect();
    let mut channels: HashMap<Id, Vec<Channel>> = HashMap::new();
    for (id, name) in store::reminder::channels(conn, &ids)? {
        channels.entry(id).or_default().push(name.parse()?);
    }
    let whole = |(row, number, title): (ReminderRow, i64, String)| {
        let mut channels = channels.remove(&row.id).unwrap_or_default();
        channels.sort();
        row.into_reminder(number, title, channels)
    };
    rows.into_iter().map(whole).collect()
}

/// The reminders of a task, the oldest first.
pub(crate) fn of_task(conn: &mut Conn, task: &Task) -> Result<Vec<Reminder>> {
    let rows = store::reminder::of_tasks(conn, &[task.id])?;
    Ok(marked(whole(conn, rows.into_iter().map(|row| (row, task.number, task.title.clone())).collect())?))
}

/// The same reminders for show: those that are at rest are marked.
fn marked(mut reminders: Vec<Reminder>) -> Vec<Reminder> {
    let mut zones = schedule::Zones::default();
    reminders.iter_mut().for_each(|reminder| zones.mark_reminder(reminder));
    reminders
}

/// The reminders of these tasks, locked until the end of the transaction, so that none fires meanwhile.
pub(crate) fn of_tasks_locked(conn: &mut Conn, tasks: &[Task]) -> Result<Vec<Reminder>> {
    let ids: Vec<Id> = tasks.iter().map(|task| task.id).collect();
    let rows = store::reminder::lock_of_tasks(conn, &ids)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let names: HashMap<Id, &Task> = tasks.iter().map(|task| (task.id, task)).collect();
    let named = |row: ReminderRow| names.get(&row.task_id).map(|task| (row, task.number, task.title.clone()));
    whole(conn, rows.into_iter().filter_map(named).collect())
}

/// The reminders with these ids, in the order given, each once; `user` may do so much with their tasks.
fn named(conn: &mut Conn, user: Id, ids: &[Id], least: Permission) -> Result<Vec<Reminder>> {
    let rows = store::reminder::by_ids(conn, ids)?;
    let mut found: HashMap<Id, Reminder> = whole(conn, rows)?.into_iter().map(|one| (one.id, one)).collect();
    let tasks: Vec<Id> = found.values().map(|reminder| reminder.task_id).collect();
    let places: HashMap<Id, (Id, Option<Id>)> =
        store::task::places(conn, &tasks)?.into_iter().map(|(id, owner, project)| (id, (owner, project))).collect();
    let mut access = Access::of(user);
    for id in ids {
        let gone = || Error::not_found(format!("reminder {id}")).hint("`muista reminder ls --all` shows what there is");
        let reminder = found.get(id).ok_or_else(gone)?;
        let (owner, project) = *places.get(&reminder.task_id).ok_or_else(gone)?;
        if access.permission(conn, owner, project)?.ok_or_else(gone)? < least {
            return Err(not_yours(reminder.task_number));
        }
    }
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}
