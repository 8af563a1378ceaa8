//! Reading the record of changes, as far as the caller may see it: what it did, what was done to its records, and what was
//! done in projects that are shared with it; of kinds of records alone that its scopes let it see. Writing it is part of each change, see `write`.

pub(crate) mod audited;

use std::collections::{HashMap, HashSet};

use super::access::Access;
use super::task::assemble;
use super::{Caller, Service};
use serde_json::{Map, Value};

use crate::error::Result;
use crate::model::{AuditEntry, AuditPage, AuditQuery, Entity, Id, Scope, Scopes, TaskRef};
use crate::store;
use crate::store::Conn;
use crate::store::list::{AuditFilter, AuditOf, VisibleScope};
use crate::store::rows::AuditRow;

/// The most entries in one page.
const PAGE_MAX: u32 = 500;

/// Fields by which a record names others.
pub(super) const LINKS: [&str; 4] = ["parentId", "dependsOn", "taskId", "projectId"];
/// What differs along with a link: `project` is the name of what `projectId` says.
const ALONG: [&str; 3] = ["project", "version", "updatedAt"];
/// What is told of a record beside its links to whoever changed those alone and does not see the rest.
const NAMING: [&str; 3] = ["id", "number", "version"];

/// A record as an entry holds it.
type Record = Map<String, Value>;

/// What was changed, the newest first.
///
/// # Errors
/// `NotFound` for a task that the caller does not see.
pub async fn list(service: &Service, caller: &Caller, query: AuditQuery) -> Result<AuditPage> {
    caller.require(Scope::AuditRead)?;
    let (user, scopes) = (caller.user, caller.scopes);
    service.store.read(move |conn| page(conn, user, scopes, query)).await
}

fn page(conn: &mut Conn, user: Id, scopes: Scopes, query: AuditQuery) -> Result<AuditPage> {
    let limit = query.limit.clamp(1, PAGE_MAX) as usize;
    let record = match &query.task {
        Some(task) => Some(record(conn, user, task)?),
        None => query.record,
    };
    let scope = Access::of(user).scope(conn)?;
    let from = query.since.map(|since| store::audit::first_since(conn, since)).transpose()?.flatten();
    let narrowed = AuditFilter {
        from,
        actor: query.actor,
        entity: query.entity.map(Entity::as_str),
        hidden: Entity::ALL.iter().filter(|entity| !scopes.has(entity.scope())).map(|entity| entity.as_str()).collect(),
        since: query.since,
        before: query.before,
    };
    let mut items = match record {
        Some(record) => of_record(conn, &scope, record, narrowed, limit + 1)?,
        None => of_all(conn, &scope, &narrowed, limit + 1)?,
    };
    let more = items.len() > limit;
    items.truncate(limit);
    mark_redos(conn, &mut items)?;
    let next = items.last().filter(|_| more).map(|entry| entry.seq);
    Ok(AuditPage { items, next })
}

/// Marks the entries that do again what was undone.
fn mark_redos(conn: &mut Conn, entries: &mut [AuditEntry]) -> Result<()> {
    let undos: HashSet<Id> =
        entries.iter().filter(|entry| entry.undoes.is_some()).map(|entry| entry.change_id).collect();
    let redos = redos(conn, undos)?;
    entries.iter_mut().for_each(|entry| entry.redo = redos.contains(&entry.change_id));
    Ok(())
}

/// Whether a change does again what was undone.
pub(super) fn is_redo(conn: &mut Conn, change: Id) -> Result<bool> {
    Ok(redos(conn, HashSet::from([change]))?.contains(&change))
}

/// Those among changes that do again what was undone: they revert an undo. All are followed back at once.
fn redos(conn: &mut Conn, changes: HashSet<Id>) -> Result<HashSet<Id>> {
    let mut found = HashSet::new();
    // Each change, and where it was followed to.
    let mut at: Vec<(Id, Id)> = changes.into_iter().map(|change| (change, change)).collect();
    let mut depth = 0_u32;
    while !at.is_empty() {
        let ids: Vec<Id> = at.iter().map(|(_, at)| *at).collect();
        let reverted: HashMap<Id, Id> = store::audit::undone_by_each(conn, &ids)?.into_iter().collect();
        let (on, ended): (Vec<_>, Vec<_>) = at.into_iter().partition(|(_, at)| reverted.contains_key(at));
        // What reverts nothing is a change, what reverts that an undo, and what reverts an undo does it again.
        found.extend(ended.into_iter().map(|(change, _)| change).filter(|_| depth > 0 && depth.is_multiple_of(2)));
        at = on.into_iter().filter_map(|(change, at)| Some((change, *reverted.get(&at)?))).collect();
        depth += 1;
    }
    Ok(found)
}

