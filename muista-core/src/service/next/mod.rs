//! What to do next. A task's urgency is a sum, in the manner of Taskwarrior's: how soon it is due, how much it matters,
//! how old it is, whether it is in a project and tagged, and whether it waits for others or others wait for it.

mod explain;
mod first;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

pub use explain::explain;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::access::Access;
use super::task::assemble;
use super::{Caller, Service, task};
use crate::error::Result;
use crate::model::{
    Id, NextQuery, Page, Priority, RankedTask, Scope, Status, Task, TaskFilter, TaskPage, UrgencyPart, cursor,
};
use crate::store::list::{ListFilter, OwnerFilter, ReadAt};
use crate::store::rows::RankRow;
use crate::store::types::RowDay;
use crate::store::{self, Conn};
use crate::time::{self, Instant};

/// A task a week overdue or more; one due in two weeks or later has a fifth of it.
const DUE: f64 = 12.0;
const PRIORITY_HIGH: f64 = 6.0;
const PRIORITY_MEDIUM: f64 = 2.0;
/// A task a year old or more.
const AGE: f64 = 2.0;
const PROJECT: f64 = 1.0;
/// Three tags or more; one has 0.8 of it, two 0.9. This, priority and project are in the column `weight` of the tasks too.
const TAGS: f64 = 1.0;
/// Another open task waits for it.
const BLOCKING: f64 = 3.0;
/// It waits for another open task.
const BLOCKED: f64 = -5.0;

const DAY: f64 = 86_400e6;
/// How many tasks are read at a time.
const STEP: i64 = 5000;
const LIMIT_MAX: u32 = 500;

/// The open tasks with the highest urgency, the highest first; of equal ones the one with the smaller number.
pub async fn rank(service: &Service, caller: &Caller, query: NextQuery) -> Result<Vec<RankedTask>> {
    caller.require(Scope::TasksRead)?;
    let (user, now) = (caller.user, Now::of(service.now(), caller.timezone.as_deref()));
    let limit = usize::try_from(query.limit.clamp(1, LIMIT_MAX)).unwrap_or(1);
    let filter = TaskFilter { status: Status::Open, status_of_views: false, ..query.filter };
    let is_all = filter == TaskFilter::default();
    service
        .store
        .read(move |conn| {
            let filters = task::conditions(conn, user, filter, now.read())?;
            let waits = Waits::read(conn, user)?;
            let mut all = Vec::new();
            for filter in &filters {
                all.extend(match filter.owners {
                    OwnerFilter::Own(owner) if is_all => first::of_open(conn, owner, &waits, limit, now)?,
                    _ => of_all(conn, filter, &waits, limit, now)?,
                });
            }
            keep_first(&mut all, limit);
            whole(conn, user, &all)
        })
        .await
}

/// Where a page of the most urgent ended: how many were passed over. Between two pages tasks change places.
#[derive(Serialize, Deserialize)]
struct Passed {
    urgent: u32,
}

/// One page of the tasks that a filter holds, done ones too where it holds them, the most urgent first.
///
/// # Errors
/// `NotFound` for a cursor of another list.
pub(super) async fn page(service: &Service, caller: &Caller, filter: TaskFilter, page: Page) -> Result<TaskPage> {
    let (user, now) = (caller.user, Now::of(service.now(), caller.timezone.as_deref()));
    let passed = match &page.cursor {
        Some(cursor) => cursor::read::<Passed>(cursor)?.urgent,
        None => page.offset,
    };
    let (begin, limit) = (passed as usize, page.limit.clamp(1, Page::MAX) as usize);
    let work = move |conn: &mut Conn| {
        let filters = task::conditions(conn, user, filter, now.read())?;
        let waits = Waits::read(conn, user)?;
        let mut all = Vec::new();
        for filter in &filters {
            all.extend(of_all(conn, filter, &waits, begin.saturating_add(limit).saturating_add(1), now)?);
        }
        keep_first(&mut all, usize::MAX);
        let more = all.len() > begin.saturating_add(limit);
        let ids: Vec<Id> = all.iter().skip(begin).take(limit).map(|candidate| candidate.id).collect();
        let total = match page.total {
            true => Some(filters.iter().map(|filter| store::task::count(conn, filter, None)).sum::<Result<i64>>()?),
            false => None,
        };
        let items = assemble::by_ids(conn, user, &ids)?;
        let urgent = passed.saturating_add(u32::try_from(ids.len()).unwrap_or(u32::MAX));
        let next_cursor = more.then(|| cursor::write(&Passed { urgent })).transpose()?;
        Ok(TaskPage { items, next_cursor, total })
    };
    service.store.read(work).await
}

/// The time it is, and what the reader's clock shows.
#[derive(Clone, Copy)]
struct Now {
    at: Instant,
    local: DateTime,
}

impl Now {
    fn of(at: Instant, zone: Option<&str>) -> Self {
        let zone = zone.and_then(|name| time::zone(name).ok()).unwrap_or(TimeZone::UTC);
        Self { at, local: at.civil_in(&zone) }
    }

    /// Returns the time by which waiting tasks are passed over.
    fn read(self) -> ReadAt {
        ReadAt { at: self.at, day: self.local.date() }
    }

    /// What its age adds to a task's urgency.
    fn age_part(self, created: Instant) -> f64 {
        AGE * (days(created, self.at) / 365.0).clamp(0.0, 1.0)
    }

    /// How many days ago a task was due, or had to be done. A date ends with the reader's day, however many hours that has.
    fn days_since(self, on: Option<RowDay>, at: Option<Instant>) -> Option<f64> {
        match (on, at) {
            (Some(RowDay(day)), _) => Some(days_between(day, self.local)),
            (None, at) => at.map(|at| days(at, self.at)),
        }
    }
}

