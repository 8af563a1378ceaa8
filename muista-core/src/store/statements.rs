//! How many statements a connection keeps prepared. diesel keeps each that it has met. Most are few and worth it, but a
//! list can be asked for in so many ways that a daemon would grow without end: beyond a number, all are let go.

use std::cell::Cell;

use diesel::Connection;
use diesel::connection::{CacheSize, InstrumentationEvent};

/// How many are kept at most, of some 20 kB each on SQLite. The daemon's own, lists aside, are about 200.
const MOST: usize = 512;

thread_local! {
    /// How many this lane's connection keeps.
    static KEPT: Cell<usize> = const { Cell::new(0) };
}

/// Counts what a new connection of this lane keeps.
pub(super) fn watch(conn: &mut impl Connection) {
    KEPT.set(0);
    conn.set_instrumentation(|event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::CacheQuery { .. }) {
            KEPT.set(KEPT.get() + 1);
        }
    });
}

/// Lets all go where there are too many. What is needed again is prepared again.
pub(super) fn trim(conn: &mut impl Connection) {
    if KEPT.get() <= MOST {
        return;
    }
    conn.set_prepared_statement_cache_size(CacheSize::Disabled);
    conn.set_prepared_statement_cache_size(CacheSize::Unbounded);
    KEPT.set(0);
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use diesel::connection::SimpleConnection as _;
    use diesel::prelude::*;

    use super::*;

    diesel::table! {
        numbers (id) {
            id -> Integer,
        }
    }

    /// Asks in the `n`th way.
    fn ask(conn: &mut SqliteConnection, n: usize) {
        let query = (0..n).fold(numbers::table.into_boxed(), |query, _| query.filter(numbers::id.ne(7)));
        assert_eq!(query.count().get_result::<i64>(conn).unwrap(), 0);
    }

    #[test]
    fn no_connection_keeps_statements_without_end() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        conn.batch_execute("CREATE TABLE numbers (id INTEGER PRIMARY KEY)").unwrap();
        watch(&mut conn);
        for n in 0..MOST {
            ask(&mut conn, n);
            ask(&mut conn, n);
            trim(&mut conn);
        }
        assert_eq!(KEPT.get(), MOST, "each is kept once");
        ask(&mut conn, MOST);
        trim(&mut conn);
        assert_eq!(KEPT.get(), 0);
        ask(&mut conn, 1);
        assert_eq!(KEPT.get(), 1, "it was let go, and is kept again");
    }
}
