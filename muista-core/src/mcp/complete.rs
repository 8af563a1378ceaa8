//! Completion: what an argument of a prompt, or the place in a resource's name, may be, given its beginning.

use rmcp::ErrorData;
use rmcp::model::{CompleteRequestParams, CompletionInfo, Reference};

use super::{Seat, resource};
use crate::error::Result;
use crate::model::{JobQuery, Page, RunQuery, TaskFilter};

/// How many of each noun are looked at.
const LOOKED_AT: u32 = 200;
const DAYS: [&str; 9] =
    ["today", "tomorrow", "week", "monday", "tuesday", "wednesday", "thursday", "friday", "next week"];

/// What the argument may be. For what is not completed there is nothing.
///
/// # Errors
/// Of the protocol: what the calls say.
pub(super) async fn complete(seat: &Seat, request: &CompleteRequestParams) -> Result<CompletionInfo, ErrorData> {
    let (argument, begun) = (request.argument.name.as_str(), request.argument.value.as_str());
    let values = match (&request.r#ref, argument) {
        (Reference::Prompt(prompt), "day") if prompt.name == "plan_day" => {
            Ok(DAYS.iter().filter(|day| day.starts_with(begun)).map(|day| (*day).to_owned()).collect())
        }
        (Reference::Prompt(prompt), "job") if prompt.name == "explain_failed_run" => jobs(seat, begun).await,
        (Reference::Resource(place), "id") => match place.uri.as_str() {
            "muista://tasks/{id}" => tasks(seat, begun).await,
            "muista://jobs/{id}" => jobs(seat, begun).await,
            "muista://runs/{id}/log" => runs(seat, begun).await,
            _ => Ok(Vec::new()),
        },
        _ => Ok(Vec::new()),
    };
    let mut values: Vec<String> = values.map_err(|error| resource::failed(&error))?;
    let total = u32::try_from(values.len()).ok();
    let more = values.len() > CompletionInfo::MAX_VALUES;
    values.truncate(CompletionInfo::MAX_VALUES);
    CompletionInfo::with_pagination(values, total, more).map_err(|error| ErrorData::internal_error(error, None))
}

/// The numbers of open tasks that begin so, or whose title holds the text.
async fn tasks(seat: &Seat, begun: &str) -> Result<Vec<String>> {
    let digits = begun.bytes().all(|byte| byte.is_ascii_digit());
    let search = if digits { Vec::new() } else { vec![begun.to_owned()] };
    let filter = TaskFilter { search, ..TaskFilter::default() };
    let page = seat.client.list_tasks(filter, Page { limit: LOOKED_AT, ..Page::default() }).await?;
    let numbers = page.items.iter().map(|task| task.number.to_string());
    Ok(numbers.filter(|number| !digits || number.starts_with(begun)).collect())
}

async fn jobs(seat: &Seat, begun: &str) -> Result<Vec<String>> {
    let page = seat.client.list_jobs(JobQuery { limit: LOOKED_AT, cursor: None }).await?;
    let begun = begun.to_lowercase();
    Ok(page.items.into_iter().map(|job| job.name).filter(|name| name.to_lowercase().starts_with(&begun)).collect())
}

async fn runs(seat: &Seat, begun: &str) -> Result<Vec<String>> {
    let page = seat.client.list_runs(RunQuery { limit: LOOKED_AT, ..RunQuery::default() }).await?;
    let ids = page.items.iter().map(|run| (run.id.to_string(), run.job_name.as_str()));
    Ok(ids.filter(|(id, job)| id.starts_with(begun) || job.starts_with(begun)).map(|(id, _)| id).collect())
}
