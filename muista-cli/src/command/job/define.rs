//! The flags that say what a job is, for making one and for changing one.

use std::collections::BTreeMap;

use clap::ValueEnum;
use clap_complete::engine::ArgValueCompleter;
use muista_core::error::{Error, Result};
use muista_core::model::{Change, Channel, JobPatch, JobTrigger, Missed, Overlap, TaskRef};
use muista_core::time::{self, Context, Cron, Duration, Instant, Recurrence, Rule, TimeError, When};

use crate::complete;
use crate::words::value_parsers;

/// What a job is.
#[derive(Debug, clap::Args)]
pub(super) struct Definition {
    /// When it runs, as cron with 5, 6 (seconds first) or 7 fields, as in --cron "0 7 * * mon-fri"
    #[arg(long, value_name = "CRON", conflicts_with_all = ["every", "at"])]
    cron: Option<String>,

    /// When it runs, as in --every 15min or --every "friday at 16:00"
    #[arg(long, value_name = "RECURRENCE", conflicts_with = "at")]
    every: Option<String>,

    /// The only time when it runs, as in --at "tomorrow 3:00"
    #[arg(long, value_name = "WHEN")]
    at: Option<String>,

    /// The zone of its schedule, as in --tz Europe/Helsinki [default: yours]
    #[arg(long, value_name = "ZONE")]
    tz: Option<String>,

    /// The end of its schedule, as in --until "end of year"
    #[arg(long, value_name = "WHEN")]
    until: Option<String>,

    /// How long a run may take, as in --timeout 30s [default: 5min]
    #[arg(long, value_name = "DURATION")]
    timeout: Option<String>,

    /// How often a failed run is retried, as in --retries 0 [default: 3]
    #[arg(long, value_name = "N")]
    retries: Option<i32>,

    /// How long until the first retry; each later one waits twice as long, as in --retry-delay 10s [default: 1min]
    #[arg(long, value_name = "DURATION")]
    retry_delay: Option<String>,

    /// When its last run has not ended: forbid (skip), queue (wait), allow (run both) or replace (stop that one), as in --overlap queue [default: forbid]
    #[arg(long, value_name = "WHAT", add = ArgValueCompleter::new(complete::overlaps))]
    overlap: Option<Overlap>,

    /// Runs missed while the daemon was down: run the latest, all or skip them, as in --missed skip [default: latest]
    #[arg(long, value_name = "WHICH", add = ArgValueCompleter::new(complete::missed))]
    missed: Option<Missed>,

    /// When it failed for good: notify (send a message), task (create a task) or none, as in --on-failure task (repeatable)
    #[arg(long, value_name = "WHAT")]
    on_failure: Vec<OnFailure>,

    /// When it succeeded: notify (send a message) or none, as in --on-success notify
    #[arg(long, value_name = "WHAT")]
    on_success: Option<OnSuccess>,

    /// How often messages tell of a job that keeps failing; 0s: of each failure, as in --notify-every 1h [default: 1d]
    #[arg(long, value_name = "DURATION")]
    notify_every: Option<String>,

    /// How messages are sent; none: as configured, as in --channel email (repeatable)
    #[arg(long, value_name = "CHANNEL", add = ArgValueCompleter::new(complete::channels))]
    channel: Vec<String>,

    /// The task that it belongs to, as in --task 7
    #[arg(long, value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    task: Option<String>,

    /// A parameter that the script declares, as in --param city=Helsinki (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    param: Vec<String>,
}

/// What happens when a job failed for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnFailure {
    /// A message is sent
    Notify,
    /// A task is left
    Task,
    /// Nothing
    None,
}

/// What happens when a job succeeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OnSuccess {
    /// A message is sent
    Notify,
    /// Nothing
    None,
}

impl Definition {
    /// Returns what the flags say, as a patch. `zone` is that of the job, where it has one already.
    ///
    /// # Errors
    /// `Invalid` for a value that cannot be read.
    pub(super) fn patch(&self, context: &Context, zone: Option<&str>) -> Result<JobPatch> {
        let context = match self.tz.as_deref().or(zone) {
            Some(zone) => Context { zone: time::zone(zone).map_err(|e| of_flag("tz", e))?, ..context.clone() },
            None => context.clone(),
        };
        Ok(JobPatch {
            trigger: self.trigger(&context)?,
            timezone: self.tz.clone(),
            params: params(&self.param)?,
            task: value_parsers::change(self.task.as_deref(), |text| text.parse::<TaskRef>())?,
            timeout_seconds: seconds("timeout", self.timeout.as_deref())?,
            max_retries: self.retries,
            retry_delay_seconds: seconds("retry-delay", self.retry_delay.as_deref())?,
            overlap: self.overlap,
            missed: self.missed,
            notify_on_failure: self.failure(OnFailure::Notify),
            task_on_failure: self.failure(OnFailure::Task),
            notify_on_success: self.on_success.map(|what| what == OnSuccess::Notify),
            notify_every_seconds: seconds("notify-every", self.notify_every.as_deref())?,
            channels: value_parsers::list::<Channel>(&self.channel)?,
            ..JobPatch::default()
        })
    }

