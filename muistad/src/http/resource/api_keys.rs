//! `/api-keys`.

use muista_core::model::{ApiKey, ApiKeyRef, CreatedApiKey, NewApiKey, UserRef};
use muista_core::service::account::api_key;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::http::call::Call;
use crate::http::input::{Json, NoParams, Paging, Params, Path};
use crate::http::page;
use crate::http::problem::Reply;
use crate::http::reply;

/// Whose keys are meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Whose {
    /// Those of this account, its id or name, for admins; one's own where nothing is said.
    #[param(inline, nullable = false, example = "zoe")]
    user: Option<UserRef>,
}

/// Whose keys are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Those of this account, its id or name, for admins; one's own where nothing is said.
    #[param(inline, nullable = false, example = "zoe")]
    user: Option<UserRef>,
    /// Maximum number of items.
    #[param(nullable = false, minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where the page before ended: its `nextCursor`.
    #[param(nullable = false, pattern = "^([0-9a-f]{2})+$")]
    cursor: Option<String>,
}

/// Lists API keys
///
/// What each is called and may be used for; the keys themselves were shown when they were made.
#[utoipa::path(get, path = "/api-keys", tag = "api-keys", params(Which), responses(
    (status = 200, description = "A page of keys, the oldest first", body = page::Items<ApiKey>),
))]
pub(crate) async fn list(call: Call, Params(which): Params<Which>) -> Reply {
    let mut all = api_key::list(call.service(), &call.caller, which.user).await?;
    all.sort_by_key(|key| key.id);
    let paging = Paging { limit: which.limit, cursor: which.cursor };
    reply::ok(&call, &page::of(all, &paging, |key| key.id.to_string())?)
}

/// Makes an API key
///
/// A token for a program, with at most the role and the scopes of the caller. The answer is the only place where the key
/// itself stands.
#[utoipa::path(post, path = "/api-keys", tag = "api-keys", request_body(content = NewApiKey, example = json!({
    "name": "laptop", "role": "agent", "scopes": ["tasks:read", "tasks:write"], "ttlSeconds": 7_776_000
})), responses((status = 201, description = "The key", body = CreatedApiKey, headers(
    ("Location" = String, description = "The key's path"),
))))]
pub(crate) async fn create(call: Call, Params(NoParams {}): Params<NoParams>, Json(new): Json<NewApiKey>) -> Reply {
    let created = api_key::create(call.service(), &call.caller, new).await?;
    reply::created(&call, &created, 1, &format!("/api-keys/{}", created.api_key.id))
}

/// Shows an API key
///
/// What it is called and may be used for.
#[utoipa::path(get, path = "/api-keys/{keyId}", tag = "api-keys", params(
    ("keyId" = ApiKeyRef, Path, description = "The key's id, or its name where only one has it", example = "laptop"),
    Whose,
), responses((status = 200, description = "The key", body = ApiKey)))]
pub(crate) async fn get(call: Call, Path(key): Path<ApiKeyRef>, Params(whose): Params<Whose>) -> Reply {
    let key = api_key::get(call.service(), &call.caller, key, whose.user).await?;
    reply::one(&call, &key, 1)
}

/// Revokes an API key
///
/// It is refused from now on.
#[utoipa::path(delete, path = "/api-keys/{keyId}", tag = "api-keys", params(
    ("keyId" = ApiKeyRef, Path, description = "The key's id, or its name where only one has it", example = "laptop"),
    Whose,
), responses((status = 204, description = "It is revoked")))]
pub(crate) async fn revoke(call: Call, Path(key): Path<ApiKeyRef>, Params(whose): Params<Whose>) -> Reply {
    api_key::revoke(call.service(), &call.caller, key, whose.user).await?;
    Ok(reply::nothing())
}
