//! The row of a reminder, from and to the noun. Its channels are rows of their own.

use diesel::prelude::*;

use crate::error::Result;
use crate::model::{Channel, Id, Reminder};
use crate::store::schema::reminders;
use crate::time::Instant;

/// A row of `reminders`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = reminders, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct ReminderRow {
    pub(crate) id: Id,
    pub(crate) task_id: Id,
    pub(crate) schedule: String,
    pub(crate) recurrence_type: String,
    pub(crate) interval: Option<String>,
    pub(crate) start_at: Option<Instant>,
    pub(crate) end_at: Option<Instant>,
    pub(crate) timezone: Option<String>,
    pub(crate) last_triggered_at: Option<Instant>,
    pub(crate) next_trigger_at: Option<Instant>,
    pub(crate) note: Option<String>,
    pub(crate) version: i64,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
    pub(crate) words: Option<String>,
    pub(crate) nag: Option<String>,
    pub(crate) regular_at: Option<Instant>,
    pub(crate) repeat_at: Option<Instant>,
    pub(crate) acknowledged_at: Option<Instant>,
}

impl ReminderRow {
    /// The reminder of this row, its task's number and title, and its channels.
    pub(crate) fn into_reminder(
        self,
        task_number: i64,
        task_title: String,
        channels: Vec<Channel>,
    ) -> Result<Reminder> {
        Ok(Reminder {
            task_number,
            task_title,
            channels,
            recurrence_type: self.recurrence_type.parse()?,
            id: self.id,
            task_id: self.task_id,
            schedule: self.schedule,
            interval: self.interval,
            start_at: self.start_at,
            end_at: self.end_at,
            timezone: self.timezone,
            last_triggered_at: self.last_triggered_at,
            next_trigger_at: self.next_trigger_at,
            zone_unknown: false,
            note: self.note,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            words: self.words,
            nag: self.nag,
            regular_at: self.regular_at,
            repeat_at: self.repeat_at,
            acknowledged_at: self.acknowledged_at,
        })
    }
}

impl From<&Reminder> for ReminderRow {
    fn from(reminder: &Reminder) -> Self {
        Self {
            recurrence_type: reminder.recurrence_type.as_str().to_owned(),
            id: reminder.id,
            task_id: reminder.task_id,
            schedule: reminder.schedule.clone(),
            interval: reminder.interval.clone(),
            start_at: reminder.start_at,
            end_at: reminder.end_at,
            timezone: reminder.timezone.clone(),
            last_triggered_at: reminder.last_triggered_at,
            next_trigger_at: reminder.next_trigger_at,
            note: reminder.note.clone(),
            version: reminder.version,
            created_at: reminder.created_at,
            updated_at: reminder.updated_at,
            words: reminder.words.clone(),
            nag: reminder.nag.clone(),
            regular_at: reminder.regular_at,
            repeat_at: reminder.repeat_at,
            acknowledged_at: reminder.acknowledged_at,
        }
    }
}
