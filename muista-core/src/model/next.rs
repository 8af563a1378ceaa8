//! What to do next: a [`RankedTask`] with its urgency and the reasons. How urgency is computed is the service's matter.

use serde::{Deserialize, Serialize};

use super::{Task, TaskFilter};

/// Which tasks to rank, and how many to return.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct NextQuery {
    /// Which tasks; done ones are never ranked.
    pub filter: TaskFilter,
    /// Maximum number of items.
    pub limit: u32,
}

/// One reason for a task's urgency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UrgencyPart {
    /// What it is: `due`, `priority` …
    pub name: String,
    /// What it adds.
    pub value: f64,
}

/// A task with its urgency.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RankedTask {
    /// The task.
    #[serde(flatten)]
    pub task: Task,
    /// The sum of the reasons; the largest comes first.
    pub urgency: f64,
    /// The reasons that add something, the weightiest first.
    pub why: Vec<UrgencyPart>,
}
