//! The database's own clock.

use diesel::prelude::*;

use super::Conn;
use crate::time::Instant;

/// Returns what time the server's clock shows; none on SQLite, which has none.
pub(crate) fn now(conn: &mut Conn) -> QueryResult<Option<Instant>> {
    super::super::clock_now(conn)
}
