//! Undoing a change of an attachment. Its file stayed, unless it was deleted long ago.

use super::record::{noted, snapshot, unchanged};
use crate::error::{Error, Result};
use crate::model::{Attachment, AuditEntry};
use crate::service::attachment::Folder;
use crate::service::write::Tx;
use crate::store;
use crate::store::rows::AttachmentRow;

/// Reverts an attachment.
pub(super) fn revert(tx: &mut Tx<'_>, folder: &Folder, entry: &AuditEntry) -> Result<()> {
    let now = store::attachment::by_id(tx.conn, entry.record_id)?.map(Attachment::from);
    unchanged(entry, now.as_ref())?;
    let before = snapshot::<Attachment>(entry.before.as_ref())?;
    match &before {
        Some(attachment) if !folder.holds(attachment.id) => {
            return Err(
                Error::conflict(format!("the file {} was deleted for good", attachment.name)).hint("attach it again")
            );
        }
        Some(attachment) => store::attachment::insert(tx.conn, &AttachmentRow::from(attachment))?,
        None => store::attachment::delete(tx.conn, entry.record_id)?,
    };
    noted(tx, entry, now.as_ref(), before.as_ref())
}
