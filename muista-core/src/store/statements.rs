//! Which statements a connection keeps prepared, and how many. diesel keeps each that it has met, but for updates and lists
//! of rows, which might be of any shape: [`update`] is for those that are not. Most statements are few and worth it, but a list can be asked for in so many ways that a daemon would grow without end: beyond a number, all are let go.

use std::cell::Cell;

use diesel::backend::Backend;
use diesel::connection::{CacheSize, InstrumentationEvent};
use diesel::expression::AppearsOnTable;
use diesel::query_builder::{AsChangeset, AstPass, QueryFragment, QueryId};
use diesel::sql_types::BoolOrNullableBool;
use diesel::{Connection, QueryResult, RunQueryDsl, Table};

/// How many are kept at most, of some 20 kB each on SQLite. The daemon's own, lists aside, are about 200.
const MOST: usize = 512;

thread_local! {
    /// How many this worker's connection keeps.
    static KEPT: Cell<usize> = const { Cell::new(0) };
}

/// Counts what a new connection of this worker keeps.
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

/// An update of rows of which something is true, whose statement is kept prepared. diesel keeps none, since what it updates
/// may be of any shape; here the text must depend on nothing but the types: fixed columns, or a row that writes none as null.
pub(super) fn update<T, S, P>(table: T, only: P, set: S) -> Update<T::FromClause, S::Changeset, P>
where
    T: Table,
    S: AsChangeset<Target = T>,
    P: AppearsOnTable<T>,
    P::SqlType: BoolOrNullableBool,
{
    Update { table: table.from_clause(), set: set.as_changeset(), only }
}

/// What [`update`] makes: `UPDATE table SET set WHERE only`.
pub(super) struct Update<T, S, P> {
    table: T,
    set: S,
    only: P,
}

impl<DB: Backend, T: QueryFragment<DB>, S: QueryFragment<DB>, P: QueryFragment<DB>> QueryFragment<DB>
    for Update<T, S, P>
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE ");
        self.table.walk_ast(out.reborrow())?;
        out.push_sql(" SET ");
        self.set.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        self.only.walk_ast(out)
    }
}

/// None: it is found by its text, as `among!` is no more than a type.
impl<T, S, P> QueryId for Update<T, S, P> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T, S, P, Conn> RunQueryDsl<Conn> for Update<T, S, P> {}

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

    fn connection() -> SqliteConnection {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        conn.batch_execute("CREATE TABLE numbers (id INTEGER PRIMARY KEY)").unwrap();
        watch(&mut conn);
        conn
    }

    #[test]
    fn updates_are_kept() {
        let mut conn = connection();
        diesel::insert_into(numbers::table).values(numbers::id.eq(1)).execute(&mut conn).unwrap();
        assert_eq!(KEPT.get(), 1);
        let diesels = diesel::update(numbers::table.find(1)).set(numbers::id.eq(2)).execute(&mut conn);
        assert_eq!((diesels, KEPT.get()), (Ok(1), 1), "diesel keeps none");
        for id in 2..5 {
            let updated = update(numbers::table, numbers::id.eq(id), numbers::id.eq(id + 1)).execute(&mut conn);
            assert_eq!((updated, KEPT.get()), (Ok(1), 2));
        }
        assert_eq!(numbers::table.select(numbers::id).load(&mut conn), Ok(vec![5]));
    }

    #[test]
    fn no_connection_keeps_statements_without_end() {
        let mut conn = connection();
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
