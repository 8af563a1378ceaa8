//! `/runs`.

use axum::body::{Body, Bytes};
use axum::response::Response;
use futures::stream;
use hyper::HeaderMap;
use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderValue, VARY};
use muista_core::error::Error;
use muista_core::input::limit;
use muista_core::model::{Id, JobName, RecordKind, RecordRef, Run, RunLogPage, RunPage, RunQuery, RunRef, RunStatus};
use muista_core::service::run;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::call::Call;
use crate::http::input::{NoParams, Params, Path};
use crate::http::problem::Reply;
use crate::http::reply;
use crate::http::resource::jobs::status_of;

/// Which runs are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Those of every account; for admins.
    #[serde(default)]
    #[param(default = false)]
    all: bool,
    /// Of this job alone: its id or name.
    #[param(nullable = false)]
    job: Option<JobName>,
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

/// Lists runs
///
/// The newest first.
#[utoipa::path(get, path = "/runs", tag = "runs", params(Which), responses(
    (status = 200, description = "A page of runs", body = RunPage),
))]
pub(crate) async fn list(call: Call, Params(which): Params<Which>) -> Reply {
    let query = RunQuery {
        all: which.all,
        job: which.job,
        status: which.status,
        limit: limit(which.limit)?,
        cursor: which.cursor,
    };
    reply::ok(&call, &run::list(call.service(), &call.caller, query).await?)
}

/// Shows a run
///
/// How it stands, when it began and ended, and how it ended.
#[utoipa::path(get, path = "/runs/{runId}", tag = "runs", params(
    ("runId" = inline(RecordRef), Path, description = "The run's id, its beginning, or its short id"),
), responses((status = 200, description = "The run", body = Run)))]
pub(crate) async fn get(call: Call, Path(named): Path<RecordRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let id = call.id(RecordKind::Run, named).await?;
    let run = run::get(call.service(), &call.caller, RunRef::Id(id)).await?;
    // A run has no version: its text tells its states apart.
    reply::one(&call, &run, 1)
}

/// Stops a run
///
/// One that waits is taken back at once; one that runs is asked to end, and has ended some seconds later. An admin may
/// stop the runs of every account.
#[utoipa::path(post, path = "/runs/{runId}/cancel", tag = "runs", params(
    ("runId" = inline(RecordRef), Path, description = "The run's id, its beginning, or its short id"),
), responses(
    (status = 200, description = "The run, taken back", body = Run),
    (status = 202, description = "The run, which is going to end", body = Run),
))]
pub(crate) async fn cancel(call: Call, Path(named): Path<RecordRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let id = call.id(RecordKind::Run, named).await?;
    let run = run::cancel(call.service(), &call.caller, RunRef::Id(id)).await?;
    let mut response = reply::ok(&call, &run)?;
    *response.status_mut() = status_of(&run);
    Ok(response)
}

/// Which part of what a run wrote.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Behind {
    /// Behind the piece with this `seq`.
    #[serde(default)]
    #[param(value_type = i32, minimum = 0, maximum = 2_147_483_647, default = 0)]
    after: Seq,
}

/// The place of a piece.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(try_from = "i32")]
pub(crate) struct Seq(i32);

impl TryFrom<i32> for Seq {
    type Error = String;

    fn try_from(seq: i32) -> Result<Self, String> {
        if seq < 0 { Err(format!("{seq} is less than 0")) } else { Ok(Self(seq)) }
    }
}

/// Reads what a run wrote
///
/// Its standard output and standard error as they came, a page at a time: `after` is the last `seq` that was read. While the
/// run goes on there is more to come. Of each, the first and the last 512 KiB are kept; `omittedBytes` of a piece says how
/// much was left out just before it. With `Accept: text/plain` the answer is all of it, as text.
#[utoipa::path(get, path = "/runs/{runId}/log", tag = "runs", params(
    ("runId" = inline(RecordRef), Path, description = "The run's id, its beginning, or its short id"), Behind,
), responses(
    (status = 200, description = "Pieces of what it wrote, and the run", content(
        (RunLogPage = "application/json"), (String = "text/plain"),
    )),
))]
pub(crate) async fn log(
    call: Call,
    headers: HeaderMap,
    Path(named): Path<RecordRef>,
    Params(behind): Params<Behind>,
) -> Reply {
    let id = call.id(RecordKind::Run, named).await?;
    let mut response = if wants_text(&headers) {
        text(call, id, behind.after.0).await?
    } else {
        reply::ok(&call, &run::log(call.service(), &call.caller, RunRef::Id(id), behind.after.0).await?)?
    };
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// Whether the client names plain text, and JSON not before it.
fn wants_text(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let first = accepted.split(',').map(|one| one.split(';').next().unwrap_or_default().trim());
    first
        .into_iter()
        .find(|one| matches!(*one, "text/plain" | "text/*" | "application/json" | "*/*"))
        .is_some_and(|one| one.starts_with("text/"))
}

/// All that a run wrote, a page at a time.
async fn text(call: Call, id: Id, after: i32) -> Reply {
    // What is wrong is told before the text begins.
    let first: RunLogPage = run::log(call.service(), &call.caller, RunRef::Id(id), after).await?;
    let pages = stream::try_unfold((call, Some(first)), move |(call, page)| async move {
        let Some(page) = page else { return Ok::<_, Error>(None) };
        let mut text = String::new();
        for piece in &page.items {
            if piece.omitted_bytes > 0 {
                text.push_str(&piece.gap());
            }
            text.push_str(&piece.text);
        }
        let next = match page.items.last().filter(|_| page.more) {
            Some(last) => Some(run::log(call.service(), &call.caller, RunRef::Id(id), last.seq).await?),
            None => None,
        };
        Ok(Some((Bytes::from(text), (call, next))))
    });
    let mut response = Response::new(Body::from_stream(pages));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    Ok(response)
}
