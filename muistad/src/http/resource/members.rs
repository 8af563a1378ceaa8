//! `/projects/{projectId}/members`: who is in a project, and what each may do there.

use muista_core::model::{Member, NewMember, ProjectRef, ProjectRole, UserRef};
use muista_core::service::member;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::http::call::Call;
use crate::http::input::{InZone, Json, NoParams, Paging, Params, Path, Paths};
use crate::http::page;
use crate::http::problem::Reply;
use crate::http::reply;

/// Lists the members of a project
///
/// Who joined first first; its owner is among them.
#[utoipa::path(get, path = "/projects/{projectId}/members", tag = "members",
    params(("projectId" = inline(ProjectRef), Path, description = "The project's id, or its name"), Paging, InZone),
    responses((status = 200, description = "A page of members", body = page::Items<Member>)),
)]
pub(crate) async fn list(call: Call, Path(project): Path<ProjectRef>, Params(paging): Params<Paging>) -> Reply {
    let all = member::list(call.service(), &call.caller, project).await?;
    reply::ok(&call, &page::of(all, &paging, |member| format!("{} {}", member.joined_at, member.user_id))?)
}

/// Who is to be a member.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"user": "eva", "role": "MEMBER"}))]
pub(crate) struct MemberInput {
    /// The account: its name, its id or its e-mail address.
    user: UserRef,
    /// What it may do; `MEMBER` where nothing is said.
    #[serde(default)]
    role: Option<ProjectRole>,
}

/// Adds a member to a project
///
/// For the project's admins, and for its owners where it is to be more than a member.
#[utoipa::path(post, path = "/projects/{projectId}/members", tag = "members",
    params(("projectId" = inline(ProjectRef), Path, description = "The project's id, or its name"), InZone),
    request_body = MemberInput,
    responses((status = 201, description = "The member", body = Member)),
)]
pub(crate) async fn add(
    call: Call,
    Path(project): Path<ProjectRef>,
    Params(NoParams {}): Params<NoParams>,
    Json(MemberInput { user, role }): Json<MemberInput>,
) -> Reply {
    let new = NewMember { user, role: role.unwrap_or(ProjectRole::Member) };
    let member = member::add(call.service(), &call.caller, project, new).await?;
    let place = format!("/projects/{}/members/{}", member.project_id, member.user_id);
    reply::created(&call, &member, member.version(), &place)
}

/// Shows a member of a project
#[utoipa::path(get, path = "/projects/{projectId}/members/{userId}", tag = "members",
    params(
        ("projectId" = inline(ProjectRef), Path, description = "The project's id, or its name"),
        ("userId" = inline(UserRef), Path, description = "The account's id, or its name"), InZone,
    ),
    responses((status = 200, description = "The member", body = Member)),
)]
pub(crate) async fn get(
    call: Call,
    Paths(project, user): Paths<ProjectRef, UserRef>,
    Params(NoParams {}): Params<NoParams>,
) -> Reply {
    let member = member::get(call.service(), &call.caller, project, user).await?;
    reply::one(&call, &member, member.version())
}

/// What a member may do from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "ADMIN"}))]
pub(crate) struct MemberChanges {
    /// The new role.
    role: ProjectRole,
}

/// Changes what a member may do
///
/// For the project's owners. The account that owns the project stays its owner.
#[utoipa::path(patch, path = "/projects/{projectId}/members/{userId}", tag = "members",
    params(
        ("projectId" = inline(ProjectRef), Path, description = "The project's id, or its name"),
        ("userId" = inline(UserRef), Path, description = "The account's id, or its name"), InZone,
    ),
    request_body = MemberChanges,
    responses((status = 200, description = "The member as it is now", body = Member)),
)]
pub(crate) async fn edit(
    call: Call,
    Paths(project, user): Paths<ProjectRef, UserRef>,
    Params(NoParams {}): Params<NoParams>,
    Json(MemberChanges { role }): Json<MemberChanges>,
) -> Reply {
    let member = member::edit(call.service(), &call.caller, project, user, role, call.if_match.version()).await?;
    reply::tagged(&call, &member, member.version())
}

/// Takes a member out of a project
///
/// Anybody may leave; others are taken out by the project's admins and owners. The member's tasks stay in the project.
#[utoipa::path(delete, path = "/projects/{projectId}/members/{userId}", tag = "members",
    params(
        ("projectId" = inline(ProjectRef), Path, description = "The project's id, or its name"),
        ("userId" = inline(UserRef), Path, description = "The account's id, or its name"),
    ),
    responses((status = 204, description = "The member was removed")),
)]
pub(crate) async fn remove(
    call: Call,
    Paths(project, user): Paths<ProjectRef, UserRef>,
    Params(NoParams {}): Params<NoParams>,
) -> Reply {
    let answer = member::remove(call.service(), &call.caller, project, user, call.if_match.version()).await?;
    Ok(reply::with_notices(reply::nothing(), &answer.notices))
}
