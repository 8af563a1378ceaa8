//! `list_runs`, `get_run`, `run_job` and `cancel_run`.

use std::time::Duration;

use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{Call, Effect, Entry, Outcome, entry, page};
use crate::error::{Error, ErrorKind, Result};
use crate::mcp::named::{Name, OneOrMany, record};
use crate::mcp::schema::{Kind, names, output};
use crate::mcp::tool::job;
use crate::mcp::{RequestContext, answer};
use crate::model::{Id, JobName, RecordKind, RecordRef, Run, RunLogChunk, RunQuery, RunRef, RunStatus, Scope};

/// How much of what a run wrote is told unless told otherwise, in characters from its end.
const LOG: usize = 1_500;
/// How much at most: it stands twice in a result.
const LOG_MAX: usize = 4_000;
/// How long `run_job` waits at most.
const WAIT_MAX: u64 = 30;
/// How many runs are looked at for the last that began.
const LOOKED_AT: u32 = 20;
/// How often it looks meanwhile.
const LOOK: Duration = Duration::from_millis(200);

fn statuses(_: &mut SchemaGenerator) -> Schema {
    names(RunStatus::ALL.iter().map(|status| status.as_str()))
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct List {
    /// Of this job alone.
    #[serde(default)]
    job: Option<Name>,
    /// In this state alone.
    #[serde(default)]
    #[schemars(schema_with = "statuses")]
    status: Option<String>,
    /// 20 if left out.
    #[serde(default, deserialize_with = "crate::model::integer_or_null")]
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// A nextCursor.
    #[serde(default)]
    cursor: Option<String>,
}

pub(super) fn list() -> Entry {
    entry(
        ("list_runs", "Runs", "Runs of jobs, the newest first."),
        Scope::JobsRead,
        Effect::Reads,
        output(&[("runs", Kind::Objects)], &[("nextCursor", Kind::Text)]),
        |call: Call, args: List| async move {
            let job = args.job.as_ref().map(job::named).transpose()?;
            let status = args.status.as_deref().map(str::parse::<RunStatus>).transpose()?;
            page(args.limit, |limit| {
                let query =
                    RunQuery { job: job.clone(), status, limit, cursor: args.cursor.clone(), ..RunQuery::default() };
                let context = &call.context;
                async move {
                    let page = context.client.list_runs(query).await?;
                    let runs = to_json(context, &page.items)?;
                    Ok(answer::paged("runs", runs, page.next_cursor))
                }
            })
            .await
        },
    )
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct One {
    /// The run's id, or a job's name for the last that began.
    run: Name,
    /// Characters of its output, from the end; 1500 if left out.
    #[serde(default, deserialize_with = "crate::model::integer_or_null")]
    #[schemars(range(max = 4000))]
    log_chars: Option<usize>,
}

pub(super) fn get() -> Entry {
    entry(
        ("get_run", "Run", "How a run ended, why it failed, and the end of what its script wrote."),
        Scope::JobsRead,
        Effect::Reads,
        output(&[("run", Kind::Object)], &[("log", Kind::Text)]),
        |call: Call, args: One| async move {
            let most = args.log_chars.unwrap_or(LOG);
            if most > LOG_MAX {
                let message = format!("{most} characters are too many");
                return Err(Error::invalid("log_chars", message)
                    .hint(format!("ask for {LOG_MAX} at most; muista://runs/ID/log holds all")));
            }
            let context = &call.context;
            let run = begun(context, named(context, &args.run).await?).await?;
            with_log(context, &run, most).await.map(Outcome::Json)
        },
    )
}

/// Returns the run that is named by its id or a part of it, or as the last of a job.
///
/// # Errors
/// `Invalid` for what is neither, `Conflict` for a part of several ids.
async fn named(context: &RequestContext, name: &Name) -> Result<RunRef> {
    let run = run_ref(name.as_str())?;
    let RunRef::LastOf(job) = &run else { return Ok(run) };
    if name.as_str().parse::<RecordRef>().is_err() {
        return Ok(run);
    }
    match context.client.get_job(job.clone()).await {
        Err(error) if error.kind == ErrorKind::NotFound => {
            record(context, RecordKind::Run, name.as_str()).await.map(RunRef::Id)
        }
        _ => Ok(run),
    }
}

/// Reads the run that a text names: its id, or a job of which it is the last.
///
/// # Errors
/// As [`named`].
pub(in crate::mcp) fn run_ref(text: &str) -> Result<RunRef> {
    if let Ok(id) = text.parse::<Id>() {
        return Ok(RunRef::Id(id));
    }
    JobName::parse(text)
        .map(RunRef::LastOf)
        .map_err(|error| error.of_field("run").hint("give a run's id from list_runs, or a job's name"))
}

/// Returns the run that is named; of a job the last that began, since a retry that waits has nothing to tell.
async fn begun(context: &RequestContext, run: RunRef) -> Result<Run> {
    if let RunRef::LastOf(job) = &run {
        let query = RunQuery { job: Some(job.clone()), limit: LOOKED_AT, ..RunQuery::default() };
        let runs = context.client.list_runs(query).await?.items;
        if let Some(begun) = runs.into_iter().find(|run| run.started_at.is_some()) {
            return Ok(begun);
        }
    }
    context.client.get_run(run).await
}

/// Converts runs, with which attempt of how many each is.
///
/// # Errors
/// `Internal` when they cannot be written as JSON.
pub(in crate::mcp) fn to_json(context: &RequestContext, runs: &[Run]) -> Result<Value> {
    let mut json = answer::to_tool_json(&runs, &context.time.zone, answer::OF_RUNS)?;
    for (run, json) in runs.iter().zip(json.as_array_mut().into_iter().flatten()) {
        json["attempt"] = json!(format!("{} of {}", run.attempt, run.max_attempts));
    }
    Ok(json)
}

/// Converts one run.
///
/// # Errors
/// As [`to_json`].
pub(in crate::mcp) fn one_to_json(context: &RequestContext, run: &Run) -> Result<Value> {
    Ok(to_json(context, std::slice::from_ref(run))?[0].take())
}

/// Returns the run of these, the newest first, that waits to try again what failed.
fn retry(runs: &[Run]) -> Option<&Run> {
    runs.first().filter(|run| run.status == RunStatus::Pending && run.attempt > 1)
}

/// Returns what the newest run of a job wrote that wrote anything, and which that is, where a retry waits.
///
/// # Errors
/// When the calls fail.
pub(in crate::mcp) async fn log_of(context: &RequestContext, run: &RunRef) -> Result<String> {
    let RunRef::LastOf(job) = run else { return log(context, run).await };
    let query = RunQuery { job: Some(job.clone()), limit: LOOKED_AT, ..RunQuery::default() };
    let runs = context.client.list_runs(query).await?.items;
    for run in runs.iter().filter(|run| run.started_at.is_some()) {
        let written = log(context, &RunRef::Id(run.id)).await?;
        if written.is_empty() {
            continue;
        }
        let Some(retry) = retry(&runs) else { return Ok(written) };
        let at = retry.available_at.map(|at| at.whole_second().rfc3339_in(&context.time.zone).to_string());
        let (attempt, next) = (run.attempt, retry.attempt);
        return Ok(format!("(attempt {attempt}; attempt {next} waits until {})\n{written}", at.unwrap_or_default()));
    }
    // That there is no such job, or no run, is told as of any.
    if runs.is_empty() { log(context, run).await } else { Ok(String::new()) }
}

async fn with_log(context: &RequestContext, run: &Run, most: usize) -> Result<Value> {
    let mut json = json!({"run": one_to_json(context, run)?});
    let log = if most == 0 { String::new() } else { log(context, &RunRef::Id(run.id)).await? };
    if !log.is_empty() {
        json["log"] = Value::String(end_of(&log, most));
    }
    Ok(json)
}

/// All that a run wrote.
pub(in crate::mcp) async fn log(context: &RequestContext, run: &RunRef) -> Result<String> {
    let (mut log, mut after) = (String::new(), 0);
    loop {
        let page = context.client.run_log(run.clone(), after).await?;
        let Some(RunLogChunk { seq, .. }) = page.items.last() else { return Ok(log) };
        after = *seq;
        log.extend(page.items.iter().map(|chunk| chunk.text.as_str()));
        if !page.more {
            return Ok(log);
        }
    }
}

/// Returns the last characters of a text; says how many stand before them.
pub(in crate::mcp) fn end_of(text: &str, most: usize) -> String {
    let before = text.chars().count().saturating_sub(most);
    if before == 0 {
        return text.to_owned();
    }
    let end: String = text.chars().skip(before).collect();
    format!("({before} characters before) …{end}")
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Start {
    /// The job's name.
    job: Name,
    /// Parameters for this run, as "city=Turku".
    #[serde(default)]
    params: OneOrMany<String>,
    /// Seconds to wait for its end; 0 if left out.
    #[serde(default, deserialize_with = "crate::model::integer_or_null")]
    #[schemars(range(max = 30))]
    wait_seconds: Option<u64>,
}

pub(super) fn start() -> Entry {
    entry(
        ("run_job", "Run a job", "Runs a job now and answers with the run; with wait_seconds also with how it ended."),
        Scope::JobsRun,
        Effect::Runs,
        output(&[("run", Kind::Object)], &[("log", Kind::Text), ("notices", Kind::Texts)]),
        |call: Call, args: Start| async move {
            let wait = args.wait_seconds.unwrap_or(0);
            if wait > WAIT_MAX {
                let message = format!("{wait} seconds are too long to wait");
                return Err(Error::invalid("wait_seconds", message)
                    .hint(format!("wait {WAIT_MAX} at most, then ask with get_run")));
            }
            let name = job::named(&args.job)?;
            let run = call.context.client.run_job(name, job::params(args.params)?).await?;
            let run = follow(&call, run, Duration::from_secs(wait)).await?;
            // Who may only have jobs run may not see what they write.
            let most = if run.is_over() && call.context.scopes.has(Scope::JobsRead) { LOG } else { 0 };
            let json = with_log(&call.context, &run, most).await?;
            let notices = call.context.waiting().or_else(|| goes_on(&call.context, &run, wait));
            Ok(answer::noticed(json, notices.into_iter().collect()).into())
        },
    )
}

/// Returns what to tell of a run that was to be waited for and has not ended.
fn goes_on(context: &RequestContext, run: &Run, waited: u64) -> Option<String> {
    if waited == 0 || run.is_over() {
        return None;
    }
    Some(match context.scopes.has(Scope::JobsRead) {
        true => format!("it has not ended within {waited} s: get_run with its id tells how it goes on"),
        false => "it was not waited for: the token lacks the scope jobs:read, so how it ends cannot be seen".to_owned(),
    })
}

/// Waits for a run's end, and tells the client now and then that it goes on, where that wants to know.
async fn follow(call: &Call, mut run: Run, most: Duration) -> Result<Run> {
    let (began, mut told) = (Instant::now(), 0);
    let token = call.request.meta.get_progress_token();
    let goes_on = call.context.daemon;
    while goes_on && !run.is_over() && began.elapsed() < most && call.context.scopes.has(Scope::JobsRead) {
        tokio::select! {
            () = call.request.ct.cancelled() => return Err(Error::conflict("the call was cancelled; the run goes on")),
            () = sleep(LOOK.min(most.saturating_sub(began.elapsed()))) => {}
        }
        run = call.context.client.get_run(RunRef::Id(run.id)).await?;
        let second = began.elapsed().as_secs();
        if let Some(token) = token.clone().filter(|_| second > told) {
            told = second;
            tell(call, token, (second, most.as_secs()), run.status).await;
        }
    }
    Ok(run)
}

async fn tell(call: &Call, token: ProgressToken, (second, of): (u64, u64), status: RunStatus) {
    let progress = ProgressNotificationParam::new(token, second as f64).with_total(of as f64);
    // A client that is gone wants to know no more.
    let _ = call.request.peer.notify_progress(progress.with_message(status.as_str())).await;
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Cancel {
    /// The run's id, or a job's name for its last run.
    run: Name,
}

pub(super) fn cancel() -> Entry {
    entry(
        ("cancel_run", "Cancel a run", "Stops a run, or takes back one that waits."),
        Scope::JobsRun,
        Effect::Deletes,
        output(&[("run", Kind::Object)], &[]),
        |call: Call, args: Cancel| async move {
            let run = call.context.client.cancel_run(named(&call.context, &args.run).await?).await?;
            Ok(json!({"run": one_to_json(&call.context, &run)?}).into())
        },
    )
}
