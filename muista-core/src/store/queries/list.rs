//! Lists of tasks: the order, keyset paging, which costs the same on the last page as on the first, and counting. The
//! conditions are in `conditions`.

use diesel::define_sql_function;
use diesel::dsl::{AsExprOf, LeftJoin, LeftJoinQuerySource, count_star, sql};
use diesel::expression::{SqlLiteral, UncheckedBind};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

use super::conditions::{Boxed, filtered, with_date};
use super::ranking::RANKED;
use super::task::found;
use super::{Backend, Conn};
use crate::model::{DateField, SortKey, SortOrder, Status, fold};
use crate::store::list::{KeyValue, Keyset, LAST_TEXT, ListFilter, PAGE_BYTES};
use crate::store::rows::{FoundTask, RankRow};
use crate::store::schema::{projects, tasks};
use crate::store::types::Moment;
use crate::time::Instant;

type Named<'a> = LeftJoin<Boxed<'a>, projects::table>;
type Source = LeftJoinQuerySource<tasks::table, projects::table>;
type Condition = Box<dyn BoxableExpression<Source, Backend, SqlType = Bool>>;

define_sql_function! {
    #[sql_name = "coalesce"]
    fn text_or(value: Nullable<Text>, otherwise: Text) -> Text;
}

define_sql_function! {
    #[sql_name = "coalesce"]
    fn number_or(value: Nullable<BigInt>, otherwise: BigInt) -> BigInt;
}

define_sql_function! {
    #[sql_name = "coalesce"]
    fn moment_or(value: Nullable<Moment>, otherwise: Moment) -> Moment;
}

/// The tasks that `filter` holds, in order, from where `keyset` begins; one more than its limit where there are more, and
/// one more than fits into a page where they are large.
pub(crate) fn list(conn: &mut Conn, filter: &ListFilter, keyset: &Keyset) -> QueryResult<Vec<FoundTask>> {
    let (mut rows, mut bytes) = (Vec::new(), 0);
    for row in page(filter, keyset).select(found()).load_iter::<FoundTask, _>(conn)? {
        let row = row?;
        bytes += row.text();
        rows.push(row);
        if bytes > PAGE_BYTES {
            break;
        }
    }
    Ok(rows)
}

fn page<'a>(filter: &'a ListFilter, keyset: &Keyset) -> Named<'a> {
    let mut query = filtered(filter).left_join(projects::table);
    // Then all have an instant at which they were done, by which there is an index.
    let done = filter.status == Status::Done;
    if let Some(after) = &keyset.after
        && let Some(condition) = seek(&keyset.order, after, done)
    {
        query = query.filter(condition);
    }
    for order in &keyset.order {
        query = ordered(query, order, done);
    }
    query = query.limit(keyset.limit + 1);
    if keyset.offset > 0 {
        query = query.offset(keyset.offset);
    }
    query
}

/// How many tasks `filter` holds; of more than `most`, one more than that.
pub(crate) fn count(conn: &mut Conn, filter: &ListFilter, most: Option<i64>) -> QueryResult<i64> {
    match most {
        Some(most) => some(filter, most).get_result(conn),
        None => counted(filter).select(count_star()).first(conn),
    }
}

fn counted(filter: &ListFilter) -> Boxed<'_> {
    let mut query = filtered(filter);
    if filter.status == Status::Open && filter.due.is_none() {
        // True of every task, and makes SQLite count in the index of open tasks instead of looking at each row.
        query = query.filter(tasks::due_key.ge(Instant::MIN));
    }
    query
}

/// Counts the rows of a query that has a limit.
struct Counted<Q>(Q);

fn some(filter: &ListFilter, most: i64) -> Counted<impl QueryFragment<Backend>> {
    Counted(counted(filter).select(tasks::number).limit(most.saturating_add(1)))
}

impl<Q: QueryFragment<Backend>> QueryFragment<Backend> for Counted<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Backend>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS counted");
        Ok(())
    }
}

impl<Q> QueryId for Counted<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<Q> Query for Counted<Q> {
    type SqlType = BigInt;
}

impl<Q> RunQueryDsl<Conn> for Counted<Q> {}

/// How the database goes about a page of a list, a step a line.
pub(crate) fn plan(conn: &mut Conn, filter: &ListFilter, keyset: &Keyset) -> QueryResult<String> {
    super::explain::plan(conn, page(filter, keyset).select(found()))
}

/// How the database goes about a page of a list, and about counting it: all, and no more than a few.
#[cfg(test)]
pub(crate) fn plans(conn: &mut Conn, filter: &ListFilter, keyset: &Keyset) -> QueryResult<[String; 3]> {
    let page = plan(conn, filter, keyset)?;
    let all = super::explain::plan(conn, counted(filter).select(count_star()))?;
    Ok([page, all, super::explain::plan(conn, some(filter, 100))?])
}

/// What ranking needs of the tasks that `filter` holds, by number, so many behind a number.
pub(crate) fn rank(conn: &mut Conn, filter: &ListFilter, after: i64, limit: i64) -> QueryResult<Vec<RankRow>> {
    let page = filtered(filter).filter(tasks::number.gt(after)).order(tasks::number).limit(limit);
    page.select(RANKED).load(conn)
}

