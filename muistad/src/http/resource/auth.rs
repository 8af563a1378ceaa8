//! `/auth` and the public keys: registering, logging in and out, and what belongs to a password. The refresh token travels
//! in the body both ways, so that no browser sends it by itself.

use hyper::HeaderMap;
use hyper::header::{CACHE_CONTROL, HeaderValue, USER_AGENT};
use muista_core::error::Error;
use muista_core::model::{
    ApiKey, Id, Login, NewPassword, NewUser, Password, PasswordReset, Requester, Scopes, Secret, Session, SignedIn,
    User,
};
use muista_core::service::account::{reset, session, signing_key, user};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::call::Call;
use crate::http::input::{Json, NoParams, Paging, Params, Path};
use crate::http::page;
use crate::http::problem::{Problem, Reply};
use crate::http::reply;

/// The most characters that are kept of what a program calls itself.
const AGENT_MAX: usize = 256;

/// The most characters of a token, as the schema of secrets has it.
const TOKEN_MAX: usize = 4096;
/// The most characters of an e-mail address (RFC 5321 §4.5.3.1.3, without the angle brackets).
const NAME_MAX: usize = 254;

/// Registers an account
///
/// Where the daemon's owner allows it. The new account has the role `user`; log in with it then.
#[utoipa::path(post, path = "/auth/register", tag = "auth", request_body(content = NewUser, example = json!({
    "username": "eva", "password": "my cat likes tuna", "email": "eva@example.org", "timezone": "Europe/Helsinki"
})), responses((status = 201, description = "The account", body = User, headers(
    ("Location" = String, description = "The account's path"), ("ETag" = String, description = "Its entity tag"),
))))]
pub(crate) async fn register(call: Call, Params(NoParams {}): Params<NoParams>, Json(new): Json<NewUser>) -> Reply {
    let user = user::register(call.service(), &call.caller, new).await?;
    reply::created(&call, &user, user.version, "/users/me")
}

/// What a session is used with (RFC 6749 §5.1, in camelCase).
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tokens {
    /// What is sent with each request, as `Authorization: Bearer …`.
    access_token: String,
    /// How it is sent.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// For how many seconds it is taken.
    #[schema(example = 900)]
    expires_in: u64,
    /// What makes the next pair of tokens, once. Keep it secret.
    refresh_token: Secret,
    /// What the access token may be used for, between spaces.
    #[schema(example = "tasks:read tasks:write")]
    scope: String,
}

/// Logs in
///
/// With a name or an e-mail address, and a password. After repeated failures a name is locked for a while.
#[utoipa::path(post, path = "/auth/login", tag = "auth", request_body(content = Login, example = json!({
    "username": "eva", "password": "my cat likes tuna"
})), responses(
    (status = 200, description = "The session's tokens", body = Tokens),
))]
pub(crate) async fn login(
    call: Call,
    headers: HeaderMap,
    Params(NoParams {}): Params<NoParams>,
    Json(login): Json<Login>,
) -> Reply {
    let from = requester(&call, &headers);
    let signed_in = session::login(call.service(), &call.caller, login, from).await?;
    tokens(&call, signed_in).await
}

/// A refresh token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Refresh {
    /// The token that came with the last answer.
    refresh_token: Secret,
}

/// Refreshes a session
///
/// Makes new tokens, and takes back the refresh token. One that is shown twice has been stolen: the session ends.
#[utoipa::path(post, path = "/auth/refresh", tag = "auth", request_body = Refresh, responses(
    (status = 200, description = "The session's new tokens", body = Tokens),
))]
pub(crate) async fn refresh(call: Call, Params(NoParams {}): Params<NoParams>, Json(refresh): Json<Refresh>) -> Reply {
    let signed_in = session::refresh(call.service(), &call.caller, refresh.refresh_token).await?;
    tokens(&call, signed_in).await
}

/// Logs out
///
/// Ends the session of a refresh token. It is done, too, where the session has ended already.
#[utoipa::path(post, path = "/auth/logout", tag = "auth", request_body = Refresh, responses(
    (status = 204, description = "The session has ended"),
))]
pub(crate) async fn logout(call: Call, Params(NoParams {}): Params<NoParams>, Json(refresh): Json<Refresh>) -> Reply {
    // A token that nobody has is as good as logged out, but this can't be one.
    let length = refresh.refresh_token.reveal().chars().count();
    if !(1..=TOKEN_MAX).contains(&length) {
        let error = Error::invalid("refreshToken", format!("no refresh token has {length} characters"));
        return Err(error.hint("send the one that came with the last answer").into());
    }
    session::logout_with(call.service(), &call.caller, refresh.refresh_token).await?;
    Ok(reply::nothing())
}

/// Lists sessions
///
/// Where the caller is logged in.
#[utoipa::path(get, path = "/auth/sessions", tag = "auth", params(Paging), responses(
    (status = 200, description = "A page of sessions, the oldest first", body = page::Items<Session>),
))]
pub(crate) async fn sessions(call: Call, Params(paging): Params<Paging>) -> Reply {
    let mut all = session::list(call.service(), &call.caller).await?;
    all.sort_by_key(|session| session.id);
    reply::ok(&call, &page::of(all, &paging, |session| session.id.to_string())?)
}

