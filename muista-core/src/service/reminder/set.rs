//! One reminder at a time: showing, setting, reactivating and deleting the one that is meant. Deleting is the same for
//! several; adding one to others is the module's own.

use super::{Target, attach, draft, named, of_tasks_locked, one_locked, put};
use crate::error::{Error, Result};
use crate::model::{Change, Id, NewReminder, Reminder, Scope, Task, TaskRef, WithNotices};
use crate::service::access::Permission;
use crate::service::schedule::Zones;
use crate::service::tx::{Tx, transaction};
use crate::service::{Caller, Service, Settings, notification, schedule};
use crate::store;

/// A reminder.
///
/// # Errors
/// `NotFound` when there is none of that id that the caller may see.
pub async fn get(service: &Service, caller: &Caller, id: Id) -> Result<Reminder> {
    caller.require(Scope::TasksRead)?;
    let user = caller.user;
    let found = service.store.read(move |conn| named(conn, user, &[id], Permission::Read)).await?.pop();
    let mut reminder = found.ok_or_else(|| Error::not_found(format!("reminder {id}")))?;
    Zones::default().mark_reminder(&mut reminder);
    Ok(reminder)
}

/// Gives a task one reminder in place of those it has; with none given those that it has are active again.
///
/// # Errors
/// `Conflict` where nothing can be made active again.
pub async fn set(
    service: &Service,
    caller: &Caller,
    name: TaskRef,
    new: Option<NewReminder>,
) -> Result<WithNotices<Reminder>> {
    caller.require(Scope::TasksWrite)?;
    let settings = service.settings();
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let task = one_locked(tx, owner, name)?;
        match new {
            Some(new) => {
                let draft = draft(tx, &Target::of(&settings, &task), new)?;
                replace(tx, &settings, &task, draft)
            }
            None => reactivate(tx, &task),
        }
    };
    let (value, told) = transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

/// Deletes one reminder, if it is still the version that the caller saw; returns how it was.
///
/// # Errors
/// `PreconditionFailed` when it is not.
pub async fn delete_seen(service: &Service, caller: &Caller, id: Id, version: Option<i64>) -> Result<Reminder> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        store::reminder::lock(tx.conn, &[id])?;
        let found = named(tx.conn, owner, &[id], Permission::Write)?.pop();
        let reminder = found.ok_or_else(|| Error::not_found(format!("reminder {id}")))?;
        if version.is_some_and(|version| version != reminder.version) {
            return Err(Error::precondition_failed(format!("reminder {id} was changed meanwhile"))
                .hint("look at it again, then delete it"));
        }
        remove(tx, std::slice::from_ref(&reminder))?;
        Ok(reminder)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// What a patch of a task says of its reminders.
pub(crate) fn patch(tx: &mut Tx<'_>, settings: &Settings, task: &Task, change: &Change<NewReminder>) -> Result<()> {
    match change {
        Change::Keep => Ok(()),
        Change::Clear => {
            let reminders = of_tasks_locked(tx.conn, std::slice::from_ref(task))?;
            remove(tx, &reminders)
        }
        Change::Set(new) => {
            let draft = draft(tx, &Target::of(settings, task), new.clone()).map_err(|e| e.within("reminder"))?;
            replace(tx, settings, task, draft).map(drop)
        }
    }
}

/// Deletes reminders; what waits to be told of them is held.
pub(crate) fn remove(tx: &mut Tx<'_>, reminders: &[Reminder]) -> Result<()> {
    let ids: Vec<Id> = reminders.iter().map(|reminder| reminder.id).collect();
    notification::detach(tx, &ids)?;
    store::reminder::delete(tx.conn, &ids)?;
    reminders.iter().try_for_each(|reminder| tx.deleted(reminder))
}

/// Puts a reminder in place of all that a task has.
fn replace(tx: &mut Tx<'_>, settings: &Settings, task: &Task, draft: Reminder) -> Result<Reminder> {
    let before = of_tasks_locked(tx.conn, std::slice::from_ref(task))?;
    remove(tx, &before)?;
    attach(tx, settings, task, vec![draft])?.pop().ok_or_else(|| Error::internal("no reminder was made"))
}

/// Has the reminders of a task fire again that do not any more, where their schedules go on; returns the next to fire.
fn reactivate(tx: &mut Tx<'_>, task: &Task) -> Result<Reminder> {
    let nothing = |why: String| Error::conflict(why).hint("say when to remind, as in `tomorrow 9:00`");
    if task.completed {
        return Err(
            Error::conflict(format!("task {} is done: it sends no reminders", task.number)).hint("reopen it first")
        );
    }
    let reminders = of_tasks_locked(tx.conn, std::slice::from_ref(task))?;
    if reminders.is_empty() {
        return Err(nothing(format!("task {} has no reminder", task.number)));
    }
    let (now, due) = (tx.now, schedule::due_of(task));
    let mut active = Vec::with_capacity(reminders.len());
    for before in reminders {
        let regular_at = match before.next_trigger_at {
            Some(_) => before.regular_at,
            None => schedule::regular_or_kept(&before, due, now)?,
        };
        let after = Reminder { regular_at, ..before.clone() };
        active.push(if after == before { before } else { put(tx, &before, after)? });
    }
    let next = active.into_iter().filter(|reminder| reminder.next_trigger_at.is_some());
    let next = next.min_by_key(|reminder| reminder.next_trigger_at);
    next.ok_or_else(|| nothing(format!("the time of each reminder of task {} is past", task.number)))
}
