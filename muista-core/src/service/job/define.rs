//! What a job's definition may say: a patch put into effect on a job, with every value checked.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    Change, Id, Job, JobKind, JobPatch, JobStatus, JobTrigger, Missed, NOTIFY_EVERY, NewJob, Origin, Overlap,
    RecurrenceType, Role, Text,
};
use crate::script;
use crate::service::task::assemble;
use crate::service::tx::Tx;
use crate::service::{Caller, Credential, Settings, recipient, schedule};
use crate::time::{self, Instant, Rule, TimeError};

/// The usual time that a run may take, in seconds (spec §6).
const TIMEOUT: i32 = 300;
/// The usual number of retries, and the seconds until the first (spec §6).
const RETRIES: i32 = 3;
const RETRY_DELAY: i32 = 60;
/// How long a run may take, how often it is tried again, and how long that waits at most.
const TIMEOUTS: RangeInclusive<i32> = 1..=604_800;
const RETRIES_RANGE: RangeInclusive<i32> = 0..=20;
const RETRY_DELAYS: RangeInclusive<i32> = 1..=86_400;
/// How often a job that keeps failing is told of: each time, or once in 30 days at the least.
const NOTIFY_EVERY_RANGE: RangeInclusive<i32> = 0..=2_592_000;
/// How many arguments a job has at most, and how many bytes each.
const ARGS_MAX: usize = 100;
const ARG_BYTES_MAX: usize = 4096;

/// Whether a schedule that never fires again is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Must {
    /// It is.
    Fire,
    /// It is not: the change was about something else.
    Not,
}

/// A new job before anything else is said of it.
pub(super) fn blank(tx: &Tx<'_>, new: &NewJob) -> Result<Job> {
    let settings = &new.settings;
    if settings.rename.is_some() || settings.script.is_some() || settings.version.is_some() {
        return Err(Error::invalid(
            "rename",
            "a job that is made has no other name, no other script and no version yet",
        )
        .hint("leave `rename` and `version` out"));
    }
    Ok(Job {
        id: Id::new(tx.now),
        owner_id: tx.owner(),
        task_id: None,
        name: new.name.to_string(),
        r#type: JobKind::Script,
        script: new.script.clone(),
        args: Vec::new(),
        params: BTreeMap::new(),
        status: JobStatus::default(),
        schedule: None,
        recurrence_type: None,
        interval: None,
        words: None,
        start_at: None,
        end_at: None,
        timezone: Some(tx.caller.timezone.clone().unwrap_or_else(|| "UTC".to_owned())),
        timeout_seconds: TIMEOUT,
        max_retries: RETRIES,
        retry_delay_seconds: RETRY_DELAY,
        overlap: Overlap::default(),
        missed: Missed::default(),
        enabled: true,
        notify_on_failure: false,
        notify_on_success: false,
        task_on_failure: false,
        channels: Vec::new(),
        notify_every_seconds: NOTIFY_EVERY,
        owner: None,
        last_run_at: None,
        next_run_at: None,
        zone_unknown: false,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    })
}

/// Puts a patch into effect. When it runs next is [`reschedule`]'s.
///
/// # Errors
/// `Invalid` for a value that cannot be accepted, `NotFound` for a task that is not there, `Forbidden` for arguments that
/// the caller may not choose.
pub(super) fn apply(tx: &mut Tx<'_>, job: &mut Job, patch: JobPatch) -> Result<()> {
    let then = (patch.script.as_deref().unwrap_or(&job.script), patch.args.as_deref().unwrap_or(&job.args));
    refuse_free_arguments(&tx.caller, (&job.script, &job.args), then)?;
    if let Some(name) = patch.rename {
        job.name = name.into();
    }
    job.script = patch.script.unwrap_or_else(|| std::mem::take(&mut job.script));
    job.args = patch.args.map(checked_args).transpose()?.unwrap_or_else(|| std::mem::take(&mut job.args));
    job.params = patch.params.unwrap_or_else(|| std::mem::take(&mut job.params));
    if let Some(name) = patch.timezone {
        job.timezone = Some(zone_name(&name)?);
    }
    match patch.trigger {
        Change::Keep => {}
        Change::Clear => set_schedule(job, None, None),
        Change::Set(trigger) => set_trigger(tx, job, trigger)?,
    }
    match patch.task {
        Change::Keep => {}
        Change::Clear => job.task_id = None,
        Change::Set(task) => {
            let owner = tx.owner();
            job.task_id = assemble::resolve_existing(tx.conn, owner, &[task])?.pop();
        }
    }
    within("timeoutSeconds", patch.timeout_seconds, &TIMEOUTS, &mut job.timeout_seconds)?;
    within("maxRetries", patch.max_retries, &RETRIES_RANGE, &mut job.max_retries)?;
    within("retryDelaySeconds", patch.retry_delay_seconds, &RETRY_DELAYS, &mut job.retry_delay_seconds)?;
    within("notifyEverySeconds", patch.notify_every_seconds, &NOTIFY_EVERY_RANGE, &mut job.notify_every_seconds)?;
    job.overlap = patch.overlap.unwrap_or(job.overlap);
    job.missed = patch.missed.unwrap_or(job.missed);
    job.enabled = patch.enabled.unwrap_or(job.enabled);
    job.notify_on_failure = patch.notify_on_failure.unwrap_or(job.notify_on_failure);
    job.notify_on_success = patch.notify_on_success.unwrap_or(job.notify_on_success);
    job.task_on_failure = patch.task_on_failure.unwrap_or(job.task_on_failure);
    if let Some(mut channels) = patch.channels {
        channels.sort_unstable();
        channels.dedup();
        recipient::refuse_others(job.owner_id, &channels)?;
        job.channels = channels;
    }
    Ok(())
}

