//! Undoing a change of a series. Its occurrences are tasks, with entries of their own.

use super::record::{noted, refuse_others, snapshot, unchanged};
use crate::error::{Error, Result};
use crate::model::{AuditEntry, Series};
use crate::service::sight::Sight;
use crate::service::write::{Place, Tx};
use crate::store;
use crate::store::rows::SeriesRow;

/// Reverts a series.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let now = store::series::lock(tx.conn, &[entry.record_id])?.pop().map(SeriesRow::into_series).transpose()?;
    let before = snapshot::<Series>(entry.before.as_ref())?;
    let places: Vec<Place> = [&now, &before].into_iter().flatten().map(place).collect();
    let mut sight = Sight::of(tx.owner());
    refuse_others(tx, &mut sight, entry, &places, None)?;
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

fn place(series: &Series) -> Place {
    Place { owner: series.owner_id, project: series.template.project_id }
}
