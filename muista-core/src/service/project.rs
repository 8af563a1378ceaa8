//! The use cases of projects: listing, making, changing and deleting them. Who is in one is `member`'s.

use super::access::Access;
use super::task::assemble;
use super::tx::{Tx, bulk_transaction, transaction};
use super::{Caller, Service};
use crate::error::{Error, Result};
use crate::model::{
    Id, Member, NewProject, Project, ProjectName, ProjectPatch, ProjectRef, ProjectRole, Scope, Task, fold,
};
use crate::store;
use crate::store::Conn;
use crate::store::rows::ProjectRow;

/// All projects that the caller is in, by name.
///
/// # Errors
/// `Forbidden` without the scope.
pub async fn list(service: &Service, caller: &Caller) -> Result<Vec<Project>> {
    caller.require(Scope::ProjectsRead)?;
    let user = caller.user;
    let work = move |conn: &mut Conn| {
        let mut access = Access::of(user);
        let seen = access.scope(conn)?;
        let mut projects = Vec::new();
        for (row, open, total) in store::project::list(conn, &seen)? {
            if let Some(role) = access.role(conn, &row)? {
                projects.push(row.into_project(role, (open, total)));
            }
        }
        Ok(projects)
    };
    service.store.read(work).await
}

/// A project that the caller is in.
///
/// # Errors
/// `NotFound` for a project that the caller is not in.
pub async fn get(service: &Service, caller: &Caller, named: ProjectRef) -> Result<Project> {
    caller.require(Scope::ProjectsRead)?;
    let user = caller.user;
    service.store.read(move |conn| find(conn, user, &named)).await
}

/// Makes a project; one of that name already is a conflict.
///
/// # Errors
/// `Conflict` when the caller has a project of that name.
pub async fn add(service: &Service, caller: &Caller, new: NewProject) -> Result<Project> {
    caller.require(Scope::ProjectsWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let project = Project {
            id: Id::new(tx.now),
            owner_id: tx.owner(),
            name: new.name.to_string(),
            description: new.description.map(Into::into),
            note: new.note.map(Into::into),
            open: 0,
            total: 0,
            role: ProjectRole::Owner,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
        };
        if store::project::insert(tx.conn, &[ProjectRow::from(&project)])? == 0 {
            return Err(taken(&new.name));
        }
        tx.created(&project)?;
        Ok(project)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Changes a project.
///
/// # Errors
/// `NotFound` for a project that the caller is not in, `Forbidden` for a mere member, `Conflict` when the name is taken.
pub async fn edit(service: &Service, caller: &Caller, named: ProjectRef, patch: ProjectPatch) -> Result<Project> {
    caller.require(Scope::ProjectsWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let before = allowed_locked(tx, &named, ProjectRole::Admin)?;
        refuse_other_version(&before, patch.version)?;
        let mut project = before.clone();
        if let Some(name) = patch.name {
            // Names are told apart among those of one owner.
            let other = store::project::find(tx.conn, before.owner_id, &[fold(&name)])?.pop();
            if other.is_some_and(|other| other.id != before.id) {
                return Err(taken(&name));
            }
            project.name = name.into();
        }
        patch.description.apply(&mut project.description);
        patch.note.apply(&mut project.note);
        if project == before {
            return Ok(project);
        }
        project.version += 1;
        project.updated_at = tx.now;
        store::project::update(tx.conn, &ProjectRow::from(&project))?;
        tx.updated(&before, &project)?;
        Ok(project)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Deletes a project; its tasks stay, each with its owner, in no project. Returns how it was.
///
/// # Errors
/// `NotFound` for a project that the caller is not in, `Forbidden` for all but its owners.
pub async fn delete(service: &Service, caller: &Caller, named: ProjectRef) -> Result<Project> {
    delete_seen(service, caller, named, None).await
}

/// The same, if it is still the version that the caller saw.
pub async fn delete_seen(
    service: &Service,
    caller: &Caller,
    named: ProjectRef,
    version: Option<i64>,
) -> Result<Project> {
    caller.require(Scope::ProjectsWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let before = allowed_locked(tx, &named, ProjectRole::Owner)?;
        refuse_other_version(&before, version)?;
        let ids = store::task::in_project(tx.conn, before.id)?;
        store::task::lock(tx.conn, &ids)?;
        // The tasks' and members' entries stand before the project's: undo, going backwards, needs the project first.
        for task in assemble::all_by_ids(tx.conn, &ids)? {
            let without = Task { project_id: None, project: None, ..task.clone() };
            super::task::save(tx, &task, without)?;
        }
        for (row, username, name) in store::member::of_project(tx.conn, before.id)? {
            let member: Member = row.into_member(username, name)?;
            tx.deleted(&member)?;
        }
        store::project::delete(tx.conn, before.id)?;
        tx.deleted(&before)?;
        Ok(before)
    };
    Ok(bulk_transaction(service, caller, work).await?.0)
}

/// The project that is named, in which the caller has this role or more.
///
/// # Errors
/// `NotFound` when the caller is not in it, `Forbidden` when its role is less.
pub(super) fn allowed(tx: &mut Tx<'_>, named: &ProjectRef, least: ProjectRole) -> Result<Project> {
    let user = tx.owner();
    let project = find(tx.conn, user, named)?;
    refuse_less(&project, least)?;
    Ok(project)
}

/// The same, locked until the end of the transaction, so that what is read cannot change meanwhile.
fn allowed_locked(tx: &mut Tx<'_>, named: &ProjectRef, least: ProjectRole) -> Result<Project> {
    let id = allowed(tx, named, least)?.id;
    store::project::lock(tx.conn, id)?;
    allowed(tx, &id.into(), least)
}

/// Refuses a caller whose role in a project is less than this.
pub(super) fn refuse_less(project: &Project, least: ProjectRole) -> Result<()> {
    // Of roles, later ones may less.
    if project.role <= least {
        return Ok(());
    }
    let who = if least == ProjectRole::Owner { "an owner" } else { "an owner or admin" };
    Err(Error::forbidden(format!("only {who} of the project {} may do that", project.name))
        .hint(format!("`muista project members {}` shows whom to ask", project.id)))
}

pub(super) fn find(conn: &mut Conn, user: Id, named: &ProjectRef) -> Result<Project> {
    let (row, role) = Access::of(user).project(conn, named)?;
    let counts = store::project::counts(conn, row.id)?;
    Ok(row.into_project(role, counts))
}

/// Refuses a change that was made from another version of a project.
fn refuse_other_version(project: &Project, version: Option<i64>) -> Result<()> {
    if version.is_none_or(|version| version == project.version) {
        return Ok(());
    }
    Err(Error::precondition_failed(format!("the project {} was changed meanwhile", project.name))
        .hint("look at it again, then make the change again"))
}

fn taken(name: &ProjectName) -> Error {
    Error::conflict(format!("there is a project {name} already")).hint("`muista project ls` shows what there is")
}
