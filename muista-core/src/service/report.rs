//! Reports on what the caller sees: each is counted or read anew, in one read of the database. Days are those of the
//! reader's zone.

use std::collections::{BTreeMap, HashMap};

use jiff::Span;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::task::assemble;
use super::{Caller, Service, project, task};
use crate::error::{Error, Result};
use crate::model::{
    Burndown, BurndownDay, Calendar, CalendarDay, CalendarTask, Category, Condition, DateField, DueFilter, Id, Page,
    Priority, ProjectFilter, Query, ReportQuery, Scope, Share, Stats, Status, Task, TaskFilter, TimeEntry, Timesheet,
    TimesheetRow, WorkTime,
};
use crate::store::list::{Keyset, ReadAt};
use crate::store::{Conn, time_entry};
use crate::time::{self, Context, Instant, Range, range};

/// The most tasks of a calendar.
const TASKS_MAX: usize = 2000;
/// The most stretches of work of a timesheet.
const STRETCHES_MAX: i64 = 20_000;
/// The most projects that are looked at for those of a query.
const PROJECTS_LOOKED_AT: usize = 200;
/// The most projects of the statistics.
const PROJECTS_MAX: usize = 20;

/// What a report is read against.
#[derive(Clone)]
struct Reader {
    user: Id,
    context: Context,
}

impl Reader {
    fn new(service: &Service, caller: &Caller, query: &ReportQuery) -> Result<Self> {
        caller.require(Scope::TasksRead)?;
        let days = query.from.until(query.to).map_or(0, |span| span.get_days()) + 1;
        if !(1..=ReportQuery::DAYS_MAX).contains(&days) {
            return Err(Error::invalid("days", format!("a report of {days} days cannot be made"))
                .hint(format!("choose 1 to {} days", ReportQuery::DAYS_MAX)));
        }
        let zone = time::zone(&query.timezone)?;
        Ok(Self { user: caller.user, context: Context { now: service.now(), zone, date_order: None } })
    }

    /// Returns the time by which waiting tasks are passed over.
    fn now(&self) -> ReadAt {
        ReadAt { at: self.context.now, day: self.context.today() }
    }

    fn zone(&self) -> &TimeZone {
        &self.context.zone
    }

    /// Returns the instants of these days.
    fn days(&self, from: Date, to: Date) -> Range {
        Range { from: Some(Instant::start_of(from, self.zone())), until: Some(Instant::start_after(to, self.zone())) }
    }

    /// Counts the tasks of a filter with another status and one condition more.
    fn count(&self, conn: &mut Conn, base: &TaskFilter, status: Status, more: Option<Condition>) -> Result<i64> {
        let mut filter = TaskFilter { status, status_of_views: false, ..base.clone() };
        filter.terms.extend(said_status(base).into_iter().chain(more).map(Query::Is));
        let filters = task::conditions(conn, self.user, filter, self.now())?;
        filters.iter().map(|filter| crate::store::task::count(conn, filter, None)).sum()
    }
}

/// Returns the condition that a query says beside that tasks are open, which reports take for granted.
fn said_status(filter: &TaskFilter) -> Option<Condition> {
    match filter.status {
        Status::Done | Status::Waiting => Some(Condition::Status(filter.status)),
        Status::Open | Status::All => None,
    }
}

/// Returns the open tasks that are due on each day.
///
/// # Errors
/// `Invalid` for too many days, and for a filter that cannot be.
pub async fn calendar(service: &Service, caller: &Caller, query: ReportQuery) -> Result<Calendar> {
    let reader = Reader::new(service, caller, &query)?;
    service.store.read(move |conn| due_days(conn, &reader, query)).await
}

