//! `list_jobs`, `get_job` and `save_job`. An agent schedules scripts that are registered, and registers none.

use std::collections::BTreeMap;

use rmcp::schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, Effect, Entry, Outcome, entry, page, run};
use crate::error::{Error, ErrorKind, Result};
use crate::input::{JobChanges, JobInput};
use crate::mcp::named::{Name, OneOrMany, quoted};
use crate::mcp::schema::{Kind, names, output};
use crate::mcp::{RequestContext, answer};
use crate::model::{Change, JobDetail, JobName, JobQuery, Scope, WithNotices};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct List {
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
        ("list_jobs", "Jobs", "Script jobs by name, with status and next run; on the first page all scripts."),
        Scope::JobsRead,
        Effect::Reads,
        output(&[("jobs", Kind::Objects)], &[("scripts", Kind::Texts), ("nextCursor", Kind::Text)]),
        |call: Call, args: List| async move {
            page(args.limit, |limit| one_page(&call.context, limit, args.cursor.clone())).await
        },
    )
}

async fn one_page(context: &RequestContext, limit: u32, cursor: Option<String>) -> Result<Value> {
    let first = cursor.is_none();
    let page = context.client.list_jobs(JobQuery { limit, cursor, ..JobQuery::default() }).await?;
    let jobs = answer::to_tool_json(&page.items, &context.time.zone, answer::OF_JOBS)?;
    let mut json = answer::paged("jobs", jobs, page.next_cursor);
    if first {
        let scripts = context.client.list_scripts().await?;
        json["scripts"] = scripts.into_iter().map(|script| Value::String(script.name)).collect();
    }
    Ok(json)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct One {
    /// The job's name.
    job: Name,
}

pub(super) fn get() -> Entry {
    entry(
        ("get_job", "Job", "A job with its settings, next times and last ten runs."),
        Scope::JobsRead,
        Effect::Reads,
        output(&[("job", Kind::Object)], &[]),
        |call: Call, args: One| async move {
            let name = named(&args.job)?;
            Ok(json!({"job": detail(&call.context, name).await?}).into())
        },
    )
}

/// Returns the job of this name.
///
/// # Errors
/// `Invalid` for what is no job's name.
pub(super) fn named(name: &Name) -> Result<JobName> {
    JobName::parse(name.as_str()).map_err(|error| error.of_field("job").hint("see list_jobs for the names"))
}

/// Returns a job with its next times and its last runs.
pub(in crate::mcp) async fn detail(context: &RequestContext, job: JobName) -> Result<Value> {
    to_json(context, &context.client.get_job(job).await?)
}

fn to_json(context: &RequestContext, detail: &JobDetail) -> Result<Value> {
    let zone = &context.time.zone;
    let mut json = answer::to_tool_json(&detail.job, zone, answer::OF_JOBS)?;
    json["next"] = answer::to_tool_json(&detail.next, zone, &[])?;
    json["runs"] = run::to_json(context, &detail.runs)?;
    Ok(json)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Save {
    /// One word; changes that job, or makes it.
    name: Name,
    /// A registered script, as in list_jobs; a new job needs one.
    #[serde(default)]
    script: Option<String>,
    /// "every day at 7:00", cron, or a date for once; "none": only when asked to.
    #[serde(default)]
    schedule: Option<String>,
    /// IANA zone; the user's if left out.
    #[serde(default)]
    timezone: Option<String>,
    /// The script's parameters, as "city=Helsinki".
    #[serde(default)]
    params: Option<OneOrMany<String>>,
    /// False pauses it.
    #[serde(default)]
    enabled: Option<bool>,
    /// Seconds a run may take.
    #[serde(default)]
    timeout_seconds: Option<i32>,
    /// Retries of a failed run.
    #[serde(default)]
    max_retries: Option<i32>,
    /// After the last retry: a message, or a task.
    #[serde(default)]
    #[schemars(schema_with = "failures")]
    on_failure: Option<String>,
}

fn failures(_: &mut SchemaGenerator) -> Schema {
    names(["notify", "task", "none"])
}

pub(super) fn save() -> Entry {
    entry(
        (
            "save_job",
            "Save a job",
            "Makes a job that runs a registered script on a schedule, or changes one; what is left out stays.",
        ),
        Scope::JobsWrite,
        Effect::Changes,
        output(
            &[("job", Kind::Object)],
            &[("created", Kind::Flag), ("changeId", Kind::Text), ("notices", Kind::Texts)],
        ),
        |call: Call, args: Save| async move { save_one(&call.context, args).await },
    )
}

async fn save_one(context: &RequestContext, args: Save) -> Result<Outcome> {
    let name = named(&args.name).map_err(|error| error.of_field("name"))?;
    let known = match context.client.get_job(name.clone()).await {
        Ok(_) => true,
        Err(error) if error.kind == ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    };
    let script = args.script.clone();
    let changes = changes(args)?;
    let WithNotices { value, mut notices, change_id } = if known {
        context.client.edit_job(name, changes.read(&context.time)?).await?
    } else {
        let script = script.ok_or_else(|| {
            Error::invalid("script", format!("there is no job {} yet, and a new one needs a script", &*name))
                .hint("see list_jobs for the scripts that there are")
        })?;
        context.client.add_job(new(name, script, changes).read(&context.time)?).await?
    };
    notices.extend(context.waiting());
    let mut json = json!({"job": to_json(context, &value)?});
    if !known {
        json["created"] = json!(true);
    }
    Ok(answer::changed(json, notices, change_id).into())
}

fn changes(args: Save) -> Result<JobChanges> {
    let flag = |name: &str| args.on_failure.as_deref().map(|said| said == name);
    if let Some(said) = args.on_failure.as_deref().filter(|said| !["notify", "task", "none"].contains(said)) {
        let message = format!("{} is nothing that can be done", quoted(said));
        return Err(Error::invalid("on_failure", message).hint("choose notify, task or none"));
    }
    Ok(JobChanges {
        notify_on_failure: flag("notify"),
        task_on_failure: flag("task"),
        script: args.script,
        schedule: args.schedule.map_or(Change::Keep, Change::Set),
        timezone: args.timezone,
        params: args.params.map(params).transpose()?,
        enabled: args.enabled,
        timeout_seconds: args.timeout_seconds,
        max_retries: args.max_retries,
        ..JobChanges::default()
    })
}

/// Returns a new job with these settings.
fn new(name: JobName, script: String, settings: JobChanges) -> JobInput {
    JobInput {
        name,
        script,
        r#type: None,
        params: settings.params,
        schedule: settings.schedule,
        start_at: None,
        end_at: None,
        timezone: settings.timezone,
        timeout_seconds: settings.timeout_seconds,
        max_retries: settings.max_retries,
        retry_delay_seconds: None,
        overlap: None,
        missed: None,
        enabled: settings.enabled,
        notify_on_failure: settings.notify_on_failure,
        notify_on_success: None,
        task_on_failure: settings.task_on_failure,
        notify_every_seconds: None,
        channels: None,
        task_id: Change::Keep,
    }
}

/// Parameters written as `name=value`.
///
/// # Errors
/// `Invalid` for one without `=`.
pub(super) fn params(params: OneOrMany<String>) -> Result<BTreeMap<String, String>> {
    let read =
        |text: String| match text.split_once('=') {
            Some((name, value)) => Ok((name.trim().to_owned(), value.to_owned())),
            None => Err(Error::invalid("params", format!("{} has no value", quoted(&text)))
                .hint("write each as \"name=value\"")),
        };
    params.0.into_iter().map(read).collect()
}
