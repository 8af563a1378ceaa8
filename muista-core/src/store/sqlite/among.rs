//! [`Among`]: `column IN (?, ?, …)` as a statement that SQLite prepares once. Diesel prepares its own lists anew each
//! time, since each length is another statement; these have one of few lengths.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::Bool;
use diesel::sqlite::Sqlite;

use crate::model::Id;
use crate::store::types::Uid;

/// The lengths that lists have. What is left over is filled up with the last id, which finds nothing more.
const LENGTHS: [usize; 5] = [1, 4, 16, 64, 512];

/// Whether a column's value is among some ids.
pub(crate) struct Among<'a, C> {
    column: C,
    ids: &'a [Id],
}

impl<'a, C> Among<'a, C> {
    /// Whether `column` is among `ids`.
    pub(crate) fn new(column: C, ids: &'a [Id]) -> Self {
        Self { column, ids }
    }
}

impl<C> QueryFragment<Sqlite> for Among<'_, C>
where
    C: QueryFragment<Sqlite>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        let Some(last) = self.ids.last() else {
            out.push_sql("1 = 0");
            return Ok(());
        };
        let known = self.ids.len();
        let length = LENGTHS.into_iter().find(|length| *length >= known).unwrap_or(known);
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        for (place, id) in self.ids.iter().chain(std::iter::repeat_n(last, length - known)).enumerate() {
            if place > 0 {
                out.push_sql(",");
            }
            out.push_bind_param::<Uid, Id>(id)?;
        }
        out.push_sql(")");
        Ok(())
    }
}

/// None that a type could stand for: the statement depends on the length.
impl<C> QueryId for Among<'_, C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: Expression> Expression for Among<'_, C> {
    type SqlType = Bool;
}

impl<C: ValidGrouping<G>, G> ValidGrouping<G> for Among<'_, C> {
    type IsAggregate = C::IsAggregate;
}

impl<C: AppearsOnTable<S>, S> AppearsOnTable<S> for Among<'_, C> {}
impl<C: SelectableExpression<S>, S> SelectableExpression<S> for Among<'_, C> {}
