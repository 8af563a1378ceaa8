//! Undoing a change of a comment.

use super::record::{noted, snapshot, unchanged};
use crate::error::{Error, Result};
use crate::model::{AuditEntry, Comment};
use crate::service::comment;
use crate::service::write::Tx;
use crate::store;
use crate::store::rows::CommentRow;

/// Reverts a comment. Whoever may delete it may bring it back.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let now = store::comment::by_id(tx.conn, entry.record_id)?.map(Comment::from);
    let before = snapshot::<Comment>(entry.before.as_ref())?;
    if let Some(comment) = now.as_ref().or(before.as_ref()) {
        if store::task::places(tx.conn, &[comment.task_id])?.is_empty() {
            return Err(Error::conflict("the comment's task is deleted")
                .hint("undo that first; `muista log` shows the changes"));
        }
        comment::refuse_others(tx, comment)?;
    }
    unchanged(entry, now.as_ref())?;
    match &before {
        Some(comment) => store::comment::insert(tx.conn, &[CommentRow::from(comment)])?,
        None => store::comment::delete(tx.conn, entry.record_id)?,
    };
    noted(tx, entry, now.as_ref(), before.as_ref())
}
