//! [`Run`]: one execution of a job, and what it wrote ([`RunLogPage`]).

use serde::{Deserialize, Serialize};

use super::{Id, JobName};
use crate::time::Instant;

string_enum! {
    /// How a run stands.
    RunStatus, "status" {
        /// It waits for its turn.
        Pending = "pending",
        /// Its script runs.
        Running = "running",
        /// Its script ended with exit code 0.
        Completed = "completed",
        /// Its script ended otherwise, or could not be started.
        Failed = "failed",
        /// It was left out, since another run had not ended.
        Skipped = "skipped",
        /// It was stopped, or taken back before it began.
        Cancelled = "cancelled",
    }
}

string_enum! {
    /// What started a run.
    TriggeredBy, "triggered_by" {
        /// The job's schedule.
        Schedule = "schedule",
        /// Somebody who asked for it.
        Manual = "manual",
        /// The failure of the run before.
        Retry = "retry",
    }
}

string_enum! {
    /// What keeps a run whose time has come from starting.
    WaitingFor, "waiting_for" {
        /// Its time: a retry.
        Time = "time",
        /// Another run of its job, which may not overlap.
        Run = "run",
        /// A place among the scripts that run.
        Place = "place",
        /// Its account, which is out of use.
        Account = "account",
    }
}

string_enum! {
    /// Where a script wrote something.
    Stream, "stream" {
        /// Its standard output.
        Stdout = "stdout",
        /// Its standard error.
        Stderr = "stderr",
    }
}

/// One execution of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The identifier.
    pub id: Id,
    /// The job.
    pub job_id: Id,
    /// The job's name.
    pub job_name: String,
    /// The name of the account that owns the job, where the runs of all accounts are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub owner: Option<String>,
    /// How it stands.
    pub status: RunStatus,
    /// Which attempt it is, from 1.
    pub attempt: i32,
    /// How many attempts the job makes at most.
    #[serde(default)]
    pub max_attempts: i32,
    /// How often it was taken over from a daemon that was gone.
    pub rescues: i32,
    /// What started it.
    pub triggered_by: TriggeredBy,
    /// The arguments it was given.
    pub args: Vec<String>,
    /// The time of the schedule that it stands for.
    pub scheduled_for: Option<Instant>,
    /// When it may begin, while it waits.
    pub available_at: Option<Instant>,
    /// What it waits for, while it waits.
    pub waiting_for: Option<WaitingFor>,
    /// The same in words.
    pub waiting_reason: Option<String>,
    /// When the next attempt begins, where this one failed and another waits, or where this is the one that waits.
    pub next_retry_at: Option<Instant>,
    /// When its script was started.
    pub started_at: Option<Instant>,
    /// When it ended.
    pub finished_at: Option<Instant>,
    /// What the script ended with.
    pub exit_code: Option<i32>,
    /// The signal that ended the script.
    pub signal: Option<i32>,
    /// Why it failed or was left out.
    pub error_message: Option<String>,
    /// Whether the script wrote more than is kept.
    pub output_truncated: bool,
    /// How many bytes of its output were left out, between the beginning and the end that are kept.
    #[serde(default)]
    pub omitted_bytes: i64,
    /// The processes that the script left running and that were ended, as in `sleep (4711)`.
    #[serde(default)]
    pub left_behind: Vec<String>,
    /// When it was made.
    pub created_at: Instant,
}

impl Run {
    /// Whether it has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !matches!(self.status, RunStatus::Pending | RunStatus::Running)
    }
}

/// Which run is meant: by its id, or the last of a job's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RunRef {
    /// This run.
    Id(Id),
    /// The job's newest run that was not skipped.
    LastOf(JobName),
}

/// Which runs are listed; the newest come first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RunQuery {
    /// Of every account, which only an admin may see.
    pub all: bool,
    /// Of this job alone.
    pub job: Option<JobName>,
    /// In this state alone.
    pub status: Option<RunStatus>,
    /// Maximum number of items; 0: as many as a page holds.
    pub limit: u32,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A part of the list of runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunPage {
    /// The runs, the newest first.
    pub items: Vec<Run>,
    /// What to give as `cursor` for the next page; none when this is the last.
    pub next_cursor: Option<String>,
}

/// A piece of what a run wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunLogChunk {
    /// Its place, from 1.
    pub seq: i32,
    /// Where it was written.
    pub stream: Stream,
    /// What was written; bytes that are no UTF-8 stand as U+FFFD.
    pub text: String,
    /// How many bytes of this stream were left out just before it.
    #[serde(default)]
    pub omitted_bytes: i64,
    /// When it was taken up.
    pub created_at: Instant,
}

impl RunLogChunk {
    /// What stands in a text for the bytes that were left out before this piece, as a line of its own.
    #[must_use]
    pub fn gap(&self) -> String {
        format!("\n[… {} bytes left out …]\n", self.omitted_bytes)
    }
}

/// A part of what a run wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunLogPage {
    /// The run, as it stood when the pieces were read.
    pub run: Run,
    /// The pieces, the oldest first.
    pub items: Vec<RunLogChunk>,
    /// Whether there are more pieces by now.
    pub more: bool,
}
