//! The order of events on PostgreSQL: transactions do not end in the order in which their entries take numbers, nor in
//! that in which they themselves do. What is told is ordered by transaction and number, and ends before the oldest
//! transaction that still runs: nothing can appear before that any more.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};

use super::queries::event::Condition;
use super::{Backend, Conn};
use crate::model::EventCursor;
use crate::store::rows::AuditRow;
use crate::store::schema::audit_entries;

/// The oldest transaction that still runs, which may yet write an entry.
pub(super) fn horizon(conn: &mut Conn) -> QueryResult<EventCursor> {
    #[derive(QueryableByName)]
    struct Oldest {
        #[diesel(sql_type = BigInt)]
        xact: i64,
    }
    let oldest = diesel::sql_query("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xact");
    oldest.get_result::<Oldest>(conn).map(|oldest| EventCursor { xact: oldest.xact, seq: 0 })
}

/// The visible entries behind one place and before another, each with its transaction. Written `a >= x AND (a > x OR
/// b > y)`, so that the index finds the beginning.
pub(super) fn between(
    conn: &mut Conn,
    visible: Condition,
    (after, until): (EventCursor, EventCursor),
    limit: i64,
) -> QueryResult<Vec<(i64, AuditRow)>> {
    let xact = || sql::<BigInt>("xact");
    let behind = sql::<Bool>("(xact > ").bind::<BigInt, _>(after.xact).sql(" OR seq > ").bind::<BigInt, _>(after.seq);
    audit_entries::table
        .into_boxed::<Backend>()
        .filter(visible)
        .filter(xact().ge(after.xact))
        .filter(behind.sql(")"))
        .filter(xact().lt(until.xact))
        .select((xact(), AuditRow::as_select()))
        .order((xact(), audit_entries::seq))
        .limit(limit)
        .load(conn)
}

/// The number that the next transaction that writes will get, on any of the server's databases: a look whether anybody has
/// written.
pub(super) fn last_transaction(conn: &mut Conn) -> QueryResult<i64> {
    diesel::select(sql::<BigInt>("pg_snapshot_xmax(pg_current_snapshot())::text::bigint")).get_result(conn)
}