/// Sets when the job runs next, seen from `now`.
///
/// # Errors
/// `Invalid` for a schedule that never fires again where it must.
pub(super) fn reschedule(job: &mut Job, must: Must, now: Instant) -> Result<()> {
    let next = schedule::job_next(job, now)?;
    if next.is_none() && must == Must::Fire && job.schedule.is_some() {
        return Err(never(job)?);
    }
    job.next_run_at = next.filter(|_| job.enabled);
    Ok(())
}

/// The parameters of a run, checked: those of the job, and over them those that were given for this run.
///
/// # Errors
/// As [`check_call`].
pub(crate) fn run_params(
    caller: &Caller,
    settings: &Settings,
    job: &Job,
    given: BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>> {
    let mut params = job.params.clone();
    params.extend(given);
    check_call(caller, settings, job, &params)?;
    Ok(params)
}

fn set_trigger(tx: &mut Tx<'_>, job: &mut Job, trigger: JobTrigger) -> Result<()> {
    let (rule, words, start, end) = match trigger {
        JobTrigger::At(at) => {
            set_schedule(job, Some((at.to_string(), RecurrenceType::Once)), None);
            return Ok(());
        }
        JobTrigger::Every { rule, words, start, end } => (rule, words, start, end),
    };
    if let (Some(start), Some(end)) = (start, end)
        && end < start
    {
        return Err(Error::invalid("schedule", format!("the schedule ends at {end}, before it begins at {start}"))
            .hint("give an end that is later"));
    }
    let kind = match rule {
        Rule::Cron(_) => RecurrenceType::Cron,
        Rule::Every(_) => RecurrenceType::Interval,
    };
    rule.notes().into_iter().for_each(|note| tx.notice(note));
    if rule.is_every_second() {
        tx.notice(many_a_minute(&rule));
    }
    let words = Text::parse("schedule", &words)?.map(String::from);
    set_schedule(job, Some((rule.to_string(), kind)), words);
    // An interval counts from when it was set, which for a new job is when it was made.
    let from_now = kind == RecurrenceType::Interval && job.created_at != tx.now;
    job.start_at = start.or(from_now.then_some(tx.now));
    job.end_at = end;
    Ok(())
}

/// Most who write a field of seconds meant the usual five fields.
fn many_a_minute(rule: &Rule) -> String {
    let text = rule.to_string();
    let minutes = text.split_once(' ').map_or("", |(_, minutes)| minutes);
    format!("this runs up to 60 times a minute; for less leave its first field, the seconds, out: `{minutes}`")
}

fn set_schedule(job: &mut Job, schedule: Option<(String, RecurrenceType)>, words: Option<String>) {
    let (text, kind) = schedule.unzip();
    job.interval = text.clone().filter(|_| kind == Some(RecurrenceType::Interval));
    (job.schedule, job.recurrence_type, job.words) = (text, kind, words);
    (job.start_at, job.end_at) = (None, None);
}

/// Says that a schedule does not fire any more, in its own zone.
fn never(job: &Job) -> Result<Error> {
    let (schedule, zone) = (job.schedule.as_deref().unwrap_or_default(), schedule::job_zone(job)?);
    let once = schedule.parse::<Instant>().ok().filter(|_| job.recurrence_type == Some(RecurrenceType::Once));
    Ok(match (once, job.end_at) {
        (Some(at), _) => Error::invalid("schedule", format!("{} is past", at.rfc3339_in(&zone)))
            .hint(format!("give a time to come, or run it now with `muista job run {}`", job.name)),
        (None, Some(end)) => {
            let message = format!("`{schedule}` does not fire before its end, {}", end.rfc3339_in(&zone));
            Error::invalid("schedule", message).hint("give a later end, or none")
        }
        (None, None) => Error::invalid("schedule", format!("`{schedule}` does not fire any more"))
            .hint("give times that come, like `0 7 * * 1` for mondays at 7:00"),
    })
}

fn zone_name(name: &str) -> Result<String> {
    let zone = time::zone(name).map_err(|e| in_field("timezone", e))?;
    Ok(zone.iana_name().unwrap_or_else(|| name.trim()).to_owned())
}

fn in_field(field: &str, error: TimeError) -> Error {
    Error { field: Some(field.to_owned()), ..error.into() }
}

/// A script and the arguments that it is called with before its parameters.
type Command<'a> = (&'a str, &'a [String]);

/// Refuses a definition that the caller could not give the job itself: with other arguments than it has `now`, with
/// parameters that its script does not declare, or of a script that is not there. A job that keeps its command is not
/// looked at, as when the rest of it is changed.
///
/// # Errors
/// `Forbidden`, and those of [`check_call`].
pub(crate) fn refuse_command(caller: &Caller, settings: &Settings, now: Option<&Job>, then: &Job) -> Result<()> {
    let command = now.map_or(("", &[][..]), |now| (now.script.as_str(), now.args.as_slice()));
    refuse_free_arguments(caller, command, (&then.script, &then.args))?;
    if now.is_some_and(|now| (&now.script, &now.args, &now.params) == (&then.script, &then.args, &then.params)) {
        return Ok(());
    }
    match check_call(caller, settings, then, &then.params) {
        // Whoever registers scripts may have a job that waits for one.
        Err(error) if error.kind == ErrorKind::NotFound && is_local(caller) => Ok(()),
        checked => checked,
    }
}

/// Whether the caller is the command line on the daemon's own machine.
fn is_local(caller: &Caller) -> bool {
    caller.credential == Credential::Local && caller.origin == Origin::Cli
}

/// Refuses arguments that anybody but the command line on this machine chooses: others say no more than the values of the
/// parameters that a script declares, and call no other script with the arguments of one.
fn refuse_free_arguments(caller: &Caller, now: Command<'_>, then: Command<'_>) -> Result<()> {
    let carried = now.0 != then.0 && !then.1.is_empty();
    if is_local(caller) || (now.1 == then.1 && !carried) {
        return Ok(());
    }
    Err(Error::forbidden("only the command line on the daemon's own machine chooses a script's arguments")
        .of_field("args")
        .hint("give values of the parameters that the script declares, as `params`"))
}

fn checked_args(args: Vec<String>) -> Result<Vec<String>> {
    if args.len() > ARGS_MAX {
        return Err(Error::invalid("args", format!("there are {} arguments, more than {ARGS_MAX}", args.len()))
            .hint("hand longer input to the script in a file"));
    }
    args.iter().try_for_each(|arg| check_text("args", arg))?;
    Ok(args)
}

/// Whether the job's script can be called with its arguments and these parameters.
///
/// # Errors
/// `NotFound` when there is no such script, `Invalid` for a parameter that it does not declare or a value that it does
/// not take.
pub(crate) fn check_call(
    caller: &Caller,
    settings: &Settings,
    job: &Job,
    params: &BTreeMap<String, String>,
) -> Result<()> {
    params.values().try_for_each(|value| check_text("params", value))?;
    let called = settings.scripts.command(&job.script, &job.args, params).map(drop);
    called.map_err(|error| if caller.role == Role::Admin { error } else { in_short(error) })
}

/// An error for those whom the folders of this machine do not concern.
fn in_short(error: Error) -> Error {
    let hint = error.hint.as_deref().map(script::without_folders);
    Error { message: script::without_folders(&error.message), hint, ..error }
}

fn check_text(field: &str, text: &str) -> Result<()> {
    if text.len() > ARG_BYTES_MAX {
        return Err(Error::invalid(field, format!("one value has {} bytes, more than {ARG_BYTES_MAX}", text.len()))
            .hint("hand longer input to the script in a file"));
    }
    if text.contains('\0') {
        return Err(Error::invalid(field, "one value holds a NUL character").hint("no argument can hold one"));
    }
    Ok(())
}

fn within(field: &str, given: Option<i32>, range: &RangeInclusive<i32>, to: &mut i32) -> Result<()> {
    let Some(given) = given else { return Ok(()) };
    if !range.contains(&given) {
        let (least, most) = (range.start(), range.end());
        return Err(Error::invalid(field, format!("{given} is not from {least} to {most}"))
            .hint(format!("give {field} a number from {least} to {most}")));
    }
    *to = given;
    Ok(())
}