/// Runs `$then` with the column or expression that a sort key stands for.
macro_rules! with_key {
    ($key:expr, $done:expr, $column:ident => $then:expr) => {
        match $key {
            SortKey::Date(DateField::Due) => {
                let $column = tasks::due_key;
                $then
            }
            SortKey::Date(field) => with_date!(field, (at, _on) => {
                let $column = moment_or(at, Instant::MAX);
                $then
            }),
            SortKey::Priority => {
                let $column = tasks::priority;
                $then
            }
            SortKey::Created => {
                let $column = tasks::created_at;
                $then
            }
            SortKey::Updated => {
                let $column = tasks::updated_at;
                $then
            }
            SortKey::Completed if $done => {
                let $column = tasks::completed_at.assume_not_null();
                $then
            }
            SortKey::Completed => {
                let $column = moment_or(tasks::completed_at, Instant::MAX);
                $then
            }
            SortKey::Number => {
                let $column = tasks::number;
                $then
            }
            SortKey::Title => {
                let $column = tasks::search_key;
                $then
            }
            SortKey::Category => {
                let $column = tasks::category;
                $then
            }
            SortKey::Estimate => {
                let $column = number_or(tasks::estimate, i64::MAX);
                $then
            }
            SortKey::Position => {
                let $column = number_or(tasks::position, i64::MAX);
                $then
            }
            SortKey::Project => {
                let $column = text_or(projects::name_key.nullable(), LAST_TEXT);
                $then
            }
            SortKey::Field(name) => {
                let $column = own_key(name);
                $then
            }
        }
    };
}

/// By what tasks are sorted by a field of this name, whosever it is.
fn own_key(name: &str) -> SqlLiteral<Text, UncheckedBind<SqlLiteral<Text>, AsExprOf<String, Text>>> {
    let key = sql::<Text>(
        "COALESCE((SELECT own.sort_key FROM task_fields AS own JOIN fields AS field ON field.id = own.field_id \
         WHERE own.task_id = tasks.id AND field.name_key = ",
    );
    key.bind::<Text, _>(fold(name)).sql("), '\u{10FFFF}')")
}

fn ordered<'a>(query: Named<'a>, order: &SortOrder, done: bool) -> Named<'a> {
    with_key!(&order.key, done, column => if order.descending {
        query.then_order_by(column.desc())
    } else {
        query.then_order_by(column.asc())
    })
}

/// The rows behind the one with these values. Written `a >= x AND (a > x OR …)` and not `a > x OR (a = x AND …)`, which
/// no index can begin with.
fn seek(order: &[SortOrder], after: &[KeyValue], done: bool) -> Option<Condition> {
    let mut keys = order.iter().zip(after).rev();
    let (last, value) = keys.next()?;
    let mut condition = beyond(last, value, Edge::Excluded, done);
    for (order, value) in keys {
        let strictly = beyond(order, value, Edge::Excluded, done);
        condition = Box::new(beyond(order, value, Edge::Included, done).and(strictly.or(condition)));
    }
    Some(condition)
}

/// Whether the row's own value counts as behind it.
#[derive(Clone, Copy)]
enum Edge {
    Included,
    Excluded,
}

/// The rows whose value of one key comes behind `value`.
fn beyond(order: &SortOrder, value: &KeyValue, bound: Edge, done: bool) -> Condition {
    macro_rules! compare {
        ($column:expr, $value:expr) => {
            match (order.descending, bound) {
                (false, Edge::Excluded) => Box::new($column.gt($value)),
                (false, Edge::Included) => Box::new($column.ge($value)),
                (true, Edge::Excluded) => Box::new($column.lt($value)),
                (true, Edge::Included) => Box::new($column.le($value)),
            }
        };
    }
    match (&order.key, value) {
        (SortKey::Field(name), KeyValue::Text(key)) => compare!(own_key(name), key.clone()),
        (SortKey::Date(DateField::Due), KeyValue::Time(at)) => compare!(tasks::due_key, *at),
        (SortKey::Date(field), KeyValue::Time(at)) => {
            with_date!(field, (column, _on) => compare!(moment_or(column, Instant::MAX), *at))
        }
        (SortKey::Estimate, KeyValue::Number(n)) => compare!(number_or(tasks::estimate, i64::MAX), *n),
        (SortKey::Position, KeyValue::Number(n)) => compare!(number_or(tasks::position, i64::MAX), *n),
        (SortKey::Created, KeyValue::Time(at)) => compare!(tasks::created_at, *at),
        (SortKey::Updated, KeyValue::Time(at)) => compare!(tasks::updated_at, *at),
        (SortKey::Completed, KeyValue::Time(at)) if done => compare!(tasks::completed_at.assume_not_null(), *at),
        (SortKey::Completed, KeyValue::Time(at)) => compare!(moment_or(tasks::completed_at, Instant::MAX), *at),
        (SortKey::Number, KeyValue::Number(number)) => compare!(tasks::number, *number),
        (SortKey::Priority, KeyValue::Number(level)) => compare!(tasks::priority, i16::try_from(*level).unwrap_or(0)),
        (SortKey::Title, KeyValue::Text(key)) => compare!(tasks::search_key, key.clone()),
        (SortKey::Category, KeyValue::Text(name)) => compare!(tasks::category, name.clone()),
        (SortKey::Project, KeyValue::Text(key)) => {
            compare!(text_or(projects::name_key.nullable(), LAST_TEXT), key.clone())
        }
        // Reading a cursor refuses such a pair.
        _ => Box::new(tasks::number.lt(0)),
    }
}
