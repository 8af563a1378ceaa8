//! What a list of tasks begins with: the words' trigrams, a tag, or the order. SQLite knows neither how frequent a word is
//! nor how frequent a tag is, so it is looked up, as far as it matters.

use diesel::expression::{AppearsOnTable, Expression, IntoSql as _, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Integer, Text};
use diesel::sqlite::Sqlite;

use super::Conn;
use super::queries::conditions::tagged;
use crate::store::list::{InProject, Lead, ListFilter, OwnerFilter};
use crate::store::schema::tasks;

/// How many tasks are few: to look at each of them, and sort those that are wanted, takes about as long as to meet a page
/// of any that are more among a million in order.
const FEW: i64 = 5000;

/// The most trigrams that are looked for: what they find is compared with the words anyway.
const TRIGRAMS: usize = 64;

/// Finds out what to begin with: the first that finds but a few tasks.
pub(crate) fn lead(conn: &mut Conn, filter: &ListFilter) -> QueryResult<Lead> {
    // A row behind the last of few is one too many.
    if let Some(trigrams) = trigrams(filter) {
        let sql = format!("SELECT 1 AS one FROM tasks_text WHERE tasks_text MATCH ? LIMIT 1 OFFSET {FEW}");
        if diesel::sql_query(sql).bind::<Text, _>(trigrams).load::<One>(conn)?.is_empty() {
            return Ok(Lead::Text);
        }
    }
    if matches!(filter.owners, OwnerFilter::Own(_)) {
        for (place, key) in filter.tags.iter().enumerate() {
            let one = tagged(filter, key).select(1.into_sql::<Integer>());
            if one.offset(FEW).first::<i32>(conn).optional()?.is_none() {
                return Ok(Lead::Tag(place));
            }
        }
    }
    if let Some(InProject::Any(ids)) = &filter.project
        && ids.len() > 1
    {
        let some = tasks::table.filter(tasks::project_id.eq_any(ids)).select(1.into_sql::<Integer>());
        if some.offset(FEW).first::<i32>(conn).optional()?.is_none() {
            return Ok(Lead::Projects);
        }
    }
    Ok(Lead::Order)
}

/// Leaves the tasks among which the index finds the words, where it leads.
pub(crate) fn by_words<'a>(
    query: tasks::BoxedQuery<'a, Sqlite>,
    filter: &'a ListFilter,
) -> tasks::BoxedQuery<'a, Sqlite> {
    match trigrams(filter) {
        Some(trigrams) if filter.lead == Lead::Text => query.filter(Found(trigrams)),
        _ => query,
    }
}

/// Whether a task is among those that the index finds, or waits to be in it.
struct Found(String);

impl QueryFragment<Sqlite> for Found {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("tasks.number IN (SELECT rowid FROM tasks_text WHERE tasks_text MATCH ");
        out.push_bind_param::<Text, String>(&self.0)?;
        out.push_sql(" UNION ALL SELECT number FROM tasks_text_pending)");
        Ok(())
    }
}

/// None: it is found by its text.
impl QueryId for Found {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Expression for Found {
    type SqlType = Bool;
}

impl ValidGrouping<()> for Found {
    type IsAggregate = is_aggregate::No;
}

impl AppearsOnTable<tasks::table> for Found {}

/// A row that is only there or not.
#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = Integer)]
    #[expect(dead_code, reason = "that there is one is all")]
    one: i32,
}

/// The question for all trigrams that the words are made of; none where they are too short to have any.
fn trigrams(filter: &ListFilter) -> Option<String> {
    let all = filter.words().flat_map(|word| {
        let word: Vec<char> = word.chars().collect();
        let last = word.len().checked_sub(3);
        let places = (0..last.map_or(0, |last| last)).step_by(3).chain(last);
        places.map(|at| word.iter().skip(at).take(3).collect::<String>().replace('"', "\"\"")).collect::<Vec<_>>()
    });
    let all: Vec<String> = all.take(TRIGRAMS).map(|trigram| format!("\"{trigram}\"")).collect();
    (!all.is_empty()).then(|| all.join(" AND "))
}

/// A column that no index is to begin with: SQLite's `+column`.
pub(crate) fn plain<C>(column: C) -> Plain<C> {
    Plain(column)
}

/// What [`plain`] makes.
#[derive(Debug, Clone, Copy, QueryId, ValidGrouping)]
pub(crate) struct Plain<C>(C);

impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Plain<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("+");
        self.0.walk_ast(out)
    }
}

impl<C: Expression> Expression for Plain<C> {
    type SqlType = C::SqlType;
}

impl<C: AppearsOnTable<S>, S> AppearsOnTable<S> for Plain<C> {}
impl<C: SelectableExpression<S>, S> SelectableExpression<S> for Plain<C> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Id, TaskFilter};

    fn of(words: &[&str]) -> Option<String> {
        let search = words.iter().map(ToString::to_string).collect();
        let filter = TaskFilter { search, ..TaskFilter::default() };
        trigrams(&ListFilter::new(OwnerFilter::Own(Id::LOCAL_USER), filter, None, None))
    }

    #[test]
    fn words_are_cut_into_trigrams_that_cover_them() {
        assert_eq!(of(&["ab", "", "ä"]), None);
        assert_eq!(of(&["abc"]).as_deref(), Some("\"abc\""));
        assert_eq!(of(&["ÄBCD", "x"]).as_deref(), Some("\"äbc\" AND \"bcd\""));
        assert_eq!(of(&["a\"b cdef", "xyz"]).as_deref(), Some("\"a\"\"b\" AND \" cd\" AND \"def\" AND \"xyz\""));
        assert_eq!(of(&["abcdefg"]).as_deref(), Some("\"abc\" AND \"def\" AND \"efg\""));
    }
}
