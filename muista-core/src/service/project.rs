//! The use cases of projects: listing, making, changing and deleting them. Members come with accounts.

use super::write::{Tx, change};
use super::{Caller, Service, assemble};
use crate::error::{Error, Result};
use crate::model::{Id, NewProject, Project, ProjectName, ProjectPatch, fold};
use crate::store;
use crate::store::rows::ProjectRow;

/// All projects, by name.
pub async fn list(service: &Service, caller: &Caller) -> Result<Vec<Project>> {
    let owner = caller.user;
    let rows = service.store.read(move |conn| store::project::list(conn, owner)).await?;
    Ok(rows.into_iter().map(|(row, open, total)| row.into_project(open, total)).collect())
}

/// Makes a project; one of that name already is a conflict.
pub async fn add(service: &Service, caller: &Caller, new: NewProject) -> Result<Project> {
    let work = move |tx: &mut Tx<'_>| {
        let project = Project {
            id: Id::new(tx.now),
            owner_id: tx.owner(),
            name: new.name.to_string(),
            description: new.description.map(Into::into),
            note: new.note.map(Into::into),
            open: 0,
            total: 0,
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
    Ok(change(service, caller, work).await?.0)
}

/// Changes a project.
pub async fn edit(service: &Service, caller: &Caller, name: ProjectName, patch: ProjectPatch) -> Result<Project> {
    let work = move |tx: &mut Tx<'_>| {
        let before = find(tx, &name)?;
        let mut project = before.clone();
        if let Some(name) = patch.name {
            let owner = tx.owner();
            let other = store::project::find(tx.conn, owner, &[fold(&name)])?.pop();
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
    Ok(change(service, caller, work).await?.0)
}

/// Deletes a project; its tasks stay, in no project. Returns how it was.
pub async fn delete(service: &Service, caller: &Caller, name: ProjectName) -> Result<Project> {
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let before = find(tx, &name)?;
        let ids = store::task::in_project(tx.conn, before.id)?;
        store::task::lock(tx.conn, owner, &ids)?;
        // The tasks' entries stand before the project's: undo, going backwards, needs the project first.
        for task in assemble::by_ids(tx.conn, owner, &ids)? {
            let without = crate::model::Task { project_id: None, project: None, ..task.clone() };
            super::task::save(tx, &task, without)?;
        }
        store::project::delete(tx.conn, before.id)?;
        tx.deleted(&before)?;
        Ok(before)
    };
    Ok(change(service, caller, work).await?.0)
}

fn find(tx: &mut Tx<'_>, name: &ProjectName) -> Result<Project> {
    let owner = tx.owner();
    let row = store::project::find(tx.conn, owner, &[fold(name)])?.pop();
    let row =
        row.ok_or_else(|| Error::not_found(format!("project {name}")).hint("`muista project ls` shows what there is"))?;
    let counted = store::project::list(tx.conn, owner)?.into_iter().find(|(other, _, _)| other.id == row.id);
    let (open, total) = counted.map_or((0, 0), |(_, open, total)| (open, total));
    Ok(row.into_project(open, total))
}

fn taken(name: &ProjectName) -> Error {
    Error::conflict(format!("there is a project {name} already")).hint("`muista project ls` shows what there is")
}
