//! The conditions on lists of tasks. What an index is to begin with is said where the database cannot know
//! ([`crate::store::list::Lead`]).

use std::time::Duration;

use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use jiff::tz::TimeZone;

use super::super::text::{by_words, plain};
use super::terms::{has_text, holds};
use super::{Backend, Conn};
use crate::model::{Days, DueFilter, DueSpan, Status};
use crate::store::list::{InProject, Lead, ListFilter, OwnerFilter, ReadAt};
use crate::store::schema::{jobs, reminders, tags, task_tags, tasks};
use crate::store::types::RowDay;
use crate::time::{Instant, Range};

/// How far a day's beginning or end may be from that in UTC, whatever the zone, and a little more.
const FURTHEST: Duration = Duration::from_secs(26 * 60 * 60);

pub(super) type Boxed<'a> = tasks::BoxedQuery<'a, Backend>;
/// A condition on the tasks alone.
pub(in crate::store) type OnTasks = Box<dyn BoxableExpression<tasks::table, Backend, SqlType = Bool>>;

/// Finds out what to begin with to find the tasks that `filter` holds.
pub(crate) fn lead(conn: &mut Conn, filter: &ListFilter) -> QueryResult<Lead> {
    super::super::text::lead(conn, filter)
}

/// Adds a condition on a column, which an index may begin with where `$indexed` says so.
macro_rules! on {
    ($query:expr, $indexed:expr, $column:expr, |$name:ident| $condition:expr) => {
        if $indexed {
            let $name = $column;
            $query.filter($condition)
        } else {
            let $name = plain($column);
            $query.filter($condition)
        }
    };
}

/// The conditions, on the tasks alone: a count then needs no more than the index.
pub(super) fn filtered(filter: &ListFilter) -> Boxed<'_> {
    // What leads is the index to begin with, and no other. What waits has one by its start alone, in which there is little.
    let waiting = filter.status == Status::Waiting;
    let free = filter.lead == Lead::Order && !waiting;
    let mut query = tasks::table.into_boxed();
    query = match &filter.owners {
        // All of a project is the owner's, or nearly so.
        OwnerFilter::Own(owner) => {
            let narrower = matches!(filter.project, Some(InProject::Any(_))) || filter.parent.is_some();
            on!(query, free && !narrower, tasks::owner_id, |owner_id| owner_id.eq(owner))
        }
        OwnerFilter::Others(user, projects) => {
            // Written so that no index by owner is thought of.
            query.filter(tasks::project_id.eq_any(projects)).filter(tasks::owner_id.ne(user))
        }
        OwnerFilter::Anybody => query,
    };
    // IS NULL, not a bound value, or the index over open tasks would not serve.
    query = match filter.status {
        Status::Open => query.filter(tasks::completed_at.is_null()).filter(started(filter.now)),
        Status::Waiting => {
            let open = query.filter(tasks::completed_at.is_null()).filter(tasks::start_at.is_not_null());
            let later = tasks::start_at.assume_not_null().gt(filter.now.at.minus(FURTHEST));
            open.filter(later).filter(not(started(filter.now)))
        }
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
        [one] => on!(query, free, tasks::category, |category| category.eq(*one)),
        // Several stretches of an index would have to be sorted.
        some => query.filter(plain(tasks::category).eq_any(some)),
    };
    query = match filter.priorities.as_slice() {
        [] => query,
        [one] => on!(query, free, tasks::priority, |priority| priority.eq(*one)),
        some => query.filter(plain(tasks::priority).eq_any(some)),
    };
    query = match &filter.project {
        None => query,
        Some(InProject::None) => query.filter(tasks::project_id.is_null()),
        Some(InProject::Any(ids)) => match ids.as_slice() {
            [id] => on!(query, free, tasks::project_id, |project_id| project_id.eq(id)),
            ids => on!(query, filter.lead == Lead::Projects, tasks::project_id, |project_id| project_id.eq_any(ids)),
        },
    };
    if let Some(parent) = filter.parent {
        query = on!(query, free, tasks::parent_id, |parent_id| parent_id.eq(parent));
    }
    query = by_belongings(by_tags(by_texts(query, filter), filter), filter);
    filter.terms.iter().fold(query, |query, term| query.filter(holds(term, filter)))
}

