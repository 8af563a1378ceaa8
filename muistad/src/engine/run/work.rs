//! One run from its claim to its end: its script is started, what it writes is kept, and it is stopped when its time is
//! up, when somebody asks for it, when the daemon stops, and at once when the lease is lost.

use std::sync::Arc;
use std::time::Duration;

use muista_core::service::Service;
use muista_core::service::engine::run::{ClaimedRun, Finish, Lease, Outcome, Renewal, finish_run, hand_back_run};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::keep::{InDatabase, keep};
use super::log::Log;
use super::runner::{Ended, Event, Runner, Script};
use crate::signal::Stop;

/// How long a script may take to end once it is asked to.
const GRACE: Duration = Duration::from_secs(10);
/// The same when the daemon stops, which others wait for.
const SHORT_GRACE: Duration = Duration::from_secs(5);
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
    TimedOut,
    Cancelled,
    Stopping,
    Lost,
}

/// Does a run that was claimed not before `since`.
pub(super) async fn work<R: Runner>(
    service: Service,
    runner: Arc<R>,
    claimed: ClaimedRun,
    since: Instant,
    stop: Stop,
) {
    let lease = claimed.lease;
    let (tell, standing) = watch::channel(Renewal::Held);
    let wake = service.wake(muista_core::service::Work::Runs);
    let holder = InDatabase { service: service.clone(), lease, wake };
    let mut kept = standing.clone();
    let work = async {
        let end = execute(&service, &*runner, &claimed, standing, &stop).await;
        if let Some(end) = end {
            settle(&service, lease, end).await;
        }
    };
    // The lease is kept until the end is written down; once it is lost, nothing that is left to do counts.
    tokio::select! {
        () = work => {}
        () = async {
            keep(holder, since, tell).await;
            // The script is killed by then, or soon.
            sleep(GRACE).await;
        } => {}
    }
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
        Err(error) => return Some(End::Finished(refused(&error))),
    };
    let log = Log::new(service.clone(), claimed.lease);
    let (ended, reason) = attend(&mut script, &log, claimed, &mut standing, stop).await;
    if reason == Some(Reason::Lost) {
        return None;
    }
    log.ended().await;
    Some(match reason {
        Some(Reason::Stopping) => End::HandBack,
        reason => End::Finished(finish(ended, reason, claimed)),
    })
}

/// Follows the script to its end; returns how it ended, and why it was stopped if it was.
async fn attend(
    script: &mut impl Script,
    log: &Log,
    claimed: &ClaimedRun,
    standing: &mut watch::Receiver<Renewal>,
    stop: &Stop,
) -> (Ended, Option<Reason>) {
    let mut reason = None;
    let seconds = u64::try_from(claimed.job.timeout_seconds).unwrap_or(0);
    let mut time_is_up = std::pin::pin!(sleep(Duration::from_secs(seconds)));
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
            () = &mut time_is_up, if reason.is_none() => Reason::TimedOut,
            () = &mut asked, if reason.is_none() => Reason::Stopping,
        };
        reason = Some(stopped);
        match stopped {
            Reason::Lost => script.kill(),
            Reason::Stopping => script.stop(SHORT_GRACE),
            Reason::TimedOut | Reason::Cancelled => script.stop(GRACE),
        }
    }
}

/// The end of a run whose script could not be started.
fn refused(error: &muista_core::error::Error) -> Finish {
    let hint = error.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    Finish {
        outcome: Outcome::Refused,
        exit_code: None,
        signal: None,
        error: Some(format!("{}{hint}", error.message)),
        truncated: false,
    }
}

/// The end of a run whose script has ended.
fn finish(ended: Ended, reason: Option<Reason>, claimed: &ClaimedRun) -> Finish {
    let (outcome, error) = match reason {
        Some(Reason::Cancelled) => (Outcome::Cancelled, None),
        Some(Reason::TimedOut) => {
            (Outcome::Failed, Some(format!("it took longer than {} s and was stopped", claimed.job.timeout_seconds)))
        }
        _ if ended.exit_code == Some(0) => (Outcome::Completed, None),
        _ => (Outcome::Failed, None),
    };
    Finish { outcome, exit_code: ended.exit_code, signal: ended.signal, error, truncated: ended.truncated }
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
