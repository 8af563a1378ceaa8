//! `get_agenda`: what a day or another span of time holds, in one call.

use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::task::{self, PageCursor};
use super::{Call, Effect, Entry, Outcome, entry};
use crate::error::{Error, Result};
use crate::mcp::schema::{Kind, output};
use crate::mcp::{RequestContext, answer};
use crate::model::{DueFilter, Job, JobQuery, Page, Reminder, ReminderQuery, Scope, SortOrder, TaskFilter};
use crate::time::{Context, Instant, Range, range};

/// How many of each kind are told.
const TASKS: u32 = 25;
/// How many tasks without a due are told.
const UNDATED: u32 = 5;

// What `get_agenda` is asked.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
pub(in crate::mcp) struct Args {
    /// The span: today (default), tomorrow, friday, week, a date, or A..B.
    #[serde(default)]
    day: Option<String>,
}

pub(super) fn get() -> Entry {
    entry(
        (
            "get_agenda",
            "Agenda",
            "What is overdue, due, reminded of and scheduled in a day or another span, and what matters most without a \
             due. Start here to plan. `now` is the user's time; `more`: list_tasks for the rest.",
        ),
        Scope::TasksRead,
        Effect::Reads,
        output(
            &[("now", Kind::Text), ("timezone", Kind::Text)],
            &[
                ("overdue", Kind::Objects),
                ("due", Kind::Objects),
                ("undated", Kind::Objects),
                ("reminders", Kind::Objects),
                ("jobs", Kind::Objects),
                ("total", Kind::Object),
                ("more", Kind::Object),
                ("leftOut", Kind::Object),
            ],
        ),
        |call: Call, args: Args| async move { of(&call.context, args.day.as_deref()).await.map(Outcome::Json) },
    )
}

/// Returns what a span of time holds; today where none is named.
///
/// # Errors
/// `Invalid` for what is no span of time.
pub(in crate::mcp) async fn of(context: &RequestContext, day: Option<&str>) -> Result<Value> {
    let time = &context.time;
    let span = range(day.unwrap_or("today"), time).map_err(|error| Error::from(error).of_field("day"))?;
    let tasks = |due| {
        let filter = TaskFilter { due: Some(due), ..TaskFilter::default() };
        context.client.list_tasks(filter, Page { limit: TASKS, total: true, ..Page::default() })
    };
    let overdue = tasks(DueFilter::overdue(time));
    // What is overdue already stands there, also where it is of this span.
    let due = tasks(DueFilter::within(to_come(span, time), time));
    let undated = TaskFilter { due: Some(DueFilter::Unset), ..TaskFilter::default() };
    // By priority and age, not by urgency: that would have to look at every open task.
    let sort = SortOrder::read_list("-priority,number")?;
    let undated = context.client.list_tasks(undated, Page { limit: UNDATED, sort, ..Page::default() });
    let (overdue, due, undated, reminders, jobs) =
        futures::try_join!(overdue, due, undated, reminders(context, span), jobs(context, span))?;
    let zone = &time.zone;
    let mut agenda = json!({
        "now": time.now.whole_second().rfc3339_in(zone).to_string(),
        "timezone": zone.iana_name().unwrap_or("UTC"),
        "overdue": task::to_tool_json(context, &overdue.items).await?,
        "due": task::to_tool_json(context, &due.items).await?,
        "undated": task::to_tool_json(context, &undated.items).await?,
        "reminders": answer::to_tool_json(&reminders.first, zone, answer::OF_REMINDERS)?,
        "jobs": answer::to_tool_json(&jobs.first, zone, answer::OF_JOBS)?,
    });
    let counts = [
        ("overdue", overdue.total.unwrap_or_default()),
        ("due", due.total.unwrap_or_default()),
        ("reminders", reminders.total),
        ("jobs", jobs.total),
    ];
    if counts.iter().any(|(_, count)| *count > i64::from(TASKS)) {
        agenda["total"] = counts.iter().map(|(name, count)| ((*name).to_owned(), json!(count))).collect();
    }
    let mut more = Map::new();
    let kinds =
        [("overdue", overdue.next_cursor, "overdue".to_owned()), ("due", due.next_cursor, day_words(span, time))];
    for (kind, cursor, due) in kinds {
        if let Some(cursor) = cursor {
            let cursor = PageCursor { passed: TASKS, cursor: Some(cursor) }.write();
            more.insert(kind.to_owned(), json!({"due": due, "cursor": cursor}));
        }
    }
    agenda["more"] = Value::Object(more);
    if let Value::Object(map) = &mut agenda {
        map.retain(|_, value| !value.as_object().is_some_and(Map::is_empty));
        map.retain(|_, value| !value.as_array().is_some_and(Vec::is_empty));
    }
    Ok(agenda)
}

/// Returns the part of a span that is not over yet.
fn to_come(span: Range, time: &Context) -> Range {
    let now = time.now.whole_second();
    let from = span.from.map_or(now, |from| from.max(now));
    Range { from: Some(from), until: span.until.map(|until| until.max(from)) }
}

/// That part as a range that list_tasks takes.
fn day_words(span: Range, time: &Context) -> String {
    let Range { from, until } = to_come(span, time);
    let words = |at: Option<Instant>| at.map(|at| at.rfc3339_in(&time.zone).to_string()).unwrap_or_default();
    format!("{}..{}", words(from), words(until))
}

/// The first of what is in a span, and how many there are in all.
struct Within<T> {
    first: Vec<T>,
    total: i64,
}

impl<T> Default for Within<T> {
    fn default() -> Self {
        Self { first: Vec::new(), total: 0 }
    }
}

impl<T> Within<T> {
    fn add(&mut self, item: T) {
        self.total += 1;
        if self.first.len() < TASKS as usize {
            self.first.push(item);
        }
    }
}

async fn reminders(context: &RequestContext, span: Range) -> Result<Within<Reminder>> {
    let mut within = Within::default();
    let mut cursor = None;
    loop {
        let page = context.client.list_reminders(ReminderQuery { cursor, ..ReminderQuery::default() }).await?;
        for reminder in page.items {
            let Some(at) = reminder.next_trigger_at else { continue };
            // They come by time.
            if span.until.is_some_and(|until| until <= at) {
                return Ok(within);
            }
            if span.contains(at) {
                within.add(reminder);
            }
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(within);
        }
    }
}

/// Returns the jobs that run then, the next first, for who may see jobs.
async fn jobs(context: &RequestContext, span: Range) -> Result<Within<Job>> {
    if !context.scopes.has(Scope::JobsRead) {
        return Ok(Within::default());
    }
    let mut jobs = Vec::new();
    let mut cursor = None;
    loop {
        // They come by name.
        let page = context.client.list_jobs(JobQuery { cursor, ..JobQuery::default() }).await?;
        jobs.extend(page.items.into_iter().filter(|job| job.next_run_at.is_some_and(|at| span.contains(at))));
        cursor = page.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    jobs.sort_by_key(|job| job.next_run_at);
    let mut within = Within::default();
    jobs.into_iter().for_each(|job| within.add(job));
    Ok(within)
}
