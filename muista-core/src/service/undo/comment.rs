//! Undoing a change of a comment.

use super::record::{noted, snapshot, unchanged};
use crate::error::Result;
use crate::model::{AuditEntry, Comment};
use crate::service::write::Tx;
use crate::store;
use crate::store::rows::CommentRow;

/// Reverts a comment.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let now = store::comment::by_id(tx.conn, entry.record_id)?.map(Comment::from);
    unchanged(entry, now.as_ref())?;
    let before = snapshot::<Comment>(entry.before.as_ref())?;
    match &before {
        Some(comment) => store::comment::insert(tx.conn, &[CommentRow::from(comment)])?,
        None => store::comment::delete(tx.conn, entry.record_id)?,
    };
    noted(tx, entry, now.as_ref(), before.as_ref())
}
