//! `/views`: queries that are kept under a name, and the tasks that they hold.

use muista_core::input::{TaskListing, TaskQuery};
use muista_core::model::{Change, NewView, Status, TaskPage, View, ViewName, ViewPatch};
use muista_core::service::{task, view};

use crate::http::call::Call;
use crate::http::input::{InZone, Json, NoParams, Paging, Params, Path};
use crate::http::page;
use crate::http::problem::Reply;
use crate::http::reply;

/// Lists views
///
/// One's own, by name.
#[utoipa::path(get, path = "/views", tag = "views", params(Paging, InZone), responses(
    (status = 200, description = "A page of views", body = page::Items<View>),
))]
pub(crate) async fn list(call: Call, Params(paging): Params<Paging>) -> Reply {
    let all = view::list(call.service(), &call.caller).await?;
    reply::ok(&call, &page::of(all, &paging, |view| view.name.clone())?)
}

/// Makes a view
///
/// The query is checked now and kept as it is written; its dates are read anew whenever it is used. Other views may stand
/// in it by their names, as `:work`.
#[utoipa::path(post, path = "/views", tag = "views", params(InZone), request_body(content = NewView, example = json!({
    "name": "work", "query": "(+work or project:acme) -later", "sort": "due,-priority",
    "columns": ["number", "title", "due"], "group": "project"
})), responses(
    (status = 201, description = "The view", body = View),
))]
pub(crate) async fn add(call: Call, Params(NoParams {}): Params<NoParams>, Json(mut new): Json<NewView>) -> Reply {
    new.date_order = new.date_order.or(call.context()?.date_order);
    let view = view::add(call.service(), &call.caller, new).await?;
    reply::created(&call, &view, view.version, &format!("/views/{}", reply::segment(&view.name)))
}

/// Shows a view
#[utoipa::path(get, path = "/views/{name}", tag = "views",
    params(("name" = inline(ViewName), Path, description = "The view's name, in any case"), InZone),
    responses((status = 200, description = "The view", body = View)),
)]
pub(crate) async fn get(call: Call, Path(name): Path<ViewName>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let view = view::get(call.service(), &call.caller, name).await?;
    reply::one(&call, &view, view.version)
}

/// Changes a view
///
/// A merge patch (RFC 7396): what is left out stays, `null` empties a field. A view that others use keeps its name.
#[utoipa::path(patch, path = "/views/{name}", tag = "views",
    params(("name" = inline(ViewName), Path, description = "The view's name, in any case"), InZone),
    request_body(content = ViewPatch, example = json!({"query": "+work -later", "sort": null})),
    responses((status = 200, description = "The view as it is now", body = View)),
)]
pub(crate) async fn edit(
    call: Call,
    Path(name): Path<ViewName>,
    Params(NoParams {}): Params<NoParams>,
    Json(mut patch): Json<ViewPatch>,
) -> Reply {
    patch.version = call.if_match.version().or(patch.version);
    if patch.query.is_some() && patch.date_order.is_keep() {
        patch.date_order = call.context()?.date_order.map_or(Change::Keep, Change::Set);
    }
    let view = view::edit(call.service(), &call.caller, name, patch).await?;
    reply::tagged(&call, &view, view.version)
}

/// Deletes a view
///
/// Its tasks stay. A view that others use is not deleted.
#[utoipa::path(delete, path = "/views/{name}", tag = "views",
    params(("name" = inline(ViewName), Path, description = "The view's name, in any case")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete(call: Call, Path(name): Path<ViewName>, Params(NoParams {}): Params<NoParams>) -> Reply {
    view::delete(call.service(), &call.caller, name, call.if_match.version()).await?;
    Ok(reply::nothing())
}

/// Lists the tasks of a view
///
/// As `GET /tasks`, narrowed further by the same parameters; in the view's order unless `sort` says another.
#[utoipa::path(get, path = "/views/{name}/tasks", tag = "views",
    params(("name" = inline(ViewName), Path, description = "The view's name, in any case"), TaskQuery, InZone),
    responses((status = 200, description = "A page of tasks", body = TaskPage)),
)]
pub(crate) async fn tasks(call: Call, Path(name): Path<ViewName>, Params(query): Params<TaskQuery>) -> Reply {
    let view = view::get(call.service(), &call.caller, name.clone()).await?;
    let is_sorted = query.sort.is_some();
    let TaskListing { filter, mut page } = query.read_in(Some(name), Status::Open, &call.context()?)?;
    if let Some(sort) = view.sort.as_ref().filter(|_| !is_sorted) {
        page = sort.page(page);
    }
    reply::ok(&call, &task::list(call.service(), &call.caller, filter, page).await?)
}
