//! How PostgreSQL comes to a list's tasks by their words: by the index of trigrams, where there is one. It knows itself how
//! frequent words and tags are, and what to begin with.

use diesel::dsl::sql;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::Conn;
use super::queries::conditions::OnTasks;
use crate::store::list::{Lead, ListFilter, literal};
use crate::store::schema::tasks;

/// How many characters of a word the index is asked for. LIKE, by which it compares what it finds, takes a time that
/// grows with the product of text and pattern.
const BEGINNING: usize = 16;

/// The order: the server finds out by itself.
#[expect(clippy::unnecessary_wraps, reason = "its twin asks the database")]
pub(crate) fn lead(_: &mut Conn, _: &ListFilter) -> QueryResult<Lead> {
    Ok(Lead::Order)
}

/// Adds what the index of trigrams finds for the words.
pub(crate) fn by_words<'a>(mut query: tasks::BoxedQuery<'a, Pg>, filter: &'a ListFilter) -> tasks::BoxedQuery<'a, Pg> {
    for word in filter.words().filter(|word| word.chars().nth(2).is_some()) {
        let beginning: String = word.chars().take(BEGINNING).collect();
        let pattern = format!("%{}%", literal(&beginning));
        query = query.filter(tasks::search_key.like(pattern.clone()).or(commented(pattern)));
    }
    // A statement that is kept is planned for any value; these are so different that each is planned for its own.
    let depends = filter.words().next().is_some() || !filter.tags.is_empty() || filter.project.is_some();
    if depends { query.filter(sql::<Bool>("TRUE")) } else { query }
}

/// Whether a task has a comment that is like a pattern. They are found once, as an array: with a subquery the server would
/// not think of any index of tasks.
fn commented(pattern: String) -> OnTasks {
    let them = "tasks.id = ANY (ARRAY(SELECT comments.task_id FROM comments WHERE comments.search_key LIKE ";
    Box::new(sql::<Bool>(them).bind::<Text, _>(pattern).sql("))"))
}

/// A column as it is.
pub(crate) fn plain<C>(column: C) -> C {
    column
}
