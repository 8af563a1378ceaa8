//! When a reminder or a job falls due: pure functions of its fields and an instant. Reading and writing the rows is
//! `reminder`'s, firing them the engine's.

use std::collections::HashMap;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::error::{Error, Result};
use crate::model::{Job, RecurrenceType, Reminder, Task};
use crate::time::{self, Duration, Instant, Rule, Schedule};

/// A task's due: the instant, and the date where it is due on one.
pub(crate) type TaskDue = (Instant, Option<Date>);

/// What a reminder of a task due on a date counts from: the morning of that day.
pub(crate) const MORNING: Time = Time::constant(9, 0, 0, 0);

/// The due of a task that reminders count from.
pub(crate) fn due_of(task: &Task) -> Option<TaskDue> {
    task.due_date.map(|at| (at, task.due_on))
}

/// When the reminder's schedule fires next, strictly after `after`, or at all where that is none; none when it does not any more, and for one relative
/// to the due of a task that has none. Snoozing and repeating are left aside.
///
/// # Errors
/// `Internal` when the row holds a schedule or a zone that cannot be read.
pub(crate) fn regular_after(
    reminder: &Reminder,
    task_due: Option<TaskDue>,
    after: impl Into<Option<Instant>>,
) -> Result<Option<Instant>> {
    let after = after.into();
    let next = match single(reminder, task_due)? {
        Some(at) => at,
        None => repeating(reminder)?.next(after.unwrap_or(Instant::MIN)),
    };
    Ok(next.filter(|at| after.is_none_or(|after| *at > after) && within(reminder, *at)))
}

/// The same of a reminder whose zone may not be known here. Then it keeps the time it has, and the engine finds out when it
/// fires once the zone is known.
///
/// # Errors
/// `Internal` when the row holds a schedule that cannot be read.
pub(crate) fn regular_or_kept(
    reminder: &Reminder,
    task_due: Option<TaskDue>,
    after: Instant,
) -> Result<Option<Instant>> {
    match regular_after(reminder, task_due, after) {
        Err(_) if !zone_is_known(reminder.timezone.as_deref()) => Ok(Some(reminder.regular_at.unwrap_or(after))),
        next => next,
    }
}

/// When the reminder's schedule fired last, later than `from` and not later than `until`; none when it did not. It is what
/// is told of several firings that were missed.
///
/// # Errors
/// As [`regular_after`].
pub(crate) fn latest_between(
    reminder: &Reminder,
    task_due: Option<TaskDue>,
    from: Instant,
    until: Instant,
) -> Result<Option<Instant>> {
    let latest = match single(reminder, task_due)? {
        Some(at) => at.filter(|at| *at > from && *at <= until),
        None => repeating(reminder)?.latest(from, until),
    };
    Ok(latest.filter(|at| within(reminder, *at)))
}

/// A reminder's cursor: the earlier of the next of its schedule and of when it is told again.
pub(crate) fn cursor(regular: Option<Instant>, repeat: Option<Instant>) -> Option<Instant> {
    match (regular, repeat) {
        (Some(regular), Some(repeat)) => Some(regular.min(repeat)),
        (one, other) => one.or(other),
    }
}

/// The only instant of a reminder that fires once for its instant or its task's due, which may have none; none for one
/// that fires again and again.
fn single(reminder: &Reminder, task_due: Option<TaskDue>) -> Result<Option<Option<Instant>>> {
    match reminder.recurrence_type {
        RecurrenceType::Once => read(reminder, reminder.schedule.parse::<Instant>()).map(|at| Some(Some(at))),
        RecurrenceType::Relative => {
            let offset = read(reminder, Duration::read(&reminder.schedule))?;
            let Some(due) = task_due else { return Ok(Some(None)) };
            let zone = zone_of(reminder)?;
            // A due so far away that there is no such instant has no reminder either.
            Ok(Some(offset.after(counted_from(due, &zone), &zone).ok()))
        }
        RecurrenceType::Cron | RecurrenceType::Interval => Ok(None),
    }
}

/// What an offset from the due counts from: the instant, or 9:00 of a date.
fn counted_from((at, on): TaskDue, zone: &TimeZone) -> Instant {
    on.and_then(|day| Instant::from_civil(day.to_datetime(MORNING), zone)).unwrap_or(at)
}

/// The schedule of a reminder that fires again and again. It counts from its start, or from the second it was made in.
fn repeating(reminder: &Reminder) -> Result<Schedule> {
    let rule: Rule = read(reminder, reminder.schedule.parse())?;
    let anchor = reminder.start_at.unwrap_or(reminder.created_at.whole_second());
    Ok(Schedule::new(rule, zone_of(reminder)?, anchor, reminder.end_at))
}

