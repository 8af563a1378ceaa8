//! Undoing a change of a series. Its occurrences are tasks, with entries of their own.

use super::Reversal;
use super::record::{noted, snapshot, unchanged};
use crate::error::{Error, Result};
use crate::model::{AuditEntry, Series};
use crate::service::tx::Tx;
use crate::store;
use crate::store::rows::SeriesRow;

/// Reverts a series.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry, reversal: &mut Reversal<'_>) -> Result<()> {
    let now = store::series::lock(tx.conn, &[entry.record_id])?.pop().map(SeriesRow::into_series).transpose()?;
    let before = snapshot::<Series>(entry.before.as_ref())?;
    let owner = tx.owner();
    if now.as_ref().or(before.as_ref()).is_some_and(|series| series.owner_id != owner) {
        // Whoever may change one of its occurrences may change it.
        reversal.asked.insert(entry.record_id);
    }
    unchanged(entry, now.as_ref())?;
    let Some(mut series) = before else {
        if !store::series::last_numbers(tx.conn, &[entry.record_id])?.is_empty() {
            return Err(Error::conflict("the series has got tasks since").hint("undo what was done to them first"));
        }
        store::series::delete(tx.conn, &[entry.record_id])?;
        return noted(tx, entry, now.as_ref(), None);
    };
    series.version = now.as_ref().map_or(series.version, |now| now.version) + 1;
    series.updated_at = tx.now;
    let row = SeriesRow::of(&series)?;
    match &now {
        Some(_) => store::series::update(tx.conn, &row)?,
        None => store::series::insert(tx.conn, &row)?,
    };
    noted(tx, entry, now.as_ref(), Some(&series))
}
