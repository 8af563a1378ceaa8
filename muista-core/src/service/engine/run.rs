//! The queue of runs, as the daemons that work on it use it: claiming a run under a lease, keeping the lease, noting what
//! the script writes, ending the run or giving it back, and rescuing runs whose daemon is gone. What follows from an end
//! is `run_end`'s; running the script is the daemon's.
//!
//! Whoever starts or ends a run locks its job first, so that two daemons on one database never start two runs of a job
//! that does not allow it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::run_end::{self, End};
use super::{LEASE, daemon, run_slots};
use crate::error::Result;
use crate::metrics::RunEvent;
use crate::model::{Id, Job, JobStatus, Overlap, Run, RunStatus, Stream};
use crate::service::tx::{Tx, engine_transaction};
use crate::service::{Service, Topic};
use crate::store::RollbackPolicy;
use crate::store::rows::{RunJobRow, RunLogRow, RunRow};
use crate::store::{job, run_queue as queue};
use crate::time::Instant;

/// How often a run is taken over from a daemon that is gone before it is given up: it may be what ends the daemons.
const RESCUES: i16 = 5;
/// How many runs are rescued in one transaction.
const BATCH: i64 = 100;
/// How often a claim looks again when another daemon was faster.
const TRIES: usize = 16;

/// The right to work on a run, which ends when somebody else gets it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    /// The run.
    pub run: Id,
    /// Counts up with each claim.
    pub number: i64,
}

/// A run to be worked on.
#[derive(Debug, Clone)]
pub struct ClaimedRun {
    /// The run.
    pub run: Run,
    /// Its job, as it was when the run was claimed.
    pub job: Job,
    /// The values of the script's declared parameters.
    pub params: BTreeMap<String, String>,
    /// The right to work on it.
    pub lease: Lease,
}

/// How a lease stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// It is held.
    Held,
    /// It is held, and the run is to be stopped.
    CancelRequested,
    /// Somebody else has the run, or nobody: what was done is to be discarded.
    Lost,
}

/// A piece of what a script wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How many bytes of the stream were left out just before it.
    pub omitted: u64,
    /// Where it was written.
    pub stream: Stream,
    /// What was written.
    pub data: Vec<u8>,
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its script ended with exit code 0.
    Completed,
    /// It failed, and may be tried again.
    Failed,
    /// It failed for a reason that another attempt would meet again, such as a script that is not there.
    Refused,
    /// It was stopped because somebody asked for it.
    Cancelled,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finish {
    /// What became of it.
    pub outcome: Outcome,
    /// What the script ended with.
    pub exit_code: Option<i32>,
    /// The signal that ended the script.
    pub signal: Option<i32>,
    /// Why it failed or was cancelled, where exit code and signal do not tell.
    pub error: Option<String>,
    /// How many bytes the script wrote that were not kept.
    pub omitted: u64,
    /// The processes that it left behind and that were ended, with their numbers.
    pub left_behind: Vec<String>,
}

/// Takes the run that is to start now, by `run_slots`; none when there is none. `worker` is this daemon's name in the
/// ledger.
///
/// # Errors
/// When the database does not answer.
pub async fn claim_run(service: &Service, worker: &str) -> Result<Option<ClaimedRun>> {
    let (worker, slots) = (worker.to_owned(), service.settings().slots);
    let claim = move |tx: &mut Tx<'_>| {
        for _ in 0..TRIES {
            let Some((run, job)) = run_slots::due(tx.conn, &slots, &worker, tx.now)? else { return Ok(None) };
            if let Some(claimed) = take(tx, run, job, &worker)? {
                return Ok(Some(claimed));
            }
        }
        Ok(None)
    };
    let claimed = engine_transaction(RollbackPolicy::ChecksFirst, service, &daemon(), claim).await?;
    if claimed.is_some() {
        service.metrics.run(RunEvent::Started);
    }
    Ok(claimed)
}

