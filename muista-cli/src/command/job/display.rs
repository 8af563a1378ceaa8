//! Jobs and runs in words: their columns, when a job runs next, how a run ended.

use jiff::tz::TimeZone;
use muista_core::model::{Job, JobDetail, JobStatus, RecurrenceType, Run, RunLogChunk, RunStatus, Stream, TriggeredBy};
use muista_core::time::{self, Instant};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, LEDGER_IDS, Noun, Paint, Shape, View, due, reminder};

/// A job's JSON keys, for CSV.
const JOB_FIELDS: &[&str] = &[
    "id",
    "ownerId",
    "taskId",
    "name",
    "type",
    "script",
    "args",
    "params",
    "status",
    "schedule",
    "recurrenceType",
    "interval",
    "words",
    "startAt",
    "endAt",
    "timezone",
    "timeoutSeconds",
    "maxRetries",
    "retryDelaySeconds",
    "overlap",
    "missed",
    "enabled",
    "notifyOnFailure",
    "notifyOnSuccess",
    "taskOnFailure",
    "notifyEverySeconds",
    "channels",
    "owner",
    "lastRunAt",
    "nextRunAt",
    "zoneUnknown",
    "version",
    "createdAt",
    "updatedAt",
];

/// Confirms what a job is now, and says that it waits for a daemon where none runs.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn defined(app: &CommandContext, what: &str, detail: &JobDetail) -> Result<()> {
    let (out, job) = (app.out()?, &detail.job);
    if !detail.next.is_empty() {
        app.needs_daemon();
    }
    if !out.is_table() {
        return out.one(detail);
    }
    let when = match (job.enabled, &job.schedule, detail.next.is_empty()) {
        (false, Some(_), _) => "; it runs on schedule once it is resumed".to_owned(),
        (_, None, _) => format!("; it runs when asked to: muista job run {}", job.name),
        (true, Some(_), _) if job.zone_unknown => format!("; it is {}", reminder::at_rest(job.timezone.as_deref())),
        (true, Some(_), true) => "; its schedule is over".to_owned(),
        (true, Some(_), false) => format!(", next: {} ({})", times(detail), job.timezone.as_deref().unwrap_or("UTC")),
    };
    out.say(&format!("{what} job {}{when}", job.name))
}

/// Returns the times that come, in the zone of the job's schedule, with seconds where one has any.
pub(super) fn times(detail: &JobDetail) -> String {
    let zone = zone(&detail.job);
    let exact = detail.next.iter().any(|at| at.in_zone(&zone).second() != 0);
    let format = if exact { "%a %-d %b %Y %H:%M:%S" } else { "%a %-d %b %Y %H:%M" };
    let times: Vec<_> = detail.next.iter().map(|at| at.in_zone(&zone).strftime(format).to_string()).collect();
    times.join(", ")
}

/// Returns the zone of the job's schedule; UTC where this machine does not know it.
fn zone(job: &Job) -> TimeZone {
    job.timezone.as_deref().and_then(|name| time::zone(name).ok()).unwrap_or(TimeZone::UTC)
}

/// Returns how the job is scheduled, in the words that the user wrote.
pub(super) fn schedule(job: &Job, view: &View) -> String {
    let Some(schedule) = &job.schedule else { return String::new() };
    match (job.recurrence_type, schedule.parse::<Instant>()) {
        (Some(RecurrenceType::Once), Ok(at)) => format!("once, {}", due::moment(at, &view.context)),
        _ => job.words.as_ref().unwrap_or(schedule).clone(),
    }
}

/// Returns how the job stands.
pub(super) fn status(job: &Job) -> Cell {
    let paint = match job.status {
        _ if !job.enabled => return Cell::new("paused").paint(Paint::Faint),
        JobStatus::Pending => Paint::Plain,
        JobStatus::Running => Paint::Warm,
        JobStatus::Failed => Paint::Alarm,
        JobStatus::Completed => Paint::Good,
    };
    Cell::new(job.status.as_str()).paint(paint)
}

/// Returns the colour of how a run stands.
pub(crate) fn paint(status: RunStatus) -> Paint {
    match status {
        RunStatus::Pending => Paint::Plain,
        RunStatus::Running => Paint::Warm,
        RunStatus::Completed => Paint::Good,
        RunStatus::Failed => Paint::Alarm,
        RunStatus::Skipped | RunStatus::Cancelled => Paint::Faint,
    }
}

/// Returns why a run ended as it did; empty where there is nothing to say.
pub(crate) fn why(run: &Run) -> String {
    if let Some(reason) = &run.waiting_reason {
        return format!("waits for {reason}");
    }
    let code = run.exit_code.filter(|code| *code != 0).map(|code| format!("exit status {code}"));
    let signal = run.signal.map(|signal| format!("signal {signal}"));
    run.error_message.clone().or(signal).or(code).unwrap_or_default()
}

/// Which attempt the run is, and what follows it: `attempt 2 of 4 of weather, failed; the next begins 10:05`.
pub(crate) fn which(run: &Run, view: &View) -> String {
    let next = run.next_retry_at.filter(|_| run.is_over());
    let next = next.map(|at| format!("; the next begins {}", due::moment(at, &view.context))).unwrap_or_default();
    format!("Attempt {} of {} of {}, {}{next}.", run.attempt, run.max_attempts, run.job_name, run.status.as_str())
}

