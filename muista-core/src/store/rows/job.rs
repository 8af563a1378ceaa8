//! The row of a job, from and to the noun.

use diesel::prelude::*;

use crate::error::Result;
use crate::model::{Id, Job, JobKind, fold};
use crate::store::schema::{job_states, jobs};
use crate::store::types::Doc;
use crate::time::Instant;

/// A row of `jobs`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = jobs, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct JobRow {
    pub(crate) id: Id,
    pub(crate) owner_id: Id,
    pub(crate) task_id: Option<Id>,
    pub(crate) name: String,
    pub(crate) name_key: String,
    pub(crate) script: String,
    pub(crate) args: Doc,
    pub(crate) params: Doc,
    pub(crate) status: String,
    pub(crate) schedule: Option<String>,
    pub(crate) recurrence_type: Option<String>,
    pub(crate) interval: Option<String>,
    pub(crate) start_at: Option<Instant>,
    pub(crate) end_at: Option<Instant>,
    pub(crate) timezone: Option<String>,
    pub(crate) timeout_seconds: i32,
    pub(crate) max_retries: i16,
    pub(crate) retry_delay_seconds: i32,
    pub(crate) overlap: String,
    pub(crate) missed: String,
    pub(crate) enabled: bool,
    pub(crate) notify_on_failure: bool,
    pub(crate) notify_on_success: bool,
    pub(crate) task_on_failure: bool,
    pub(crate) last_run_at: Option<Instant>,
    pub(crate) next_run_at: Option<Instant>,
    pub(crate) version: i64,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
    pub(crate) words: Option<String>,
    pub(crate) channels: Doc,
    pub(crate) notify_every_seconds: i32,
}

/// What became of a job's runs, since it last succeeded.
#[derive(Debug, Clone, Copy, Default, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = job_states, treat_none_as_null = true)]
pub(crate) struct FailuresRow {
    pub(crate) failures: i32,
    pub(crate) failing_since: Option<Instant>,
    pub(crate) failure_told_at: Option<Instant>,
}

impl JobRow {
    /// The job of this row.
    pub(crate) fn into_job(self) -> Result<Job> {
        Ok(Job {
            id: self.id,
            owner_id: self.owner_id,
            task_id: self.task_id,
            name: self.name,
            r#type: JobKind::Script,
            script: self.script,
            args: self.args.read()?,
            params: self.params.read()?,
            status: self.status.parse()?,
            schedule: self.schedule,
            recurrence_type: self.recurrence_type.map(|kind| kind.parse()).transpose()?,
            interval: self.interval,
            start_at: self.start_at,
            end_at: self.end_at,
            timezone: self.timezone,
            timeout_seconds: self.timeout_seconds,
            max_retries: self.max_retries.into(),
            retry_delay_seconds: self.retry_delay_seconds,
            overlap: self.overlap.parse()?,
            missed: self.missed.parse()?,
            enabled: self.enabled,
            notify_on_failure: self.notify_on_failure,
            notify_on_success: self.notify_on_success,
            task_on_failure: self.task_on_failure,
            last_run_at: self.last_run_at,
            next_run_at: self.next_run_at,
            zone_unknown: false,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            words: self.words,
            channels: self.channels.read()?,
            notify_every_seconds: self.notify_every_seconds,
            owner: None,
        })
    }

    /// The row of a job.
    pub(crate) fn of(job: &Job) -> Result<Self> {
        Ok(Self {
            id: job.id,
            owner_id: job.owner_id,
            task_id: job.task_id,
            name: job.name.clone(),
            name_key: fold(&job.name),
            script: job.script.clone(),
            args: Doc::of(&job.args)?,
            params: Doc::of(&job.params)?,
            status: job.status.as_str().to_owned(),
            schedule: job.schedule.clone(),
            recurrence_type: job.recurrence_type.map(|kind| kind.as_str().to_owned()),
            interval: job.interval.clone(),
            start_at: job.start_at,
            end_at: job.end_at,
            timezone: job.timezone.clone(),
            timeout_seconds: job.timeout_seconds,
            max_retries: i16::try_from(job.max_retries).unwrap_or(i16::MAX),
            retry_delay_seconds: job.retry_delay_seconds,
            overlap: job.overlap.as_str().to_owned(),
            missed: job.missed.as_str().to_owned(),
            enabled: job.enabled,
            notify_on_failure: job.notify_on_failure,
            notify_on_success: job.notify_on_success,
            task_on_failure: job.task_on_failure,
            last_run_at: job.last_run_at,
            next_run_at: job.next_run_at,
            version: job.version,
            created_at: job.created_at,
            updated_at: job.updated_at,
            words: job.words.clone(),
            channels: Doc::of(&job.channels)?,
            notify_every_seconds: job.notify_every_seconds,
        })
    }
}
