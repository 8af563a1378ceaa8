//! Lists of tasks: the conditions, the order, and keyset paging, which costs the same on the last page as on the first.

use std::time::Duration;

use diesel::define_sql_function;
use diesel::dsl::{LeftJoin, LeftJoinQuerySource, count_star, exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Nullable, Text};
use jiff::tz::TimeZone;

use super::task::found;
use super::{Backend, Conn};
use crate::model::{Days, DueFilter, DueSpan, Id, SortKey, SortOrder, Status};
use crate::store::list::{KeyValue, Keyset, LAST_TEXT, ListFilter, PAGE_BYTES, Whose};
use crate::store::rows::{FoundTask, RankRow};
use crate::store::schema::{jobs, projects, reminders, tags, task_tags, tasks};
use crate::store::types::{Moment, RowDay};
use crate::time::{Instant, Range};

type Boxed<'a> = tasks::BoxedQuery<'a, Backend>;
type Named<'a> = LeftJoin<Boxed<'a>, projects::table>;
type Source = LeftJoinQuerySource<tasks::table, projects::table>;
type Condition = Box<dyn BoxableExpression<Source, Backend, SqlType = Bool>>;
/// A condition on the tasks alone.
type OnTasks = Box<dyn BoxableExpression<tasks::table, Backend, SqlType = Bool>>;

define_sql_function! {
    #[sql_name = "coalesce"]
    fn text_or(value: Nullable<Text>, otherwise: Text) -> Text;
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
    if let Some(after) = &keyset.after
        && let Some(condition) = seek(&keyset.order, after)
    {
        query = query.filter(condition);
    }
    for order in &keyset.order {
        query = ordered(query, *order);
    }
    query = query.limit(keyset.limit + 1);
    if keyset.offset > 0 {
        query = query.offset(keyset.offset);
    }
    query
}

/// How many tasks `filter` holds.
pub(crate) fn count(conn: &mut Conn, filter: &ListFilter) -> QueryResult<i64> {
    counted(filter).select(count_star()).first(conn)
}

fn counted(filter: &ListFilter) -> Boxed<'_> {
    let mut query = filtered(filter);
    if filter.status == Status::Open && filter.due.is_none() {
        // True of every task, and makes SQLite count in the index of open tasks instead of looking at each row.
        query = query.filter(tasks::due_key.ge(Instant::MIN));
    }
    query
}

/// How the database goes about a page of a list, and about counting it.
#[cfg(test)]
pub(crate) fn plans(conn: &mut Conn, filter: &ListFilter, keyset: &Keyset) -> QueryResult<[String; 2]> {
    let page = super::explain::plan(conn, page(filter, keyset).select(found()))?;
    Ok([page, super::explain::plan(conn, counted(filter).select(count_star()))?])
}

/// What ranking needs of the tasks that `filter` holds, by number, so many behind a number.
pub(crate) fn rank(conn: &mut Conn, filter: &ListFilter, after: i64, limit: i64) -> QueryResult<Vec<RankRow>> {
    let columns =
        (tasks::id, tasks::number, tasks::priority, tasks::due_at, tasks::due_on, tasks::created_at, tasks::project_id);
    let page = filtered(filter).filter(tasks::number.gt(after)).order(tasks::number).limit(limit);
    page.select(columns).load(conn)
}

