//! What the database says of how it goes about a query, with the query's own values bound.

use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};

use super::super::plan::{EXPLAIN, Step, Steps, words};
use super::{Backend, Conn};

/// A query that is explained, and not run.
struct Explained<Q>(Q);

impl<Q: QueryFragment<Backend>> QueryFragment<Backend> for Explained<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.unsafe_to_cache_prepared();
        out.push_sql(EXPLAIN);
        self.0.walk_ast(out)
    }
}

impl<Q> QueryId for Explained<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Explained<Q> {
    type SqlType = Steps;
}

impl<Q> RunQueryDsl<Conn> for Explained<Q> {}

/// Returns the plan of a query, a step a line.
pub(super) fn plan(conn: &mut Conn, query: impl QueryFragment<Backend>) -> QueryResult<String> {
    let steps: Vec<Step> = Explained(query).load(conn)?;
    Ok(steps.into_iter().map(words).collect::<Vec<_>>().join("\n"))
}
