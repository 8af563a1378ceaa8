//! `/fields`: what an account keeps of its tasks beside what every task has.

use muista_core::model::{Field, FieldName, FieldPatch, NewField};
use muista_core::service::field;

use crate::http::call::Call;
use crate::http::input::{InZone, Json, NoParams, Paging, Params, Path};
use crate::http::page;
use crate::http::problem::Reply;
use crate::http::reply;

/// Lists own fields
///
/// One's own, by name. Tasks have values of them in `fields`; queries, `sort` and views name them.
#[utoipa::path(get, path = "/fields", tag = "fields", params(Paging, InZone), responses(
    (status = 200, description = "A page of fields", body = page::Items<Field>),
))]
pub(crate) async fn list(call: Call, Params(paging): Params<Paging>) -> Reply {
    let all = field::list(call.service(), &call.caller).await?;
    reply::ok(&call, &page::of(all, &paging, |field| field.name.clone())?)
}

/// Makes an own field
///
/// Its name is a word that queries do not know yet. An account has 50 fields at most.
#[utoipa::path(post, path = "/fields", tag = "fields", params(InZone),
    request_body(content = NewField, example = json!({"name": "effort", "type": "number"})),
    responses((status = 201, description = "The field", body = Field)),
)]
pub(crate) async fn add(call: Call, Params(NoParams {}): Params<NoParams>, Json(new): Json<NewField>) -> Reply {
    let field = field::add(call.service(), &call.caller, new).await?;
    reply::created(&call, &field, field.version, &format!("/fields/{}", reply::segment(&field.name)))
}

/// Shows an own field
#[utoipa::path(get, path = "/fields/{name}", tag = "fields",
    params(("name" = inline(FieldName), Path, description = "The field's name, in any case"), InZone),
    responses((status = 200, description = "The field", body = Field)),
)]
pub(crate) async fn get(call: Call, Path(name): Path<FieldName>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let field = field::get(call.service(), &call.caller, name).await?;
    reply::one(&call, &field, field.version)
}

/// Changes an own field
///
/// A merge patch (RFC 7396): what is left out stays. The type stays; of the choices those that tasks have must.
#[utoipa::path(patch, path = "/fields/{name}", tag = "fields",
    params(("name" = inline(FieldName), Path, description = "The field's name, in any case"), InZone),
    request_body(content = FieldPatch, example = json!({"name": "points"})),
    responses((status = 200, description = "The field as it is now", body = Field)),
)]
pub(crate) async fn edit(
    call: Call,
    Path(name): Path<FieldName>,
    Params(NoParams {}): Params<NoParams>,
    Json(mut patch): Json<FieldPatch>,
) -> Reply {
    patch.version = call.if_match.version().or(patch.version);
    let field = field::edit(call.service(), &call.caller, name, patch).await?;
    reply::tagged(&call, &field, field.version)
}

/// Deletes an own field
///
/// Tasks lose their values of it.
#[utoipa::path(delete, path = "/fields/{name}", tag = "fields",
    params(("name" = inline(FieldName), Path, description = "The field's name, in any case")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete(call: Call, Path(name): Path<FieldName>, Params(NoParams {}): Params<NoParams>) -> Reply {
    field::delete(call.service(), &call.caller, name, call.if_match.version()).await?;
    Ok(reply::nothing())
}
