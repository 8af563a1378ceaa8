//! The record of changes in the order in which changes are told. What that order is depends on the database: see `event.rs`
//! of each driver.

use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable};

use super::super::event;
use super::{Backend, Conn};
use crate::model::EventCursor;
use crate::store::list::VisibleScope;
use crate::store::rows::AuditRow;
use crate::store::schema::audit_entries;

/// The place behind everything that is told by now.
pub(crate) fn latest(conn: &mut Conn) -> QueryResult<EventCursor> {
    event::horizon(conn)
}

/// A number that is another once somebody has written; 0 on SQLite.
pub(crate) fn last_transaction(conn: &mut Conn) -> QueryResult<i64> {
    event::last_transaction(conn)
}

/// What somebody may see behind a place, so many at most, each with its own place; and where to go on from.
pub(crate) fn after(
    conn: &mut Conn,
    scope: &VisibleScope,
    after: EventCursor,
    limit: i64,
) -> QueryResult<(Vec<(EventCursor, AuditRow)>, EventCursor)> {
    let horizon = event::horizon(conn)?;
    if after >= horizon {
        return Ok((Vec::new(), after));
    }
    let rows = event::between(conn, visible(scope), (after, horizon), limit)?;
    let full = i64::try_from(rows.len()).is_ok_and(|found| found >= limit);
    let placed = |(xact, row): (i64, AuditRow)| (EventCursor { xact, seq: row.seq }, row);
    let rows: Vec<_> = rows.into_iter().map(placed).collect();
    let next = rows.last().filter(|_| full).map_or(horizon, |(place, _)| *place);
    Ok((rows, next))
}

/// Which entries somebody may see.
pub(crate) type Condition = Box<dyn BoxableExpression<audit_entries::table, Backend, SqlType = Nullable<Bool>>>;

fn visible(scope: &VisibleScope) -> Condition {
    let own = audit_entries::user_id.eq(scope.user).or(audit_entries::owner_id.eq(scope.user));
    if scope.projects.is_empty() {
        return Box::new(own);
    }
    let here = audit_entries::project_id.eq_any(scope.projects.clone());
    let left = audit_entries::left_project_id.eq_any(scope.projects.clone());
    Box::new(own.or(here).or(left))
}
