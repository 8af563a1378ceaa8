//! Series, and which occurrences they have.

use diesel::dsl::max;
use diesel::prelude::*;

use super::{Conn, chunked, chunked_count};
use crate::model::Id;
use crate::store::rows::SeriesRow;
use crate::store::schema::{series, tasks};
use crate::store::statements;
use crate::time::Instant;

pub(crate) fn insert(conn: &mut Conn, row: &SeriesRow) -> QueryResult<usize> {
    diesel::insert_into(series::table).values(row).execute(conn)
}

pub(crate) fn update(conn: &mut Conn, row: &SeriesRow) -> QueryResult<usize> {
    statements::update(series::table, series::id.eq(row.id), row).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, ids: &[Id]) -> QueryResult<usize> {
    chunked_count(ids, |ids| diesel::delete(series::table.filter(among!(series::id, ids))).execute(conn))
}

pub(crate) fn by_id(conn: &mut Conn, id: Id) -> QueryResult<Option<SeriesRow>> {
    series::table.find(id).select(SeriesRow::as_select()).first(conn).optional()
}

/// Those of these series that end, with the last instant at which an occurrence may be due.
pub(crate) fn ends(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<(Id, Instant)>> {
    chunked(ids, |ids| {
        let ending = series::table.filter(among!(series::id, ids)).filter(series::end_at.is_not_null());
        ending.select((series::id, series::end_at.assume_not_null())).load(conn)
    })
}

/// The owner's series.
pub(crate) fn of_owner(conn: &mut Conn, owner: Id) -> QueryResult<Vec<SeriesRow>> {
    series::table.filter(series::owner_id.eq(owner)).select(SeriesRow::as_select()).order(series::id).load(conn)
}

/// The series among `ids`, locked until the end of the transaction, in an order that lets no two transactions wait for
/// each other.
pub(crate) fn lock(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<SeriesRow>> {
    chunked(ids, |ids| {
        let some = series::table.filter(among!(series::id, ids)).select(SeriesRow::as_select());
        locked!(some.order(series::id)).load(conn)
    })
}

/// The number of the latest occurrence of each series that has any.
pub(crate) fn last_numbers(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<(Id, i64)>> {
    chunked(ids, |ids| {
        tasks::table
            .filter(among!(tasks::series_id, ids))
            .group_by(tasks::series_id)
            .select((tasks::series_id.assume_not_null(), max(tasks::series_number).assume_not_null()))
            .load(conn)
    })
}

/// The occurrences of a series with a number of at least `from`.
pub(crate) fn occurrences(conn: &mut Conn, id: Id, from: i64) -> QueryResult<Vec<Id>> {
    let some = tasks::table.filter(tasks::series_id.eq(id)).filter(tasks::series_number.ge(from));
    some.select(tasks::id).order(tasks::series_number).load(conn)
}
