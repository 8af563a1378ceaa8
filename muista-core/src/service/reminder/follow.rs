//! How reminders follow their task: a moved due moves those that count from it, a task that is done silences them, and
//! one that is deleted takes them along. None of this is noted in the record of changes except their deletion: the rest
//! comes back by itself when the task's change is undone.

use std::collections::HashMap;

use super::{of_tasks_locked, schedule};
use crate::error::Result;
use crate::model::{Id, RecurrenceType, Reminder, Task};
use crate::service::schedule::TaskDue;
use crate::service::tx::Tx;
use crate::service::{Topic, notification};
use crate::store;
use crate::store::rows::ReminderRow;
use crate::time::Instant;

/// What reminders depend on of a task that was changed: how it was and how it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moved {
    task: Id,
    before: State,
    after: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    completed: bool,
    due: Option<TaskDue>,
}

impl State {
    fn of(task: &Task) -> Self {
        Self { completed: task.completed, due: schedule::due_of(task) }
    }
}

impl Moved {
    /// What a change means to the task's reminders; none when it means nothing.
    pub(crate) fn of(before: &Task, after: &Task) -> Option<Self> {
        let moved = Self { task: after.id, before: State::of(before), after: State::of(after) };
        (moved.before != moved.after).then_some(moved)
    }
}

/// Reschedules the reminders of the tasks of one change. For tasks without reminders it is one query, however many they
/// are.
pub(crate) fn reschedule(tx: &mut Tx<'_>, moved: &[Moved]) -> Result<()> {
    let mut states: HashMap<Id, (State, State)> = HashMap::with_capacity(moved.len());
    for one in moved {
        // A task that was changed twice goes from its first state to its last.
        states.entry(one.task).and_modify(|known| known.1 = one.after).or_insert((one.before, one.after));
    }
    let mut tasks: Vec<Id> = states.iter().filter(|(_, (was, is))| was != is).map(|(id, _)| *id).collect();
    tasks.sort();
    let mut silenced = Vec::new();
    for row in store::reminder::lock_of_tasks(tx.conn, &tasks)? {
        let Some((was, is)) = states.get(&row.task_id) else { continue };
        if is.completed {
            silenced.push(row.id);
        }
        let reminder = row.into_reminder(0, String::new(), Vec::new())?;
        let (regular, repeat) = next(&reminder, *was, *is, tx.now)?;
        if (regular, repeat) != (reminder.regular_at, reminder.repeat_at) {
            let next_trigger_at = schedule::cursor(regular, repeat);
            let after = Reminder { regular_at: regular, repeat_at: repeat, next_trigger_at, ..reminder };
            store::reminder::update(tx.conn, &ReminderRow::from(&after))?;
            tx.publish(Topic::Schedules);
        }
    }
    notification::drop_pending(tx, &silenced)
}

/// When a reminder fires next by its schedule, and when it is told again, after its task changed.
fn next(reminder: &Reminder, was: State, is: State, now: Instant) -> Result<(Option<Instant>, Option<Instant>)> {
    let counts_from_due = reminder.recurrence_type == RecurrenceType::Relative;
    match (was.completed, is.completed) {
        (_, true) => Ok((None, None)),
        // Reopened: what came to pass while it was done is not told.
        (true, false) => Ok((schedule::regular_or_kept(reminder, is.due, now)?, None)),
        // A due that moved begins anew, also for what was snoozed.
        (false, false) if counts_from_due => Ok((schedule::regular_or_kept(reminder, is.due, now)?, None)),
        (false, false) => Ok((reminder.regular_at, reminder.repeat_at)),
    }
}

/// Sets when a reminder that is restored fires next. It is told again only at times to come, but nothing that still is
/// to be told, by how it is `now`, is lost.
pub(crate) fn resume(reminder: &mut Reminder, task: &Task, now: Option<&Reminder>, at: Instant) -> Result<()> {
    (reminder.regular_at, reminder.repeat_at, reminder.next_trigger_at) = if task.completed {
        (None, None, None)
    } else {
        let regular = schedule::regular_or_kept(reminder, schedule::due_of(task), at)?;
        let repeat = reminder.repeat_at.filter(|repeat| *repeat > at);
        match (schedule::cursor(regular, repeat), now) {
            (None, Some(now)) => (now.regular_at, now.repeat_at, now.next_trigger_at),
            (next, _) => (regular, repeat, next),
        }
    };
    if let Some(now) = now {
        reminder.last_triggered_at = now.last_triggered_at;
    }
    Ok(())
}

/// Notes that the reminders of tasks go with them, and holds what waits to be told of them; deleting the tasks deletes
/// the rows.
pub(crate) fn forget(tx: &mut Tx<'_>, tasks: &[Task]) -> Result<()> {
    let reminders = of_tasks_locked(tx.conn, tasks)?;
    let ids: Vec<Id> = reminders.iter().map(|reminder| reminder.id).collect();
    notification::detach(tx, &ids)?;
    reminders.iter().try_for_each(|reminder| tx.deleted(reminder))
}
