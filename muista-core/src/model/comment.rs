//! [`Comment`]: what somebody wrote to a task.

use serde::{Deserialize, Serialize};

use super::Id;
use crate::time::Instant;

/// A comment on a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    /// The comment's identifier.
    pub id: Id,
    /// The task it belongs to.
    pub task_id: Id,
    /// Who wrote it.
    pub author_id: Id,
    /// What it says.
    pub text: String,
    /// When it was written.
    pub created_at: Instant,
}
