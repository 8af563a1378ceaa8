//! `/jobs` and `/scripts`.

use hyper::StatusCode;
use muista_core::input::{JobChanges, JobInput, RunInput, limit};
use muista_core::model::{JobDetail, JobName, JobPage, JobQuery, Run, RunPage, RunQuery, RunStatus, Script};
use muista_core::service::{job, run, script};
use muista_core::time::{self, Context};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::call::Call;
use crate::http::input::{Json, Maybe, NoParams, Paging, Params, Path};
use crate::http::page;
use crate::http::problem::Reply;
use crate::http::reply;

/// Which jobs are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Whose {
    /// Those of every account, by account and name; for admins.
    #[serde(default)]
    #[param(default = false)]
    all: bool,
    /// Maximum number of items.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where the page before ended: its `nextCursor`.
    #[param(nullable = false, pattern = "^([0-9a-f]{2})+$")]
    cursor: Option<String>,
}

/// Lists jobs
///
/// The caller's jobs, by name; with `all`, those of every account.
#[utoipa::path(get, path = "/jobs", tag = "jobs", params(Whose), responses(
    (status = 200, description = "A page of jobs", body = JobPage),
))]
pub(crate) async fn list(call: Call, Params(whose): Params<Whose>) -> Reply {
    let query = JobQuery { all: whose.all, limit: limit(whose.limit)?, cursor: whose.cursor };
    reply::ok(&call, &job::list(call.service(), &call.caller, query).await?)
}

/// Makes a job
///
/// Schedules a script that the machine's owner has registered, again and again or once, or keeps it for being run when asked
/// to. The answer holds the next five times.
#[utoipa::path(post, path = "/jobs", tag = "jobs", request_body = JobInput, responses(
    (status = 201, description = "The job, with the next times it runs", body = JobDetail, headers(
        ("Location" = String, description = "The job's path"), ("ETag" = String, description = "Its entity tag"),
    )),
))]
pub(crate) async fn add(call: Call, Params(NoParams {}): Params<NoParams>, Json(input): Json<JobInput>) -> Reply {
    let new = input.read(&call.context()?)?;
    let answer = job::add(call.service(), &call.caller, new).await?;
    let job = &answer.value.job;
    let response = reply::created(&call, &answer.value, job.version, &format!("/jobs/{}", job.id))?;
    Ok(reply::with_notices(response, &answer.notices))
}

/// Shows a job
///
/// The job and how it stands, the next five times it runs, and its last ten runs.
#[utoipa::path(get, path = "/jobs/{jobId}", tag = "jobs", params(
    ("jobId" = JobName, Path, description = "The job's id or name", example = "weather"),
), responses(
    (status = 200, description = "The job", body = JobDetail, headers(("ETag" = String, description = "Its entity tag"))),
))]
pub(crate) async fn get(call: Call, Path(name): Path<JobName>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let detail = job::get(call.service(), &call.caller, name).await?;
    reply::one(&call, &detail, detail.job.version)
}

/// Changes a job
///
/// What is left out stays. A changed schedule, or one that is enabled again, goes on from now. An admin may pause and
/// enable the jobs of every account, by their ids, and change nothing else of them.
#[utoipa::path(patch, path = "/jobs/{jobId}", tag = "jobs", params(
    ("jobId" = JobName, Path, description = "The job's id or name", example = "weather"),
), request_body = JobChanges, responses(
    (status = 200, description = "The job, with the next times it runs", body = JobDetail, headers(
        ("ETag" = String, description = "Its entity tag"),
    )),
))]
pub(crate) async fn edit(
    call: Call,
    Path(name): Path<JobName>,
    Params(NoParams {}): Params<NoParams>,
    Json(changes): Json<JobChanges>,
) -> Reply {
    let mut context = call.context()?;
    if call.zone.is_none() {
        context = in_zone_of_job(&call, &name, context).await?;
    }
    let mut patch = changes.read(&context)?;
    patch.version = call.if_match.version();
    let answer = job::edit(call.service(), &call.caller, name, patch).await?;
    let response = reply::tagged(&call, &answer.value, answer.value.job.version)?;
    Ok(reply::with_notices(response, &answer.notices))
}

