//! Lists of tasks: the conditions on all that one sees, and the page that is asked for. The SQL is the store's.

use std::collections::HashMap;

use super::assemble;
use crate::error::{Error, Result};
use crate::model::{
    Condition, DateCondition, Id, Page, Query, QueryCost, Scope, TaskFilter, TaskPage, fold, fold_text,
};
use crate::service::access::Access;
use crate::service::{Caller, Service, field, next, view};
use crate::store::list::{Keyset, ListFilter, OwnKeys, PAGE_BYTES, ReadAt, Test};
use crate::store::rows::FoundTask;
use crate::store::{self, Conn};

/// One page of the tasks that `filter` holds.
pub async fn list(service: &Service, caller: &Caller, filter: TaskFilter, page: Page) -> Result<TaskPage> {
    caller.require(Scope::TasksRead)?;
    if page.by_urgency {
        return next::page(service, caller, filter, page).await;
    }
    let (user, now) = (caller.user, ReadAt::of(service.now(), caller.timezone.as_deref()));
    let keyset = Keyset::new(&page)?;
    let searches = filter.searches();
    let work = move |conn: &mut Conn| {
        field::query::refuse_unknown_order(conn, user, &page)?;
        let filters = conditions(conn, user, filter, now)?;
        one_page(conn, &filters, &keyset, Total::of(&page))
    };
    if searches { service.store.search(work).await } else { service.store.read(work).await }
}

/// Says what the first page of the tasks that `filter` holds costs.
pub async fn explain(service: &Service, caller: &Caller, filter: TaskFilter) -> Result<QueryCost> {
    caller.require(Scope::TasksRead)?;
    let (user, now) = (caller.user, ReadAt::of(service.now(), caller.timezone.as_deref()));
    let keyset = Keyset::new(&Page { limit: EXPLAINED, ..Page::default() })?;
    let work = move |conn: &mut Conn| {
        let begin = std::time::Instant::now();
        let filters = conditions(conn, user, filter, now)?;
        one_page(conn, &filters, &keyset, Total::None)?;
        let micros = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        let (mut matching, mut plan) = (0, Vec::new());
        for filter in &filters {
            matching += store::task::count(conn, filter, None)?;
            plan.extend(store::task::plan(conn, filter, &keyset)?.lines().map(str::to_owned));
        }
        Ok(QueryCost { matching, micros, plan })
    };
    service.store.search(work).await
}

/// How many tasks a page holds that is timed.
const EXPLAINED: u32 = 50;

/// Whether all that match are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Total {
    /// They are not.
    None,
    /// They are, as far as there are no more than this, if it is said.
    Of(Option<i64>),
}

impl Total {
    /// What a page asks for.
    pub(crate) fn of(page: &Page) -> Self {
        if page.total { Self::Of(page.total_most.map(i64::from)) } else { Self::None }
    }
}

/// One page of the tasks that any of `filters` holds; counts them all as well where that is wanted.
pub(crate) fn one_page(conn: &mut Conn, filters: &[ListFilter], keyset: &Keyset, total: Total) -> Result<TaskPage> {
    let rows = match filters {
        [one] => store::task::list(conn, one, keyset)?,
        several => {
            let whole = keyset.whole();
            let lists: Vec<Vec<FoundTask>> =
                several.iter().map(|filter| store::task::list(conn, filter, &whole)).collect::<Result<_>>()?;
            let own = own_keys(conn, keyset, lists.iter().flatten().map(|found| found.row.id))?;
            keyset.merge(lists, &own)
        }
    };
    let (rows, more) = cut(rows, usize::try_from(keyset.limit).unwrap_or(usize::MAX));
    let total = match total {
        Total::None => None,
        // The first page, and nothing behind it: that is all.
        Total::Of(_) if !more && keyset.after.is_none() && keyset.offset == 0 => i64::try_from(rows.len()).ok(),
        Total::Of(most) => {
            let counts = filters.iter().map(|filter| store::task::count(conn, filter, most));
            let all = counts.sum::<Result<i64>>()?;
            Some(most.map_or(all, |most| all.min(most.saturating_add(1))))
        }
    };
    let items = assemble::hydrate(conn, rows)?;
    let next_cursor = match items.last().filter(|_| more) {
        Some(last) => Some(keyset.cursor(last, &own_keys(conn, keyset, std::iter::once(last.id))?)?),
        None => None,
    };
    Ok(TaskPage { items, next_cursor, total })
}

/// By what these tasks are sorted where that is an own field; else nothing is looked at.
fn own_keys(conn: &mut Conn, keyset: &Keyset, tasks: impl Iterator<Item = Id>) -> Result<OwnKeys> {
    let names = keyset.own_fields();
    let mut keys = OwnKeys::new();
    if names.is_empty() {
        return Ok(keys);
    }
    let tasks: Vec<Id> = tasks.collect();
    for name in names {
        let of_field = store::field::sort_keys(conn, &tasks, &name)?;
        keys.extend(of_field.into_iter().map(|(task, key)| ((name.clone(), task), key)));
    }
    Ok(keys)
}

