//! The record of changes.

use diesel::dsl::min;
use diesel::prelude::*;

use super::{Backend, Conn};
use crate::error::Error;
use crate::model::{Entity, Id};
use crate::store::list::{AuditFilter, AuditOf};
use crate::store::rows::{AuditOutline, AuditRow, NewAuditRow};
use crate::store::schema::audit_entries;
use crate::time::Instant;

pub(crate) fn insert(conn: &mut Conn, rows: &[NewAuditRow]) -> QueryResult<usize> {
    insert_all!(conn, audit_entries::table, rows, |row| row)
}

/// The entries of one kind, the newest first.
pub(crate) fn list(conn: &mut Conn, of: &AuditOf, narrowed: &AuditFilter, limit: i64) -> QueryResult<Vec<AuditRow>> {
    narrowed_to(of, narrowed, limit).select(AuditRow::as_select()).load(conn)
}

/// How the database goes about these.
#[cfg(test)]
pub(crate) fn plan(conn: &mut Conn, of: &AuditOf, narrowed: &AuditFilter) -> QueryResult<String> {
    super::explain::plan(conn, narrowed_to(of, narrowed, 50).select(AuditRow::as_select()))
}

fn narrowed_to<'a>(of: &'a AuditOf, narrowed: &'a AuditFilter, limit: i64) -> audit_entries::BoxedQuery<'a, Backend> {
    let query = audit_entries::table.into_boxed::<Backend>();
    let mut query = match *of {
        AuditOf::Doer(user, ref actor) => {
            query.filter(audit_entries::user_id.eq(user)).filter(audit_entries::actor.eq(actor))
        }
        // As the index has it, which holds no more than that.
        AuditOf::Owner(user) => {
            query.filter(audit_entries::owner_id.eq(user)).filter(audit_entries::owner_id.ne(audit_entries::user_id))
        }
        AuditOf::Project(project) => query.filter(audit_entries::project_id.eq(project)),
        AuditOf::Left(project) => query.filter(audit_entries::left_project_id.eq(project)),
        AuditOf::Record(record) => query.filter(audit_entries::record_id.eq(record)),
    };
    if let Some(from) = narrowed.from {
        query = query.filter(audit_entries::seq.ge(from));
    }
    if let Some(before) = narrowed.before {
        query = query.filter(audit_entries::seq.lt(before));
    }
    if let Some(actor) = &narrowed.actor {
        query = query.filter(audit_entries::actor.eq(actor));
    }
    if let Some(entity) = narrowed.entity {
        query = query.filter(audit_entries::entity.eq(entity));
    }
    if let Some(since) = narrowed.since {
        query = query.filter(audit_entries::created_at.ge(since));
    }
    if !narrowed.hidden.is_empty() {
        query = query.filter(audit_entries::entity.ne_all(&narrowed.hidden));
    }
    query.order(audit_entries::seq.desc()).limit(limit)
}

/// As whom an account made changes: by itself, by its keys. Each is found by one look into the index.
pub(crate) fn actors(conn: &mut Conn, user: Id) -> QueryResult<Vec<String>> {
    let mut found: Vec<String> = Vec::new();
    loop {
        let all = audit_entries::table.filter(audit_entries::user_id.eq(user)).select(audit_entries::actor);
        let last = found.last().map_or("", String::as_str);
        let next = all.filter(audit_entries::actor.gt(last)).order(audit_entries::actor).first(conn).optional()?;
        let Some(next) = next else { return Ok(found) };
        found.push(next);
    }
}

/// How many entries are looked at to find the first since an instant.
const LOOK: i64 = 5000;

/// The place of the first entry since an instant, behind all places where there is none; none where there are so many that
/// a reader from the end meets them soon enough. Places and instants need not be in the same order: clocks are set, and
/// transactions end when they end.
pub(crate) fn first_since(conn: &mut Conn, since: Instant) -> QueryResult<Option<i64>> {
    // A change's identifier begins with its instant, which is that of its entries.
    let entries = audit_entries::table.filter(audit_entries::change_id.ge(Id::earliest(since)));
    let places: Vec<i64> = entries.select(audit_entries::seq).limit(LOOK + 1).load(conn)?;
    let few = i64::try_from(places.len()).is_ok_and(|count| count <= LOOK);
    Ok(few.then(|| places.into_iter().min().unwrap_or(i64::MAX)))
}

/// The entries of one change in outline, the newest first.
pub(crate) fn outline(conn: &mut Conn, change: Id) -> QueryResult<Vec<AuditOutline>> {
    let columns = (
        audit_entries::seq,
        audit_entries::entity,
        audit_entries::record_id,
        audit_entries::user_id,
        audit_entries::action,
    );
    let entries = audit_entries::table.filter(audit_entries::change_id.eq(change)).select(columns);
    let rows = entries.order(audit_entries::seq.desc()).load_iter::<(i64, String, Id, Option<Id>, String), _>(conn)?;
    rows.map(|row| {
        let (seq, entity, record_id, user_id, action) = row?;
        let read = |e: Error| diesel::result::Error::DeserializationError(e.message.into());
        let (entity, action) = (entity.parse().map_err(read)?, action.parse().map_err(read)?);
        Ok(AuditOutline { seq, entity, record_id, user_id, action })
    })
    .collect()
}

