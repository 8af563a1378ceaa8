//! Which times of a job's schedule run once its cursor has been reached: the one that is due, and those that were missed
//! while no daemon ran, by the job's policy. Pure functions of the job and the time.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::model::{Job, Missed, RecurrenceType};
use crate::service::schedule;
use crate::time::{Instant, Schedule};

/// How many missed times run at most.
const MOST: usize = 100;

/// How long after its time a job that leaves out what it missed still runs.
const GRACE: Duration = Duration::from_secs(60);

/// Where the search for the last times begins, counted back from the last of all.
const WINDOW: Duration = Duration::from_secs(100);

/// When a job runs on schedule.
enum Times {
    Once,
    Every(Schedule),
}

/// What runs now, and when the job falls due next.
pub(super) struct Turn {
    /// The times that run, the earliest first.
    pub(super) times: Vec<Instant>,
    /// The next cursor.
    pub(super) next: Option<Instant>,
}

/// What runs of a job whose cursor, `seen`, has been reached.
///
/// # Errors
/// `Internal` when the row holds a schedule or a zone that cannot be read.
pub(super) fn turn(job: &Job, seen: Instant, now: Instant) -> Result<Turn> {
    let times = times(job)?;
    let (latest, next) = match &times {
        Times::Once => (seen, None),
        Times::Every(schedule) => (schedule.latest(seen, now).unwrap_or(seen).max(seen), schedule.next(now)),
    };
    let run = match (job.missed, &times) {
        (Missed::Latest, _) | (Missed::All, Times::Once) => vec![latest],
        (Missed::All, Times::Every(schedule)) => last(schedule, seen, latest),
        (Missed::Skip, _) if now.since(latest) > GRACE => Vec::new(),
        (Missed::Skip, _) => vec![latest],
    };
    Ok(Turn { times: run, next: next.filter(|next| job.end_at.is_none_or(|end| *next <= end)) })
}

/// The times from `first` to `latest`, the last [`MOST`] of them. They are looked for in a window that grows backwards, so
/// that a job that was to run each second of a year is not counted through.
fn last(schedule: &Schedule, first: Instant, latest: Instant) -> Vec<Instant> {
    let mut window = WINDOW;
    loop {
        let from = latest.minus(window).max(first);
        let mut times = if from == first { vec![first] } else { Vec::new() };
        let mut at = from;
        while let Some(next) = schedule.next(at).filter(|next| *next <= latest) {
            times.push(next);
            at = next;
        }
        if times.len() >= MOST || from == first {
            return times.split_off(times.len().saturating_sub(MOST));
        }
        window = window.saturating_mul(2);
    }
}

fn times(job: &Job) -> Result<Times> {
    if let Some(schedule) = schedule::schedule_of(job)? {
        return Ok(Times::Every(schedule));
    }
    if job.schedule.is_some() && job.recurrence_type == Some(RecurrenceType::Once) {
        return Ok(Times::Once);
    }
    Err(Error::internal(format!("the schedule of the job {} cannot be read: it has none", job.name)))
}
