//! The row of a stretch of work, from and to the noun.

use diesel::prelude::*;

use crate::model::{Id, TimeEntry};
use crate::store::schema::time_entries;
use crate::time::Instant;

/// A row of `time_entries`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = time_entries, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct TimeEntryRow {
    pub(crate) id: Id,
    pub(crate) task_id: Id,
    pub(crate) user_id: Id,
    pub(crate) began_at: Instant,
    pub(crate) ended_at: Option<Instant>,
}

impl From<TimeEntryRow> for TimeEntry {
    fn from(row: TimeEntryRow) -> Self {
        Self { id: row.id, task_id: row.task_id, user_id: row.user_id, began_at: row.began_at, ended_at: row.ended_at }
    }
}

impl From<&TimeEntry> for TimeEntryRow {
    fn from(entry: &TimeEntry) -> Self {
        Self {
            id: entry.id,
            task_id: entry.task_id,
            user_id: entry.user_id,
            began_at: entry.began_at,
            ended_at: entry.ended_at,
        }
    }
}
