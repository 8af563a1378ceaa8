//! [`Job`]: a script that runs on a schedule or when asked to, and what makes ([`NewJob`]) or changes ([`JobPatch`]) one.
//! One execution is a `run`; running it is the daemon's.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::text::{is_blank, limit, text};
use super::{Channel, Id, RecurrenceType, Run, TaskRef, clip};
use crate::error::{Error, Result};
use crate::time::{Instant, Rule};

/// A job's name: one word of 1 to 100 characters, so that it can stand on a command line. Two names that differ only in
/// case are the same job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 100, pattern = r"^[^\s,\-\x00-\x1f\x7f-\x9f][^\s,\x00-\x1f\x7f-\x9f]*$", example = "weather")]
pub struct JobName(String);

impl JobName {
    /// Reads a name.
    ///
    /// # Errors
    /// `Invalid` when it is empty, too long, or holds white space, a comma or a control character.
    pub fn parse(text: &str) -> Result<Self> {
        limit("name", text, 100)?;
        let bad = |c: char| c.is_whitespace() || c.is_control() || c == ',';
        if is_blank(text) || text.starts_with('-') || text.chars().any(bad) {
            return Err(Error::invalid("name", format!("“{}” is not a job's name", super::shown(&clip(text))))
                .hint("a job's name is one word, as in `muista job add backup …`"));
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for JobName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for JobName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

text!(JobName);

string_enum! {
    /// What kind of job.
    #[derive(Default)]
    JobKind, "type" {
        /// It runs a script.
        #[default] Script = "script",
    }
}

string_enum! {
    /// What happens when a job falls due while its last run has not ended.
    #[derive(Default)]
    Overlap, "overlap" {
        /// A skipped run is recorded.
        #[default] Forbid = "forbid",
        /// The new run waits.
        Queue = "queue",
        /// Both run.
        Allow = "allow",
        /// The running one is stopped.
        Replace = "replace",
    }
}

string_enum! {
    /// What happens to the times that passed while no daemon ran.
    #[derive(Default)]
    Missed, "missed" {
        /// The last one runs, late.
        #[default] Latest = "latest",
        /// All run, late, the last hundred at most.
        All = "all",
        /// None runs.
        Skip = "skip",
    }
}

string_enum! {
    /// How a job stands.
    #[derive(Default)]
    JobStatus, "status" {
        /// It has not run yet, or its last run was cancelled or skipped.
        #[default] Pending = "pending",
        /// It runs.
        Running = "running",
        /// Its last run failed.
        Failed = "failed",
        /// Its last run succeeded.
        Completed = "completed",
    }
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// The identifier.
    pub id: Id,
    /// The account that owns it.
    pub owner_id: Id,
    /// The task it belongs to.
    pub task_id: Option<Id>,
    /// Its name.
    pub name: String,
    /// What kind of job: always `script`.
    pub r#type: JobKind,
    /// The script's name in the registry.
    pub script: String,
    /// The arguments, after those of the registry.
    pub args: Vec<String>,
    /// Values of the script's declared parameters.
    pub params: BTreeMap<String, String>,
    /// How it stands.
    pub status: JobStatus,
    /// When: cron, an ISO 8601 duration or an instant; none: only when asked to.
    pub schedule: Option<String>,
    /// How `schedule` is read.
    pub recurrence_type: Option<RecurrenceType>,
    /// The duration, for `INTERVAL`.
    pub interval: Option<String>,
    /// What the user wrote.
    pub words: Option<String>,
    /// Nothing runs on schedule before this; intervals count from it.
    pub start_at: Option<Instant>,
    /// Nothing runs on schedule after this.
    pub end_at: Option<Instant>,
    /// The zone of the schedule: its IANA name.
    pub timezone: Option<String>,
    /// How long a run may take, in seconds.
    pub timeout_seconds: i32,
    /// How often a failed run is tried again.
    pub max_retries: i32,
    /// How long until the first retry, in seconds; each later one waits twice as long.
    pub retry_delay_seconds: i32,
    /// What happens when runs would overlap.
    pub overlap: Overlap,
    /// What happens to missed times.
    pub missed: Missed,
    /// Whether it runs on schedule; a paused one runs only when asked to.
    pub enabled: bool,
    /// Whether a message tells of a failure, after the last retry.
    pub notify_on_failure: bool,
    /// Whether a message tells of a success.
    pub notify_on_success: bool,
    /// Whether a failure leaves a task.
    pub task_on_failure: bool,
    /// How often messages tell of a job that keeps failing, in seconds; 0: of each failure.
    #[serde(default = "notify_every")]
    pub notify_every_seconds: i32,
    /// How messages are delivered; empty: by the usual channels.
    pub channels: Vec<Channel>,
    /// The name of the account that owns it, where the jobs of all accounts are listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub owner: Option<String>,
    /// When its last run started.
    pub last_run_at: Option<Instant>,
    /// When it runs next on schedule.
    pub next_run_at: Option<Instant>,
    /// Whether its schedule is at rest because its time zone is not known where this was asked. It goes on once it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(nullable = false)]
    pub zone_unknown: bool,
    /// Counts up with each change of the definition.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// How often messages tell of a job that keeps failing where nothing else is said, in seconds: once a day.
pub const NOTIFY_EVERY: i32 = 86_400;

fn notify_every() -> i32 {
    NOTIFY_EVERY
}

/// When a job runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum JobTrigger {
    /// Once, at an instant.
    At(Instant),
    /// Again and again.
    Every {
        /// When.
        rule: Rule,
        /// What the user wrote.
        words: String,
        /// Nothing runs before this; intervals count from it. None: from now.
        start: Option<Instant>,
        /// Nothing runs after this.
        end: Option<Instant>,
    },
}

/// What makes a job. What is none takes the usual value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewJob {
    /// Its name.
    pub name: JobName,
    /// The script's name in the registry.
    pub script: String,
    /// What else is set.
    #[serde(flatten)]
    pub settings: JobPatch,
}

/// What changes a job; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobPatch {
    /// The new name.
    pub rename: Option<JobName>,
    /// Another script, by its name in the registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// All arguments, in place of those there are.
    pub args: Option<Vec<String>>,
    /// All parameters, in place of those there are.
    pub params: Option<BTreeMap<String, String>>,
    /// When it runs.
    #[serde(skip_serializing_if = "super::Change::is_keep")]
    pub trigger: super::Change<JobTrigger>,
    /// The zone of the schedule.
    pub timezone: Option<String>,
    /// The task it belongs to.
    #[serde(skip_serializing_if = "super::Change::is_keep")]
    pub task: super::Change<TaskRef>,
    /// How long a run may take, in seconds: 1 to 604,800.
    pub timeout_seconds: Option<i32>,
    /// How often a failed run is tried again: 0 to 20.
    pub max_retries: Option<i32>,
    /// How long until the first retry, in seconds: 1 to 86,400.
    pub retry_delay_seconds: Option<i32>,
    /// What happens when runs would overlap.
    pub overlap: Option<Overlap>,
    /// What happens to missed times.
    pub missed: Option<Missed>,
    /// Whether it runs on schedule.
    pub enabled: Option<bool>,
    /// Whether a message tells of a failure.
    pub notify_on_failure: Option<bool>,
    /// Whether a message tells of a success.
    pub notify_on_success: Option<bool>,
    /// Whether a failure leaves a task.
    pub task_on_failure: Option<bool>,
    /// How often messages tell of a job that keeps failing, in seconds: 0 (each time) to 2,592,000.
    pub notify_every_seconds: Option<i32>,
    /// How messages are delivered.
    pub channels: Option<Vec<Channel>>,
    /// The version that the change was made from; another one now is a conflict.
    pub version: Option<i64>,
}

/// A job with its last runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobDetail {
    /// The job.
    #[serde(flatten)]
    pub job: Job,
    /// The next five times it runs.
    pub next: Vec<Instant>,
    /// How often it has failed since it last succeeded, retries left aside.
    pub failures: i32,
    /// When it failed first since it last succeeded.
    pub failing_since: Option<Instant>,
    /// Its last ten runs, the newest first.
    pub runs: Vec<Run>,
}

/// Which jobs are listed, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobQuery {
    /// Those of every account, which only an admin may see.
    pub all: bool,
    /// Maximum number of items; 0: as many as a page holds.
    pub limit: u32,
    /// Where the page before ended.
    pub cursor: Option<String>,
}

/// A part of the list of jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobPage {
    /// The jobs, by name.
    pub items: Vec<Job>,
    /// What to give as `cursor` for the next page; none when this is the last.
    pub next_cursor: Option<String>,
}
