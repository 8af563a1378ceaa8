//! Wrong passwords in a row, by folded name.

use diesel::prelude::*;

use super::Conn;
use crate::store::schema::login_failures;
use crate::time::Instant;

/// How many there were, and until when the name is locked.
pub(crate) fn find(conn: &mut Conn, name: &str) -> QueryResult<Option<(i64, Option<Instant>)>> {
    let found = login_failures::table.find(name);
    found.select((login_failures::failures, login_failures::locked_until)).first(conn).optional()
}

/// Counts one more and returns how many that makes; whoever else counts under this name waits for this transaction.
pub(crate) fn count(conn: &mut Conn, name: &str, now: Instant) -> QueryResult<i64> {
    diesel::insert_into(login_failures::table)
        .values((login_failures::name_key.eq(name), login_failures::failures.eq(1), login_failures::updated_at.eq(now)))
        .on_conflict(login_failures::name_key)
        .do_update()
        .set((login_failures::failures.eq(login_failures::failures + 1), login_failures::updated_at.eq(now)))
        .returning(login_failures::failures)
        .get_result(conn)
}

pub(crate) fn lock_until(conn: &mut Conn, name: &str, until: Instant) -> QueryResult<usize> {
    diesel::update(login_failures::table.find(name)).set(login_failures::locked_until.eq(until)).execute(conn)
}

pub(crate) fn forget(conn: &mut Conn, name: &str) -> QueryResult<usize> {
    diesel::delete(login_failures::table.find(name)).execute(conn)
}

/// Deletes those that nobody has added to since `before`.
pub(crate) fn delete_old(conn: &mut Conn, before: Instant) -> QueryResult<usize> {
    diesel::delete(login_failures::table.filter(login_failures::updated_at.lt(before))).execute(conn)
}