fn due_days(conn: &mut Conn, reader: &Reader, query: ReportQuery) -> Result<Calendar> {
    let ReportQuery { filter, from, to, .. } = query;
    let span = DueFilter::within(reader.days(from, to), &reader.context);
    // What waits by then is open on its day.
    let said = said_status(&filter).unwrap_or(Condition::Unfinished);
    let mut filter = TaskFilter { status: Status::All, status_of_views: false, ..filter };
    filter.terms.push(Query::Is(said));
    match &filter.due {
        None => filter.due = Some(span),
        Some(_) => filter.terms.push(Query::Is(Condition::date(DateField::Due, span))),
    }
    let filters = task::conditions(conn, reader.user, filter, reader.now())?;
    let (mut days, mut found): (BTreeMap<Date, Vec<CalendarTask>>, usize) = (BTreeMap::new(), 0);
    let mut page = Page { limit: Page::MAX, ..Page::default() };
    let more = loop {
        let part = task::one_page(conn, &filters, &Keyset::new(&page)?, task::Total::None)?;
        found += part.items.len();
        for task in part.items {
            let Some(day) = task.due_day(reader.zone()) else { continue };
            let due_at = task.due_date.filter(|_| task.due_on.is_none());
            let task = CalendarTask { id: task.id, number: task.number, title: task.title, due_at };
            days.entry(day).or_default().push(task);
        }
        page.cursor = part.next_cursor;
        if page.cursor.is_none() || found >= TASKS_MAX {
            break page.cursor.is_some();
        }
    };
    let days = days.into_iter().map(|(date, tasks)| CalendarDay { date, tasks }).collect();
    Ok(Calendar { from, to, days, more })
}

/// Returns how many tasks there are of which kind.
///
/// # Errors
/// `Invalid` for a filter that cannot be.
pub async fn stats(service: &Service, caller: &Caller, query: ReportQuery) -> Result<Stats> {
    let reader = Reader::new(service, caller, &query)?;
    let mut projects = match caller.require(Scope::ProjectsRead) {
        Ok(()) => project::list(service, caller).await?,
        Err(_) => Vec::new(),
    };
    projects.sort_by_key(|project| std::cmp::Reverse(project.open));
    projects.truncate(if query.filter == TaskFilter::default() { PROJECTS_MAX } else { PROJECTS_LOOKED_AT });
    let named = projects.into_iter().map(|project| (project.name, project.id)).collect::<Vec<_>>();
    service.store.read(move |conn| counted(conn, &reader, &query.filter, &named)).await
}

fn counted(conn: &mut Conn, reader: &Reader, base: &TaskFilter, projects: &[(String, Id)]) -> Result<Stats> {
    let today = reader.context.today();
    let week_ago = today.checked_sub(Span::new().days(6)).unwrap_or(today);
    let last_week = reader.days(week_ago, today);
    let this_week = DueFilter::within(range("week", &reader.context)?, &reader.context);
    let on_today = DueFilter::within(reader.days(today, today), &reader.context);
    let due = |when| Condition::date(DateField::Due, when);
    let mut open = |more: Option<Condition>| reader.count(conn, base, Status::Open, more);
    let mut share = |name: &str, more: Condition| Ok(Share { name: name.to_owned(), open: open(Some(more))? });
    let by_priority =
        |priority: &Priority| share(&priority.as_str().to_lowercase(), Condition::Priorities(vec![*priority]));
    let mut priorities: Vec<Share> = Priority::ALL.iter().map(by_priority).collect::<Result<_>>()?;
    priorities.reverse();
    let by_category = |category: &Category| share(category.as_str(), Condition::Categories(vec![*category]));
    let mut categories: Vec<Share> = Category::ALL.iter().map(by_category).collect::<Result<_>>()?;
    let by_project =
        |(name, id): &(String, Id)| share(name, Condition::Projects(vec![ProjectFilter::Exactly((*id).into())]));
    let mut projects: Vec<Share> = projects.iter().map(by_project).collect::<Result<_>>()?;
    for shares in [&mut categories, &mut projects] {
        shares.retain(|share| share.open > 0);
        shares.sort_by_key(|share| std::cmp::Reverse(share.open));
    }
    projects.truncate(PROJECTS_MAX);
    Ok(Stats {
        open: open(None)?,
        overdue: open(Some(due(DueFilter::overdue(&reader.context))))?,
        due_today: open(Some(due(on_today)))?,
        due_week: open(Some(due(this_week)))?,
        without_due: open(Some(due(DueFilter::Unset)))?,
        created_7_days: reader.count(conn, base, Status::All, Some(Condition::Created(last_week)))?,
        completed_7_days: reader.count(conn, base, Status::Done, Some(Condition::Completed(last_week)))?,
        completed: reader.count(conn, base, Status::Done, None)?,
        priorities,
        categories,
        projects,
    })
}