/// How many days `local` is behind the last second of a day.
fn days_between(day: Date, local: DateTime) -> f64 {
    let end = day.to_datetime(Time::constant(23, 59, 59, 0));
    local.duration_since(end).as_secs_f64() / 86_400.0
}

/// Which open tasks wait for another open one, and which are waited for.
struct Waits {
    blocked: HashSet<Id>,
    blocking: HashSet<Id>,
}

impl Waits {
    fn read(conn: &mut Conn, user: Id) -> Result<Self> {
        let seen = Access::of(user).scope(conn)?;
        let pairs = store::dependency::of_open(conn, &seen)?;
        let before: HashSet<Id> = pairs.iter().map(|(_, before)| *before).collect();
        let before: Vec<Id> = before.into_iter().collect();
        let blocking: HashSet<Id> = store::task::open_among(conn, &before)?.into_iter().collect();
        let blocked = pairs.into_iter().filter(|(_, before)| blocking.contains(before)).map(|(task, _)| task).collect();
        Ok(Self { blocked, blocking })
    }
}

/// A task with its urgency.
#[derive(Debug, Clone)]
struct Candidate {
    id: Id,
    number: i64,
    urgency: f64,
    why: [(&'static str, f64); 7],
}

/// The first `limit` of all that a filter holds. All are read, a part at a time.
fn of_all(conn: &mut Conn, filter: &ListFilter, waits: &Waits, limit: usize, now: Now) -> Result<Vec<Candidate>> {
    let mut kept: Vec<Candidate> = Vec::new();
    let mut after = 0;
    loop {
        let rows = store::task::rank(conn, filter, after, STEP)?;
        let Some(last) = rows.last() else { return Ok(kept) };
        after = last.number;
        kept.extend(rows.iter().map(|row| Candidate::of(row, waits, now)));
        keep_first(&mut kept, limit);
    }
}

/// Sorts candidates, the most urgent first, of equal ones the one with the smaller number, and keeps so many.
fn keep_first(candidates: &mut Vec<Candidate>, limit: usize) {
    candidates.sort_unstable_by(|a, b| b.urgency.total_cmp(&a.urgency).then(a.number.cmp(&b.number)));
    candidates.truncate(limit);
}

impl Candidate {
    fn of(row: &RankRow, waits: &Waits, now: Now) -> Self {
        let points = |days: Option<f64>| hundredths(days.map_or(0.0, |days| DUE * due_share(days)));
        let due = points(now.days_since(row.due_on, row.due_at));
        let deadline = points(now.days_since(row.deadline_on, row.deadline_at));
        // The deadline weighs as a due does, where it is nearer.
        let due = if deadline > due { ("deadline", deadline) } else { ("due", due) };
        let (priority, project, tags) =
            (priority_part(row.priority), project_part(row.project_id.is_some()), tags_part(row.tag_count));
        let blocking = if waits.blocking.contains(&row.id) { BLOCKING } else { 0.0 };
        let blocked = if waits.blocked.contains(&row.id) { BLOCKED } else { 0.0 };
        let parts = [("priority", priority), ("age", now.age_part(row.created_at)), ("project", project)];
        let [priority, age, project] = parts.map(|(name, value)| (name, hundredths(value)));
        let why =
            [due, priority, age, project, ("blocking", blocking), ("blocked", blocked), ("tags", hundredths(tags))];
        let urgency = hundredths(why.iter().map(|(_, value)| value).sum());
        Self { id: row.id, number: row.number, urgency, why }
    }
}

fn days(from: Instant, to: Instant) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "urgency needs no microseconds")]
    let micros = to.as_micros().saturating_sub(from.as_micros()) as f64;
    micros / DAY
}

/// How much of the due part counts, `overdue` days after it: 0.2 until two weeks before, 1 from a week after.
fn due_share(overdue: f64) -> f64 {
    ((overdue + 14.0) * 0.8 / 21.0 + 0.2).clamp(0.2, 1.0)
}

/// The candidates with their tasks.
fn whole(conn: &mut Conn, user: Id, candidates: &[Candidate]) -> Result<Vec<RankedTask>> {
    let ids: Vec<Id> = candidates.iter().map(|candidate| candidate.id).collect();
    let ranked = |task: Task| {
        let candidate = candidates.iter().find(|candidate| candidate.id == task.id)?;
        Some(RankedTask { urgency: candidate.urgency, task, why: parts(candidate) })
    };
    Ok(assemble::by_ids(conn, user, &ids)?.into_iter().filter_map(ranked).collect())
}

/// The parts of a candidate's urgency, the weightiest first.
fn parts(candidate: &Candidate) -> Vec<UrgencyPart> {
    let mut why: Vec<UrgencyPart> = candidate.why.iter().copied().map(part).collect();
    why.retain(|part| part.value != 0.0);
    why.sort_by(|a, b| b.value.abs().total_cmp(&a.value.abs()));
    why
}

fn priority_part(level: i16) -> f64 {
    match Priority::of_level(level) {
        Priority::High => PRIORITY_HIGH,
        Priority::Medium => PRIORITY_MEDIUM,
        Priority::Low => 0.0,
    }
}

fn project_part(is_in_one: bool) -> f64 {
    if is_in_one { PROJECT } else { 0.0 }
}

fn tags_part(count: i16) -> f64 {
    let share = match count {
        0 => 0.0,
        1 => 0.8,
        2 => 0.9,
        _ => 1.0,
    };
    TAGS * share
}

fn part((name, value): (&'static str, f64)) -> UrgencyPart {
    UrgencyPart { name: name.to_owned(), value }
}

/// To the hundredth, so that what is shown adds up.
fn hundredths(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}
