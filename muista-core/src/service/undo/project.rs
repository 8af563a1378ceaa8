//! Undoing a change of a project.

use super::record::{noted, snapshot, unchanged};
use crate::error::{Error, Result};
use crate::model::ProjectRole::{self, Admin, Owner};
use crate::model::{AuditEntry, Id, Project};
use crate::service::access::Access;
use crate::service::project;
use crate::service::tx::Tx;
use crate::store;
use crate::store::rows::ProjectRow;

/// Reverts a project.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let before = snapshot::<Project>(entry.before.as_ref())?;
    let now = match (store::project::by_id(tx.conn, entry.record_id)?, &before) {
        (Some(row), Some(_)) => Some(still_in(tx, row, Admin)?),
        // Who may delete it was asked before its members went.
        (row, _) => row.map(|row| row.into_project(Owner, (0, 0))),
    };
    unchanged(entry, now.as_ref())?;
    let Some(mut project) = before else {
        if !store::task::in_project(tx.conn, entry.record_id)?.is_empty() {
            return Err(Error::conflict("the project has got tasks since").hint("delete it with `muista project rm`"));
        }
        let owner = now.as_ref().map(|now| now.owner_id);
        let members = store::member::of_project(tx.conn, entry.record_id)?;
        if members.iter().any(|(row, ..)| Some(row.user_id) != owner) {
            return Err(Error::conflict("the project has got members since").hint("delete it with `muista project rm`"));
        }
        store::project::delete(tx.conn, entry.record_id)?;
        return noted(tx, entry, now.as_ref(), None);
    };
    project.version = now.as_ref().map_or(project.version, |now| now.version) + 1;
    project.updated_at = tx.now;
    let row = ProjectRow::from(&project);
    let named = store::project::find(tx.conn, row.owner_id, std::slice::from_ref(&row.name_key))?.pop();
    let done = match &now {
        _ if named.is_some_and(|other| other.id != row.id) => 0,
        Some(_) => store::project::update(tx.conn, &row)?,
        None => store::project::insert(tx.conn, &[row])?,
    };
    if done == 0 {
        return Err(Error::conflict(format!("there is another project {} by now", project.name))
            .hint("rename that one first, with `muista project edit`"));
    }
    noted(tx, entry, now.as_ref(), Some(&project))
}

/// Refuses to take back the making of a project to whoever may not delete it.
pub(super) fn refuse_others(tx: &mut Tx<'_>, project: Id) -> Result<()> {
    match store::project::by_id(tx.conn, project)? {
        Some(row) => still_in(tx, row, Owner).map(drop),
        None => Ok(()),
    }
}

/// The project of a row in which the caller has this role or more.
fn still_in(tx: &mut Tx<'_>, row: ProjectRow, least: ProjectRole) -> Result<Project> {
    let role =
        Access::of(tx.owner()).role(tx.conn, &row)?.ok_or_else(|| Error::not_found(format!("project {}", row.id)))?;
    let project = row.into_project(role, (0, 0));
    project::refuse_less(&project, least)?;
    Ok(project)
}
