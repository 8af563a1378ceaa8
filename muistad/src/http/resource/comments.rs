//! `/comments`, and the comments on a task.

use muista_core::error::Error;
use muista_core::model::{Comment, CommentPage, CommentQuery, RecordKind, RecordRef, TaskRef, Text};
use muista_core::service::comment;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::call::Call;
use crate::http::input::{InZone, Json, NoParams, Paging, Params, Path};
use crate::http::problem::Reply;
use crate::http::reply;

/// A comment does not change.
const VERSION: i64 = 1;

/// Lists the comments on a task
///
/// The oldest first.
#[utoipa::path(get, path = "/tasks/{taskId}/comments", tag = "comments",
    params(
        ("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"),
        Paging, InZone,
    ),
    responses((status = 200, description = "A page of comments", body = CommentPage)),
)]
pub(crate) async fn list(call: Call, Path(task): Path<TaskRef>, Params(paging): Params<Paging>) -> Reply {
    let query = CommentQuery { task, limit: paging.limit()?, cursor: paging.cursor };
    reply::ok(&call, &comment::list(call.service(), &call.caller, query).await?)
}

/// What somebody says of a task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "The shop closes at six."}))]
pub(crate) struct CommentInput {
    /// What it says.
    #[schema(value_type = Text)]
    text: String,
}

/// Comments a task
#[utoipa::path(post, path = "/tasks/{taskId}/comments", tag = "comments",
    params(("taskId" = inline(TaskRef), Path, description = "The task's id, its number, or the beginning of its id"), InZone),
    request_body = CommentInput,
    responses((status = 201, description = "The comment", body = Comment)),
)]
pub(crate) async fn add(
    call: Call,
    Path(task): Path<TaskRef>,
    Params(NoParams {}): Params<NoParams>,
    Json(CommentInput { text }): Json<CommentInput>,
) -> Reply {
    let text = Text::parse("text", &text)?.ok_or_else(|| Error::invalid("text", "the comment says nothing"))?;
    let comment = comment::add(call.service(), &call.caller, task, text).await?;
    reply::created(&call, &comment, VERSION, &format!("/comments/{}", comment.id))
}

/// Shows a comment
#[utoipa::path(get, path = "/comments/{commentId}", tag = "comments",
    params(("commentId" = inline(RecordRef), Path, description = "The comment's id, its beginning, or its short id"), InZone),
    responses((status = 200, description = "The comment", body = Comment)),
)]
pub(crate) async fn get(call: Call, Path(named): Path<RecordRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let id = call.id(RecordKind::Comment, named).await?;
    let comment = comment::get(call.service(), &call.caller, id).await?;
    reply::one(&call, &comment, VERSION)
}

/// Deletes a comment
///
/// For who wrote it, the task's owner, and the admins of the project.
#[utoipa::path(delete, path = "/comments/{commentId}", tag = "comments",
    params(("commentId" = inline(RecordRef), Path, description = "The comment's id, its beginning, or its short id")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete(call: Call, Path(named): Path<RecordRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let id = call.id(RecordKind::Comment, named).await?;
    call.matches(VERSION)?;
    comment::delete(call.service(), &call.caller, id).await?;
    Ok(reply::nothing())
}
