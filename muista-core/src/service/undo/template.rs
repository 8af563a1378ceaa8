//! Undoing a change of a template.

use super::record::{noted, snapshot, unchanged};
use crate::error::Result;
use crate::model::{AuditEntry, TaskTemplate};
use crate::service::template;
use crate::service::tx::Tx;
use crate::store;
use crate::store::rows::TemplateRow;

/// Reverts a template.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let now = store::template::by_id(tx.conn, entry.record_id)?.map(TemplateRow::into_template).transpose()?;
    unchanged(entry, now.as_ref())?;
    let mut before = snapshot::<TaskTemplate>(entry.before.as_ref())?;
    match (&mut before, &now) {
        (Some(back), Some(now)) => {
            back.version = now.version + 1;
            back.updated_at = tx.now;
            store::template::update(tx.conn, &TemplateRow::of(back)?)?;
        }
        (Some(back), None) => template::insert(tx.conn, back)?,
        (None, _) => drop(store::template::delete(tx.conn, entry.record_id)?),
    }
    noted(tx, entry, now.as_ref(), before.as_ref())
}
