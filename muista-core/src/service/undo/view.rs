//! Undoing a change of a view.

use super::record::{noted, snapshot, unchanged};
use crate::error::Result;
use crate::model::{AuditEntry, View};
use crate::service::tx::Tx;
use crate::service::view;
use crate::store;
use crate::store::rows::ViewRow;

/// Reverts a view. What other views use by now stays, as deleting it would be refused.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let owner = tx.owner();
    let views = view::locked(tx.conn, owner)?;
    let now = views.iter().find(|view| view.id == entry.record_id).cloned();
    unchanged(entry, now.as_ref())?;
    let Some(mut back) = snapshot::<View>(entry.before.as_ref())? else {
        if let Some(now) = &now {
            view::refuse_used(&views, now, "deleted")?;
        }
        store::view::delete(tx.conn, entry.record_id)?;
        return noted(tx, entry, now.as_ref(), None);
    };
    back.version = now.as_ref().map_or(back.version, |now| now.version) + 1;
    back.updated_at = tx.now;
    view::refuse_taken(&views, &back)?;
    match &now {
        Some(now) => {
            if now.name != back.name {
                view::refuse_used(&views, now, "renamed")?;
            }
            store::view::update(tx.conn, &ViewRow::of(&back)?)?;
        }
        None => view::insert(tx.conn, &back)?,
    }
    noted(tx, entry, now.as_ref(), Some(&back))
}
