//! `/tasks`: the tasks, their parts, and what a person does with one.

use muista_core::error::Error;
use muista_core::input::{TaskChanges, TaskInput, TaskListing, TaskQuery};
use muista_core::model::{Explanation, Status, Task, TaskPage, TaskRef};
use muista_core::service::{next, task};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::call::Call;
use crate::http::input::{InZone, Json, Maybe, NoFields, NoParams, Params, Path};
use crate::http::problem::Reply;
use crate::http::reply;

/// Lists tasks
///
/// The open ones, the earliest due first, unless the parameters say otherwise. All conditions must hold together. While
/// there are more, `nextCursor` is what to pass as `cursor` for the next page, with the other parameters unchanged.
#[utoipa::path(get, path = "/tasks", tag = "tasks", params(TaskQuery, InZone), responses(
    (status = 200, description = "A page of tasks", body = TaskPage),
))]
pub(crate) async fn list(call: Call, Params(query): Params<TaskQuery>) -> Reply {
    page(&call, query, Status::Open).await
}

async fn page(call: &Call, query: TaskQuery, status: Status) -> Reply {
    let TaskListing { filter, page } = query.read(status, &call.context()?)?;
    reply::ok(call, &task::list(call.service(), &call.caller, filter, page).await?)
}

/// Makes a task
///
/// Its project and its tags are made where they are new. Dates may be written in words, as in `tomorrow 18:00`, which are
/// read in the account's zone.
#[utoipa::path(post, path = "/tasks", tag = "tasks", params(InZone), request_body = TaskInput, responses(
    (status = 201, description = "The task", body = Task),
))]
pub(crate) async fn add(call: Call, Params(NoParams {}): Params<NoParams>, Json(input): Json<TaskInput>) -> Reply {
    make(&call, input).await
}

async fn make(call: &Call, input: TaskInput) -> Reply {
    let new = input.read(&call.context()?)?;
    let answer = task::add(call.service(), &call.caller, new).await?;
    let place = format!("/tasks/{}", answer.value.id);
    let response = reply::created(call, &answer.value, answer.value.version, &place)?;
    Ok(reply::with_notices(response, &answer.notices))
}

/// Shows a task
#[utoipa::path(get, path = "/tasks/{taskId}", tag = "tasks",
    params(("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"), InZone),
    responses((status = 200, description = "The task", body = Task)),
)]
pub(crate) async fn get(call: Call, Path(task): Path<TaskRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let task = task::find(call.service(), &call.caller, task).await?;
    reply::one(&call, &task, task.version)
}

/// Changes a task
///
/// A merge patch (RFC 7396): what is left out stays, `null` empties a field. `completed` completes or reopens the task;
/// one that recurs is followed by its next occurrence. With `If-Match`, or `version`, nothing is changed that was changed
/// by somebody else meanwhile.
#[utoipa::path(patch, path = "/tasks/{taskId}", tag = "tasks",
    params(("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"), InZone),
    request_body = TaskChanges,
    responses((status = 200, description = "The task as it is now", body = Task)),
)]
pub(crate) async fn edit(
    call: Call,
    Path(task): Path<TaskRef>,
    Params(NoParams {}): Params<NoParams>,
    Json(changes): Json<TaskChanges>,
) -> Reply {
    let mut patch = changes.read(&call.context()?)?;
    patch.version = call.if_match.version().or(patch.version);
    let answer = task::edit(call.service(), &call.caller, vec![task], patch).await?;
    let task = answer.value.into_iter().next().ok_or_else(|| Error::internal("a task was changed into none"))?;
    let response = reply::tagged(&call, &task, task.version)?;
    Ok(reply::with_notices(response, &answer.notices))
}

/// Explains how a task stands
///
/// Why lists of open tasks pass over it, what must be done before it, the parts of its urgency, and why its last reminder or
/// the last runs of its jobs were late, as far as the token may read notifications and jobs.
#[utoipa::path(get, path = "/tasks/{taskId}/why", tag = "tasks",
    params(("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"), InZone),
    responses((status = 200, description = "The reasons", body = Explanation)),
)]
pub(crate) async fn why(call: Call, Path(task): Path<TaskRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    reply::ok(&call, &next::explain(call.service(), &call.caller, task).await?)
}