/// Takes this run, unless another daemon was faster: the job is looked at anew once it is locked.
fn take(tx: &mut Tx<'_>, run: Id, job: Id, worker: &str) -> Result<Option<ClaimedRun>> {
    let Some(job) = job::lock_id(tx.conn, job)? else {
        return Ok(None);
    };
    if job.overlap != Overlap::Allow.as_str() && queue::running(tx.conn, job.id)? > 0 {
        return Ok(None);
    }
    let until = tx.lease_now()?.plus(LEASE);
    let Some(row) = queue::take(tx.conn, run, worker, tx.now, until)? else {
        return Ok(None);
    };
    queue::job_began(tx.conn, job.id, tx.now)?;
    let mut job = job.into_job()?;
    (job.status, job.last_run_at) = (JobStatus::Running, Some(tx.now));
    Ok(Some(ClaimedRun {
        lease: Lease { run: row.id, number: row.lease },
        params: row.params.read()?,
        run: row.into_run(RunJobRow {
            name: job.name.clone(),
            owner: String::new(),
            max_retries: i16::try_from(job.max_retries).unwrap_or(i16::MAX),
        })?,
        job,
    }))
}

/// When the next run may start, if one waits that `worker` has a slot for.
///
/// # Errors
/// When the database does not answer.
pub async fn next_run(service: &Service, worker: &str) -> Result<Option<Instant>> {
    let (worker, slots) = (worker.to_owned(), service.settings().slots);
    service.store.read_for_engine(move |conn| run_slots::next(conn, &slots, &worker)).await
}

/// Has the lease last for [`LEASE`] from now.
///
/// # Errors
/// When the database does not answer.
pub async fn renew_run(service: &Service, lease: Lease) -> Result<Renewal> {
    let renew = move |tx: &mut Tx<'_>| {
        let until = tx.lease_now()?.plus(LEASE);
        if queue::renew(tx.conn, lease.run, lease.number, until)? == 0 {
            return Ok(Renewal::Lost);
        }
        Ok(standing(queue::held(tx.conn, lease.run, lease.number)?.as_ref()))
    };
    engine_transaction(RollbackPolicy::ChecksFirst, service, &daemon(), renew).await
}

/// How the lease stands; changes nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn check_run(service: &Service, lease: Lease) -> Result<Renewal> {
    service.store.read_for_engine(move |conn| Ok(standing(queue::held(conn, lease.run, lease.number)?.as_ref()))).await
}

fn standing(held: Option<&RunRow>) -> Renewal {
    match held {
        None => Renewal::Lost,
        Some(row) if row.cancel_requested_at.is_some() => Renewal::CancelRequested,
        Some(_) => Renewal::Held,
    }
}

/// Notes what the script wrote, behind what is there.
///
/// # Errors
/// When the database does not answer.
pub async fn append_run_log(service: &Service, lease: Lease, pieces: Vec<Output>) -> Result<Renewal> {
    let append = move |tx: &mut Tx<'_>| {
        let held = queue::lock_held(tx.conn, lease.run, lease.number)?;
        let standing = standing(held.as_ref());
        if standing == Renewal::Lost {
            return Ok(standing);
        }
        let last = queue::last_seq(tx.conn, lease.run)?;
        let row = |(seq, piece): (i32, Output)| RunLogRow {
            run_id: lease.run,
            seq,
            stream: piece.stream.as_str().to_owned(),
            data: piece.data,
            created_at: tx.now,
            omitted_bytes: i64::try_from(piece.omitted).unwrap_or(i64::MAX),
        };
        let rows: Vec<_> = (last.saturating_add(1)..).zip(pieces).map(row).collect();
        queue::append(tx.conn, &rows)?;
        Ok(standing)
    };
    engine_transaction(RollbackPolicy::ChecksFirst, service, &daemon(), append).await
}

/// Ends the run, with what follows: the next attempt, or the message and the task that tell of a failure. False when the
/// lease was lost, and then nothing was changed.
///
/// # Errors
/// When the database does not answer.
pub async fn finish_run(service: &Service, lease: Lease, finish: Finish) -> Result<bool> {
    let settings = service.settings();
    let finish = move |tx: &mut Tx<'_>| {
        let Some((job, row)) = lock(tx, lease)? else {
            return Ok(None);
        };
        run_end::settle(tx, &settings, job, row, End::of(finish)).map(Some)
    };
    let Some(events) = engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), finish).await? else {
        return Ok(false);
    };
    events.iter().for_each(|event| service.metrics.run(*event));
    Ok(true)
}

