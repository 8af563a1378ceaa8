//! What undoing asks of every kind of record: how many entries are reverted together ([`alike`]), how a record was
//! ([`snapshot`]), whether it still is as the entry left it ([`unchanged`]), whether the caller may still change it
//! ([`refuse_others`]), and the entry that the undo itself leaves ([`noted`]).

use std::collections::HashSet;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::model::{Action, AuditEntry, Entity, Id};
use crate::service::access::{Access, Permission, not_yours};
use crate::service::audit::audited::{Audited, RecordScope};
use crate::service::tx::Tx;
use crate::store;

/// What of a reminder changes by itself: its task's, and what comes of firing.
const REMINDER_UNCOUNTED: [&str; 7] =
    ["taskNumber", "taskTitle", "lastTriggeredAt", "nextTriggerAt", "regularAt", "repeatAt", "acknowledgedAt"];

/// How many records are reverted together at most.
const BATCH: usize = 500;

/// How many of these entries, from the first on, are reverted together: those of tasks, or of reminders, that were all
/// made, all changed or all deleted, none twice. One of any other kind.
pub(super) fn alike(entries: &[AuditEntry]) -> usize {
    let kind = |entry: &AuditEntry| (entry.entity, entry.before.is_some(), entry.after.is_some());
    let Some(first) = entries.first().map(kind) else { return 0 };
    if !matches!(first.0, Entity::Task | Entity::Reminder) {
        return 1;
    }
    let mut seen = HashSet::new();
    let same = |entry: &&AuditEntry| kind(entry) == first && seen.insert(entry.record_id);
    entries.iter().take(BATCH).take_while(same).count()
}

/// Refuses a record that the caller may not change where it is now, or, where it is deleted, where it was: as changing it
/// would.
pub(super) fn refuse_others(
    tx: &mut Tx<'_>,
    access: &mut Access,
    entry: &AuditEntry,
    place: RecordScope,
    number: Option<i64>,
) -> Result<()> {
    match access.permission(tx.conn, place.owner, place.project)? {
        Some(Permission::Write) => Ok(()),
        Some(Permission::Read) => Err(number.map_or_else(others, not_yours)),
        None => Err(gone(entry)),
    }
}

/// Refuses to bring back what hung on a task that is deleted.
pub(super) fn task_is_there(tx: &mut Tx<'_>, task: Id, what: &str) -> Result<()> {
    if !store::task::places(tx.conn, &[task])?.is_empty() {
        return Ok(());
    }
    Err(Error::conflict(format!("the {what}'s task is deleted"))
        .hint("undo that first; `muista log` shows the changes"))
}

/// What somebody is told who does not see the record any more.
pub(super) fn gone(entry: &AuditEntry) -> Error {
    Error::not_found(format!("what the change {} is of", entry.change_id))
        .hint("somebody else has it, and does not share it with you any more")
}

fn others() -> Error {
    Error::forbidden("that is another member's").hint("ask its owner, or an admin of the project")
}

/// Notes a reverted entry as a change of its own.
pub(super) fn noted<T: Audited>(
    tx: &mut Tx<'_>,
    entry: &AuditEntry,
    before: Option<&T>,
    after: Option<&T>,
) -> Result<()> {
    let action = match (before, after) {
        (None, _) => Action::Create,
        (Some(_), Some(_)) => Action::Update,
        (Some(_), None) => Action::Delete,
    };
    tx.record_audit(action, before, after, Some(entry.change_id))
}

/// A record as an entry holds it.
pub(super) fn snapshot<T: DeserializeOwned>(document: Option<&Value>) -> Result<Option<T>> {
    document
        .map(T::deserialize)
        .transpose()
        .map_err(|e| Error::internal(format!("the record of changes cannot be read: {e}")))
}

/// Refuses an entry whose record was changed by something else since.
pub(super) fn unchanged<T: Audited>(entry: &AuditEntry, now: Option<&T>) -> Result<()> {
    let now = now.map(serde_json::to_value).transpose().map_err(|e| Error::internal(e.to_string()))?;
    if same(entry, now.as_ref(), entry.after.as_ref()) {
        return Ok(());
    }
    let name = [&entry.after, &entry.before, &now]
        .into_iter()
        .flatten()
        .find_map(|value| value["number"].as_i64().map(|number| format!("task {number}")))
        .unwrap_or_else(|| format!("the {}", entry.entity.as_str().to_lowercase()));
    Err(Error::conflict(format!("{name} was changed since"))
        .hint("`muista log` shows the changes; undo the later one first"))
}

/// Whether two states of a record differ in nothing that counts. A field that one of them does not know yet is empty.
fn same(entry: &AuditEntry, a: Option<&Value>, b: Option<&Value>) -> bool {
    let (Some(Value::Object(a)), Some(Value::Object(b))) = (a, b) else { return a == b };
    let mut fields = a.keys().chain(b.keys()).filter(|field| counts(entry, field));
    fields.all(|field| known(a, field) == known(b, field))
}

fn known<'a>(record: &'a Map<String, Value>, field: &str) -> Option<&'a Value> {
    record.get(field).filter(|value| !value.is_null())
}

/// Whether a field is of what was changed: not what every change touches, nor what is counted or named elsewhere.
fn counts(entry: &AuditEntry, field: &str) -> bool {
    match (entry.entity, field) {
        (_, "version" | "updatedAt" | "open" | "total") => false,
        // A renamed project is no change of its tasks.
        (Entity::Task, "project") => false,
        // What the stretches of work on it amount to, which have entries of their own.
        (Entity::Task, "timeSpent" | "activeSince") => false,
        // Tasks made by one change may wait for each other; the first to go takes itself out of the others.
        (Entity::Task, "dependsOn") => entry.action != Action::Create,
        // How many tasks have a value.
        (Entity::Field, "tasks") => false,
        (Entity::Reminder, field) => !REMINDER_UNCOUNTED.contains(&field),
        // Who may do what in a project, and what a member is called, is written elsewhere.
        (Entity::Project, "role") | (Entity::Member, "username" | "name" | "addedBy") => false,
        // How a job stands is not what anybody changed.
        (Entity::Job, "status" | "lastRunAt" | "nextRunAt") => false,
        _ => true,
    }
}
