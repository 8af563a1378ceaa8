//! What of an actor's history is undone next, and what is done again: derived from the record of changes, whose entries say
//! what they revert. Undoing goes back through the changes that are in effect; redoing goes forward through the undos
//! since the last change that was neither.

use std::collections::HashSet;

use super::nothing;
use crate::error::{Error, Result};
use crate::model::Id;
use crate::service::audit;
use crate::service::tx::Tx;
use crate::store;

/// The changes of the caller's actor, from the last to the first.
struct Backwards {
    before: i64,
}

impl Backwards {
    /// The next change, with those that it reverts.
    fn next(&mut self, tx: &mut Tx<'_>) -> Result<Option<(Id, Vec<Id>)>> {
        let (owner, actor) = (tx.owner(), tx.caller.actor.clone());
        let Some((seq, change)) = store::audit::last(tx.conn, owner, &actor, self.before)? else { return Ok(None) };
        self.before = store::audit::first_of_change(tx.conn, change)?.unwrap_or(seq);
        Ok(Some((change, store::audit::undone_by(tx.conn, change)?)))
    }
}

/// The last so many changes that are in effect: neither undos nor undone.
///
/// # Errors
/// `NotFound` when there is none.
pub(super) fn effective(tx: &mut Tx<'_>, steps: u32) -> Result<Vec<Id>> {
    let (mut found, mut reverted) = (Vec::new(), HashSet::new());
    let mut changes = Backwards { before: i64::MAX };
    while found.len() < usize::try_from(steps).unwrap_or(usize::MAX) {
        let Some((change, undone)) = changes.next(tx)? else { break };
        // Going backwards an undo is met before what it reverts, so one that is itself undone is known by then.
        match (reverted.contains(&change), undone.is_empty()) {
            (false, true) => found.push(change),
            (false, false) => reverted.extend(undone),
            (true, _) => {}
        }
    }
    if found.is_empty() { Err(nothing()) } else { Ok(found) }
}

/// The last undo that is in effect. One before another change cannot be taken back any more.
///
/// # Errors
/// `Conflict` when there is none.
pub(super) fn last_undo(tx: &mut Tx<'_>) -> Result<Id> {
    let mut reverted = HashSet::new();
    let mut changes = Backwards { before: i64::MAX };
    while let Some((change, undone)) = changes.next(tx)? {
        if undone.is_empty() {
            break;
        }
        if reverted.contains(&change) {
            continue;
        }
        if !audit::is_redo(tx.conn, change)? {
            return Ok(change);
        }
        reverted.extend(undone);
    }
    Err(Error::conflict("there is nothing to redo")
        .hint("only what was undone last can be redone; `muista log` shows the changes"))
}
