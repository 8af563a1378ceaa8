//! Whether the database answers, and whether it finds itself whole.

use diesel::prelude::*;
use diesel::sql_types::Integer;

use super::Conn;

/// Asks the database for a number, so that a connection that is dead is seen to be.
pub(crate) fn ping(conn: &mut Conn) -> QueryResult<i32> {
    diesel::select(1.into_sql::<Integer>()).get_result(conn)
}

/// What the database finds wrong with its own files; empty when it is whole. Reads all of a SQLite file.
pub(crate) fn damage(conn: &mut Conn) -> QueryResult<Vec<String>> {
    super::super::damage(conn)
}
