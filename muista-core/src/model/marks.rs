//! [`TaskMarks`]: what a list tells of a task by a mark, beside what the task itself says.

use serde::{Deserialize, Serialize};

use super::Id;

/// What there is beside a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskMarks {
    /// The task.
    pub id: Id,
    /// Whether it waits for another task that is open.
    pub blocked: bool,
    /// Whether a part of it is open.
    pub parts: bool,
    /// Whether a reminder of it is to come.
    pub reminders: bool,
    /// Whether somebody commented on it.
    pub comments: bool,
    /// Whether files are attached to it.
    pub attachments: bool,
}
