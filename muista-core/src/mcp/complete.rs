//! Completion: what an argument of a prompt, or the place in a resource's name, may be, given its beginning.

use rmcp::ErrorData;
use rmcp::model::{CompleteRequestParams, CompletionInfo, Reference};

use super::{RequestContext, resource};
use crate::error::Result;
use crate::model::{JobQuery, Page, RunQuery, TaskFilter, fold};

/// How many of each noun are looked at.
const LOOKED_AT: u32 = 200;
const DAYS: [&str; 11] = [
    "today",
    "tomorrow",
    "week",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "next week",
];

/// What an argument may be, and whether there may be more of it behind what was looked at.
#[derive(Default)]
struct Found {
    values: Vec<String>,
    more: bool,
}

/// Returns what the argument may be. For what is not completed there is nothing.
///
/// # Errors
/// Of the protocol: what the calls say.
pub(super) async fn complete(
    context: &RequestContext,
    request: &CompleteRequestParams,
) -> Result<CompletionInfo, ErrorData> {
    let (argument, begun) = (request.argument.name.as_str(), request.argument.value.as_str());
    let found = match (&request.r#ref, argument) {
        (Reference::Prompt(prompt), "day") if prompt.name == "plan_day" => Ok(days(begun)),
        (Reference::Prompt(prompt), "job") if prompt.name == "explain_failed_run" => jobs(context, begun).await,
        (Reference::Resource(place), "id") => match place.uri.as_str() {
            "muista://tasks/{id}" => tasks(context, begun).await,
            "muista://jobs/{id}" => jobs(context, begun).await,
            "muista://runs/{id}/log" => runs(context, begun).await,
            _ => Ok(Found::default()),
        },
        (Reference::Resource(place), "name") if place.uri == "muista://views/{name}" => views(context, begun).await,
        _ => Ok(Found::default()),
    };
    let Found { mut values, more } = found.map_err(|error| resource::failed(&error))?;
    // How many there are is not known where not all were looked at.
    let total = u32::try_from(values.len()).ok().filter(|_| !more);
    let more = more || values.len() > CompletionInfo::MAX_VALUES;
    values.truncate(CompletionInfo::MAX_VALUES);
    CompletionInfo::with_pagination(values, total, more).map_err(|error| ErrorData::internal_error(error, None))
}

fn begins(text: &str, begun: &str) -> bool {
    fold(text).starts_with(&fold(begun))
}

fn days(begun: &str) -> Found {
    Found { values: DAYS.iter().filter(|day| begins(day, begun)).map(|day| (*day).to_owned()).collect(), more: false }
}

/// Returns the numbers of open tasks that begin so, or whose title holds the text.
async fn tasks(context: &RequestContext, begun: &str) -> Result<Found> {
    let digits = begun.bytes().all(|byte| byte.is_ascii_digit());
    let search = if digits { Vec::new() } else { vec![begun.chars().take(TaskFilter::WORD_MAX).collect()] };
    let filter = TaskFilter { search, ..TaskFilter::default() };
    let page = context.client.list_tasks(filter, Page { limit: LOOKED_AT, ..Page::default() }).await?;
    let more = page.next_cursor.is_some();
    let numbers = page.items.iter().map(|task| task.number.to_string());
    Ok(Found { values: numbers.filter(|number| !digits || number.starts_with(begun)).collect(), more })
}

async fn views(context: &RequestContext, begun: &str) -> Result<Found> {
    let names = context.client.list_views().await?.into_iter().map(|view| view.name);
    Ok(Found { values: names.filter(|name| begins(name, begun)).collect(), more: false })
}

async fn jobs(context: &RequestContext, begun: &str) -> Result<Found> {
    let page = context.client.list_jobs(JobQuery { limit: LOOKED_AT, ..JobQuery::default() }).await?;
    let names = page.items.into_iter().map(|job| job.name);
    Ok(Found { values: names.filter(|name| begins(name, begun)).collect(), more: page.next_cursor.is_some() })
}

async fn runs(context: &RequestContext, begun: &str) -> Result<Found> {
    let page = context.client.list_runs(RunQuery { limit: LOOKED_AT, ..RunQuery::default() }).await?;
    let ids = page.items.iter().map(|run| (run.id.to_string(), run.job_name.as_str()));
    let values = ids.filter(|(id, job)| begins(id, begun) || begins(job, begun)).map(|(id, _)| id).collect();
    Ok(Found { values, more: page.next_cursor.is_some() })
}