/// Has the run wait again as if it had not been begun, since this daemon stops; one that was to be stopped is cancelled.
/// False when the lease was lost.
///
/// # Errors
/// When the database does not answer.
pub async fn hand_back_run(service: &Service, lease: Lease) -> Result<bool> {
    let settings = service.settings();
    let hand_back = move |tx: &mut Tx<'_>| {
        let Some((job, row)) = lock(tx, lease)? else {
            return Ok(false);
        };
        if row.cancel_requested_at.is_some() {
            run_end::settle(tx, &settings, job, row, End::cancelled())?;
            return Ok(true);
        }
        wait_again(tx, &row, row.rescues)?;
        Ok(true)
    };
    engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), hand_back).await
}

/// Has the runs wait again whose lease has ended, since their daemon is gone; returns how many. One that was rescued too
/// often is given up, one that was to be stopped is cancelled.
///
/// # Errors
/// When the database does not answer.
pub async fn rescue_runs(service: &Service) -> Result<usize> {
    rescue(service, Whose::Expired).await
}

/// The same for all runs that are worked on, whenever their leases end, by a daemon that begins and knows itself alone on
/// the database: a clock that was set back meanwhile would have them last.
///
/// # Errors
/// When the database does not answer.
pub async fn release_runs(service: &Service) -> Result<usize> {
    rescue(service, Whose::Anybodys).await
}

/// Which runs are taken from whoever works on them.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whose {
    Expired,
    Anybodys,
}

async fn rescue(service: &Service, whose: Whose) -> Result<usize> {
    let settings = service.settings();
    let held = Arc::clone(&service.held);
    let rescue = move |tx: &mut Tx<'_>| {
        let now = if whose == Whose::Anybodys { Instant::MAX } else { tx.lease_now()? };
        let mut rescued = 0;
        for (run, number) in queue::expired(tx.conn, now, BATCH)? {
            let lease = Lease { run, number };
            if held.has(lease) {
                continue;
            }
            // Another daemon may have been here first, or the lease was renewed after all.
            let Some((job, row)) = lock(tx, lease)?.filter(|(_, row)| row.lease_until < Some(now)) else {
                continue;
            };
            rescued += 1;
            tracing::warn!(%run, worker = row.worker, "a run's daemon is gone");
            if row.cancel_requested_at.is_some() {
                run_end::settle(tx, &settings, job, row, End::cancelled())?;
            } else if row.rescues >= RESCUES {
                run_end::settle(tx, &settings, job, row, End::given_up(RESCUES))?;
            } else {
                wait_again(tx, &row, row.rescues + 1)?;
            }
        }
        Ok(rescued)
    };
    let rescued = engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), rescue).await?;
    (0..rescued).for_each(|_| service.metrics.run(RunEvent::Rescued));
    Ok(rescued)
}

/// The run under this lease and its job, both locked, the job first.
fn lock(tx: &mut Tx<'_>, lease: Lease) -> Result<Option<(Job, RunRow)>> {
    let Some(row) = queue::held(tx.conn, lease.run, lease.number)? else {
        return Ok(None);
    };
    let Some(job) = job::lock_id(tx.conn, row.job_id)? else {
        return Ok(None);
    };
    let Some(row) = queue::lock_held(tx.conn, lease.run, lease.number)? else {
        return Ok(None);
    };
    Ok(Some((job.into_job()?, row)))
}

fn wait_again(tx: &mut Tx<'_>, row: &RunRow, rescues: i16) -> Result<()> {
    queue::give_back(tx.conn, row.id, row.lease, tx.now, rescues)?;
    run_end::set_job_status(tx, row.job_id, JobStatus::Pending)?;
    tx.publish(Topic::Runs);
    Ok(())
}

impl Outcome {
    /// How the run stands then.
    pub(super) fn status(self) -> RunStatus {
        match self {
            Self::Completed => RunStatus::Completed,
            Self::Failed | Self::Refused => RunStatus::Failed,
            Self::Cancelled => RunStatus::Cancelled,
        }
    }
}