/// How a task is started.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StartParams {
    /// Lets other work of the account go on; else it is stopped.
    #[serde(default)]
    #[param(example = true)]
    keep: bool,
}

/// Starts working on a task
///
/// `activeSince` says since when somebody does. What the account works on elsewhere is stopped, unless `keep` is `true`. One
/// that is active already stays so; one that is done is a conflict.
#[utoipa::path(post, path = "/tasks/{taskId}/start", tag = "tasks",
    params(("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"),
        StartParams, InZone),
    responses((status = 200, description = "The task as it is now", body = Task)),
)]
pub(crate) async fn start(
    call: Call,
    Path(task): Path<TaskRef>,
    Params(params): Params<StartParams>,
    Maybe(_): Maybe<NoFields>,
) -> Reply {
    let answer = task::start(call.service(), &call.caller, task, params.keep).await?;
    let response = reply::tagged(&call, &answer.value, answer.value.version)?;
    Ok(reply::with_notices(response, &answer.notices))
}

/// Stops working on a task
///
/// What it took counts in `timeSpent`. Completing a task stops the work on it, too.
#[utoipa::path(post, path = "/tasks/{taskId}/stop", tag = "tasks",
    params(("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"), InZone),
    responses((status = 200, description = "The task as it is now", body = Task)),
)]
pub(crate) async fn stop(
    call: Call,
    Path(task): Path<TaskRef>,
    Params(NoParams {}): Params<NoParams>,
    Maybe(_): Maybe<NoFields>,
) -> Reply {
    let answer = task::stop(call.service(), &call.caller, Some(task)).await?;
    let task = answer.value.into_iter().next().ok_or_else(|| Error::internal("no task was stopped"))?;
    let response = reply::tagged(&call, &task, task.version)?;
    Ok(reply::with_notices(response, &answer.notices))
}

/// Deletes a task
///
/// For good, with its parts, comments and reminders; `POST /undo` brings them back.
#[utoipa::path(delete, path = "/tasks/{taskId}", tag = "tasks",
    params(("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete(call: Call, Path(task): Path<TaskRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    task::delete_seen(call.service(), &call.caller, task, call.if_match.version()).await?;
    Ok(reply::nothing())
}

/// Lists the parts of a task
///
/// All of them, open or done, unless `status` says otherwise.
#[utoipa::path(get, path = "/tasks/{taskId}/subtasks", tag = "tasks",
    params(
        ("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"),
        TaskQuery, InZone,
    ),
    responses((status = 200, description = "A page of tasks", body = TaskPage)),
)]
pub(crate) async fn list_parts(call: Call, Path(task): Path<TaskRef>, Params(query): Params<TaskQuery>) -> Reply {
    if query.parent.is_some() {
        return Err(Error::invalid("parent", "the path says already which task's parts are meant").into());
    }
    page(&call, TaskQuery { parent: Some(task), ..query }, Status::All).await
}

/// Makes a part of a task
#[utoipa::path(post, path = "/tasks/{taskId}/subtasks", tag = "tasks",
    params(("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"), InZone),
    request_body = TaskInput,
    responses((status = 201, description = "The part, a task as well", body = Task)),
)]
pub(crate) async fn add_part(
    call: Call,
    Path(task): Path<TaskRef>,
    Params(NoParams {}): Params<NoParams>,
    Json(input): Json<TaskInput>,
) -> Reply {
    if let Some(parent) = input.parent_id.clone().filter(|parent| *parent != task) {
        let find = |name| task::find(call.service(), &call.caller, name);
        if find(task.clone()).await?.id != find(parent).await?.id {
            return Err(Error::conflict("the path names another task than parentId does").of_field("parentId").into());
        }
    }
    make(&call, TaskInput { parent_id: Some(task), ..input }).await
}
