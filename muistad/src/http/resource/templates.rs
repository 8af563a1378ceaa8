//! `/templates`: trees of tasks that are kept to make again.

use muista_core::error::Error;
use muista_core::input::TemplateInput;
use muista_core::model::{NewTemplate, Task, TaskTemplate, TemplateName};
use muista_core::service::template;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::call::Call;
use crate::http::input::{InZone, Json, NoParams, Paging, Params, Path};
use crate::http::page;
use crate::http::problem::Reply;
use crate::http::reply;

/// Lists templates
///
/// One's own, by name, with their tasks.
#[utoipa::path(get, path = "/templates", tag = "templates", params(Paging, InZone), responses(
    (status = 200, description = "A page of templates", body = page::Items<TaskTemplate>),
))]
pub(crate) async fn list(call: Call, Params(paging): Params<Paging>) -> Reply {
    let all = template::list(call.service(), &call.caller).await?;
    reply::ok(&call, &page::of(all, &paging, |template| template.name.clone())?)
}

/// Keeps a task as a template
///
/// With its subtasks, notes, tags and reminders, and with dates counted from its due. `{{name}}` in a text becomes a
/// placeholder.
#[utoipa::path(post, path = "/templates", tag = "templates", params(InZone), request_body(content = NewTemplate,
    example = json!({"name": "release", "from": "42"})), responses(
    (status = 201, description = "The template", body = TaskTemplate),
))]
pub(crate) async fn add(call: Call, Params(NoParams {}): Params<NoParams>, Json(new): Json<NewTemplate>) -> Reply {
    let answer = template::add(call.service(), &call.caller, new).await?;
    let place = format!("/templates/{}", reply::segment(&answer.value.name));
    let response = reply::created(&call, &answer.value, answer.value.version, &place)?;
    Ok(reply::with_notices(response, &answer.notices))
}

/// Shows a template
#[utoipa::path(get, path = "/templates/{name}", tag = "templates",
    params(("name" = inline(TemplateName), Path, description = "The template's name, in any case"), InZone),
    responses((status = 200, description = "The template", body = TaskTemplate)),
)]
pub(crate) async fn get(call: Call, Path(name): Path<TemplateName>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let template = template::get(call.service(), &call.caller, name).await?;
    reply::one(&call, &template, template.version)
}

/// Deletes a template
///
/// Tasks that were made of it stay.
#[utoipa::path(delete, path = "/templates/{name}", tag = "templates",
    params(("name" = inline(TemplateName), Path, description = "The template's name, in any case")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete(call: Call, Path(name): Path<TemplateName>, Params(NoParams {}): Params<NoParams>) -> Reply {
    template::delete(call.service(), &call.caller, name, call.if_match.version()).await?;
    Ok(reply::nothing())
}

/// The tasks that were made of a template.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Made {
    /// The tasks, the whole first.
    items: Vec<Task>,
}

/// Makes the tasks of a template
///
/// All of them or none, as one change.
#[utoipa::path(post, path = "/templates/{name}/tasks", tag = "templates",
    params(("name" = inline(TemplateName), Path, description = "The template's name, in any case"), InZone),
    request_body(content = TemplateInput, example = json!({"values": {"version": "1.4"}, "dueDate": "friday"})),
    responses((status = 201, description = "The tasks", body = Made)),
)]
pub(crate) async fn make(
    call: Call,
    Path(name): Path<TemplateName>,
    Params(NoParams {}): Params<NoParams>,
    Json(input): Json<TemplateInput>,
) -> Reply {
    let with = input.read(&call.context()?)?;
    let answer = template::apply(call.service(), &call.caller, name, with).await?;
    let root = answer.value.first().map(|root| (root.version, format!("/tasks/{}", root.id)));
    let (version, place) = root.ok_or_else(|| Error::internal("a template has no tasks"))?;
    let response = reply::created(&call, &Made { items: answer.value }, version, &place)?;
    Ok(reply::with_notices(response, &answer.notices))
}
