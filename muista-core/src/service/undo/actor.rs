//! What an actor did since: which of an account's changes have to be reverted so that nothing of it is left. What was
//! undone already, by whomever, stays so.

use std::collections::{HashMap, HashSet};

use super::nothing;
use crate::error::Result;
use crate::model::{ActorSince, Id};
use crate::service::tx::Tx;
use crate::store;

/// The actor's changes that are in effect, the newest first.
///
/// # Errors
/// `NotFound` when there is none.
pub(super) fn changes(tx: &mut Tx<'_>, of: &ActorSince) -> Result<Vec<Id>> {
    let owner = tx.owner();
    let from = store::audit::first_since(tx.conn, of.since)?;
    let entries = store::audit::of_actor(tx.conn, owner, &of.actor, of.since, from)?;
    let Some((first, _)) = entries.last().copied() else { return Err(nothing()) };
    let mut undos: HashMap<Id, Vec<Id>> = HashMap::new();
    let mut undone = HashSet::new();
    // Going backwards an undo is met before what it reverts, so one that is itself undone is known by then.
    for (undo, reverted) in store::audit::undos(tx.conn, owner, first)? {
        let of_undo = undos.entry(undo).or_default();
        if !of_undo.contains(&reverted) {
            of_undo.push(reverted);
        }
        if !undone.contains(&undo) {
            undone.insert(reverted);
        }
    }
    let mut seen = HashSet::new();
    let all: Vec<Id> = entries.into_iter().map(|(_, change)| change).filter(|change| seen.insert(*change)).collect();
    let mut found = Vec::new();
    for change in all {
        if undone.contains(&change) {
            continue;
        }
        match undos.get(&change) {
            // It reverts nothing but what would be reverted anyway: both may stay as they are.
            Some(reverted) if reverted.iter().all(|change| seen.contains(change)) => continue,
            Some(reverted) => reverted.iter().for_each(|change| {
                undone.remove(change);
            }),
            None => {}
        }
        found.push(change);
    }
    if found.is_empty() { Err(nothing()) } else { Ok(found) }
}