    /// Returns whether this is among what happens on a failure, where anything is said of it.
    fn failure(&self, what: OnFailure) -> Option<bool> {
        (!self.on_failure.is_empty()).then(|| self.on_failure.contains(&what))
    }

    fn trigger(&self, context: &Context) -> Result<Change<JobTrigger>> {
        let until = value_parsers::change(self.until.as_deref(), |text| until(text, context))?;
        let timed = value_parsers::change(self.cron.as_deref(), cron)?;
        let timed = if timed.is_keep() {
            value_parsers::change(self.every.as_deref(), |text| every(text, context))?
        } else {
            timed
        };
        let timed =
            if timed.is_keep() { value_parsers::change(self.at.as_deref(), |text| at(text, context))? } else { timed };
        match (timed, until) {
            (Change::Set(JobTrigger::Every { rule, words, start, .. }), Change::Set(end)) => {
                Ok(Change::Set(JobTrigger::Every { rule, words, start, end: Some(end) }))
            }
            (timed, Change::Keep) => Ok(timed),
            _ => Err(Error::invalid("until", "only a schedule that repeats has an end")
                .hint("give --until with --cron or --every")),
        }
    }
}

fn cron(text: &str) -> Result<JobTrigger> {
    let cron: Cron = text.parse().map_err(|e| of_flag("cron", e))?;
    Ok(JobTrigger::Every { rule: Rule::Cron(cron), words: text.trim().to_owned(), start: None, end: None })
}

fn every(text: &str, context: &Context) -> Result<JobTrigger> {
    // Behind `--every` the word may be left out: `15min`, `friday at 16:00`.
    let read = Recurrence::read(text, context)
        .or_else(|error| Recurrence::read(&format!("every {text}"), context).map_err(|_| error))
        .map_err(|e| of_flag("every", e))?;
    if read.from_completion {
        return Err(Error::invalid(
            "every",
            format!("`{}` counts from a completion, which a job has not", text.trim()),
        )
        .hint("leave the `!` out"));
    }
    // A day without a time begins at midnight.
    let read = if read.says_time() { read } else { read.at_time(jiff::civil::Time::midnight()) };
    Ok(JobTrigger::Every { rule: read.rule, words: text.trim().to_owned(), start: read.start, end: read.end })
}

fn at(text: &str, context: &Context) -> Result<JobTrigger> {
    let when = When::read(text, context).map_err(|e| of_flag("at", e))?;
    let at = when.start(&context.zone).ok_or_else(|| Error::invalid("at", "there is not a time"))?;
    Ok(JobTrigger::At(at))
}

fn until(text: &str, context: &Context) -> Result<Instant> {
    let when = When::read(text, context).map_err(|e| of_flag("until", e))?;
    when.deadline(&context.zone).ok_or_else(|| Error::invalid("until", "there is not a time"))
}

/// Returns the whole seconds of a duration; a day has 24 hours here.
fn seconds(flag: &str, text: Option<&str>) -> Result<Option<i32>> {
    let Some(text) = text else { return Ok(None) };
    let length = Duration::read(text).map_err(|e| of_flag(flag, e))?;
    let epoch = Instant::from_timestamp(jiff::Timestamp::UNIX_EPOCH);
    let micros = length.after(epoch, &jiff::tz::TimeZone::UTC).map_err(|e| of_flag(flag, e))?.as_micros();
    let whole = (micros % 1_000_000 == 0).then(|| i32::try_from(micros / 1_000_000).ok()).flatten();
    let seconds = whole.ok_or_else(|| {
        Error::invalid(flag, format!("`{text}` is not a number of whole seconds")).hint("write it like `90s` or `5min`")
    })?;
    Ok(Some(seconds))
}

/// Parameters as they are given, `name=value` each; `none` alone takes all away.
///
/// # Errors
/// `Invalid` for one that is no such pair, or is given twice.
pub(super) fn params(given: &[String]) -> Result<Option<BTreeMap<String, String>>> {
    match given {
        [] => return Ok(None),
        [only] if value_parsers::clears(only) => return Ok(Some(BTreeMap::new())),
        _ => {}
    }
    let mut params = BTreeMap::new();
    for pair in given {
        let bad = |what: &str| {
            Error::invalid("param", format!("`{pair}` {what}")).hint("write it like `--param city=Helsinki`")
        };
        let (name, value) = pair.split_once('=').ok_or_else(|| bad("is not a name and a value"))?;
        if params.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(bad("is a second value of that parameter"));
        }
    }
    Ok(Some(params))
}

fn of_flag(flag: &str, error: TimeError) -> Error {
    Error { field: Some(flag.to_owned()), ..error.into() }
}