fn by_texts<'a>(mut query: Boxed<'a>, filter: &'a ListFilter) -> Boxed<'a> {
    query = by_words(query, filter);
    for word in &filter.search {
        query = query.filter(has_text(word));
    }
    if let Some((alone, beginning)) = &filter.title {
        let begins = tasks::search_key.like(beginning).escape('\\');
        query = query.filter(tasks::search_key.eq(alone).or(begins));
    }
    query
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
    query.filter(due_within(DueSpan { at: Range { from, until }, on }))
}

/// Whether a task does not wait: it has no start, or one that has come. It is never unknown.
pub(super) fn started(ReadAt { at, day }: ReadAt) -> OnTasks {
    let timed = tasks::start_on.is_null().and(tasks::start_at.assume_not_null().le(at));
    let dated = tasks::start_on.is_not_null().and(tasks::start_on.assume_not_null().le(RowDay(day)));
    Box::new(tasks::start_at.is_null().or(timed).or(dated))
}

/// Runs `$then` with the columns of one of a task's dates: of the instant and of the day.
macro_rules! with_date {
    ($field:expr, ($at:ident, $on:ident) => $then:expr) => {
        match $field {
            DateField::Due => {
                let ($at, $on) = (tasks::due_at, tasks::due_on);
                $then
            }
            DateField::Start => {
                let ($at, $on) = (tasks::start_at, tasks::start_on);
                $then
            }
            DateField::Deadline => {
                let ($at, $on) = (tasks::deadline_at, tasks::deadline_on);
                $then
            }
        }
    };
}
pub(super) use with_date;

/// Whether a date of a task, of which the instant and the day are given, is in a span.
macro_rules! date_within {
    ($at:expr, $on:expr, $span:expr) => {{
        let DueSpan { at: Range { from, until }, on } = $span;
        let mut timed: OnTasks = Box::new($on.is_null().and($at.is_not_null()));
        if let Some(from) = from {
            timed = Box::new(timed.and($at.assume_not_null().ge(from)));
        }
        if let Some(until) = until {
            timed = Box::new(timed.and($at.assume_not_null().lt(until)));
        }
        let mut dated: OnTasks = Box::new($on.is_not_null());
        if let Some(day) = on.from {
            dated = Box::new(dated.and($on.assume_not_null().ge(RowDay(day))));
        }
        if let Some(day) = on.until {
            dated = Box::new(dated.and($on.assume_not_null().lt(RowDay(day))));
        }
        let within: OnTasks = Box::new(timed.or(dated));
        within
    }};
}
pub(super) use date_within;

/// Whether a task is due in a span, which an index does not find by itself.
pub(super) fn due_within(DueSpan { at: Range { from, until }, on }: DueSpan) -> OnTasks {
    let mut timed: OnTasks = Box::new(tasks::due_on.is_null().and(tasks::due_key.lt(Instant::MAX)));
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
    Box::new(timed.or(dated))
}

/// Between which instants these days end, whatever the zone: none is further from UTC than 26 hours.
fn around(days: Days) -> (Option<Instant>, Option<Instant>) {
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
    query = match &filter.owners {
        OwnerFilter::Own(_) => by_own_tags(query, filter),
        OwnerFilter::Others(..) | OwnerFilter::Anybody => by_anybodys_tags(query, filter),
    };
    if filter.untagged {
        query = query.filter(not(exists(task_tags::table.filter(task_tags::task_id.eq(tasks::id)))));
    }
    query
}

fn by_own_tags<'a>(mut query: Boxed<'a>, filter: &'a ListFilter) -> Boxed<'a> {
    let carries = |key: &str| {
        let own = task_tags::table.filter(task_tags::task_id.eq(tasks::id));
        exists(own.filter(task_tags::tag_id.eq(filter.own_tag(key))))
    };
    for (place, key) in filter.tags.iter().enumerate() {
        query = if filter.lead == Lead::Tag(place) {
            query.filter(tasks::id.eq_any(tagged(filter, key).select(task_tags::task_id)))
        } else {
            query.filter(carries(key))
        };
    }
    for key in &filter.without_tags {
        query = query.filter(not(carries(key)));
    }
    query
}

/// What has one of the account's own tags.
pub(in crate::store) fn tagged<'a>(filter: &ListFilter, key: &str) -> task_tags::BoxedQuery<'a, Backend> {
    task_tags::table.filter(task_tags::tag_id.eq(filter.own_tag(key))).into_boxed()
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
pub(super) const WAITS: &str = "EXISTS (SELECT 1 FROM task_dependencies AS waits JOIN tasks AS before ON before.id = waits.depends_on_id \
    WHERE waits.task_id = tasks.id AND before.completed_at IS NULL)";