/// Times of a job's schedule are those of its own zone.
async fn in_zone_of_job(call: &Call, name: &JobName, context: Context) -> muista_core::error::Result<Context> {
    let job = job::look(call.service(), &call.caller, name.clone()).await?;
    Ok(match job.timezone {
        Some(zone) => Context { zone: time::zone(&zone)?, ..context },
        None => context,
    })
}

/// Deletes a job
///
/// Its runs go with it; one that runs is asked to end, and has ended some seconds later. `POST /undo` brings it back with its
/// runs, for 30 days.
#[utoipa::path(delete, path = "/jobs/{jobId}", tag = "jobs", params(
    ("jobId" = JobName, Path, description = "The job's id or name", example = "weather"),
), responses((status = 204, description = "It is gone")))]
pub(crate) async fn delete(call: Call, Path(name): Path<JobName>, Params(NoParams {}): Params<NoParams>) -> Reply {
    job::delete(call.service(), &call.caller, name, call.if_match.version()).await?;
    Ok(reply::nothing())
}

/// Runs a job now
///
/// Whether or not it is enabled. What happens while another run of it has not ended, its `overlap` says.
#[utoipa::path(post, path = "/jobs/{jobId}/trigger", tag = "jobs", params(
    ("jobId" = JobName, Path, description = "The job's id or name", example = "weather"),
), request_body(content = Option<RunInput>), responses(
    (status = 202, description = "The run, which waits for its turn", body = Run, headers(
        ("Location" = String, description = "The run's path"),
    )),
))]
pub(crate) async fn trigger(
    call: Call,
    Path(name): Path<JobName>,
    Params(NoParams {}): Params<NoParams>,
    Maybe(input): Maybe<RunInput>,
) -> Reply {
    let run = run::request(call.service(), &call.caller, name, input.unwrap_or_default().params).await?;
    reply::accepted(&call, &run, &format!("/runs/{}", run.id))
}

/// Which runs of a job are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OfJob {
    /// In this state alone.
    #[param(inline, nullable = false)]
    status: Option<RunStatus>,
    /// Maximum number of items.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where the page before ended: its `nextCursor`.
    #[param(nullable = false, pattern = "^([0-9a-f]{2})+$")]
    cursor: Option<String>,
}

/// Lists a job's runs
///
/// The newest first.
#[utoipa::path(get, path = "/jobs/{jobId}/runs", tag = "jobs", params(
    ("jobId" = JobName, Path, description = "The job's id or name", example = "weather"), OfJob,
), responses((status = 200, description = "A page of runs", body = RunPage)))]
pub(crate) async fn runs(call: Call, Path(name): Path<JobName>, Params(of): Params<OfJob>) -> Reply {
    let query = RunQuery { all: false, job: Some(name), status: of.status, limit: limit(of.limit)?, cursor: of.cursor };
    reply::ok(&call, &run::list(call.service(), &call.caller, query).await?)
}

/// Lists scripts
///
/// Those that jobs may run, those included that would be refused now. They are registered on the daemon's machine alone.
#[utoipa::path(get, path = "/scripts", tag = "jobs", params(Paging), responses(
    (status = 200, description = "A page of scripts, by name", body = page::Items<Script>),
))]
pub(crate) async fn scripts(call: Call, Params(paging): Params<Paging>) -> Reply {
    let items = script::list(call.service(), &call.caller).await?;
    reply::ok(&call, &page::of(items, &paging, |script| script.name.clone())?)
}

/// The status of what goes on after the answer.
pub(crate) fn status_of(run: &Run) -> StatusCode {
    if run.is_over() { StatusCode::OK } else { StatusCode::ACCEPTED }
}
