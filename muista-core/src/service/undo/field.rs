//! Undoing a change of an own field. The values that tasks lost with it are brought back with the tasks, in their own entries.

use super::record::{noted, snapshot, unchanged};
use crate::error::{Error, Result};
use crate::model::{AuditEntry, Field};
use crate::service::field;
use crate::service::tx::Tx;
use crate::store;

/// Reverts a field. One that tasks have values of by now stays.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let owner = tx.owner();
    let fields = field::locked(tx.conn, owner)?;
    let now = fields.iter().find(|field| field.id == entry.record_id).cloned();
    unchanged(entry, now.as_ref())?;
    let Some(mut back) = snapshot::<Field>(entry.before.as_ref())? else {
        let id = entry.record_id;
        if !store::field::tasks(tx.conn, id)?.is_empty() {
            let name = now.as_ref().map(|field| field.name.clone()).unwrap_or_default();
            return Err(Error::conflict(format!("tasks have got values of the field {name} since"))
                .hint("delete it with `muista field rm`"));
        }
        store::field::delete(tx.conn, id)?;
        return noted(tx, entry, now.as_ref(), None);
    };
    back.version = now.as_ref().map_or(back.version, |now| now.version) + 1;
    back.updated_at = tx.now;
    field::refuse_taken(&fields, &back)?;
    match &now {
        Some(now) => field::put(tx, now, &back)?,
        None => field::insert(tx.conn, &back)?,
    }
    noted(tx, entry, now.as_ref(), Some(&back))
}
