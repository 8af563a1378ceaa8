//! What a message of an agent is answered with: `success` and data, or `error` with a code that agents go by.
//! Refusals are problems like any others, which the middleware stack writes in this form where a route asks for it.

use muista_core::model::{Id, Intent, Run, Task, TaskPage};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::http::problem::Problem;

/// The code of an intent that there is not.
pub(super) const UNKNOWN_INTENT: &str = "UNKNOWN_INTENT";

/// What was done.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgentSuccess)]
pub(crate) struct Success {
    /// `success`.
    #[schema(value_type = String, pattern = "^success$", example = "success")]
    pub(super) status: &'static str,
    /// What an intent brings.
    pub(super) data: Data,
}

/// What an intent brings: `createTask` and `updateTask` the task, `deleteTask` what is gone, `triggerScript` the run, the
/// others a page of tasks.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = AgentData)]
pub(crate) enum Data {
    /// The task, as it is now.
    #[serde(rename_all = "camelCase")]
    Task {
        /// Its id.
        task_id: Id,
        /// The task.
        task: Box<Task>,
        /// What the user should be told beside it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        #[schema(required = false)]
        notices: Vec<String>,
    },
    /// What is gone.
    #[serde(rename_all = "camelCase")]
    Deleted {
        /// The task that was named.
        task_id: Id,
        /// All that is gone: the task, and its parts before it.
        deleted: Vec<Id>,
    },
    /// The run, which waits for its turn.
    #[serde(rename_all = "camelCase")]
    Run {
        /// Its id.
        run_id: Id,
        /// The run.
        run: Box<Run>,
    },
    /// A page of tasks.
    Page(TaskPage),
}

/// Why something was not done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AgentError, example = json!({
    "status": "error", "errorCode": "INVALID_PARAMS", "message": "Missing title for createTask",
    "details": {"field": "title"}
}))]
pub(crate) struct Refusal<'a> {
    /// `error`.
    #[schema(value_type = String, pattern = "^error$", example = "error")]
    status: &'static str,
    /// What to go by.
    error_code: ErrorCode,
    /// What is wrong, and what to do about it.
    message: &'a str,
    /// `field`: the field that is wrong. `known`: the intents that there are. `retryAfter`: after how many seconds to try
    /// again. `limit`: the setting that raises what was exceeded. `code`: what it is more exactly, where REST has another code for it.
    #[schema(value_type = Object)]
    details: Map<String, Value>,
    /// That of the message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    request_id: Option<&'a str>,
}

/// What an agent goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[schema(as = AgentErrorCode)]
enum ErrorCode {
    /// The message, or something in it, cannot be accepted: change it.
    InvalidParams,
    /// There is no such intent.
    UnknownIntent,
    /// There is no such thing, or none that the account sees.
    NotFound,
    /// The token is not taken, or not for this.
    Forbidden,
    /// Too many messages: wait as long as `Retry-After` says.
    RateLimited,
    /// As many tasks as a day allows: go on tomorrow.
    DailyLimit,
    /// Muista failed, or its database does not answer: try again.
    Internal,
}

impl ErrorCode {
    /// That of a problem, and whether it says as much as the problem's own.
    fn of(problem: &Problem) -> (Self, bool) {
        match problem.code {
            UNKNOWN_INTENT => (Self::UnknownIntent, true),
            "INVALID" => (Self::InvalidParams, true),
            "NOT_FOUND" => (Self::NotFound, true),
            "FORBIDDEN" => (Self::Forbidden, true),
            "UNAUTHENTICATED" | "QUOTA" => (Self::Forbidden, false),
            "RATE_LIMITED" => (Self::RateLimited, true),
            "DAILY_LIMIT" => (Self::DailyLimit, true),
            "INTERNAL" => (Self::Internal, true),
            _ if problem.status.is_server_error() => (Self::Internal, false),
            _ => (Self::InvalidParams, false),
        }
    }
}

/// Returns a problem as an agent is told of it, with what its message goes by.
pub(super) fn refusal(problem: &Problem, request_id: Option<&str>) -> Vec<u8> {
    let (error_code, exact) = ErrorCode::of(problem);
    let mut details = Map::new();
    if let Some(error) = problem.errors.first() {
        details.insert("field".to_owned(), json!(error.field));
    }
    if error_code == ErrorCode::UnknownIntent {
        details.insert("known".to_owned(), json!(Intent::ALL));
    }
    if let Some(seconds) = problem.retry_after {
        details.insert("retryAfter".to_owned(), json!(seconds));
    }
    if let Some(limit) = &problem.limit {
        details.insert("limit".to_owned(), json!(limit));
    }
    if !exact {
        details.insert("code".to_owned(), json!(problem.code));
    }
    let refusal = Refusal { status: "error", error_code, message: &problem.detail, details, request_id };
    // Texts and numbers alone, which always can be written.
    serde_json::to_vec(&refusal).unwrap_or_default()
}
