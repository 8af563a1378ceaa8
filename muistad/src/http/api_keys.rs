//! `/api-keys`.

use muista_core::model::{ApiKey, ApiKeyRef, CreatedApiKey, NewApiKey, UserRef};
use muista_core::service::api_key;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::call::Call;
use super::input::{Json, Params, Path};
use super::problem::Reply;
use super::reply;

/// The keys.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ApiKeys {
    /// The keys without what would let somebody in.
    items: Vec<ApiKey>,
    /// There are no more.
    next_cursor: Option<String>,
}

/// Whose keys are meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct Whose {
    /// Those of this account, its id or name, for admins; one's own where nothing is said.
    #[param(nullable = false, example = "zoe")]
    user: Option<UserRef>,
}

/// List API keys
///
/// What each is called and may be used for; the keys themselves were shown when they were made.
#[utoipa::path(get, path = "/api-keys", tag = "api-keys", params(Whose), responses(
    (status = 200, description = "All keys", body = ApiKeys),
))]
pub(crate) async fn list(call: Call, Params(whose): Params<Whose>) -> Reply {
    let items = api_key::list(call.service(), &call.caller, whose.user).await?;
    reply::ok(&call, &ApiKeys { items, next_cursor: None })
}

/// Make an API key
///
/// A token for a program, with at most the role and the scopes of the caller. The answer is the only place where the key
/// itself stands.
#[utoipa::path(post, path = "/api-keys", tag = "api-keys", request_body(content = NewApiKey, example = json!({
    "name": "laptop", "role": "agent", "scopes": ["tasks:read", "tasks:write"], "ttlSeconds": 7_776_000
})), responses((status = 201, description = "The key", body = CreatedApiKey, headers(
    ("Location" = String, description = "The key's path"),
))))]
pub(crate) async fn create(call: Call, Json(new): Json<NewApiKey>) -> Reply {
    let created = api_key::create(call.service(), &call.caller, new).await?;
    reply::created(&call, &created, 1, &format!("/api-keys/{}", created.api_key.id))
}

/// Revoke an API key
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
