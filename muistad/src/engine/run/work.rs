//! One run from its claim to its end: its script is started, what it writes is kept, and it is stopped when somebody asks
//! for it, when the daemon stops, and at once when the lease is lost.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use muista_core::clock::{Clock as _, SystemClock};
use muista_core::error::{Error, ErrorKind};
use muista_core::service::engine::hold_run;
use muista_core::service::engine::run::{ClaimedRun, Finish, Lease, Outcome, Renewal, finish_run, hand_back_run};
use muista_core::service::{Service, Subscription};
use opentelemetry::KeyValue;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::lease_renewal::{InDatabase, renew_lease};
use super::log::Log;
use super::runner::{Ended, Event, Runner, Script};
use crate::signal::Stop;
use crate::trace;

/// How long a script may take to vanish once it is killed.
const GRACE: Duration = Duration::from_secs(5);
/// How long until an end that could not be written down is tried again.
const PAUSE: Duration = Duration::from_secs(1);

/// What became of a run here.
enum End {
    /// It ended.
    Finished(Finish),
    /// It is to be run again, since the daemon stops.
    HandBack,
}

/// Why a script is being stopped.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reason {
    Cancelled,
    Stopping,
    Lost,
}

/// Does a run that was claimed not before `since`; `wake` has heard of what was asked of runs since then.
pub(super) async fn work<R: Runner>(
    service: Service,
    runner: Arc<R>,
    claimed: ClaimedRun,
    since: Instant,
    wake: Subscription,
    stop: Stop,
) {
    let lease = claimed.lease;
    let _holding = hold_run(&service, lease);
    let (tell, standing) = watch::channel(Renewal::Held);
    let holder = InDatabase { service: service.clone(), lease, wake };
    let mut kept = standing.clone();
    let began = SystemTime::now();
    let work = async {
        let end = execute(&service, &*runner, &claimed, standing, &stop).await;
        if let Some(end) = end {
            log(&claimed, &end, began);
            settle(&service, lease, end).await;
        }
    };
    // The lease is kept until the end is written down; once it is lost, nothing that is left to do counts.
    tokio::select! {
        () = work => {}
        () = async {
            renew_lease(holder, since, tell).await;
            // The script is killed by then, or soon.
            sleep(GRACE).await;
        } => {}
    }
    trace::did("run", began, || {
        let (job, run) = (claimed.job.name.to_string(), lease.run.to_string());
        [KeyValue::new("muista.job", job), KeyValue::new("muista.run.id", run)]
    });
    if *kept.borrow_and_update() == Renewal::Lost {
        tracing::warn!(run = %lease.run, job = claimed.job.name, "the lease of a run was lost; what it did is discarded");
    }
}

/// Runs the script; none when the lease was lost.
async fn execute<R: Runner>(
    service: &Service,
    runner: &R,
    claimed: &ClaimedRun,
    mut standing: watch::Receiver<Renewal>,
    stop: &Stop,
) -> Option<End> {
    if stop.is_asked() {
        return Some(End::HandBack);
    }
    let mut script = match runner.start(claimed).await {
        Ok(script) => script,
        Err(error) => return Some(End::Finished(not_started(&error))),
    };
    let log = Log::new(service.clone(), claimed.lease);
    let (ended, reason) = attend(&mut script, &log, &mut standing, stop).await;
    if reason == Some(Reason::Lost) {
        return None;
    }
    log.ended().await;
    Some(match reason {
        Some(Reason::Stopping) => End::HandBack,
        reason => End::Finished(finish(ended, reason)),
    })
}

/// Follows the script to its end; returns how it ended, and why it was stopped if it was.
async fn attend(
    script: &mut impl Script,
    log: &Log,
    standing: &mut watch::Receiver<Renewal>,
    stop: &Stop,
) -> (Ended, Option<Reason>) {
    let mut reason = None;
    let mut asked = std::pin::pin!(stop.asked());
    loop {
        let stopped = tokio::select! {
            event = script.next() => match event {
                Event::Wrote(piece) => {
                    log.write(piece);
                    continue;
                }
                Event::Ended(ended) => return (ended, reason),
            },
            changed = standing.changed(), if reason != Some(Reason::Lost) => match *standing.borrow_and_update() {
                _ if changed.is_err() => Reason::Lost,
                Renewal::Lost => Reason::Lost,
                renewal => {
                    script.heartbeat();
                    if renewal == Renewal::Held || reason.is_some() {
                        continue;
                    }
                    Reason::Cancelled
                }
            },
            () = &mut asked, if reason.is_none() => Reason::Stopping,
        };
        reason = Some(stopped);
        match stopped {
            Reason::Lost => script.kill(),
            Reason::Stopping | Reason::Cancelled => script.stop(),
        }
    }
}

/// Returns the end of a run whose script could not be started.
fn not_started(error: &Error) -> Finish {
    let hint = error.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    Finish {
        // What is not there, or may not be run, stays so.
        outcome: if error.kind == ErrorKind::Unavailable { Outcome::Failed } else { Outcome::Refused },
        exit_code: None,
        signal: None,
        error: Some(format!("{}{hint}", error.message)),
        omitted: 0,
        left_behind: Vec::new(),
    }
}

/// Returns the end of a run whose script has ended.
fn finish(ended: Ended, reason: Option<Reason>) -> Finish {
    let outcome = match reason {
        Some(Reason::Cancelled) => Outcome::Cancelled,
        _ if ended.exit_code == Some(0) && ended.error.is_none() => Outcome::Completed,
        _ => Outcome::Failed,
    };
    let Ended { exit_code, signal, error, omitted, left_behind } = ended;
    Finish { outcome, exit_code, signal, error, omitted, left_behind }
}

/// Leaves a line in the log: which run ended, how, how long it took, and how late it began.
fn log(claimed: &ClaimedRun, end: &End, began: SystemTime) {
    let ClaimedRun { run, job, .. } = claimed;
    let took = began.elapsed().unwrap_or_default();
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let late_ms = run.scheduled_for.map(|due| millis(SystemClock.now().since(due).saturating_sub(took)));
    let (name, account, attempt, took_ms) = (&*job.name, job.owner_id, run.attempt, millis(took));
    let End::Finished(finish) = end else {
        return tracing::info!(job = name, run = %run.id, %account, attempt, took_ms, "a run is handed back");
    };
    let Finish { outcome, exit_code, signal, .. } = finish;
    if *outcome == Outcome::Completed {
        tracing::info!(job = name, run = %run.id, %account, attempt, late_ms, took_ms, ?outcome, "a run ended");
    } else {
        tracing::warn!(
            job = name, run = %run.id, %account, attempt, late_ms, took_ms, ?outcome, exit_code, signal, "a run ended"
        );
    }
}

/// Writes the end down, again and again where the database is away.
async fn settle(service: &Service, lease: Lease, end: End) {
    loop {
        let written = match &end {
            End::Finished(finish) => finish_run(service, lease, finish.clone()).await,
            End::HandBack => hand_back_run(service, lease).await,
        };
        match written {
            Ok(true) => return,
            Ok(false) => return tracing::warn!(run = %lease.run, "a run ended that somebody else has by now"),
            Err(error) => {
                tracing::warn!(run = %lease.run, %error, "the end of a run cannot be written down; it is tried again");
                sleep(PAUSE).await;
            }
        }
    }
}
