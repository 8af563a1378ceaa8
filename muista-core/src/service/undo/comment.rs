//! Undoing a change of a comment.

use super::record::{noted, snapshot, task_is_there, unchanged};
use crate::error::Result;
use crate::model::{AuditEntry, Comment};
use crate::service::comment;
use crate::service::tx::Tx;
use crate::store;
use crate::store::rows::CommentRow;

/// Reverts a comment. Whoever may delete it may bring it back.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let now = store::comment::by_id(tx.conn, entry.record_id)?.map(Comment::from);
    let before = snapshot::<Comment>(entry.before.as_ref())?;
    if let Some(comment) = now.as_ref().or(before.as_ref()) {
        task_is_there(tx, comment.task_id, "comment")?;
        comment::refuse_others(tx, comment)?;
    }
    unchanged(entry, now.as_ref())?;
    match &before {
        Some(comment) => store::comment::insert(tx.conn, &[CommentRow::from(comment)])?,
        None => store::comment::delete(tx.conn, entry.record_id)?,
    };
    noted(tx, entry, now.as_ref(), before.as_ref())
}
