//! `/users`: one's own account, and, for admins, all of them.

use muista_core::model::{
    Change, Channel, Email, FullName, NewUser, PhoneNumber, Role, Usage, UsagePage, User, UserPage, UserPatch,
    UserQuery, UserRef, ZoneName,
};
use muista_core::service::account::{address, user};
use muista_core::service::usage;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::call::Call;
use crate::http::input::{Json, NoParams, Paging, Params, Path};
use crate::http::problem::Reply;
use crate::http::reply;

/// Shows one's account
#[utoipa::path(get, path = "/users/me", tag = "users", responses(
    (status = 200, description = "The account", body = User, headers(("ETag" = String, description = "Its entity tag"))),
))]
pub(crate) async fn me(call: Call, Params(NoParams {}): Params<NoParams>) -> Reply {
    let user = user::me(call.service(), &call.caller).await?;
    reply::one(&call, &user, user.version)
}

/// Changes one's account
///
/// What is left out stays; `null` takes a value away. Another e-mail address takes the account's `password` as well.
#[utoipa::path(patch, path = "/users/me", tag = "users", params(
), request_body(content = UserPatch, example = json!({"name": "Eva Virtanen", "timezone": "Europe/Helsinki"})), responses(
    (status = 200, description = "The account", body = User, headers(("ETag" = String, description = "Its entity tag"))),
))]
pub(crate) async fn edit_me(
    call: Call,
    Params(NoParams {}): Params<NoParams>,
    Json(mut patch): Json<UserPatch>,
) -> Reply {
    patch.version = call.if_match.version();
    let user = user::edit_me(call.service(), &call.caller, patch).await?;
    reply::tagged(&call, &user, user.version)
}

/// Shows what one's account takes
///
/// Beside what it may take. What goes beyond a limit is refused with the code `QUOTA`.
#[utoipa::path(get, path = "/users/me/usage", tag = "users", responses(
    (status = 200, description = "What it takes", body = Usage),
))]
pub(crate) async fn usage(call: Call, Params(NoParams {}): Params<NoParams>) -> Reply {
    reply::ok(&call, &usage::get(call.service(), &call.caller, None).await?)
}

/// Lists what accounts take
///
/// All of them, by name. For admins. `local` has no limits.
#[utoipa::path(get, path = "/usage", tag = "users", params(Paging), responses(
    (status = 200, description = "A page of accounts", body = UsagePage),
))]
pub(crate) async fn list_usage(call: Call, Params(paging): Params<Paging>) -> Reply {
    let query = UserQuery { limit: paging.limit()?, cursor: paging.cursor };
    reply::ok(&call, &usage::list(call.service(), &call.caller, query).await?)
}

/// A code as it was sent to an address.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"code": "7KQ2M-XW4PD"}))]
pub(crate) struct Code {
    /// The code.
    #[schema(max_length = 100)]
    code: String,
}

/// Confirms an address
///
/// With the code that was sent there. Before that nothing else goes to an e-mail address or a phone number that its owner
/// has set; what an admin sets is confirmed with that.
#[utoipa::path(post, path = "/users/me/addresses/confirm", tag = "users", request_body = Code, responses(
    (status = 200, description = "The account", body = User, headers(("ETag" = String, description = "Its entity tag"))),
))]
pub(crate) async fn confirm(call: Call, Params(NoParams {}): Params<NoParams>, Json(code): Json<Code>) -> Reply {
    let user = address::confirm(call.service(), &call.caller, &code.code).await?;
    reply::tagged(&call, &user, user.version)
}

/// Where a code is to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"channel": "email"}))]
pub(crate) struct CodeWanted {
    /// `email` or `SMS`.
    channel: Channel,
}

