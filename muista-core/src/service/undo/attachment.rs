//! Undoing a change of an attachment. Its file stayed, unless it was deleted long ago. Whoever may delete it may bring it
//! back.

use super::record::{noted, snapshot, task_is_there, unchanged};
use crate::error::{Error, Result};
use crate::model::{Attachment, AuditEntry};
use crate::service::attachment::{self, Folder};
use crate::service::tx::Tx;
use crate::store;
use crate::store::rows::AttachmentRow;

/// Reverts an attachment.
pub(super) fn revert(tx: &mut Tx<'_>, folder: &Folder, entry: &AuditEntry) -> Result<()> {
    let now = store::attachment::by_id(tx.conn, entry.record_id)?.map(Attachment::from);
    let before = snapshot::<Attachment>(entry.before.as_ref())?;
    if let Some(file) = now.as_ref().or(before.as_ref()) {
        task_is_there(tx, file.task_id, "file")?;
        attachment::refuse_others(tx, file)?;
    }
    unchanged(entry, now.as_ref())?;
    if now.is_none()
        && let Some(file) = &before
    {
        attachment::refuse_more(tx.conn, file.task_id)?;
    }
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