/// The record that is named; a whole id is taken as it is, since the task may be deleted by now.
fn record(conn: &mut Conn, user: Id, task: &TaskRef) -> Result<Id> {
    match task {
        TaskRef::Id(id) => Ok(*id),
        name => Ok(assemble::find_visible(conn, user, name)?.id),
    }
}

/// The first `wanted` of all that the caller may see: of what it may see for one reason or another, each read in the
/// order of an index.
fn of_all(conn: &mut Conn, scope: &VisibleScope, narrowed: &AuditFilter, wanted: usize) -> Result<Vec<AuditEntry>> {
    let actors = match &narrowed.actor {
        Some(actor) => vec![actor.clone()],
        None => store::audit::actors(conn, scope.user)?,
    };
    let own = actors.into_iter().map(|actor| AuditOf::Doer(scope.user, actor));
    let shared = scope.projects.iter().flat_map(|project| [AuditOf::Project(*project), AuditOf::Left(*project)]);
    let reasons = own.chain([AuditOf::Owner(scope.user)]).chain(shared);
    let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
    let mut rows: Vec<AuditRow> = Vec::new();
    for of in reasons {
        rows.extend(store::audit::list(conn, &of, narrowed, limit)?);
        rows.sort_by_key(|row| std::cmp::Reverse(row.seq));
        rows.dedup_by_key(|row| row.seq);
        rows.truncate(wanted);
    }
    rows.into_iter().filter_map(|row| told(scope, row).transpose()).collect()
}

/// The first `wanted` of what was done to a record that the caller may see.
fn of_record(
    conn: &mut Conn,
    scope: &VisibleScope,
    record: Id,
    mut narrowed: AuditFilter,
    wanted: usize,
) -> Result<Vec<AuditEntry>> {
    let limit = i64::try_from(wanted).unwrap_or(i64::MAX);
    let mut entries = Vec::new();
    loop {
        let rows = store::audit::list(conn, &AuditOf::Record(record), &narrowed, limit)?;
        narrowed.before = rows.last().map(|row| row.seq);
        let last = rows.len() < wanted;
        for row in rows {
            entries.extend(told(scope, row)?);
        }
        if last || entries.len() >= wanted {
            entries.truncate(wanted);
            return Ok(entries);
        }
    }
}

/// An entry as the caller may see it; none where it may not. Of a record that went out of the caller's sight it sees how
/// it was, of one that came into it how it is.
pub(super) fn told(scope: &VisibleScope, row: AuditRow) -> Result<Option<AuditEntry>> {
    let mine = [row.user_id, row.owner_id].contains(&Some(scope.user));
    let (is, left) = (row.project_id, row.left_project_id);
    let shared = |project: Option<Id>| project.is_some_and(|project| scope.projects.contains(&project));
    if !mine && !shared(is) && !shared(left) {
        return Ok(None);
    }
    let hidden = row.owner_id.is_some_and(|owner| owner != scope.user) && !shared(is) && !shared(left);
    let mut entry = row.into_entry()?;
    if mine {
        if hidden && link_change(&entry).is_some() {
            [&mut entry.before, &mut entry.after].into_iter().flatten().for_each(narrow);
        }
        return Ok(Some(entry));
    }
    // A task that has come from no project has left none either.
    let came = entry.entity == Entity::Task && entry.before.as_ref().is_some_and(|task| task["projectId"].is_null());
    let was = if came { None } else { left.or(is) };
    if !shared(is) {
        entry.after = None;
    }
    if !shared(was) {
        entry.before = None;
    }
    Ok(Some(entry))
}

/// The record before and after, where nothing of it was changed but the others that it names.
pub(super) fn link_change(entry: &AuditEntry) -> Option<(&Record, &Record)> {
    let (Some(Value::Object(before)), Some(Value::Object(after))) = (&entry.before, &entry.after) else { return None };
    let differs = |field: &str| before.get(field) != after.get(field);
    let only = before
        .keys()
        .chain(after.keys())
        .all(|field| !differs(field) || LINKS.contains(&field.as_str()) || ALONG.contains(&field.as_str()));
    // A project that is called something else is no other project.
    let renamed = differs("project") && !differs("projectId");
    (only && !renamed && LINKS.iter().any(|field| differs(field))).then_some((before, after))
}

/// Takes out of a record all but which one it is and what it names.
fn narrow(record: &mut Value) {
    if let Value::Object(fields) = record {
        fields.retain(|field, _| NAMING.contains(&field.as_str()) || LINKS.contains(&field.as_str()));
    }
}