/// Sends another code
///
/// To the account's own address, which is not confirmed yet. Each further one of a day takes a longer wait.
#[utoipa::path(post, path = "/users/me/addresses/code", tag = "users", request_body = CodeWanted, responses(
    (status = 202, description = "It is sent"),
))]
pub(crate) async fn send_code(
    call: Call,
    Params(NoParams {}): Params<NoParams>,
    Json(wanted): Json<CodeWanted>,
) -> Reply {
    address::send_code(call.service(), &call.caller, wanted.channel).await?;
    let mut response = reply::nothing();
    *response.status_mut() = hyper::StatusCode::ACCEPTED;
    Ok(response)
}

/// Lists accounts
///
/// All of them, by name. For admins.
#[utoipa::path(get, path = "/users", tag = "users", params(Paging), responses(
    (status = 200, description = "A page of accounts", body = UserPage),
))]
pub(crate) async fn list(call: Call, Params(paging): Params<Paging>) -> Reply {
    let query = UserQuery { limit: paging.limit()?, cursor: paging.cursor };
    reply::ok(&call, &user::list(call.service(), &call.caller, query).await?)
}

/// Makes an account
///
/// For admins. Without a password nobody can log in to it; an API key may be made for it.
#[utoipa::path(post, path = "/users", tag = "users", request_body(content = NewUser, example = json!({
    "username": "zoe", "role": "agent", "timezone": "Europe/Helsinki"
})), responses((status = 201, description = "The account", body = User, headers(
    ("Location" = String, description = "The account's path"), ("ETag" = String, description = "Its entity tag"),
))))]
pub(crate) async fn add(call: Call, Params(NoParams {}): Params<NoParams>, Json(new): Json<NewUser>) -> Reply {
    let user = user::add(call.service(), &call.caller, new).await?;
    reply::created(&call, &user, user.version, &format!("/users/{}", user.id))
}

/// Shows an account
///
/// For admins.
#[utoipa::path(get, path = "/users/{userId}", tag = "users", params(
    ("userId" = UserRef, Path, description = "The account's id or name", example = "eva"),
), responses(
    (status = 200, description = "The account", body = User, headers(("ETag" = String, description = "Its entity tag"))),
))]
pub(crate) async fn get(call: Call, Path(user): Path<UserRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let user = user::get(call.service(), &call.caller, user).await?;
    reply::one(&call, &user, user.version)
}

/// What an admin changes of an account; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"disabled": true}))]
pub(crate) struct Changes {
    /// What it is for; `null` says nothing.
    #[serde(default)]
    role: Option<Role>,
    /// Whether it is out of use: its sessions end, its keys and its password are refused. `null` says nothing.
    #[serde(default)]
    disabled: Option<bool>,
    /// The new e-mail address.
    #[serde(default)]
    #[schema(value_type = Option<Email>)]
    email: Change<Email>,
    /// The new name of the person.
    #[serde(default)]
    #[schema(value_type = Option<FullName>)]
    name: Change<FullName>,
    /// The new phone number.
    #[serde(default)]
    #[schema(value_type = Option<PhoneNumber>)]
    phone_number: Change<PhoneNumber>,
    /// The new zone.
    #[serde(default)]
    #[schema(value_type = Option<ZoneName>)]
    timezone: Change<ZoneName>,
}

/// Changes an account
///
/// For admins. One's own role stays, and so does the account `local`.
#[utoipa::path(patch, path = "/users/{userId}", tag = "users", params(
    ("userId" = UserRef, Path, description = "The account's id or name", example = "eva"),
), request_body = Changes, responses(
    (status = 200, description = "The account", body = User, headers(("ETag" = String, description = "Its entity tag"))),
))]
pub(crate) async fn edit(
    call: Call,
    Path(name): Path<UserRef>,
    Params(NoParams {}): Params<NoParams>,
    Json(changes): Json<Changes>,
) -> Reply {
    let patch = UserPatch {
        version: call.if_match.version(),
        role: changes.role,
        disabled: changes.disabled,
        email: changes.email,
        name: changes.name,
        phone_number: changes.phone_number,
        timezone: changes.timezone,
        password: None,
    };
    let user = user::edit(call.service(), &call.caller, name, patch).await?;
    reply::tagged(&call, &user, user.version)
}
