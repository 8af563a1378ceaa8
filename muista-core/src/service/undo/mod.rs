//! Undoing a change: finding it in the record of changes, and reverting its entries from the last to the first, in one
//! transaction. An undo is a change itself, so undoing it does the change again; which are to be undone or done again is
//! found in `history`. Reverting entries is the business of the
//! module of their kind. Only one's own changes can be undone, and only what one may still change; an agent's own are those
//! that it made, and not all of its account.

mod actor;
mod agent;
mod attachment;
mod comment;
mod consequence;
mod field;
mod history;
mod job;
mod member;
mod project;
mod record;
mod reminder;
mod series;
mod tag;
mod task;
mod template;
mod time_entry;
mod view;

use std::collections::HashSet;

use super::access::Access;
use super::task::relations;
use super::tx::{Tx, bulk_transaction};
use super::{Caller, Service, Settings, audit};
use crate::error::{Error, Result};
use crate::model::{Action, AuditEntry, Entity, Id, Scope, Task, Undo, UndoTarget, Undone};
use crate::store;
use crate::store::list::VisibleScope;
use crate::store::rows::AuditRow;
use consequence::Consequences;

/// How many entries of a change are read at a time.
const PART: usize = 500;

/// How many of the reverted entries are told at most, and how many bytes of them: an import may have had a million.
const TOLD_MAX: usize = 200;
const BYTES: usize = 8 << 20;

/// Reverts a change of the caller's, all of it or nothing. What that takes is what making the change that reverts it would
/// take; the scopes depend on what was changed.
///
/// # Errors
/// `NotFound` for a change that is not the caller's and for what the caller does not see any more, `Forbidden` for what it
/// may not change and for what an agent did not do itself, `Conflict` for what was changed since.
pub async fn undo(service: &Service, caller: &Caller, undo: Undo) -> Result<Undone> {
    revert_all(service, caller, move |tx| targets(tx, &undo.target)).await
}

/// Does again what the caller's last undo reverted, as long as nothing else was done since.
///
/// # Errors
/// `Conflict` when there is nothing to do again, and otherwise as [`undo`].
pub async fn redo(service: &Service, caller: &Caller) -> Result<Undone> {
    revert_all(service, caller, |tx| history::last_undo(tx).map(|change| vec![change])).await
}

async fn revert_all(
    service: &Service,
    caller: &Caller,
    targets: impl Fn(&mut Tx<'_>) -> Result<Vec<Id>> + Clone + Send + 'static,
) -> Result<Undone> {
    let writes = [Scope::TasksWrite, Scope::ProjectsWrite, Scope::JobsWrite];
    if !writes.into_iter().any(|scope| caller.scopes.has(scope)) {
        caller.require(Scope::TasksWrite)?;
    }
    let settings = service.settings();
    let work = move |tx: &mut Tx<'_>| {
        let changes = targets(tx)?;
        let scope = Access::of(tx.owner()).scope(tx.conn)?;
        let mut told = Told { entries: Vec::new(), scope, total: 0, room: BYTES };
        for change in &changes {
            revert_change(tx, &settings, *change, &mut told)?;
        }
        Ok(Undone { change_id: tx.change, changes, entries: told.entries, total: told.total })
    };
    Ok(bulk_transaction(service, caller, work).await?.0)
}

/// What is told of an undo: the first of the entries that it reverts, as far as there is room and the caller may see them,
/// and how many they are.
struct Told {
    entries: Vec<AuditEntry>,
    scope: VisibleScope,
    total: u64,
    /// How many bytes more.
    room: usize,
}

impl Told {
    /// Tells of these entries too.
    fn add(&mut self, tx: &Tx<'_>, rows: Vec<AuditRow>) -> Result<()> {
        self.total += rows.len() as u64;
        for row in rows {
            let size = row.size();
            if self.entries.len() == TOLD_MAX || size > self.room {
                // None is left out between two.
                self.room = 0;
                return Ok(());
            }
            let Some(entry) = audit::told(&self.scope, row)? else { continue };
            if tx.caller.scopes.has(entry.entity.scope()) {
                self.room -= size;
                self.entries.push(entry);
            }
        }
        Ok(())
    }
}

/// A change that is being reverted.
struct Reversal<'a> {
    settings: &'a Settings,
    /// What comes and goes with it.
    consequences: Consequences,
    /// Whether tasks were changed: a project that was made with them only was named.
    of_tasks: bool,
    /// The tasks that it brings back, and those among them that wait for others that were not back in their turn.
    restored: HashSet<Id>,
    waiting: Vec<Task>,
    /// Series whose occurrences the caller has to be one who may change, and those of which that is known.
    asked: HashSet<Id>,
    allowed: HashSet<Id>,
}

