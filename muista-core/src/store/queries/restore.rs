//! The restores that a database has had.

use diesel::dsl::max;
use diesel::prelude::*;

use super::Conn;
use crate::store::schema::restores;

/// Returns the epoch of the last restore; 0 where there was none.
pub(crate) fn epoch(conn: &mut Conn) -> QueryResult<i64> {
    restores::table.select(max(restores::epoch)).get_result::<Option<i64>>(conn).map(Option::unwrap_or_default)
}
