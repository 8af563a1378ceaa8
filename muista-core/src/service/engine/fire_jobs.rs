//! Firing jobs: what is due becomes an occurrence with a run that waits, or with one that was skipped since another has
//! not ended, and the cursor moves on, all in one transaction. Running is `run`'s.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::missed::{Turn, turn};
use super::{BATCH, Blocked, NextDue, daemon, disabled, run_told};
use crate::error::{Error, Result};
use crate::model::{Id, Job, Overlap, RunStatus, TriggeredBy};
use crate::service::run::admission::Admission;
use crate::service::tx::{Tx, engine_transaction};
use crate::service::{Service, Settings, Topic, schedule};
use crate::store::RollbackPolicy;
use crate::store::rows::{JobRow, NewRunRow, OccurrenceRow, OpenRunRow};
use crate::store::types::Doc;
use crate::store::{firing, job};
use crate::time::Instant;

/// Why a waiting run was taken back.
const SUPERSEDED: &str = "superseded by the next occurrence";
/// Why a run was skipped.
const OVERLAP: &str = "the run before it had not ended";

/// What came of firing jobs.
#[derive(Debug, Default)]
pub struct FiredJobs {
    /// How many jobs were due.
    pub fired: usize,
    /// When the next fall due; in the past when there is more to do.
    pub next: NextDue,
}

/// Fires jobs that are due, the longest due first, so many as one transaction takes on.
///
/// # Errors
/// When the database does not answer; nothing has fired then.
pub async fn fire_due_jobs(service: &Service) -> Result<FiredJobs> {
    let (settings, blocked) = (service.settings(), Arc::clone(&service.blocked));
    let fire = move |tx: &mut Tx<'_>| fire(tx, &settings, &blocked);
    let (fired, times) = engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), fire).await?;
    let now = service.now();
    for scheduled in times {
        service.metrics.fired(now.since(scheduled));
    }
    Ok(fired)
}

/// A job that is due, and its occurrences.
struct Due {
    job: Job,
    occurrences: Vec<OccurrenceRow>,
}

fn fire(tx: &mut Tx<'_>, settings: &Settings, blocked: &Blocked) -> Result<(FiredJobs, Vec<Instant>)> {
    let except = blocked.ids(tx.now);
    let rows = firing::due_jobs(tx.conn, tx.now, &except, i64::try_from(BATCH).unwrap_or(i64::MAX))?;
    let fired = rows.len();
    let disabled = disabled(tx.conn, rows.iter().map(|(row, _)| row.owner_id))?;
    let mut due = Vec::with_capacity(rows.len());
    for (row, zone_lost_at) in rows {
        match row.next_run_at.filter(|_| disabled.contains(&row.owner_id)) {
            Some(seen) => park(tx, row.id, seen)?,
            None => due.extend(advance(tx, settings, row, zone_lost_at, blocked)?),
        }
    }
    let made = record(tx, &due)?;
    let times = due.iter().flat_map(|due| &due.occurrences).filter(|row| made.contains(&row.id));
    let times = times.map(|row| row.scheduled_for).collect();
    add_runs(tx, settings, &due, &made)?;
    let next = NextDue::read(tx.conn, blocked, tx.now)?;
    Ok((FiredJobs { fired, next }, times))
}

/// Leaves a job whose account is out of use, as it is: it goes on from there when the account is in use again.
fn park(tx: &mut Tx<'_>, id: Id, seen: Instant) -> Result<()> {
    if job::park(tx.conn, id, seen)? == 0 {
        return Err(Error::conflict("a job was fired by another daemon at the same time"));
    }
    Ok(())
}

/// Moves a job's cursor on; none when nothing of it runs. One whose zone is not known stays where it is, which its owner is
/// told once, as that it goes on.
fn advance(
    tx: &mut Tx<'_>,
    settings: &Settings,
    row: JobRow,
    zone_lost_at: Option<Instant>,
    blocked: &Blocked,
) -> Result<Option<Due>> {
    let (id, Some(seen)) = (row.id, row.next_run_at) else { return Ok(None) };
    let read = row.into_job().map(|job| {
        let idle = Turn { times: Vec::new(), next: None };
        let turn = if job.enabled { turn(&job, seen, tx.now) } else { Ok(idle) };
        (job, turn)
    });
    let read = match read {
        Ok((job, Err(_))) if !schedule::zone_is_known(job.timezone.as_deref()) => {
            if zone_lost_at.is_none() {
                run_told::zone_lost(tx, settings, &job)?;
            }
            blocked.add("job", id, job.timezone.as_deref(), tx.now);
            return Ok(None);
        }
        Ok((job, turn)) => turn.map(|turn| (job, turn)),
        Err(error) => Err(error),
    };
    let (due, next) = match read {
        Ok((job, turn)) => {
            if let Some(since) = zone_lost_at {
                run_told::zone_found(tx, settings, &job, since)?;
            }
            let occurrences = turn.times.into_iter().map(|at| occurrence(id, at, tx.now)).collect();
            (Some(Due { job, occurrences }), turn.next)
        }
        Err(error) => {
            // It must not keep the others from firing.
            tracing::error!(job = %id, %error, "a job that cannot be read runs on schedule no more");
            (None, None)
        }
    };
    if firing::move_job(tx.conn, id, seen, next)? == 0 {
        return Err(Error::conflict("a job was fired by another daemon at the same time"));
    }
    Ok(due.filter(|due| !due.occurrences.is_empty()))
}

