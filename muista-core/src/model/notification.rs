//! [`Notification`]: one message to one recipient on one channel, from the outbox to the ledger. Making them
//! is `service`'s, delivering them the daemon's.

use serde::{Deserialize, Serialize};

use super::{Channel, Id, TaskRef};
use crate::time::Instant;

string_enum! {
    /// How far a message has come.
    NotificationStatus, "status" {
        /// It waits to be delivered, or is being delivered.
        Pending = "PENDING",
        /// The channel took it.
        Sent = "SENT",
        /// It is given up.
        Failed = "FAILED",
    }
}

/// When a message is tried that is held, as for want of a recipient: not before it is let go.
pub(crate) const HELD: Instant = Instant::MAX;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// The identifier; also the stable part of `Message-ID` and `Idempotency-Key`.
    pub id: Id,
    /// The account it is for.
    pub user_id: Id,
    /// The reminder it tells of.
    pub reminder_id: Option<Id>,
    /// The job it tells of.
    pub job_id: Option<Id>,
    /// The run it tells of.
    pub run_id: Option<Id>,
    /// The address: of a mailbox, a phone, an endpoint.
    pub recipient: String,
    /// How it is delivered.
    pub channel: Channel,
    /// How far it has come.
    pub status: NotificationStatus,
    /// What it says.
    pub payload: Option<Content>,
    /// Why the last attempt failed.
    pub error_message: Option<String>,
    /// How many attempts were made.
    pub attempts: i32,
    /// How often it was taken over from a daemon that was gone.
    pub rescues: i32,
    /// When it is tried next; none when it is sent, given up, or held for the reason that `errorMessage` tells.
    pub next_attempt_at: Option<Instant>,
    /// When the channel took it.
    pub sent_at: Option<Instant>,
    /// When it was made.
    pub created_at: Instant,
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub enum ContentKind {
    /// A reminder fired.
    Reminder,
    /// A job failed, all its retries included.
    JobFailed,
    /// A job succeeded.
    JobSucceeded,
    /// A backup, or trying one, failed; the note says why.
    BackupFailed,
    /// A job that had failed succeeded.
    JobRecovered,
    /// A job is at rest, since its time zone is not known; the note names it.
    JobAtRest,
    /// A job that was at rest goes on.
    JobGoesOn,
    /// Somebody tries the channel.
    Test,
    /// Somebody forgot a password; the note holds what sets a new one.
    PasswordReset,
    /// An address is to be confirmed; the note holds the code.
    AddressConfirmation,
}

impl ContentKind {
    /// Whether what the message says is for who reads it at its address alone.
    #[must_use]
    pub fn is_secret(self) -> bool {
        matches!(self, Self::PasswordReset | Self::AddressConfirmation)
    }
}

/// What a message says; kept with it, so that it stays true when the task changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Content {
    /// What it is about.
    pub kind: ContentKind,
    /// The task's title or the job's name.
    pub title: String,
    /// The task.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_id: Option<Id>,
    /// The task's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task_number: Option<i64>,
    /// When the task is due, as it is to be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// A remark: the reminder's note, or how a run ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When it was to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_for: Option<Instant>,
    /// How late it is, in seconds; none when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub late_seconds: Option<i64>,
}

/// Which notifications are listed; the newest come first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NotificationQuery {
    /// In this state alone.
    pub status: Option<NotificationStatus>,
    /// On this channel alone.
    pub channel: Option<Channel>,
    /// Of this task's reminders alone.
    pub task: Option<TaskRef>,
    /// Maximum number of items; 0: as many as a page holds.
    pub limit: u32,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A part of the list of notifications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotificationPage {
    /// The notifications, the newest first.
    pub items: Vec<Notification>,
    /// What to give as `cursor` for the next page; none when this is the last.
    pub next_cursor: Option<String>,
}
