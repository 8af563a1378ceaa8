//! [`Reminder`]: when and by which channels a task is brought back to mind, and what makes ([`NewReminder`]) one. When
//! the next one falls due is `service`'s, delivering it the daemon's.

use serde::{Deserialize, Serialize};

use super::{Channel, Id, RecurrenceType, TaskRef, Text};
use crate::error::{Error, Result};
use crate::time::{Duration, Instant, Rule};

/// A reminder of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reminder {
    /// The identifier.
    pub id: Id,
    /// The task.
    pub task_id: Id,
    /// The task's number.
    pub task_number: i64,
    /// The task's title.
    pub task_title: String,
    /// When: an instant (`ONCE`), cron (`CRON`), an ISO 8601 duration (`INTERVAL`), or one counted from the task's due,
    /// negative for before (`RELATIVE`).
    pub schedule: String,
    /// How `schedule` is read.
    pub recurrence_type: RecurrenceType,
    /// The duration, for `INTERVAL`.
    pub interval: Option<String>,
    /// What the user wrote.
    pub words: Option<String>,
    /// Nothing fires before this; intervals count from it.
    pub start_at: Option<Instant>,
    /// Nothing fires after this.
    pub end_at: Option<Instant>,
    /// The zone of the schedule: its IANA name.
    pub timezone: Option<String>,
    /// How it is delivered; empty: by the usual channels.
    pub channels: Vec<Channel>,
    /// How long until it is repeated while nobody acknowledges it: an ISO 8601 duration.
    pub nag: Option<String>,
    /// When it last fired.
    pub last_triggered_at: Option<Instant>,
    /// When it fires next; none: it is not active.
    pub next_trigger_at: Option<Instant>,
    /// Whether its schedule is at rest because its time zone is not known where this was asked. It goes on once it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(nullable = false)]
    pub zone_unknown: bool,
    /// When its schedule fires next, snoozing and repeating left aside.
    pub regular_at: Option<Instant>,
    /// When it is told again: snoozed until then, or not acknowledged.
    pub repeat_at: Option<Instant>,
    /// When it was acknowledged after it last fired.
    pub acknowledged_at: Option<Instant>,
    /// A remark that goes with the message.
    pub note: Option<String>,
    /// Counts up with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// When a new reminder fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Trigger {
    /// Once, at an instant.
    At(Instant),
    /// So long after the task's due; before it where negative.
    FromDue(Duration),
    /// So long before the task's due, or from now where it has none.
    Length(Duration),
    /// Again and again.
    Every {
        /// When.
        rule: Rule,
        /// What the user wrote.
        words: String,
    },
}

/// What makes a reminder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewReminder {
    /// When it fires.
    pub trigger: Trigger,
    /// Nothing fires before this; intervals count from it. None: from now.
    #[serde(default)]
    pub start: Option<Instant>,
    /// Nothing fires after this.
    #[serde(default)]
    pub end: Option<Instant>,
    /// The zone of the schedule, an IANA name; none: the caller's.
    #[serde(default)]
    pub timezone: Option<String>,
    /// How it is delivered; empty: by the usual channels.
    #[serde(default)]
    pub channels: Vec<Channel>,
    /// How long until it is repeated while nobody acknowledges it; at least a minute.
    #[serde(default)]
    pub nag: Option<Duration>,
    /// A remark that goes with the message.
    #[serde(default)]
    pub note: Option<Text>,
}

impl NewReminder {
    /// A reminder at `trigger` with nothing else said.
    #[must_use]
    pub fn new(trigger: Trigger) -> Self {
        Self { trigger, start: None, end: None, timezone: None, channels: Vec::new(), nag: None, note: None }
    }
}

/// Which reminders are listed; the next to fire come first, those that are not active last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ReminderQuery {
    /// Of this task alone.
    pub task: Option<TaskRef>,
    /// Those that are not active as well.
    pub all: bool,
    /// Maximum number of items; 0: as many as a page holds.
    pub limit: u32,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// Which reminders are deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ReminderTarget {
    /// All of a task's.
    Task(TaskRef),
    /// These, all or none.
    Ids(Vec<Id>),
}

/// A part of the list of reminders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ReminderPage {
    /// The reminders.
    pub items: Vec<Reminder>,
    /// What to give as `cursor` for the next page; none when this is the last.
    pub next_cursor: Option<String>,
}

/// What a text like `30min before`, `1h after` or `at due` says: how long after the due, negative for before.
///
/// # Errors
/// `Invalid` when it looks like an offset and cannot be read. None when it does not look like one.
pub fn offset_from_due(text: &str) -> Result<Option<Duration>> {
    let text = text.trim();
    let lower = text.to_lowercase();
    if matches!(lower.as_str(), "at due" | "when due" | "on due") {
        return Ok(Some(Duration::read("PT0S")?));
    }
    let tails = [(" before due", true), (" before", true), (" after due", false), (" after", false)];
    let Some((length, before)) =
        tails.iter().find_map(|(tail, before)| lower.strip_suffix(tail).map(|length| (length.len(), *before)))
    else {
        return Ok(None);
    };
    let length = Duration::read(&text[..length])?;
    if length.is_negative() {
        return Err(Error::invalid("at", format!("“{text}” counts backwards"))
            .hint("write how long before, as in `30min before`"));
    }
    Ok(Some(if before { length.negated() } else { length }))
}