/// The conditions of a filter, with its parent and its project found, on all that `user` sees: on its own tasks, and
/// apart from that, where there are any, on those that others share. No task is in both.
pub(crate) fn conditions(conn: &mut Conn, user: Id, filter: TaskFilter, now: ReadAt) -> Result<Vec<ListFilter>> {
    let filter = view::expand(conn, user, filter)?;
    filter.check()?;
    let mut access = Access::of(user);
    let parent = match &filter.parent {
        Some(parent) => assemble::resolve_existing(conn, user, std::slice::from_ref(parent))?.pop(),
        None => None,
    };
    let project = filter.project.as_ref().map(|project| access.in_project(conn, project)).transpose()?;
    let owners = access.whose_in(conn, project.as_ref())?;
    let terms = terms(conn, &mut access, user, filter.terms.clone())?;
    let own_tags = own_tags(conn, user, &filter, &terms)?;
    let filters = owners.into_iter().map(|owners| {
        let (own_tags, terms) = (own_tags.clone(), terms.clone());
        let new = ListFilter::new(owners, filter.clone(), project.clone(), parent);
        let filter = ListFilter { own_tags, terms, now, ..new };
        Ok(ListFilter { lead: store::task::lead(conn, &filter)?, ..filter })
    });
    filters.collect()
}

/// The account's own tags among those that a filter names.
fn own_tags(conn: &mut Conn, user: Id, filter: &TaskFilter, terms: &[Query<Test>]) -> Result<HashMap<String, Id>> {
    let mut keys: Vec<String> = filter.tags.iter().chain(&filter.without_tags).map(|name| fold(name)).collect();
    for term in terms {
        term.each(&mut |test| {
            if let Test::Tags(more) = test {
                keys.extend(more.iter().cloned());
            }
        });
    }
    let tags = store::tag::find(conn, user, &keys)?;
    Ok(tags.into_iter().map(|tag| (tag.name_key, tag.id)).collect())
}

/// The terms of a filter, with what they name found.
fn terms(conn: &mut Conn, access: &mut Access, user: Id, terms: Vec<Query>) -> Result<Vec<Query<Test>>> {
    let mut known = field::query::Known::default();
    let mut resolve = |condition| match condition {
        Condition::Field(asked) => known.test(conn, user, &asked),
        condition => test(conn, access, user, condition),
    };
    terms.into_iter().map(|term| term.try_map(&mut resolve)).collect()
}

fn test(conn: &mut Conn, access: &mut Access, user: Id, condition: Condition) -> Result<Query<Test>> {
    Ok(Query::Is(match condition {
        Condition::Status(status) => Test::Status(status),
        Condition::Unfinished => Test::Unfinished,
        Condition::Waiting => Test::Waiting,
        Condition::Date(DateCondition { field, when }) => Test::Date(field, when),
        Condition::Estimate(from, until) => Test::Estimate(from, until),
        Condition::Created(span) => Test::Created(span),
        Condition::Updated(span) => Test::Updated(span),
        Condition::Completed(span) => Test::Completed(span),
        Condition::Number(from, until) => Test::Number(from, until),
        Condition::Categories(some) => Test::Categories(some.iter().map(|category| category.as_str()).collect()),
        Condition::Priorities(some) => Test::Priorities(some.iter().map(|priority| priority.level()).collect()),
        Condition::Tags(names) => Test::Tags(names.iter().map(|name| fold(name)).collect()),
        Condition::Parents(parents) => Test::Parents(assemble::resolve_existing(conn, user, &parents)?),
        Condition::Text(text) => Test::Text(fold_text(&text)),
        Condition::Has(belonging) => Test::Has(belonging),
        Condition::Field(asked) => return Err(Error::internal(format!("the field {} was not looked up", asked.name))),
        Condition::View(view) => return Err(Error::internal(format!("the view {} was not expanded", view.name))),
        Condition::Projects(some) => {
            let each = some.iter().map(|project| Ok(Query::Is(Test::Project(access.in_project(conn, project)?))));
            return Ok(Query::Any(each.collect::<Result<_>>()?));
        }
    }))
}

/// At most `limit` rows, fewer where their texts are long, and whether there are more.
fn cut(mut rows: Vec<FoundTask>, limit: usize) -> (Vec<FoundTask>, bool) {
    let mut bytes = 0;
    let within = |found: &&FoundTask| {
        bytes += found.text();
        bytes <= PAGE_BYTES
    };
    let fits = rows.iter().take(limit).take_while(within).count().max(1);
    let more = rows.len() > fits;
    rows.truncate(fits);
    (rows, more)
}
