//! Undoing a change: finding it in the record of changes, and reverting its entries from the last to the first, in one
//! transaction. An undo is a change itself, so undoing it does the change again. Reverting entries is the business of the
//! module of their kind. Only one's own changes can be undone, and only what one may still change.

mod actor;
mod attachment;
mod comment;
mod job;
mod member;
mod project;
mod record;
mod reminder;
mod series;
mod tag;
mod task;

use std::collections::HashSet;
use std::sync::Arc;

use super::attachment::Folder;
use super::write::{Tx, change_many};
use super::{Caller, Service, relations};
use crate::error::{Error, Result};
use crate::model::{AuditEntry, Entity, Id, Scope, Undo, UndoTarget, Undone};
use crate::store;
use crate::store::rows::AuditRow;
use task::Restored;

/// Reverts a change of the caller's, all of it or nothing.
pub async fn undo(service: &Service, caller: &Caller, undo: Undo) -> Result<Undone> {
    caller.require(Scope::TasksWrite)?;
    let files = Arc::clone(&service.settings.attachments);
    let work = move |tx: &mut Tx<'_>| {
        let changes = targets(tx, &undo.target)?;
        let mut entries = Vec::new();
        for change in &changes {
            let of_change = store::audit::of_change(tx.conn, *change)?;
            let of_change = of_change.into_iter().map(AuditRow::into_entry).collect::<Result<Vec<_>>>()?;
            if of_change.iter().any(|entry| entry.user_id != Some(tx.owner())) {
                return Err(unknown(*change));
            }
            revert_all(tx, &files, &of_change)?;
            entries.extend(of_change);
        }
        Ok(Undone { change_id: tx.change, changes, entries })
    };
    Ok(change_many(service, caller, work).await?.0)
}

/// The changes to revert, the newest first.
fn targets(tx: &mut Tx<'_>, target: &UndoTarget) -> Result<Vec<Id>> {
    match target {
        UndoTarget::Change(id) => match store::audit::first_of_change(tx.conn, *id)? {
            Some(_) => Ok(vec![*id]),
            None => Err(unknown(*id)),
        },
        UndoTarget::Last => {
            let last = last_before(tx, i64::MAX)?;
            last.map(|(_, change)| vec![change]).ok_or_else(nothing)
        }
        UndoTarget::Steps(steps) => effective(tx, *steps),
        UndoTarget::Since(of) => actor::changes(tx, of),
    }
}

/// The actor's last so many changes that are in effect: neither undos nor undone.
fn effective(tx: &mut Tx<'_>, steps: u32) -> Result<Vec<Id>> {
    let (mut found, mut reverted) = (Vec::new(), HashSet::new());
    let mut before = i64::MAX;
    while found.len() < usize::try_from(steps).unwrap_or(usize::MAX) {
        let Some((seq, change)) = last_before(tx, before)? else { break };
        before = store::audit::first_of_change(tx.conn, change)?.unwrap_or(seq);
        let undone = store::audit::undone_by(tx.conn, change)?;
        // Going backwards an undo is met before what it reverts, so one that is itself undone is known by then.
        match (reverted.contains(&change), undone.is_empty()) {
            (false, true) => found.push(change),
            (false, false) => reverted.extend(undone),
            (true, _) => {}
        }
    }
    if found.is_empty() { Err(nothing()) } else { Ok(found) }
}

fn last_before(tx: &mut Tx<'_>, before: i64) -> Result<Option<(i64, Id)>> {
    let (owner, actor) = (tx.owner(), tx.caller.actor.clone());
    store::audit::last(tx.conn, owner, &actor, before)
}

/// Reverts the entries of a change, each if its record still is as the entry left it.
fn revert_all(tx: &mut Tx<'_>, files: &Folder, entries: &[AuditEntry]) -> Result<()> {
    let back = |entity: Entity| {
        let gone = entries.iter().filter(move |entry| entry.entity == entity && entry.after.is_none());
        gone.map(|entry| entry.record_id)
    };
    // What is in a project comes and goes with it: whoever may do that is not asked about each member.
    let mut projects: HashSet<Id> = back(Entity::Project).collect();
    for entry in entries.iter().filter(|entry| entry.entity == Entity::Project && entry.before.is_none()) {
        project::refuse_others(tx, entry)?;
        projects.insert(entry.record_id);
    }
    let mut restored = Restored { all: back(Entity::Task).collect(), waiting: Vec::new() };
    let mut rest = entries;
    while !rest.is_empty() {
        let (alike, later) = rest.split_at(task::alike(rest).max(1));
        revert(tx, files, alike, &projects, &mut restored)?;
        rest = later;
    }
    restored.waiting.into_iter().try_for_each(|mut task| {
        let before = task.depends_on.clone();
        relations::replace_dependencies(tx, &mut task, &before)
    })
}

/// Reverts one entry, or several of tasks that are alike.
fn revert(
    tx: &mut Tx<'_>,
    files: &Folder,
    entries: &[AuditEntry],
    projects: &HashSet<Id>,
    restored: &mut Restored,
) -> Result<()> {
    let [entry, ..] = entries else { return Ok(()) };
    match entry.entity {
        Entity::Project | Entity::Member => tx.caller.require(Scope::ProjectsWrite)?,
        Entity::Job => tx.caller.require(Scope::JobsWrite)?,
        _ => {}
    }
    match entry.entity {
        Entity::Member => member::revert(tx, entry, projects),
        Entity::Task => task::revert(tx, entries, restored),
        Entity::Project => project::revert(tx, entry),
        Entity::Tag => tag::revert(tx, entry),
        Entity::Attachment => attachment::revert(tx, files, entry),
        Entity::Comment => comment::revert(tx, entry),
        Entity::Reminder => reminder::revert(tx, entry),
        Entity::Job => job::revert(tx, entry),
        Entity::Series => series::revert(tx, entry),
        Entity::User | Entity::Session | Entity::ApiKey | Entity::Device => Err(lasting(entry)),
    }
}

fn lasting(entry: &AuditEntry) -> Error {
    Error::conflict(format!("the change {} is one of an account, which is not undone", entry.change_id))
        .hint("change the account anew: `muista user --help`, `muista token --help`")
}

fn nothing() -> Error {
    Error::not_found("change to undo").hint("`muista log` shows the changes")
}

fn unknown(change: Id) -> Error {
    Error::not_found(format!("change {change}")).hint("`muista log` shows the changes")
}
