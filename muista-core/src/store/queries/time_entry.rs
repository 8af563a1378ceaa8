//! When who worked on what.

use diesel::prelude::*;

use super::{Conn, chunked};
use crate::model::Id;
use crate::store::rows::TimeEntryRow;
use crate::store::schema::time_entries;
use crate::store::statements;
use crate::time::Instant;

/// The stretches of work on each task, the earliest first.
pub(crate) fn of_tasks(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<TimeEntryRow>> {
    chunked(tasks, |tasks| {
        let some = time_entries::table.filter(among!(time_entries::task_id, tasks));
        some.order((time_entries::began_at, time_entries::id)).select(TimeEntryRow::as_select()).load(conn)
    })
}

/// What a user works on, the earliest first.
pub(crate) fn running(conn: &mut Conn, user: Id) -> QueryResult<Vec<TimeEntryRow>> {
    let own = time_entries::table.filter(time_entries::user_id.eq(user)).filter(time_entries::ended_at.is_null());
    own.order((time_entries::began_at, time_entries::id)).select(TimeEntryRow::as_select()).load(conn)
}

/// A user's stretches of work that touch this time, the earliest first.
pub(crate) fn between(
    conn: &mut Conn,
    user: Id,
    from: Instant,
    until: Instant,
    limit: i64,
) -> QueryResult<Vec<TimeEntryRow>> {
    let own = time_entries::table.filter(time_entries::user_id.eq(user)).filter(time_entries::began_at.lt(until));
    let touching = own.filter(time_entries::ended_at.is_null().or(time_entries::ended_at.assume_not_null().gt(from)));
    let order = (time_entries::began_at, time_entries::id);
    touching.order(order).limit(limit).select(TimeEntryRow::as_select()).load(conn)
}

pub(crate) fn by_id(conn: &mut Conn, id: Id) -> QueryResult<Option<TimeEntryRow>> {
    time_entries::table.find(id).select(TimeEntryRow::as_select()).first(conn).optional()
}

pub(crate) fn insert(conn: &mut Conn, row: &TimeEntryRow) -> QueryResult<usize> {
    diesel::insert_into(time_entries::table).values(row).execute(conn)
}

pub(crate) fn update(conn: &mut Conn, row: &TimeEntryRow) -> QueryResult<usize> {
    statements::update(time_entries::table, time_entries::id.eq(row.id), row).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(time_entries::table.find(id)).execute(conn)
}