/// Ends all sessions
///
/// That which asks included.
#[utoipa::path(delete, path = "/auth/sessions", tag = "auth", responses(
    (status = 204, description = "The caller is logged in nowhere"),
))]
pub(crate) async fn end_sessions(call: Call, Params(NoParams {}): Params<NoParams>) -> Reply {
    session::end_all(call.service(), &call.caller).await?;
    Ok(reply::nothing())
}

/// Ends a session
#[utoipa::path(delete, path = "/auth/sessions/{sessionId}", tag = "auth", params(
    ("sessionId" = Id, Path, description = "The session's id"),
), responses((status = 204, description = "It has ended")))]
pub(crate) async fn end_session(call: Call, Path(id): Path<Id>, Params(NoParams {}): Params<NoParams>) -> Reply {
    session::end(call.service(), &call.caller, id).await?;
    Ok(reply::nothing())
}

/// The old password and the new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct PasswordChange {
    /// Current password.
    old_password: Secret,
    /// The new one.
    password: Password,
    /// Whether the account's API keys are revoked, all but that which asks.
    #[serde(default)]
    revoke_keys: bool,
}

/// The keys that a changed password leaves.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeysLeft {
    /// The account's API keys that are taken still.
    keys: Vec<ApiKey>,
}

/// Changes the password
///
/// All other sessions end. API keys stay, unless `revokeKeys` says otherwise; the answer lists those that are left.
#[utoipa::path(put, path = "/auth/password", tag = "auth", request_body(content = PasswordChange, example = json!({
    "oldPassword": "my cat likes tuna", "password": "my cat likes salmon now"
})), responses((status = 200, description = "It is changed", body = KeysLeft)))]
pub(crate) async fn password(
    call: Call,
    Params(NoParams {}): Params<NoParams>,
    Json(change): Json<PasswordChange>,
) -> Reply {
    let new = NewPassword {
        user: None,
        old_password: Some(change.old_password),
        password: change.password,
        revoke_keys: change.revoke_keys,
    };
    let set = user::set_password(call.service(), &call.caller, new).await?;
    reply::ok(&call, &KeysLeft { keys: set.keys })
}

/// Whose password was forgotten.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"username": "eva@example.org"}))]
pub(crate) struct Forgotten {
    /// The account's name or e-mail address.
    #[serde(alias = "email")]
    #[schema(max_length = 254)] // NAME_MAX
    username: String,
}

/// Asks for a new password
///
/// Sends a token to the account's e-mail address. The answer is the same whether or not there is such an account.
#[utoipa::path(post, path = "/auth/password/forgot", tag = "auth", request_body = Forgotten, responses(
    (status = 202, description = "A mail is sent, if there is such an account"),
))]
pub(crate) async fn forgot(
    call: Call,
    Params(NoParams {}): Params<NoParams>,
    Json(forgotten): Json<Forgotten>,
) -> Reply {
    if forgotten.username.chars().count() > NAME_MAX {
        let error = Error::invalid("username", format!("the name is longer than {NAME_MAX} characters"));
        return Err(error.hint("give the account's name or e-mail address").into());
    }
    reset::forgot(call.service(), &call.caller, &forgotten.username);
    let mut response = reply::nothing();
    *response.status_mut() = hyper::StatusCode::ACCEPTED;
    Ok(response)
}

/// Sets a forgotten password
///
/// With the token of the mail, once, within an hour. All sessions of the account end.
#[utoipa::path(post, path = "/auth/password/reset", tag = "auth", request_body = PasswordReset, responses(
    (status = 204, description = "It is set; log in with it"),
))]
pub(crate) async fn set_forgotten(
    call: Call,
    Params(NoParams {}): Params<NoParams>,
    Json(reset): Json<PasswordReset>,
) -> Reply {
    reset::reset(call.service(), &call.caller, reset).await?;
    Ok(reply::nothing())
}

/// The public keys (RFC 7517 §5).
#[derive(Debug, ToSchema)]
#[schema(as = Jwks)]
pub(crate) struct Keys {
    /// The keys, the newest first.
    #[expect(dead_code, reason = "this is how the core's keys stand in the document")]
    keys: Vec<std::collections::BTreeMap<String, String>>,
}

/// Shows the public keys
///
/// With which others check the access tokens that were signed here.
#[utoipa::path(get, path = "/.well-known/jwks.json", tag = "auth", responses(
    (status = 200, description = "The keys that are believed", body = Keys),
))]
pub(crate) async fn jwks(call: Call, Params(NoParams {}): Params<NoParams>) -> Reply {
    let mut response = reply::ok(&call, &signing_key::public(call.service()).await?)?;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    Ok(response)
}

async fn tokens(call: &Call, signed_in: SignedIn) -> Reply {
    let access = call.app.auth.issue(&signed_in).await.map_err(Problem::from)?;
    let scope = Scopes::to_string(&access.scopes);
    let refresh_token = signed_in.refresh_token;
    let tokens = Tokens {
        access_token: access.token,
        token_type: "Bearer",
        expires_in: access.expires_in,
        refresh_token,
        scope,
    };
    reply::ok(call, &tokens)
}

/// Where a request comes from.
fn requester(call: &Call, headers: &HeaderMap) -> Requester {
    let agent = headers.get(USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()).into_owned());
    let agent = agent.map(|agent| agent.chars().filter(|c| !c.is_control()).take(AGENT_MAX).collect());
    Requester { user_agent: agent, address: Some(call.address.to_string()) }
}