impl Reversal<'_> {
    /// Refuses an entry of a kind that the caller's credential is not for; what only followed from others comes with them.
    fn refuse_scope(&self, tx: &Tx<'_>, entry: &AuditEntry) -> Result<()> {
        if self.consequences.hold(entry) { Ok(()) } else { tx.caller.require(entry.entity.write_scope()) }
    }

    /// Whether an entry is left as it is: a project that was made because a task named it, which the caller could not
    /// delete, stays.
    fn stays(&self, tx: &Tx<'_>, row: &AuditRow) -> bool {
        let made = row.entity == Entity::Project.as_str() && row.action == Action::Create.as_str();
        made && self.of_tasks && !tx.caller.scopes.has(Scope::ProjectsWrite)
    }

    /// Refuses to have changed a series of which the caller could change no occurrence.
    fn refuse_series(&self, change: Id) -> Result<()> {
        if self.asked.is_subset(&self.allowed) {
            return Ok(());
        }
        Err(Error::not_found(format!("what the change {change} is of"))
            .hint("somebody else has it, and does not share it with you any more"))
    }
}

/// The changes to revert, the newest first.
fn targets(tx: &mut Tx<'_>, target: &UndoTarget) -> Result<Vec<Id>> {
    match target {
        UndoTarget::Change(id) => match store::audit::first_of_change(tx.conn, *id)? {
            Some(_) => Ok(vec![*id]),
            None => Err(unknown(*id)),
        },
        UndoTarget::Last => history::effective(tx, 1),
        UndoTarget::Steps(steps) => history::effective(tx, *steps),
        UndoTarget::Since(of) => {
            agent::refuse_other(tx, &of.actor)?;
            actor::changes(tx, of)
        }
    }
}

/// Reverts the entries of a change, each if its record still is as the entry left it. They are read in parts, so that a
/// large change is not held in memory.
fn revert_change(tx: &mut Tx<'_>, settings: &Settings, change: Id, told: &mut Told) -> Result<()> {
    let outline = store::audit::outline(tx.conn, change)?;
    if outline.iter().any(|entry| entry.user_id != Some(tx.owner())) {
        return Err(unknown(change));
    }
    agent::refuse_others(tx, change)?;
    let records = |entity: Entity, action: Action| {
        let entries = outline.iter().filter(move |entry| (entry.entity, entry.action) == (entity, action));
        entries.map(|entry| entry.record_id)
    };
    // What is in a project comes and goes with it: whoever may do that is not asked about each member.
    for project in records(Entity::Project, Action::Create) {
        project::refuse_others(tx, project)?;
    }
    let mut reversal = Reversal {
        settings,
        consequences: Consequences::of(&outline),
        of_tasks: outline.iter().any(|entry| entry.entity == Entity::Task),
        restored: records(Entity::Task, Action::Delete).collect(),
        waiting: Vec::new(),
        asked: HashSet::new(),
        allowed: HashSet::new(),
    };
    for part in outline.chunks(PART) {
        let [first, ..] = part else { continue };
        let mut rows = store::audit::of_change(tx.conn, change, part.last().unwrap_or(first).seq, first.seq)?;
        rows.retain(|row| !reversal.stays(tx, row));
        let entries = rows.iter().cloned().map(AuditRow::into_entry).collect::<Result<Vec<_>>>()?;
        let mut rest = &entries[..];
        while !rest.is_empty() {
            let (alike, later) = rest.split_at(record::alike(rest));
            revert(tx, alike, &mut reversal)?;
            rest = later;
        }
        told.add(tx, rows)?;
    }
    reversal.refuse_series(change)?;
    reversal.waiting.into_iter().try_for_each(|mut task| {
        let before = task.depends_on.clone();
        relations::replace_dependencies(tx, &mut task, &before)
    })
}

/// Reverts one entry, or several that are alike.
fn revert(tx: &mut Tx<'_>, entries: &[AuditEntry], reversal: &mut Reversal<'_>) -> Result<()> {
    let [entry, ..] = entries else { return Ok(()) };
    entries.iter().try_for_each(|entry| reversal.refuse_scope(tx, entry))?;
    match entry.entity {
        Entity::Member => member::revert(tx, entry, reversal),
        Entity::Task => task::revert(tx, entries, reversal),
        Entity::Project => project::revert(tx, entry),
        Entity::Tag => tag::revert(tx, entry),
        Entity::Attachment => attachment::revert(tx, &reversal.settings.attachments, entry),
        Entity::Comment => comment::revert(tx, entry),
        Entity::TimeEntry => time_entry::revert(tx, entry),
        Entity::Reminder => reminder::revert(tx, entries),
        Entity::Job => job::revert(tx, entry, reversal),
        Entity::Series => series::revert(tx, entry, reversal),
        Entity::View => view::revert(tx, entry),
        Entity::Field => field::revert(tx, entry),
        Entity::Template => template::revert(tx, entry),
        Entity::Run => Err(ended(entry)),
        Entity::User | Entity::Session | Entity::ApiKey | Entity::Device => Err(lasting(entry)),
    }
}

fn ended(entry: &AuditEntry) -> Error {
    Error::conflict(format!("the change {} stopped a run, which is not undone", entry.change_id))
        .hint("its owner runs the job again with `muista job run`")
}

fn lasting(entry: &AuditEntry) -> Error {
    Error::conflict(format!("the change {} is one of an account, which is not undone", entry.change_id))
        .hint("change the account again: `muista user --help`, `muista token --help`")
}

fn nothing() -> Error {
    Error::not_found("change to undo").hint("`muista log` shows the changes")
}

fn unknown(change: Id) -> Error {
    Error::not_found(format!("change {change}")).hint("`muista log` shows the changes")
}
