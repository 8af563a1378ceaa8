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
use crate::model::{Action, AuditEntry, Entity, Id, Scope, Undo, UndoTarget, Undone};
use crate::store;
use crate::store::rows::AuditRow;
use task::Restored;

/// How many entries of a change are read at a time.
const PART: usize = 500;

/// How many of the reverted entries are told at most, and how many bytes of them: an import may have had a million.
const TOLD_MAX: usize = 200;
const BYTES: usize = 8 << 20;

/// Reverts a change of the caller's, all of it or nothing.
pub async fn undo(service: &Service, caller: &Caller, undo: Undo) -> Result<Undone> {
    caller.require(Scope::TasksWrite)?;
    let files = Arc::clone(&service.settings.attachments);
    let work = move |tx: &mut Tx<'_>| {
        let changes = targets(tx, &undo.target)?;
        let mut told = Told { entries: Vec::new(), total: 0, room: BYTES };
        for change in &changes {
            revert_change(tx, &files, *change, &mut told)?;
        }
        Ok(Undone { change_id: tx.change, changes, entries: told.entries, total: told.total })
    };
    Ok(change_many(service, caller, work).await?.0)
}

/// What is told of an undo: the first of the entries that it reverts, as far as there is room, and how many they are.
struct Told {
    entries: Vec<AuditEntry>,
    total: u64,
    /// How many bytes more.
    room: usize,
}

impl Told {
    /// How many of these are told too, from the first on.
    fn fit(&mut self, rows: &[AuditRow]) -> usize {
        let most = TOLD_MAX.saturating_sub(self.entries.len());
        let fits = |row: &&AuditRow| {
            let left = self.room.checked_sub(row.size());
            // None is left out between two.
            self.room = left.unwrap_or(0);
            left.is_some()
        };
        rows.iter().take(most).take_while(fits).count()
    }
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

/// Reverts the entries of a change, each if its record still is as the entry left it. They are read in parts, so that a
/// large change is not held in memory.
fn revert_change(tx: &mut Tx<'_>, files: &Folder, change: Id, told: &mut Told) -> Result<()> {
    let outline = store::audit::outline(tx.conn, change)?;
    if outline.iter().any(|entry| entry.user_id != Some(tx.owner())) {
        return Err(unknown(change));
    }
    let records = |entity: Entity, action: Action| {
        let entries = outline.iter().filter(move |entry| (entry.entity, entry.action) == (entity, action));
        entries.map(|entry| entry.record_id)
    };
    // What is in a project comes and goes with it: whoever may do that is not asked about each member.
    let mut projects: HashSet<Id> = records(Entity::Project, Action::Delete).collect();
    for project in records(Entity::Project, Action::Create) {
        project::refuse_others(tx, project)?;
        projects.insert(project);
    }
    let mut restored = Restored { all: records(Entity::Task, Action::Delete).collect(), waiting: Vec::new() };
    for part in outline.chunks(PART) {
        let [first, ..] = part else { continue };
        let rows = store::audit::of_change(tx.conn, change, part.last().unwrap_or(first).seq, first.seq)?;
        let fit = told.fit(&rows);
        let entries = rows.into_iter().map(AuditRow::into_entry).collect::<Result<Vec<_>>>()?;
        let mut rest = &entries[..];
        while !rest.is_empty() {
            let (alike, later) = rest.split_at(record::alike(rest));
            revert(tx, files, alike, &projects, &mut restored)?;
            rest = later;
        }
        told.total += entries.len() as u64;
        told.entries.extend(entries.into_iter().take(fit));
    }
    restored.waiting.into_iter().try_for_each(|mut task| {
        let before = task.depends_on.clone();
        relations::replace_dependencies(tx, &mut task, &before)
    })
}

/// Reverts one entry, or several that are alike.
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
        Entity::Reminder => reminder::revert(tx, entries),
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