/// Somebody who is not `actor` and has an entry in a change.
pub(crate) fn other_actor(conn: &mut Conn, change: Id, actor: &str) -> QueryResult<Option<String>> {
    let entries = audit_entries::table.filter(audit_entries::change_id.eq(change));
    entries.filter(audit_entries::actor.ne(actor)).select(audit_entries::actor).first(conn).optional()
}

/// The entries of one change whose places are in a span, the newest first.
pub(crate) fn of_change(conn: &mut Conn, change: Id, from: i64, to: i64) -> QueryResult<Vec<AuditRow>> {
    // Asked for its change too, PostgreSQL may look through all entries of a large one for each span.
    let span = audit_entries::table.filter(audit_entries::seq.between(from, to)).order(audit_entries::seq.desc());
    let mut rows: Vec<AuditRow> = span.select(AuditRow::as_select()).load(conn)?;
    rows.retain(|row| row.change_id == change);
    Ok(rows)
}

/// When a record was last changed.
pub(crate) fn last_of_record(conn: &mut Conn, record: Id) -> QueryResult<Option<Instant>> {
    let entries = audit_entries::table.filter(audit_entries::record_id.eq(record));
    entries.order(audit_entries::seq.desc()).select(audit_entries::created_at).first(conn).optional()
}

/// The actor's newest entry before a place, of what can be undone: its place and its change.
pub(crate) fn last(conn: &mut Conn, user: Id, actor: &str, before: i64) -> QueryResult<Option<(i64, Id)>> {
    audit_entries::table
        .filter(audit_entries::user_id.eq(user))
        .filter(audit_entries::actor.eq(actor))
        .filter(audit_entries::entity.ne_all(Entity::NEVER_UNDONE.iter().map(|entity| entity.as_str())))
        .filter(audit_entries::seq.lt(before))
        .order(audit_entries::seq.desc())
        .select((audit_entries::seq, audit_entries::change_id))
        .first(conn)
        .optional()
}

/// The changes that a change reverts; none when it is no undo.
pub(crate) fn undone_by(conn: &mut Conn, change: Id) -> QueryResult<Vec<Id>> {
    let entries = audit_entries::table.filter(audit_entries::change_id.eq(change));
    let undone: Vec<Option<Id>> = entries.select(audit_entries::undoes).distinct().load(conn)?;
    Ok(undone.into_iter().flatten().collect())
}

/// The same of several changes: each with one that it reverts.
pub(crate) fn undone_by_each(conn: &mut Conn, changes: &[Id]) -> QueryResult<Vec<(Id, Id)>> {
    let entries = audit_entries::table.filter(audit_entries::change_id.eq_any(changes));
    let undos = entries.filter(audit_entries::undoes.is_not_null());
    undos.select((audit_entries::change_id, audit_entries::undoes.assume_not_null())).distinct().load(conn)
}

/// The place of a change's first entry.
pub(crate) fn first_of_change(conn: &mut Conn, change: Id) -> QueryResult<Option<i64>> {
    audit_entries::table.filter(audit_entries::change_id.eq(change)).select(min(audit_entries::seq)).first(conn)
}

/// The entries of an actor's from an instant on, of what can be undone: each one's place and change, the newest first.
/// None is before the place `from`.
pub(crate) fn of_actor(
    conn: &mut Conn,
    user: Id,
    actor: &str,
    since: Instant,
    from: Option<i64>,
) -> QueryResult<Vec<(i64, Id)>> {
    audit_entries::table
        .filter(audit_entries::seq.ge(from.unwrap_or(i64::MIN)))
        .filter(audit_entries::user_id.eq(user))
        .filter(audit_entries::actor.eq(actor))
        .filter(audit_entries::created_at.ge(since))
        .filter(audit_entries::entity.ne_all(Entity::NEVER_UNDONE.iter().map(|entity| entity.as_str())))
        .order(audit_entries::seq.desc())
        .select((audit_entries::seq, audit_entries::change_id))
        .load(conn)
}

/// The undos of an account's from a place on, whoever asked for them: each with a change that it reverts, the newest first.
pub(crate) fn undos(conn: &mut Conn, user: Id, from: i64) -> QueryResult<Vec<(Id, Id)>> {
    let undos = audit_entries::table
        .filter(audit_entries::user_id.eq(user))
        .filter(audit_entries::seq.ge(from))
        .filter(audit_entries::undoes.is_not_null())
        .order(audit_entries::seq.desc())
        .select((audit_entries::change_id, audit_entries::undoes));
    let undos: Vec<(Id, Option<Id>)> = undos.load(conn)?;
    Ok(undos.into_iter().filter_map(|(undo, undone)| Some((undo, undone?))).collect())
}
