//! Whether the database answers, whether it finds itself whole, and how much waits in it.

use diesel::prelude::*;
use diesel::sql_types::Integer;

use super::Conn;
use crate::model::{HELD, Id};
use crate::store::schema::{notifications, runs, users};

/// Asks the database for a number, so that a connection that is dead is seen to be.
pub(crate) fn ping(conn: &mut Conn) -> QueryResult<i32> {
    diesel::select(1.into_sql::<Integer>()).get_result(conn)
}

/// Writes what is there already, which shows whether anything can be written.
pub(crate) fn probe(conn: &mut Conn) -> QueryResult<usize> {
    let local = users::table.find(Id::LOCAL_USER);
    diesel::update(local).set(users::updated_at.eq(users::updated_at)).execute(conn)
}

/// What the database finds wrong with its own files; empty when it is whole. Reads all of a SQLite file.
pub(crate) fn damage(conn: &mut Conn) -> QueryResult<Vec<String>> {
    super::super::damage(conn)
}

/// How many messages wait to be sent, those included that are being sent, but not those that are held.
pub(crate) fn waiting_messages(conn: &mut Conn) -> QueryResult<i64> {
    let waiting = notifications::table.filter(notifications::next_attempt_at.is_not_null());
    waiting.filter(notifications::next_attempt_at.ne(HELD)).count().get_result(conn)
}

/// How many runs wait to be started.
pub(crate) fn waiting_runs(conn: &mut Conn) -> QueryResult<i64> {
    runs::table.filter(runs::available_at.is_not_null()).count().get_result(conn)
}
