//! [`Explanation`]: why a task is hidden, why it ranks where it does, and why its last reminder or run was late.

use serde::{Deserialize, Serialize};

use super::{Id, Task, UrgencyPart};
use crate::time::Instant;

/// What there is to say of a task's standing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The task.
    pub task: Task,
    /// Why lists of open tasks pass over it; none where they hold it.
    pub hidden: Option<Hidden>,
    /// The open tasks that must be done before it, by number.
    pub blocked_by: Vec<Task>,
    /// How many further open tasks must be done before it that the caller does not see.
    #[serde(default)]
    pub blocked_by_hidden: u32,
    /// Its urgency, by which `next` ranks it; none where `next` passes over it.
    pub urgency: Option<f64>,
    /// The parts of the urgency, the weightiest first.
    pub why: Vec<UrgencyPart>,
    /// What was late: its last reminder, and the last run of each of its jobs.
    pub late: Vec<Lateness>,
}

string_enum! {
    /// Why lists of open tasks pass over a task.
    Hidden, "hidden" {
        /// It is done.
        Done = "done",
        /// Its start is still to come.
        Waiting = "waiting",
    }
}

string_enum! {
    /// What was late.
    LateKind, "kind" {
        /// A message of a reminder.
        Reminder = "reminder",
        /// A run of a job.
        Run = "run",
    }
}

/// Something of a task that was late, or still is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Lateness {
    /// What it is.
    pub kind: LateKind,
    /// The message or the run.
    pub id: Id,
    /// The channel of the message, or the name of the job.
    pub name: String,
    /// When it was to happen.
    pub scheduled_for: Instant,
    /// When it was sent or started; none where it has not been.
    pub at: Option<Instant>,
    /// Why, in sentences, the first cause first.
    pub reasons: Vec<String>,
}
