//! The rows of occurrences, of runs and of what runs wrote.

use diesel::prelude::*;

use crate::error::Result;
use crate::model::{Id, Run, RunLogChunk};
use crate::store::schema::{occurrences, run_logs, runs};
use crate::store::types::Doc;
use crate::time::Instant;

/// A row of `occurrences`: one firing of one schedule.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = occurrences, treat_none_as_default_value = false)]
pub(crate) struct OccurrenceRow {
    pub(crate) id: Id,
    pub(crate) reminder_id: Option<Id>,
    pub(crate) job_id: Option<Id>,
    pub(crate) scheduled_for: Instant,
    pub(crate) fired_at: Instant,
}

/// A row of `runs`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = runs)]
pub(crate) struct RunRow {
    pub(crate) id: Id,
    pub(crate) job_id: Id,
    pub(crate) occurrence_id: Option<Id>,
    pub(crate) requested_by: Option<Id>,
    pub(crate) triggered_by: String,
    pub(crate) args: Doc,
    pub(crate) params: Doc,
    pub(crate) status: String,
    pub(crate) attempt: i16,
    pub(crate) rescues: i16,
    pub(crate) lease: i64,
    pub(crate) lease_until: Option<Instant>,
    pub(crate) worker: Option<String>,
    pub(crate) available_at: Option<Instant>,
    pub(crate) scheduled_for: Option<Instant>,
    pub(crate) started_at: Option<Instant>,
    pub(crate) finished_at: Option<Instant>,
    pub(crate) exit_code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) error_message: Option<String>,
    pub(crate) output_truncated: bool,
    pub(crate) created_at: Instant,
    pub(crate) cancel_requested_at: Option<Instant>,
    pub(crate) cancel_reason: Option<String>,
    pub(crate) omitted_bytes: i64,
    pub(crate) left_behind: Doc,
    /// Whether an agent asked for it.
    pub(crate) by_agent: bool,
}

/// What a run is shown with of its job.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct RunJobRow {
    pub(crate) name: String,
    pub(crate) owner: String,
    pub(crate) max_retries: i16,
}

/// What decides whether a run that waits may start.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct WaitingRow {
    pub(crate) run: Id,
    pub(crate) job: Id,
    pub(crate) owner: Id,
    pub(crate) overlap: String,
    pub(crate) disabled_at: Option<Instant>,
}

/// Which waiting runs are looked at for the next to start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pick {
    /// Not those of these accounts.
    pub(crate) not_owners: Vec<Id>,
    /// Those of these accounts alone; empty: of any.
    pub(crate) owners: Vec<Id>,
    /// Not those of these jobs.
    pub(crate) not_jobs: Vec<Id>,
}

/// A new row of `runs`, which nobody works on yet.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = runs, treat_none_as_default_value = false)]
pub(crate) struct NewRunRow {
    pub(crate) id: Id,
    pub(crate) job_id: Id,
    pub(crate) occurrence_id: Option<Id>,
    pub(crate) requested_by: Option<Id>,
    pub(crate) triggered_by: String,
    pub(crate) args: Doc,
    pub(crate) params: Doc,
    pub(crate) status: String,
    pub(crate) attempt: i16,
    pub(crate) available_at: Option<Instant>,
    pub(crate) scheduled_for: Option<Instant>,
    pub(crate) finished_at: Option<Instant>,
    pub(crate) error_message: Option<String>,
    pub(crate) created_at: Instant,
    /// The run whose next attempt it is.
    pub(crate) retry_of: Option<Id>,
    /// Whether an agent asked for it.
    pub(crate) by_agent: bool,
}

/// How a row of `runs` ends.
#[derive(Debug, Clone, AsChangeset)]
#[diesel(table_name = runs, treat_none_as_null = true)]
pub(crate) struct RunEndRow {
    pub(crate) status: &'static str,
    pub(crate) lease_until: Option<Instant>,
    pub(crate) finished_at: Option<Instant>,
    pub(crate) exit_code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) error_message: Option<String>,
    pub(crate) output_truncated: bool,
    pub(crate) omitted_bytes: i64,
    pub(crate) left_behind: Doc,
}

/// A row of `run_logs`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = run_logs, treat_none_as_default_value = false)]
pub(crate) struct RunLogRow {
    pub(crate) run_id: Id,
    pub(crate) seq: i32,
    pub(crate) stream: String,
    pub(crate) data: Vec<u8>,
    pub(crate) created_at: Instant,
    pub(crate) omitted_bytes: i64,
}

impl RunRow {
    /// The run of this row and of its job. What it waits for is not told.
    pub(crate) fn into_run(self, job: RunJobRow) -> Result<Run> {
        let waiting = self.available_at.filter(|_| self.attempt > 1);
        Ok(Run {
            job_name: job.name,
            owner: None,
            status: self.status.parse()?,
            attempt: self.attempt.into(),
            // The job may have been changed since.
            max_attempts: self.attempt.max(job.max_retries.saturating_add(1)).into(),
            waiting_for: None,
            waiting_reason: None,
            next_retry_at: waiting,
            omitted_bytes: self.omitted_bytes,
            left_behind: self.left_behind.read()?,
            rescues: self.rescues.into(),
            triggered_by: self.triggered_by.parse()?,
            args: self.args.read()?,
            id: self.id,
            job_id: self.job_id,
            scheduled_for: self.scheduled_for,
            available_at: self.available_at,
            started_at: self.started_at,
            finished_at: self.finished_at,
            exit_code: self.exit_code,
            signal: self.signal,
            error_message: self.error_message,
            output_truncated: self.output_truncated,
            created_at: self.created_at,
        })
    }
}

impl RunLogRow {
    /// The piece of this row, as text.
    pub(crate) fn into_chunk(self) -> Result<RunLogChunk> {
        Ok(RunLogChunk {
            seq: self.seq,
            stream: self.stream.parse()?,
            text: String::from_utf8_lossy(&self.data).into_owned(),
            omitted_bytes: self.omitted_bytes,
            created_at: self.created_at,
        })
    }
}
