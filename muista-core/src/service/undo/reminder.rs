//! Undoing changes of reminders, as many at once as are alike. When one last fired and when it fires next are not what was
//! changed: they go on. One that comes back is joined with the messages that told of it.

use std::collections::HashMap;

use super::record::{noted, refuse_others, snapshot, unchanged};
use crate::error::{Error, Result};
use crate::model::{AuditEntry, Id, Reminder, Task};
use crate::service::access::Access;
use crate::service::audit::audited::RecordScope;
use crate::service::task::assemble;
use crate::service::tx::Tx;
use crate::service::{Topic, notification, reminder};
use crate::store;
use crate::store::rows::ReminderRow;

/// What becomes of a reminder.
struct Turn {
    now: Option<Reminder>,
    back: Option<Reminder>,
}

/// Reverts reminders whose entries are alike.
pub(super) fn revert(tx: &mut Tx<'_>, entries: &[AuditEntry]) -> Result<()> {
    let turns = read(tx, entries)?;
    let made: Vec<Id> = turns.iter().filter(|turn| turn.back.is_none()).filter_map(|turn| id(&turn.now)).collect();
    notification::drop_pending(tx, &made)?;
    store::reminder::delete(tx.conn, &made)?;
    for back in turns.iter().filter(|turn| turn.now.is_some()).filter_map(|turn| turn.back.as_ref()) {
        store::reminder::update(tx.conn, &ReminderRow::from(back))?;
    }
    let gone = turns.iter().filter(|turn| turn.now.is_none());
    let gone: Vec<Reminder> = gone.filter_map(|turn| turn.back.clone()).collect();
    reminder::insert(tx, &gone)?;
    notification::rejoin(tx, &gone.iter().map(|reminder| reminder.id).collect::<Vec<_>>())?;
    refuse_many(tx, &gone)?;
    tx.publish(Topic::Schedules);
    entries.iter().zip(&turns).try_for_each(|(entry, turn)| noted(tx, entry, turn.now.as_ref(), turn.back.as_ref()))
}

fn id(reminder: &Option<Reminder>) -> Option<Id> {
    reminder.as_ref().map(|reminder| reminder.id)
}

/// How each reminder is now and how it is to be, if that may be done.
fn read(tx: &mut Tx<'_>, entries: &[AuditEntry]) -> Result<Vec<Turn>> {
    let ids: Vec<Id> = entries.iter().map(|entry| entry.record_id).collect();
    // So that none fires meanwhile.
    store::reminder::lock(tx.conn, &ids)?;
    let rows = store::reminder::by_ids(tx.conn, &ids)?;
    let mut here: HashMap<Id, Reminder> =
        reminder::whole(tx.conn, rows)?.into_iter().map(|reminder| (reminder.id, reminder)).collect();
    let of = |entry: &AuditEntry| Ok((here.remove(&entry.record_id), snapshot::<Reminder>(entry.before.as_ref())?));
    let states: Vec<_> = entries.iter().map(of).collect::<Result<_>>()?;
    let mut of: Vec<Id> =
        states.iter().filter_map(|(now, before)| now.as_ref().or(before.as_ref())).map(|r| r.task_id).collect();
    of.sort();
    of.dedup();
    let tasks: HashMap<Id, Task> =
        assemble::all_by_ids(tx.conn, &of)?.into_iter().map(|task| (task.id, task)).collect();
    let mut access = Access::of(tx.owner());
    let turn = |(entry, (now, before)): (&AuditEntry, (Option<Reminder>, Option<Reminder>))| {
        let task = now.as_ref().or(before.as_ref()).and_then(|reminder| tasks.get(&reminder.task_id));
        if let Some(task) = task {
            let place = RecordScope { owner: task.owner_id, project: task.project_id };
            refuse_others(tx, &mut access, entry, place, Some(task.number))?;
        }
        unchanged(entry, now.as_ref())?;
        let back = before.map(|before| restored(tx, before, now.as_ref(), task)).transpose()?;
        Ok(Turn { now, back })
    };
    entries.iter().zip(states).map(turn).collect()
}

/// Refuses to have given a task more reminders than it may have.
fn refuse_many(tx: &mut Tx<'_>, back: &[Reminder]) -> Result<()> {
    let mut tasks: Vec<Id> = back.iter().map(|reminder| reminder.task_id).collect();
    tasks.sort();
    tasks.dedup();
    let mut counts: HashMap<Id, usize> = HashMap::new();
    for row in store::reminder::of_tasks(tx.conn, &tasks)? {
        *counts.entry(row.task_id).or_default() += 1;
    }
    counts.into_values().try_for_each(reminder::refuse_many)
}

/// A reminder as it was `before`, from now on.
fn restored(tx: &Tx<'_>, before: Reminder, now: Option<&Reminder>, task: Option<&Task>) -> Result<Reminder> {
    let Some(task) = task else {
        return Err(Error::conflict(format!("task {} is deleted", before.task_number))
            .hint("undo that first; `muista log` shows the changes"));
    };
    let mut back = Reminder { task_title: task.title.clone(), updated_at: tx.now, ..before };
    back.version = now.map_or(back.version, |now| now.version) + 1;
    reminder::resume(&mut back, task, now, tx.now)?;
    Ok(back)
}
