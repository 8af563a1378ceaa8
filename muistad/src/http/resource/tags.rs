//! `/tags`. A tag is made with the first task that carries it.

use muista_core::model::{Tag, TagName};
use muista_core::service::tag;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::call::Call;
use crate::http::input::{Json, NoParams, Paging, Params, Path};
use crate::http::page;
use crate::http::problem::Reply;
use crate::http::reply;

/// Lists tags
///
/// By name, with how many tasks carry each.
#[utoipa::path(get, path = "/tags", tag = "tags", params(Paging), responses(
    (status = 200, description = "A page of tags", body = page::Items<Tag>),
))]
pub(crate) async fn list(call: Call, Params(paging): Params<Paging>) -> Reply {
    let all = tag::list(call.service(), &call.caller).await?;
    reply::ok(&call, &page::of(all, &paging, |tag| tag.name.clone())?)
}

/// A tag's new name.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "errand"}))]
pub(crate) struct TagChanges {
    /// The new name. Where a tag has it, the two become one.
    name: TagName,
}

/// Renames a tag
///
/// On every task; where the new name exists the two become one.
#[utoipa::path(patch, path = "/tags/{name}", tag = "tags",
    params(("name" = inline(TagName), Path, description = "The tag's name, in any case")),
    request_body = TagChanges,
    responses((status = 200, description = "The tag as it is now", body = Tag)),
)]
pub(crate) async fn rename(
    call: Call,
    Path(tag): Path<TagName>,
    Params(NoParams {}): Params<NoParams>,
    Json(TagChanges { name }): Json<TagChanges>,
) -> Reply {
    reply::ok(&call, &tag::rename(call.service(), &call.caller, tag, name).await?)
}

/// Deletes a tag
///
/// It is taken off every task.
#[utoipa::path(delete, path = "/tags/{name}", tag = "tags",
    params(("name" = inline(TagName), Path, description = "The tag's name, in any case")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete(call: Call, Path(tag): Path<TagName>, Params(NoParams {}): Params<NoParams>) -> Reply {
    tag::delete(call.service(), &call.caller, tag).await?;
    Ok(reply::nothing())
}
