//! `/projects`. Who is in one is `members`' matter.

use muista_core::input::{ProjectChanges, ProjectInput};
use muista_core::model::{Project, ProjectRef};
use muista_core::service::project;

use crate::http::call::Call;
use crate::http::input::{InZone, Json, NoParams, Paging, Params, Path};
use crate::http::page;
use crate::http::problem::Reply;
use crate::http::reply;

/// Lists projects
///
/// One's own and those one is a member of, by name, with how many tasks are in each.
#[utoipa::path(get, path = "/projects", tag = "projects", params(Paging, InZone), responses(
    (status = 200, description = "A page of projects", body = page::Items<Project>),
))]
pub(crate) async fn list(call: Call, Params(paging): Params<Paging>) -> Reply {
    let all = project::list(call.service(), &call.caller).await?;
    // Others may share a project that is called as one's own.
    reply::ok(&call, &page::of(all, &paging, |project| format!("{}\n{}", project.name, project.id))?)
}

/// Makes a project
#[utoipa::path(post, path = "/projects", tag = "projects", params(InZone), request_body = ProjectInput, responses(
    (status = 201, description = "The project", body = Project),
))]
pub(crate) async fn add(call: Call, Params(NoParams {}): Params<NoParams>, Json(input): Json<ProjectInput>) -> Reply {
    let project = project::add(call.service(), &call.caller, input.read()?).await?;
    reply::created(&call, &project, project.version, &format!("/projects/{}", project.id))
}

/// Shows a project
#[utoipa::path(get, path = "/projects/{projectId}", tag = "projects",
    params(("projectId" = inline(ProjectRef), Path, description = "The project's id, or its name"), InZone),
    responses((status = 200, description = "The project", body = Project)),
)]
pub(crate) async fn get(call: Call, Path(project): Path<ProjectRef>, Params(NoParams {}): Params<NoParams>) -> Reply {
    let project = project::get(call.service(), &call.caller, project).await?;
    reply::one(&call, &project, project.version)
}

/// Changes a project
///
/// A merge patch (RFC 7396): what is left out stays, `null` empties a field. For the project's owners and admins.
#[utoipa::path(patch, path = "/projects/{projectId}", tag = "projects",
    params(("projectId" = inline(ProjectRef), Path, description = "The project's id, or its name"), InZone),
    request_body = ProjectChanges,
    responses((status = 200, description = "The project as it is now", body = Project)),
)]
pub(crate) async fn edit(
    call: Call,
    Path(project): Path<ProjectRef>,
    Params(NoParams {}): Params<NoParams>,
    Json(changes): Json<ProjectChanges>,
) -> Reply {
    let mut patch = changes.read()?;
    patch.version = call.if_match.version().or(patch.version);
    let project = project::edit(call.service(), &call.caller, project, patch).await?;
    reply::tagged(&call, &project, project.version)
}

/// Deletes a project
///
/// Its tasks stay, each with its owner, in no project. For the project's owners.
#[utoipa::path(delete, path = "/projects/{projectId}", tag = "projects",
    params(("projectId" = inline(ProjectRef), Path, description = "The project's id, or its name")),
    responses((status = 204, description = "It is gone")),
)]
pub(crate) async fn delete(
    call: Call,
    Path(project): Path<ProjectRef>,
    Params(NoParams {}): Params<NoParams>,
) -> Reply {
    project::delete_seen(call.service(), &call.caller, project, call.if_match.version()).await?;
    Ok(reply::nothing())
}
