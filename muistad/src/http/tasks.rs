//! `/tasks`.

use muista_core::model::{NewTask, Page, TaskFilter, TaskRef, Title};
use muista_core::service::task;
use serde::Deserialize;
use utoipa::ToSchema;

use super::call::Call;
use super::input::{Json, Path};
use super::problem::Reply;
use super::reply;

/// Lists tasks
#[utoipa::path(get, path = "/tasks", tag = "tasks", responses((status = 200, description = "A page of tasks")))]
pub(crate) async fn list(call: Call) -> Reply {
    let page =
        task::list(call.service(), &call.caller, TaskFilter::default(), Page { limit: 50, ..Page::default() }).await?;
    reply::ok(&call, &page)
}

/// What makes a task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct TaskInput {
    /// One line that says what is to be done.
    title: String,
}

/// Makes a task
#[utoipa::path(post, path = "/tasks", tag = "tasks", request_body = TaskInput, responses((status = 201, description = "The task")))]
pub(crate) async fn add(call: Call, Json(input): Json<TaskInput>) -> Reply {
    let new = NewTask::titled(Title::parse(&input.title)?);
    let answer = task::add(call.service(), &call.caller, new).await?;
    let place = format!("/tasks/{}", answer.value.id);
    let response = reply::created(&call, &answer.value, answer.value.version, &place)?;
    Ok(reply::with_notices(response, &answer.notices))
}

/// A task
#[utoipa::path(get, path = "/tasks/{taskId}", tag = "tasks", params(("taskId" = String, Path, description = "The task's id or number")), responses((status = 200, description = "The task")))]
pub(crate) async fn get(call: Call, Path(task): Path<TaskRef>) -> Reply {
    let task = task::find(call.service(), &call.caller, task).await?;
    reply::one(&call, &task, task.version)
}

/// Deletes a task
#[utoipa::path(delete, path = "/tasks/{taskId}", tag = "tasks", params(("taskId" = String, Path, description = "The task's id or number")), responses((status = 204, description = "It is gone")))]
pub(crate) async fn delete(call: Call, Path(task): Path<TaskRef>) -> Reply {
    task::delete(call.service(), &call.caller, vec![task]).await?;
    Ok(reply::nothing())
}
