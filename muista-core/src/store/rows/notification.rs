//! The rows of notifications: a new one for the outbox, and one as it stands in the ledger.

use diesel::prelude::*;

use crate::error::Result;
use crate::model::{Content, HELD, Id, Notification};
use crate::store::schema::notifications;
use crate::store::types::Doc;
use crate::time::Instant;

/// A row of `notifications`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = notifications)]
pub(crate) struct NotificationRow {
    pub(crate) id: Id,
    pub(crate) user_id: Id,
    pub(crate) reminder_id: Option<Id>,
    pub(crate) job_id: Option<Id>,
    pub(crate) recipient: String,
    pub(crate) channel: String,
    pub(crate) status: String,
    pub(crate) payload: Option<Doc>,
    pub(crate) error_message: Option<String>,
    pub(crate) attempts: i16,
    pub(crate) rescues: i16,
    pub(crate) lease: i64,
    pub(crate) lease_until: Option<Instant>,
    pub(crate) next_attempt_at: Option<Instant>,
    pub(crate) sent_at: Option<Instant>,
    pub(crate) created_at: Instant,
    pub(crate) run_id: Option<Id>,
}

/// A new row of `notifications`.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = notifications, treat_none_as_default_value = false)]
pub(crate) struct NewNotificationRow {
    pub(crate) id: Id,
    pub(crate) user_id: Id,
    pub(crate) occurrence_id: Option<Id>,
    pub(crate) reminder_id: Option<Id>,
    pub(crate) job_id: Option<Id>,
    pub(crate) recipient: String,
    pub(crate) channel: &'static str,
    pub(crate) status: &'static str,
    pub(crate) payload: Option<Doc>,
    pub(crate) error_message: Option<String>,
    pub(crate) next_attempt_at: Option<Instant>,
    pub(crate) created_at: Instant,
    pub(crate) run_id: Option<Id>,
}

impl NotificationRow {
    /// The notification of this row, as its account may see it: a token in it is for who reads the mail alone.
    pub(crate) fn into_notification(self) -> Result<Notification> {
        let mut payload: Option<Content> = self.payload.map(|doc| doc.read()).transpose()?;
        if let Some(content) = payload.as_mut().filter(|content| content.kind.is_secret()) {
            content.note = None;
        }
        Ok(Notification {
            channel: self.channel.parse()?,
            status: self.status.parse()?,
            payload,
            attempts: self.attempts.into(),
            rescues: self.rescues.into(),
            id: self.id,
            user_id: self.user_id,
            reminder_id: self.reminder_id,
            job_id: self.job_id,
            run_id: self.run_id,
            recipient: self.recipient,
            error_message: self.error_message,
            next_attempt_at: self.next_attempt_at.filter(|at| *at != HELD),
            sent_at: self.sent_at,
            created_at: self.created_at,
        })
    }
}
