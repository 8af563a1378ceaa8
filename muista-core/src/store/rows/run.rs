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
}

impl RunRow {
    /// The run of this row and its job's name.
    pub(crate) fn into_run(self, job_name: String) -> Result<Run> {
        Ok(Run {
            job_name,
            status: self.status.parse()?,
            attempt: self.attempt.into(),
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
            created_at: self.created_at,
        })
    }
}
