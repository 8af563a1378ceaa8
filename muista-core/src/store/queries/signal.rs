//! Signals to other processes on the same database.

use diesel::prelude::*;

use super::Conn;

/// Tells every process that listens, once this transaction is committed; nothing on SQLite, which has no way to.
pub(crate) fn notify(conn: &mut Conn, payload: &str) -> QueryResult<()> {
    super::super::notify(conn, payload)
}
