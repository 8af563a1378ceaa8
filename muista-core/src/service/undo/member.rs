//! Undoing a change of a project's members. They come and go with their project; anything else needs the right to manage
//! them, as doing it would.

use super::Reversal;
use super::record::{noted, snapshot, unchanged};
use crate::error::{Error, Result};
use crate::model::{AuditEntry, Member};
use crate::service::member;
use crate::service::tx::Tx;
use crate::store;
use crate::store::rows::MemberRow;

/// Reverts a member.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry, reversal: &Reversal<'_>) -> Result<()> {
    let (before, after) = (snapshot::<Member>(entry.before.as_ref())?, snapshot::<Member>(entry.after.as_ref())?);
    let Some(either) = before.as_ref().or(after.as_ref()) else { return Ok(()) };
    let now = member::locked(tx, either.project_id, either.user_id)?;
    let along = reversal.consequences.projects.contains(&either.project_id);
    if !along {
        match (&before, &now) {
            (None, Some(now)) => member::refuse_removing(tx, now)?,
            (Some(before), None) => member::refuse_adding(tx, before)?,
            (Some(before), Some(now)) => member::refuse_unmanaged(tx, either.project_id, &[before.role, now.role])?,
            (None, None) => {}
        }
    }
    let owner = store::project::by_id(tx.conn, either.project_id)?.map(|project| project.owner_id);
    let is_owner = owner == Some(either.user_id);
    if is_owner && before.is_none() && !along {
        return Err(
            Error::conflict("a project's owner stays in it").hint("delete the project with `muista project rm`")
        );
    }
    // The owner's row is back with the first member's.
    if !(is_owner && along) {
        unchanged(entry, now.as_ref())?;
    }
    match (&before, &now) {
        (Some(before), Some(now)) => store::member::set_role(tx.conn, now.id, before.role, tx.now)?,
        (Some(before), None) => store::member::insert(tx.conn, &MemberRow::from(before))?,
        (None, Some(now)) => store::member::delete(tx.conn, now.id)?,
        (None, None) => 0,
    };
    noted(tx, entry, now.as_ref(), before.as_ref())
}
