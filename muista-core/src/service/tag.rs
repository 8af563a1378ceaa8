//! The use cases of tags: listing, renaming and deleting them. A tag is made with the first task that carries it.

use super::audit::audited::{Audited, RecordScope};
use super::task::{assemble, relations};
use super::tx::{Tx, bulk_transaction};
use super::{Caller, Service, series};
use crate::error::{Error, Result};
use crate::model::{Action, Entity, Id, Scope, Tag, TagName, fold};
use crate::store;
use crate::store::rows::TagRow;

/// How many tasks are given other tags at once.
const STEP: usize = 500;

impl Audited for Tag {
    const ENTITY: Entity = Entity::Tag;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, tx: &mut Tx<'_>) -> Result<RecordScope> {
        Ok(RecordScope { owner: tx.owner(), project: None })
    }
}

/// All tags that tasks carry, by name.
pub async fn list(service: &Service, caller: &Caller) -> Result<Vec<Tag>> {
    caller.require(Scope::TasksRead)?;
    let owner = caller.user;
    let rows = service.store.read(move |conn| store::tag::list(conn, owner)).await?;
    Ok(rows.into_iter().map(|(row, open, total)| Tag { id: row.id, name: row.name, open, total }).collect())
}

/// Renames a tag on every task; where the new name exists the two become one.
pub async fn rename(service: &Service, caller: &Caller, tag: TagName, name: TagName) -> Result<Tag> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let before = find(tx, &tag)?;
        if before.name == *name {
            return Ok(before);
        }
        let owner = tx.owner();
        let taken = store::tag::find(tx.conn, owner, &[fold(&name)])?.pop().filter(|other| other.id != before.id);
        if taken.is_some() {
            retag(tx, before.id, &tag, Some(&name))?;
            remove(tx, &before)?;
        } else {
            store::tag::rename(tx.conn, before.id, &name, &fold(&name))?;
            let after = Tag { name: name.to_string(), ..before.clone() };
            tx.record_audit(Action::Update, Some(&before), Some(&after), None)?;
        }
        series::retag(tx, &tag, Some(&name))?;
        find(tx, &name)
    };
    Ok(bulk_transaction(service, caller, work).await?.0)
}

/// Takes a tag off every task and deletes it; returns how it was.
pub async fn delete(service: &Service, caller: &Caller, tag: TagName) -> Result<Tag> {
    caller.require(Scope::TasksWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let before = find(tx, &tag)?;
        retag(tx, before.id, &tag, None)?;
        series::retag(tx, &tag, None)?;
        remove(tx, &before)?;
        Ok(before)
    };
    Ok(bulk_transaction(service, caller, work).await?.0)
}

fn find(tx: &mut Tx<'_>, name: &TagName) -> Result<Tag> {
    let owner = tx.owner();
    let key = fold(name);
    let row = store::tag::find(tx.conn, owner, std::slice::from_ref(&key))?.pop();
    let Some(TagRow { id, name, .. }) = row else {
        return Err(Error::not_found(format!("tag {name}")).hint("`muista tag ls` shows what there is"));
    };
    let counted = store::tag::list(tx.conn, owner)?.into_iter().find(|(row, _, _)| row.id == id);
    let (open, total) = counted.map_or((0, 0), |(_, open, total)| (open, total));
    Ok(Tag { id, name, open, total })
}

/// Takes a tag off every task that carries it, and puts another in its place.
fn retag(tx: &mut Tx<'_>, id: Id, tag: &TagName, instead: Option<&TagName>) -> Result<()> {
    let owner = tx.owner();
    let ids = store::tag::tasks(tx.conn, id)?;
    store::task::lock(tx.conn, &ids)?;
    for ids in ids.chunks(STEP) {
        let before = assemble::by_ids(tx.conn, owner, ids)?;
        let mut after = before.clone();
        for task in &mut after {
            let names = relations::patched_tags(
                &task.tags,
                None,
                instead.map_or(&[], std::slice::from_ref),
                std::slice::from_ref(tag),
            );
            task.tags = names.unwrap_or_default().iter().map(|name| name.to_string()).collect();
        }
        relations::put_tags(tx, after.iter_mut().collect())?;
        for (before, task) in before.iter().zip(after) {
            super::task::save(tx, before, task)?;
        }
    }
    Ok(())
}

fn remove(tx: &mut Tx<'_>, tag: &Tag) -> Result<()> {
    store::tag::delete(tx.conn, tag.id)?;
    tx.deleted(tag)
}
