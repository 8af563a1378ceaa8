//! [`Comment`]: what somebody wrote to a task; and how they are listed.

use serde::{Deserialize, Serialize};

use super::{Id, TaskRef};
use crate::time::Instant;

/// A comment on a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
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

/// Which comments are wanted; the oldest come first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommentQuery {
    /// Those on this task.
    pub task: TaskRef,
    /// Maximum number of items; 0: as many as a page holds.
    #[serde(default)]
    pub limit: u32,
    /// Where the page before ended.
    #[serde(default)]
    pub cursor: Option<String>,
}

/// A part of the comments on a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommentPage {
    /// The comments, the oldest first.
    pub items: Vec<Comment>,
    /// What to give as `cursor` for the next page; none when this is the last.
    pub next_cursor: Option<String>,
}