fn within(reminder: &Reminder, at: Instant) -> bool {
    reminder.start_at.is_none_or(|start| at >= start) && reminder.end_at.is_none_or(|end| at <= end)
}

/// Whether the zone of a schedule is known on this machine, now. Zones are names that others gave, and their files may be
/// missing here or come later.
pub(crate) fn zone_is_known(name: Option<&str>) -> bool {
    name.is_none_or(|name| time::zone(name).is_ok())
}

/// Which zones are known, each asked for once: to look one up is to read a file.
#[derive(Default)]
pub(crate) struct Zones(HashMap<String, bool>);

impl Zones {
    /// Marks a job that is at rest since its zone is not known.
    pub(crate) fn mark_job(&mut self, job: &mut Job) {
        let needs = job.enabled && matches!(job.recurrence_type, Some(RecurrenceType::Cron | RecurrenceType::Interval));
        job.zone_unknown = needs && self.is_unknown(job.timezone.as_deref());
    }

    /// Marks a reminder that is at rest since its zone is not known.
    pub(crate) fn mark_reminder(&mut self, reminder: &mut Reminder) {
        let needs = reminder.next_trigger_at.is_some() && reminder.recurrence_type != RecurrenceType::Once;
        reminder.zone_unknown = needs && self.is_unknown(reminder.timezone.as_deref());
    }

    fn is_unknown(&mut self, name: Option<&str>) -> bool {
        let Some(name) = name else { return false };
        match self.0.get(name) {
            Some(known) => !known,
            None => {
                let known = zone_is_known(Some(name));
                self.0.insert(name.to_owned(), known);
                !known
            }
        }
    }
}

fn zone_of(reminder: &Reminder) -> Result<TimeZone> {
    match reminder.timezone.as_deref() {
        Some(name) => read(reminder, time::zone(name)),
        None => Ok(TimeZone::UTC),
    }
}

/// What was read once can be read again, so this fails only when the database was changed by other hands.
fn read<T>(reminder: &Reminder, result: Result<T, time::TimeError>) -> Result<T> {
    result.map_err(|e| Error::internal(format!("the schedule of the reminder {} cannot be read: {e}", reminder.id)))
}

/// When the job runs next on its schedule, strictly after `after`; none when it does not any more, or only when asked
/// to. Whether it is paused is left aside.
///
/// # Errors
/// `Internal` when the row holds a schedule or a zone that cannot be read.
pub(crate) fn job_next(job: &Job, after: Instant) -> Result<Option<Instant>> {
    match job_once(job)? {
        Some(at) => Ok(Some(at).filter(|at| *at > after)),
        None => Ok(schedule_of(job)?.and_then(|schedule| schedule.next(after))),
    }
}

/// The next `count` times the job runs on its schedule, strictly after `after`; fewer when it ends before.
///
/// # Errors
/// As [`job_next`].
pub(crate) fn job_upcoming(job: &Job, after: Instant, count: usize) -> Result<Vec<Instant>> {
    match schedule_of(job)? {
        Some(schedule) => Ok(schedule.upcoming(after, count)),
        None => Ok(job_next(job, after)?.into_iter().collect()),
    }
}

/// The schedule of a job that runs again and again; none for one that runs once, or only when asked to. Intervals count
/// from its start, or from the second it was made in.
///
/// # Errors
/// As [`job_next`].
pub(crate) fn schedule_of(job: &Job) -> Result<Option<Schedule>> {
    let (Some(text), Some(RecurrenceType::Cron | RecurrenceType::Interval)) = (&job.schedule, job.recurrence_type)
    else {
        return Ok(None);
    };
    let rule: Rule = read_job(job, text.parse())?;
    let zone = job_zone(job)?;
    Ok(Some(Schedule::new(rule, zone, job.start_at.unwrap_or(job.created_at.whole_second()), job.end_at)))
}

/// The zone of the job's schedule.
///
/// # Errors
/// As [`job_next`].
pub(crate) fn job_zone(job: &Job) -> Result<TimeZone> {
    match job.timezone.as_deref() {
        Some(name) => read_job(job, time::zone(name)),
        None => Ok(TimeZone::UTC),
    }
}

/// The instant of a job that runs once; none for the others.
fn job_once(job: &Job) -> Result<Option<Instant>> {
    match (&job.schedule, job.recurrence_type) {
        (Some(text), Some(RecurrenceType::Once)) => read_job(job, text.parse()).map(Some),
        _ => Ok(None),
    }
}

fn read_job<T>(job: &Job, result: Result<T, time::TimeError>) -> Result<T> {
    result.map_err(|e| Error::internal(format!("the schedule of the job {} cannot be read: {e}", job.name)))
}
