//! Undoing a change of a tag.

use super::record::{noted, snapshot};
use crate::error::{Error, Result};
use crate::model::{AuditEntry, Id, Tag, fold};
use crate::service::tx::Tx;
use crate::store;
use crate::store::rows::TagRow;

/// Tags go by their names here: one that was deleted and made again is another row.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let (before, after) = (snapshot::<Tag>(entry.before.as_ref())?, snapshot::<Tag>(entry.after.as_ref())?);
    let now = match &after {
        Some(after) => tag_named(tx, &after.name)?,
        None => None,
    };
    match (&before, &after, now) {
        (_, Some(after), None) => return Err(Error::conflict(format!("the tag {} was changed since", after.name))),
        (None, Some(after), Some(now)) => {
            if !store::tag::tasks(tx.conn, now.id)?.is_empty() {
                return Err(Error::conflict(format!("tasks have got the tag {} since", after.name))
                    .hint("delete it with `muista tag rm`"));
            }
            store::tag::delete(tx.conn, now.id)?;
        }
        (Some(before), _, Some(now)) => {
            free_tag_name(tx, &before.name, now.id)?;
            store::tag::rename(tx.conn, now.id, &before.name, &fold(&before.name))?;
        }
        (Some(before), None, None) => {
            free_tag_name(tx, &before.name, before.id)?;
            let (name, name_key) = (before.name.clone(), fold(&before.name));
            let row = TagRow { id: before.id, owner_id: tx.owner(), name, name_key, created_at: tx.now };
            store::tag::insert(tx.conn, &[row])?;
        }
        (None, None, _) => {}
    }
    noted(tx, entry, after.as_ref(), before.as_ref())
}

fn tag_named(tx: &mut Tx<'_>, name: &str) -> Result<Option<TagRow>> {
    let owner = tx.owner();
    Ok(store::tag::find(tx.conn, owner, &[fold(name)])?.pop())
}

/// Makes a name free for the tag `id`: a tag that no task carries any more is none.
fn free_tag_name(tx: &mut Tx<'_>, name: &str, id: Id) -> Result<()> {
    let Some(other) = tag_named(tx, name)?.filter(|other| other.id != id) else { return Ok(()) };
    if !store::tag::tasks(tx.conn, other.id)?.is_empty() {
        return Err(Error::conflict(format!("there is another tag {name} by now"))
            .hint("rename that one first, with `muista tag rename`"));
    }
    store::tag::delete(tx.conn, other.id).map(drop)
}