/// The conditions, on the tasks alone: a count then needs no more than the index.
fn filtered(filter: &ListFilter) -> Boxed<'_> {
    let mut query = tasks::table.into_boxed();
    query = match &filter.whose {
        Whose::Own(owner) => query.filter(tasks::owner_id.eq(owner)),
        Whose::Others(user, projects) => {
            // Written so that no index by owner is thought of.
            query.filter(tasks::project_id.eq_any(projects)).filter(tasks::owner_id.ne(user))
        }
        Whose::Anybody => query,
    };
    // IS NULL, not a bound value, or the index over open tasks would not serve.
    query = match filter.status {
        Status::Open => query.filter(tasks::completed_at.is_null()),
        Status::Done => query.filter(tasks::completed_at.is_not_null()),
        Status::All => query,
    };
    if let Some(due) = &filter.due {
        query = by_due(query, due);
    }
    if let Some(range) = filter.completed {
        query = by_completed(query, range);
    }
    query = match filter.categories.as_slice() {
        [] => query,
        [one] => query.filter(tasks::category.eq(*one)),
        some => query.filter(tasks::category.eq_any(some)),
    };
    query = match filter.priorities.as_slice() {
        [] => query,
        [one] => query.filter(tasks::priority.eq(*one)),
        some => query.filter(tasks::priority.eq_any(some)),
    };
    query = match &filter.project {
        None => query,
        Some(None) => query.filter(tasks::project_id.is_null()),
        Some(Some(id)) => query.filter(tasks::project_id.eq(id)),
    };
    if let Some(parent) = filter.parent {
        query = query.filter(tasks::parent_id.eq(parent));
    }
    for word in &filter.search {
        query = query.filter(holds!(tasks::search_key, word));
    }
    if let Some((alone, beginning)) = &filter.title {
        let begins = tasks::search_key.like(beginning).escape('\\');
        query = query.filter(tasks::search_key.eq(alone).or(begins));
    }
    by_belongings(by_tags(query, filter), filter)
}

/// What is due on a date is compared as a day, whatever instant it ends at in the zone it was made in. The stretch of
/// `due_key` around both kinds is what an index can begin with, and which of it counts is seen in the index too.
fn by_due<'a>(mut query: Boxed<'a>, due: &DueFilter) -> Boxed<'a> {
    let DueSpan { at: Range { from, until }, on } = match due {
        DueFilter::Unset => return query.filter(tasks::due_key.eq(Instant::MAX)),
        DueFilter::Within(span) => *span,
    };
    let (first, last) = around(on);
    if let Some(first) = from.zip(first).map(|(from, first)| from.min(first)) {
        query = query.filter(tasks::due_key.ge(first));
    }
    let last = until.zip(last).map_or(Instant::MAX, |(until, last)| until.max(last));
    query = query.filter(tasks::due_key.lt(last));
    let mut timed: OnTasks = Box::new(tasks::due_on.is_null());
    if let Some(from) = from {
        timed = Box::new(timed.and(tasks::due_key.ge(from)));
    }
    if let Some(until) = until {
        timed = Box::new(timed.and(tasks::due_key.lt(until)));
    }
    let mut dated: OnTasks = Box::new(tasks::due_on.is_not_null());
    if let Some(day) = on.from {
        dated = Box::new(dated.and(tasks::due_on.assume_not_null().ge(RowDay(day))));
    }
    if let Some(day) = on.until {
        dated = Box::new(dated.and(tasks::due_on.assume_not_null().lt(RowDay(day))));
    }
    query.filter(timed.or(dated))
}

/// Between which instants these days end, whatever the zone: none is further from UTC than 26 hours.
fn around(days: Days) -> (Option<Instant>, Option<Instant>) {
    const FURTHEST: Duration = Duration::from_secs(26 * 60 * 60);
    let utc = |day| Instant::start_of(day, &TimeZone::UTC);
    (days.from.map(|day| utc(day).minus(FURTHEST)), days.until.map(|day| utc(day).plus(FURTHEST)))
}

fn by_completed(query: Boxed<'_>, Range { from, until }: Range) -> Boxed<'_> {
    let query = match from {
        Some(from) => query.filter(tasks::completed_at.ge(from)),
        None => query.filter(tasks::completed_at.is_not_null()),
    };
    match until {
        Some(until) => query.filter(tasks::completed_at.lt(until)),
        None => query,
    }
}

fn by_tags<'a>(mut query: Boxed<'a>, filter: &'a ListFilter) -> Boxed<'a> {
    query = match &filter.whose {
        Whose::Own(owner) => by_own_tags(query, *owner, filter),
        Whose::Others(..) | Whose::Anybody => by_anybodys_tags(query, filter),
    };
    if filter.untagged {
        query = query.filter(not(exists(task_tags::table.filter(task_tags::task_id.eq(tasks::id)))));
    }
    query
}

fn by_own_tags<'a>(mut query: Boxed<'a>, owner: Id, filter: &'a ListFilter) -> Boxed<'a> {
    let tagged = |key: &'a str| {
        let named = task_tags::table.inner_join(tags::table).filter(tags::owner_id.eq(owner));
        named.filter(tags::name_key.eq(key)).select(task_tags::task_id)
    };
    for key in &filter.tags {
        query = query.filter(tasks::id.eq_any(tagged(key)));
    }
    for key in &filter.without_tags {
        query = query.filter(not(tasks::id.eq_any(tagged(key))));
    }
    query
}