fn occurrence(job: Id, at: Instant, now: Instant) -> OccurrenceRow {
    OccurrenceRow { id: Id::new(now), reminder_id: None, job_id: Some(job), scheduled_for: at, fired_at: now }
}

/// Records the occurrences; returns those that were not there before.
fn record(tx: &mut Tx<'_>, due: &[Due]) -> Result<HashSet<Id>> {
    let rows: Vec<_> = due.iter().flat_map(|due| &due.occurrences).cloned().collect();
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    if firing::insert_occurrences(tx.conn, &rows)? == rows.len() {
        return Ok(ids.into_iter().collect());
    }
    Ok(firing::known_occurrences(tx.conn, &ids)?.into_iter().collect())
}

/// Makes the runs, and makes room for them by the jobs' overlap policies.
fn add_runs(tx: &mut Tx<'_>, settings: &Settings, due: &[Due], made: &HashSet<Id>) -> Result<()> {
    let ids: Vec<Id> = due.iter().map(|due| due.job.id).collect();
    let mut open: HashMap<Id, Vec<OpenRunRow>> = HashMap::new();
    for run in firing::open_runs(tx.conn, &ids)? {
        open.entry(run.job_id).or_default().push(run);
    }
    let (mut rows, mut running, mut replaced) = (Vec::new(), Vec::new(), Vec::new());
    let mut admission = Admission::new(settings.limits.waiting_runs);
    for due in due {
        // What is made here does not stand in its own way: times that were missed run one after the other.
        let busy = open.get(&due.job.id).is_some_and(|runs| runs.iter().any(in_the_way));
        let skip = busy && due.job.overlap == Overlap::Forbid;
        let mut waits = false;
        for row in due.occurrences.iter().filter(|row| made.contains(&row.id)) {
            let skipped = match skip {
                true => Some(OVERLAP.to_owned()),
                false if admission.admit(tx.conn, due.job.owner_id)? => None,
                false => Some(admission.reason()),
            };
            waits |= skipped.is_none();
            rows.push(run(&due.job, row, skipped, tx.now)?);
        }
        if waits {
            running.push(due.job.id);
            replaced.extend((due.job.overlap == Overlap::Replace).then_some(due.job.id));
        }
    }
    let retry = [TriggeredBy::Retry.as_str()];
    firing::supersede(tx.conn, &running, &retry, SUPERSEDED, tx.now)?;
    // One that waits for the same reason would only run late.
    firing::supersede(tx.conn, &replaced, &[TriggeredBy::Schedule.as_str()], SUPERSEDED, tx.now)?;
    firing::request_cancel(tx.conn, &replaced, tx.now)?;
    firing::insert_runs(tx.conn, &rows)?;
    if !running.is_empty() {
        tx.publish(Topic::Runs);
    }
    Ok(())
}

/// Whether a run that has not ended keeps the next one from being made: a retry that waits does not.
fn in_the_way(run: &OpenRunRow) -> bool {
    run.status == RunStatus::Running.as_str() || run.triggered_by != TriggeredBy::Retry.as_str()
}

/// The run of an occurrence: one that waits, or one that was skipped for a reason.
fn run(job: &Job, occurrence: &OccurrenceRow, skipped: Option<String>, now: Instant) -> Result<NewRunRow> {
    let status = if skipped.is_some() { RunStatus::Skipped } else { RunStatus::Pending };
    Ok(NewRunRow {
        id: Id::new(now),
        job_id: job.id,
        occurrence_id: Some(occurrence.id),
        requested_by: None,
        triggered_by: TriggeredBy::Schedule.as_str().to_owned(),
        args: Doc::of(&job.args)?,
        params: Doc::of(&job.params)?,
        status: status.as_str().to_owned(),
        attempt: 1,
        available_at: skipped.is_none().then_some(now),
        scheduled_for: Some(occurrence.scheduled_for),
        finished_at: skipped.is_some().then_some(now),
        error_message: skipped,
        created_at: now,
        retry_of: None,
        by_agent: false,
    })
}