/// Returns how many tasks were open at the end of each day, with those that wait: when they began is not looked at.
///
/// # Errors
/// `Invalid` for too many days, and for a filter that cannot be.
pub async fn burndown(service: &Service, caller: &Caller, query: ReportQuery) -> Result<Burndown> {
    let reader = Reader::new(service, caller, &query)?;
    service.store.read(move |conn| open_by_day(conn, &reader, &query)).await
}

/// Goes back from what is open now, a day at a time.
fn open_by_day(conn: &mut Conn, reader: &Reader, query: &ReportQuery) -> Result<Burndown> {
    let base = &query.filter;
    let mut open = reader.count(conn, base, Status::All, Some(Condition::Unfinished))?;
    let today = reader.context.today();
    let mut days = Vec::new();
    let mut day = today.max(query.to);
    while day >= query.from {
        let span = reader.days(day, day);
        let created = reader.count(conn, base, Status::All, Some(Condition::Created(span)))?;
        let completed = reader.count(conn, base, Status::Done, Some(Condition::Completed(span)))?;
        if day <= query.to {
            days.push(BurndownDay { date: day, open, created, completed });
        }
        open += completed - created;
        let Ok(before) = day.yesterday() else { break };
        day = before;
    }
    days.reverse();
    Ok(Burndown { days })
}

/// Returns how long the caller worked on which task on which day, of the tasks that it still sees. The filter is left
/// aside.
///
/// # Errors
/// `Invalid` for too many days.
pub async fn timesheet(service: &Service, caller: &Caller, query: ReportQuery) -> Result<Timesheet> {
    let reader = Reader::new(service, caller, &query)?;
    service.store.read(move |conn| work_by_day(conn, &reader, &query)).await
}

fn work_by_day(conn: &mut Conn, reader: &Reader, query: &ReportQuery) -> Result<Timesheet> {
    let (from, to) = (query.from, query.to);
    let span = reader.days(from, to);
    let (begin, end) = (span.from.unwrap_or(Instant::MIN), span.until.unwrap_or(Instant::MAX));
    let mut rows = time_entry::between(conn, reader.user, begin, end, STRETCHES_MAX + 1)?;
    let most = usize::try_from(STRETCHES_MAX).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    let entries: Vec<TimeEntry> = rows.into_iter().map(TimeEntry::from).collect();
    let mut seconds: BTreeMap<(Date, Id), u64> = BTreeMap::new();
    for entry in &entries {
        let until = entry.ended_at.unwrap_or(reader.context.now).min(end);
        let mut at = entry.began_at.max(begin);
        while at < until {
            let day = at.date_in(reader.zone());
            let next = Instant::start_after(day, reader.zone()).min(until);
            *seconds.entry((day, entry.task_id)).or_default() += next.since(at).as_secs();
            if next <= at {
                break;
            }
            at = next;
        }
    }
    let mut ids: Vec<Id> = entries.iter().map(|entry| entry.task_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let tasks = assemble::by_ids(conn, reader.user, &ids)?;
    let tasks: HashMap<Id, Task> = tasks.into_iter().map(|task| (task.id, task)).collect();
    let mut rows: Vec<TimesheetRow> = seconds
        .into_iter()
        .filter_map(|((date, id), seconds)| {
            let task = tasks.get(&id)?;
            let spent = WorkTime::of_seconds(i64::try_from(seconds).unwrap_or(i64::MAX));
            let (title, project) = (task.title.clone(), task.project.clone());
            Some(TimesheetRow { date, id, number: task.number, title, project, spent })
        })
        .collect();
    rows.sort_by_key(|row| (row.date, row.number));
    let total = WorkTime::of_seconds(rows.iter().map(|row| row.spent.seconds()).sum());
    Ok(Timesheet { from, to, rows, total, more })
}
