//! Projects and tags by name: finding them, and making the ones that are new.

use std::collections::HashMap;

use super::access::Access;
use super::tx::Tx;
use crate::error::{Error, Result};
use crate::model::{Id, ProjectRef, ProjectRole, TagName, fold};
use crate::store::rows::{ProjectRow, TagRow};
use crate::store::{project, tag};

/// The project that is named, in which the caller is; made where a name is new. Its id, and its name as it was first
/// written.
pub(crate) fn project(tx: &mut Tx<'_>, named: &ProjectRef) -> Result<(Id, String)> {
    let mut access = Access::of(tx.owner());
    let name = match named {
        ProjectRef::Id(_) => return access.project(tx.conn, named).map(|(row, _)| (row.id, row.name)),
        ProjectRef::Name(name) => name,
    };
    if let Some((row, _)) = access.find(tx.conn, named)? {
        return Ok((row.id, row.name));
    }
    let (owner, name_key) = (tx.owner(), fold(name));
    let row = ProjectRow {
        id: Id::new(tx.now),
        owner_id: owner,
        name: name.to_string(),
        name_key,
        description: None,
        note: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    if project::insert(tx.conn, std::slice::from_ref(&row))? == 0 {
        // Another transaction has made it meanwhile, and has ended: the insert waited for that.
        let made = project::find(tx.conn, owner, &[row.name_key])?.pop();
        return made
            .map(|row| (row.id, row.name))
            .ok_or_else(|| Error::conflict(format!("the project {name} came and went meanwhile")).hint("try again"));
    }
    let made = (row.id, row.name.clone());
    tx.created(&row.into_project(ProjectRole::Owner, (0, 0)))?;
    tx.notice(format!("made the project {name}"));
    Ok(made)
}

/// The ids of the owner's tags, made where they are new, each once; with their names as they were first written, by name.
pub(crate) fn tags(tx: &mut Tx<'_>, owner: Id, names: &[TagName]) -> Result<Vec<(Id, String)>> {
    let mut wanted: Vec<(String, &TagName)> = names.iter().map(|name| (fold(name), name)).collect();
    wanted.sort_by(|a, b| a.0.cmp(&b.0));
    wanted.dedup_by(|a, b| a.0 == b.0);
    let keys: Vec<String> = wanted.iter().map(|(key, _)| key.clone()).collect();
    let mut known = find(tx, owner, &keys)?;
    let new: Vec<TagRow> = wanted
        .iter()
        .filter(|(key, _)| !known.contains_key(key))
        .map(|(key, name)| TagRow {
            id: Id::new(tx.now),
            owner_id: owner,
            name: name.to_string(),
            name_key: key.clone(),
            created_at: tx.now,
        })
        .collect();
    if tag::insert(tx.conn, &new)? == new.len() {
        known.extend(new.into_iter().map(|row| (row.name_key.clone(), row)));
    } else {
        known = find(tx, owner, &keys)?;
    }
    Ok(keys.iter().filter_map(|key| known.remove(key)).map(|row| (row.id, row.name)).collect())
}

fn find(tx: &mut Tx<'_>, owner: Id, keys: &[String]) -> Result<HashMap<String, TagRow>> {
    Ok(tag::find(tx.conn, owner, keys)?.into_iter().map(|row| (row.name_key.clone(), row)).collect())
}
