//! What follows from the end of a run: how its job stands, and the next attempt, all in the transaction that ends the run.
//! What its owner is told is `run_told`'s.

use std::time::Duration;

use super::run::{Finish, Outcome};
use super::run_told;
use crate::error::Result;
use crate::metrics::RunEvent;
use crate::model::{Id, Job, JobStatus, RunStatus, TriggeredBy};
use crate::script;
use crate::service::run::admission::Admission;
use crate::service::tx::Tx;
use crate::service::{Settings, Topic};
use crate::store::rows::{NewRunRow, RunEndRow, RunRow};
use crate::store::types::Doc;
use crate::store::{firing, run_queue as queue};

/// How a run ends, and whether another attempt may follow.
pub(super) struct End {
    status: RunStatus,
    again: Again,
    exit_code: Option<i32>,
    signal: Option<i32>,
    error: Option<String>,
    omitted: u64,
    left_behind: Vec<String>,
}

/// Whether another attempt may follow.
#[derive(PartialEq, Eq)]
enum Again {
    Maybe,
    Never,
}

impl End {
    /// The end that a worker tells of.
    pub(super) fn of(finish: Finish) -> Self {
        Self {
            status: finish.outcome.status(),
            again: if finish.outcome == Outcome::Failed { Again::Maybe } else { Again::Never },
            exit_code: finish.exit_code,
            signal: finish.signal,
            error: finish.error,
            omitted: finish.omitted,
            left_behind: finish.left_behind,
        }
    }

    /// The end of a run that was to be stopped, and whose script runs no more.
    pub(super) fn cancelled() -> Self {
        Self::without_worker(RunStatus::Cancelled, None)
    }

    /// The end of a run that was rescued `rescues` times.
    pub(super) fn given_up(rescues: i16) -> Self {
        let error = format!("given up after the daemon was gone {} times while it ran", rescues + 1);
        Self::without_worker(RunStatus::Failed, Some(error))
    }

    fn without_worker(status: RunStatus, error: Option<String>) -> Self {
        Self { status, again: Again::Never, exit_code: None, signal: None, error, omitted: 0, left_behind: Vec::new() }
    }
}

/// Ends a run whose job and row are locked, and does what follows from it; returns what is to be counted.
pub(super) fn settle(
    tx: &mut Tx<'_>,
    settings: &Settings,
    job: Job,
    run: RunRow,
    mut end: End,
) -> Result<&'static [RunEvent]> {
    if run.cancel_requested_at.is_some() {
        // However it ends: nobody wants another attempt, nor to be told of this one.
        end.again = Again::Never;
        end.error = end.error.or_else(|| run.cancel_reason.clone());
    }
    let omitted = run.omitted_bytes.saturating_add(i64::try_from(end.omitted).unwrap_or(i64::MAX));
    let row = RunEndRow {
        status: end.status.as_str(),
        lease_until: None,
        finished_at: Some(tx.now),
        exit_code: end.exit_code,
        signal: end.signal,
        error_message: end.error.clone(),
        output_truncated: run.output_truncated || end.omitted > 0,
        omitted_bytes: omitted,
        left_behind: Doc::of(&end.left_behind)?,
    };
    queue::end(tx.conn, run.id, run.lease, &row)?;
    // Another run of the job may have waited for this one.
    tx.publish(Topic::Runs);
    let stands = match end.status {
        RunStatus::Completed => JobStatus::Completed,
        RunStatus::Failed => JobStatus::Failed,
        _ => JobStatus::Pending,
    };
    set_job_status(tx, job.id, stands)?;
    match end.status {
        _ if run.cancel_requested_at.is_some() => Ok(&[]),
        RunStatus::Failed if end.again == Again::Maybe && i32::from(run.attempt) <= job.max_retries => {
            let refused = retry(tx, settings, &job, &run)?;
            if let Some(why) = refused {
                end.error = Some(format!("{}; it is not tried again: {why}", how_it_ended(&run, &end)));
                queue::set_error(tx.conn, run.id, end.error.as_deref())?;
                run_told::failed(tx, settings, &job, &run, &told_to(&job, how_it_ended(&run, &end)))?;
                return Ok(&[RunEvent::Failed]);
            }
            Ok(&[RunEvent::Failed, RunEvent::Retried])
        }
        RunStatus::Failed => {
            run_told::failed(tx, settings, &job, &run, &told_to(&job, how_it_ended(&run, &end)))?;
            Ok(&[RunEvent::Failed])
        }
        RunStatus::Completed => {
            run_told::succeeded(tx, settings, &job, &run)?;
            Ok(&[RunEvent::Finished])
        }
        _ => Ok(&[]),
    }
}

/// Sets how a locked job stands, unless another run of it is still being worked on.
pub(super) fn set_job_status(tx: &mut Tx<'_>, job: Id, status: JobStatus) -> Result<()> {
    let status = if queue::running(tx.conn, job)? > 0 { JobStatus::Running } else { status };
    queue::job_stands(tx.conn, job, status.as_str())?;
    Ok(())
}

/// Adds the next attempt, which waits twice as long as the one before; says why where it may not wait.
fn retry(tx: &mut Tx<'_>, settings: &Settings, job: &Job, run: &RunRow) -> Result<Option<String>> {
    let mut admission = Admission::new(settings.limits.waiting_runs);
    if !admission.admit(tx.conn, job.owner_id)? {
        return Ok(Some(admission.reason()));
    }
    let seconds = u64::try_from(job.retry_delay_seconds).unwrap_or(0);
    let doubled = 1_u64.checked_shl(u32::try_from(run.attempt - 1).unwrap_or(0)).unwrap_or(u64::MAX);
    let row = NewRunRow {
        id: Id::new(tx.now),
        job_id: run.job_id,
        occurrence_id: run.occurrence_id,
        requested_by: run.requested_by,
        triggered_by: TriggeredBy::Retry.as_str().to_owned(),
        args: run.args.clone(),
        params: run.params.clone(),
        status: RunStatus::Pending.as_str().to_owned(),
        attempt: run.attempt + 1,
        available_at: Some(tx.now.plus(Duration::from_secs(seconds.saturating_mul(doubled)))),
        scheduled_for: run.scheduled_for,
        finished_at: None,
        error_message: None,
        created_at: tx.now,
        retry_of: Some(run.id),
        by_agent: run.by_agent,
    };
    firing::insert_runs(tx.conn, &[row])?;
    Ok(None)
}

/// How a run ended as its job's owner is told: without the folders of this machine, which concern `local` alone.
fn told_to(job: &Job, how: String) -> String {
    if job.owner_id == Id::LOCAL_USER { how } else { script::without_folders(&how) }
}

/// Such as `exit code 3 after 4 attempts`.
fn how_it_ended(run: &RunRow, end: &End) -> String {
    let how = match (&end.error, end.exit_code, end.signal) {
        (Some(error), _, _) => error.clone(),
        (None, Some(code), _) => format!("exit code {code}"),
        (None, None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None, None) => "failed".to_owned(),
    };
    if run.attempt > 1 { format!("{how} after {} attempts", run.attempt) } else { how }
}
