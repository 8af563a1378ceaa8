//! Reminders for the next occurrence of a recurring task: those that count from the due go along with it. Those at an
//! instant, or with a rhythm of their own, are of the occurrence they were made for.

use super::{insert, of_tasks_locked};
use crate::error::Result;
use crate::model::{Id, RecurrenceType, Reminder, Task};
use crate::service::schedule;
use crate::service::tx::Tx;

/// Gives `to` the reminders of `from` that count from the due.
pub(crate) fn copy_relative(tx: &mut Tx<'_>, from: &Task, to: &Task) -> Result<()> {
    let mut copies = Vec::new();
    for reminder in of_tasks_locked(tx.conn, std::slice::from_ref(from))? {
        if reminder.recurrence_type != RecurrenceType::Relative {
            continue;
        }
        let regular_at = schedule::regular_or_kept(&reminder, schedule::due_of(to), tx.now)?;
        copies.push(Reminder {
            id: Id::new(tx.now),
            task_id: to.id,
            task_number: to.number,
            task_title: to.title.clone(),
            last_triggered_at: None,
            next_trigger_at: regular_at,
            regular_at,
            repeat_at: None,
            acknowledged_at: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
            ..reminder
        });
    }
    if copies.is_empty() {
        return Ok(());
    }
    insert(tx, &copies)?;
    copies.iter().try_for_each(|copy| tx.created(copy))
}
