//! [`TimeEntry`]: a stretch of work on a task.

use serde::{Deserialize, Serialize};

use super::Id;
use crate::time::Instant;

/// A stretch of work on a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimeEntry {
    /// The identifier.
    pub id: Id,
    /// The task.
    pub task_id: Id,
    /// The account that worked on it.
    pub user_id: Id,
    /// When the work began.
    pub began_at: Instant,
    /// When it ended; none while it goes on.
    pub ended_at: Option<Instant>,
}

impl TimeEntry {
    /// Returns how many seconds it took; none while it goes on.
    #[must_use]
    pub fn seconds(&self) -> Option<i64> {
        let length = self.ended_at?.since(self.began_at);
        Some(i64::try_from(length.as_secs()).unwrap_or(i64::MAX))
    }
}
