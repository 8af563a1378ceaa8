//! The order of events on SQLite: who writes is alone on the file until the commit, so entries are committed in the order
//! of their numbers.

use diesel::dsl::max;
use diesel::prelude::*;

use super::queries::event::Condition;
use super::{Backend, Conn};
use crate::model::EventCursor;
use crate::store::rows::AuditRow;
use crate::store::schema::audit_entries;

/// The last entry there is.
pub(super) fn horizon(conn: &mut Conn) -> QueryResult<EventCursor> {
    let last: Option<i64> = audit_entries::table.select(max(audit_entries::seq)).first(conn)?;
    Ok(EventCursor { xact: 0, seq: last.unwrap_or(0) })
}

/// The visible entries behind one place up to another, with 0 for their transaction, which nobody needs here.
pub(super) fn between(
    conn: &mut Conn,
    visible: Condition,
    (after, until): (EventCursor, EventCursor),
    limit: i64,
) -> QueryResult<Vec<(i64, AuditRow)>> {
    let some = audit_entries::table.into_boxed::<Backend>().filter(visible);
    let some = some.filter(audit_entries::seq.gt(after.seq)).filter(audit_entries::seq.le(until.seq));
    let rows = some.select(AuditRow::as_select()).order(audit_entries::seq).limit(limit).load(conn)?;
    Ok(rows.into_iter().map(|row| (0, row)).collect())
}

/// Nothing: the file's log is looked at instead.
pub(super) fn last_transaction(_: &mut Conn) -> QueryResult<i64> {
    Ok(0)
}