/// Which attempt the run is, where there is more than one.
fn attempt(run: &Run) -> String {
    let counts = run.attempt > 1 || run.next_retry_at.is_some();
    if counts { format!("{} of {}", run.attempt, run.max_attempts) } else { String::new() }
}

/// Returns the account, where those of all are listed.
fn owner(name: Option<&String>) -> Cell {
    match name {
        Some(name) => Cell::new(name.clone()),
        None => Cell::new("").usual(),
    }
}

/// Returns how long the run took: `950ms`, `1.5s`, `2min 5s`, `3h 20min`.
pub(crate) fn took(run: &Run) -> String {
    let (Some(start), Some(end)) = (run.started_at, run.finished_at) else { return String::new() };
    let millis = (end.as_micros() - start.as_micros()).max(0) / 1000;
    let seconds = millis / 1000;
    match seconds {
        0 => format!("{millis}ms"),
        1..60 => format!("{seconds}.{}s", millis % 1000 / 100),
        60..3600 => format!("{}min {}s", seconds / 60, seconds % 60),
        _ => format!("{}h {}min", seconds / 3600, seconds % 3600 / 60),
    }
}

fn moment(at: Option<Instant>, view: &View) -> Cell {
    Cell::new(at.map(|at| due::moment(at, &view.context)).unwrap_or_default())
}

impl Noun for Job {
    const FIELDS: &'static [&'static str] = JOB_FIELDS;

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Owner", Shape::Short, |job: &Self, _| owner(job.owner.as_ref())),
            Column::new("Name", Shape::Text, |job: &Self, _| Cell::new(job.name.clone()).paint(Paint::Label)),
            Column::new("Schedule", Shape::Text, |job: &Self, view| Cell::new(schedule(job, view))),
            Column::new("Next", Shape::Short, |job: &Self, view| match job.zone_unknown {
                true => Cell::new(reminder::at_rest(job.timezone.as_deref())).paint(Paint::Alarm),
                false => moment(job.next_run_at, view),
            }),
            Column::new("Last", Shape::Short, |job: &Self, view| moment(job.last_run_at, view).paint(Paint::Faint)),
            Column::new("Status", Shape::Short, |job: &Self, _| status(job)),
        ]
    }

    fn key(&self) -> String {
        self.name.clone()
    }
}

impl Noun for JobDetail {
    const FIELDS: &'static [&'static str] = JOB_FIELDS;

    fn columns() -> Vec<Column<Self>> {
        Job::columns().into_iter().map(|column| column.of(|detail: &Self| &detail.job)).collect()
    }

    fn key(&self) -> String {
        self.job.key()
    }
}

impl Noun for Run {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "jobId",
        "jobName",
        "owner",
        "status",
        "attempt",
        "maxAttempts",
        "rescues",
        "triggeredBy",
        "args",
        "scheduledFor",
        "availableAt",
        "waitingFor",
        "waitingReason",
        "nextRetryAt",
        "startedAt",
        "finishedAt",
        "exitCode",
        "signal",
        "errorMessage",
        "outputTruncated",
        "omittedBytes",
        "leftBehind",
        "createdAt",
    ];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Owner", Shape::Short, |run: &Self, _| owner(run.owner.as_ref())),
            Column::new("Job", Shape::Text, |run: &Self, _| Cell::new(run.job_name.clone()).paint(Paint::Label)),
            Column::new("Status", Shape::Short, |run: &Self, _| {
                Cell::new(run.status.as_str()).paint(paint(run.status))
            }),
            Column::new("Began", Shape::Short, |run: &Self, view| moment(run.started_at, view)),
            Column::new("Took", Shape::Short, |run: &Self, _| Cell::new(took(run))),
            Column::new("Attempt", Shape::Short, |run: &Self, _| {
                let shown = attempt(run);
                if shown.is_empty() { Cell::new(shown).usual() } else { Cell::new(shown) }
            }),
            Column::new("By", Shape::Short, |run: &Self, _| {
                let by = Cell::new(run.triggered_by.as_str());
                if run.triggered_by == TriggeredBy::Schedule { by.usual() } else { by }
            }),
            Column::new("Why", Shape::Text, |run: &Self, _| Cell::new(why(run))),
            Column::ids("Run", LEDGER_IDS, |run: &Self| run.id),
        ]
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl Noun for RunLogChunk {
    const FIELDS: &'static [&'static str] = &["seq", "stream", "text", "omittedBytes", "createdAt"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("#", Shape::Number, |piece: &Self, _| Cell::new(piece.key()).paint(Paint::Faint)),
            Column::new("Text", Shape::Text, |piece: &Self, _| {
                let paint = if piece.stream == Stream::Stderr { Paint::Warm } else { Paint::Plain };
                Cell::new(piece.text.clone()).paint(paint)
            }),
        ]
    }

    fn key(&self) -> String {
        self.seq.to_string()
    }
}
