//! The rows that the engine reads and writes in bulk, with no more columns than it needs.

use diesel::prelude::*;

use crate::model::Id;
use crate::store::schema::{notifications, runs, tasks, users};
use crate::store::types::{Doc, RowDay};
use crate::time::Instant;

/// What a reminder's firing has to know of its task.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = tasks)]
pub(crate) struct FiredTaskRow {
    pub(crate) id: Id,
    pub(crate) number: i64,
    pub(crate) owner_id: Id,
    pub(crate) title: String,
    pub(crate) due_at: Option<Instant>,
    pub(crate) due_on: Option<RowDay>,
    pub(crate) timezone: Option<String>,
    pub(crate) completed_at: Option<Instant>,
}

/// Where an account is reached.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = users)]
pub(crate) struct UserRow {
    pub(crate) id: Id,
    pub(crate) username: String,
    pub(crate) email: Option<String>,
    pub(crate) phone_number: Option<String>,
    pub(crate) timezone: Option<String>,
    pub(crate) disabled_at: Option<Instant>,
    pub(crate) email_confirmed_at: Option<Instant>,
    pub(crate) phone_confirmed_at: Option<Instant>,
}

/// A new message that a reminder's firing makes; it may be taken already by whom it is made.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = notifications, treat_none_as_default_value = false)]
pub(crate) struct FiredMessageRow {
    pub(crate) id: Id,
    pub(crate) user_id: Id,
    pub(crate) occurrence_id: Id,
    pub(crate) reminder_id: Id,
    pub(crate) recipient: String,
    pub(crate) channel: &'static str,
    pub(crate) status: &'static str,
    pub(crate) payload: Doc,
    pub(crate) error_message: Option<String>,
    pub(crate) next_attempt_at: Option<Instant>,
    pub(crate) created_at: Instant,
    pub(crate) lease: i64,
    pub(crate) lease_until: Option<Instant>,
}

/// A run that has not ended.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = runs)]
pub(crate) struct OpenRunRow {
    pub(crate) job_id: Id,
    pub(crate) status: String,
    pub(crate) triggered_by: String,
}

/// How a reminder stands after it fired, and how its cursor stood before.
#[derive(Debug, Clone)]
pub(crate) struct MovedCursor {
    pub(crate) id: Id,
    pub(crate) seen: Instant,
    pub(crate) next: Option<Instant>,
    pub(crate) regular: Option<Instant>,
    pub(crate) repeat: Option<Instant>,
    pub(crate) acknowledged: Option<Instant>,
    pub(crate) triggered: Option<Instant>,
}

/// What came of a message, under which lease.
#[derive(Debug, Clone)]
pub(crate) struct RecordedRow {
    pub(crate) id: Id,
    pub(crate) lease: i64,
    pub(crate) status: &'static str,
    /// How many attempts it cost: one, or none.
    pub(crate) spent: i16,
    pub(crate) error: Option<String>,
    pub(crate) next: Option<Instant>,
    pub(crate) sent: Option<Instant>,
}