/// The same where tags are of many accounts, among which no index finds a name: each task's own are looked at.
fn by_anybodys_tags<'a>(mut query: Boxed<'a>, filter: &'a ListFilter) -> Boxed<'a> {
    let tagged = |key: &'a str| {
        let own = task_tags::table.inner_join(tags::table).filter(task_tags::task_id.eq(tasks::id));
        exists(own.filter(tags::name_key.eq(key)))
    };
    for key in &filter.tags {
        query = query.filter(tagged(key));
    }
    for key in &filter.without_tags {
        query = query.filter(not(tagged(key)));
    }
    query
}

fn by_belongings<'a>(mut query: Boxed<'a>, filter: &ListFilter) -> Boxed<'a> {
    let reminder = || {
        let own = reminders::table.filter(reminders::task_id.eq(tasks::id));
        exists(own.filter(reminders::next_trigger_at.is_not_null()))
    };
    let job = || exists(jobs::table.filter(jobs::task_id.eq(tasks::id.nullable())));
    query = match filter.has_reminder {
        None => query,
        Some(true) => query.filter(reminder()),
        Some(false) => query.filter(not(reminder())),
    };
    query = match filter.script {
        None => query,
        Some(true) => query.filter(job()),
        Some(false) => query.filter(not(job())),
    };
    match filter.blocked {
        None => query,
        Some(true) => query.filter(sql::<Bool>(WAITS)),
        Some(false) => query.filter(not(sql::<Bool>(WAITS))),
    }
}

/// Whether a task waits for another that is not done. In SQL of its own, since the same table is in it twice.
const WAITS: &str = "EXISTS (SELECT 1 FROM task_dependencies AS waits JOIN tasks AS before ON before.id = waits.depends_on_id \
    WHERE waits.task_id = tasks.id AND before.completed_at IS NULL)";

/// Runs `$then` with the column or expression that a sort key stands for.
macro_rules! with_key {
    ($key:expr, $column:ident => $then:expr) => {
        match $key {
            SortKey::Due => {
                let $column = tasks::due_key;
                $then
            }
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
            SortKey::Project => {
                let $column = text_or(projects::name_key.nullable(), LAST_TEXT);
                $then
            }
        }
    };
}

fn ordered(query: Named<'_>, order: SortOrder) -> Named<'_> {
    with_key!(order.key, column => if order.descending {
        query.then_order_by(column.desc())
    } else {
        query.then_order_by(column.asc())
    })
}

/// The rows behind the one with these values. Written `a >= x AND (a > x OR …)` and not `a > x OR (a = x AND …)`, which
/// no index can begin with.
fn seek(order: &[SortOrder], after: &[KeyValue]) -> Option<Condition> {
    let mut keys = order.iter().zip(after).rev();
    let (last, value) = keys.next()?;
    let mut condition = beyond(*last, value, Bound::Excluded);
    for (order, value) in keys {
        let strictly = beyond(*order, value, Bound::Excluded);
        condition = Box::new(beyond(*order, value, Bound::Included).and(strictly.or(condition)));
    }
    Some(condition)
}

/// Whether the row's own value counts as behind it.
#[derive(Clone, Copy)]
enum Bound {
    Included,
    Excluded,
}

/// The rows whose value of one key comes behind `value`.
fn beyond(order: SortOrder, value: &KeyValue, bound: Bound) -> Condition {
    macro_rules! compare {
        ($column:expr, $value:expr) => {
            match (order.descending, bound) {
                (false, Bound::Excluded) => Box::new($column.gt($value)),
                (false, Bound::Included) => Box::new($column.ge($value)),
                (true, Bound::Excluded) => Box::new($column.lt($value)),
                (true, Bound::Included) => Box::new($column.le($value)),
            }
        };
    }
    match (order.key, value) {
        (SortKey::Due, KeyValue::Time(at)) => compare!(tasks::due_key, *at),
        (SortKey::Created, KeyValue::Time(at)) => compare!(tasks::created_at, *at),
        (SortKey::Updated, KeyValue::Time(at)) => compare!(tasks::updated_at, *at),
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
