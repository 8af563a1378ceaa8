//! `list_tasks` and `get_task`, and what the other tools of tasks share. What the arguments mean is `input`'s.

use std::collections::{BTreeSet, HashMap};

use futures::future::try_join_all;
use rmcp::schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Call, Effect, Entry, entry, page};
use crate::error::{Error, ErrorKind, Result};
use crate::input::{TaskListing, TaskQuery};
use crate::mcp::named::{Name, Several, Titles, task};
use crate::mcp::schema::{Kind, names, output};
use crate::mcp::{Seat, answer};
use crate::model::{Category, Id, NextQuery, Page, Priority, RankedTask, Scope, Status, Task, TaskFilter, TaskRef};

pub(super) fn category(_: &mut SchemaGenerator) -> Schema {
    names(Category::ALL.iter().map(|category| category.as_str()))
}

pub(super) fn priority(_: &mut SchemaGenerator) -> Schema {
    names(Priority::ALL.iter().map(|priority| priority.as_str()))
}

fn categories(generator: &mut SchemaGenerator) -> Schema {
    rmcp::schemars::json_schema!({"type": "array", "items": category(generator)})
}

fn priorities(generator: &mut SchemaGenerator) -> Schema {
    rmcp::schemars::json_schema!({"type": "array", "items": priority(generator)})
}

fn statuses(_: &mut SchemaGenerator) -> Schema {
    names(["open", "done", "all"])
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct List {
    /// Default open; with `completed` done.
    #[serde(default)]
    #[schemars(schema_with = "statuses")]
    status: Option<String>,
    /// Due then: overdue, today, tomorrow, week, upcoming, none, a date or A..B.
    #[serde(default)]
    due: Option<String>,
    /// Done then: today, week, a date or A..B.
    #[serde(default)]
    completed: Option<String>,
    /// Text in the title, description or note.
    #[serde(default)]
    search: Option<String>,
    /// Project's name, or none.
    #[serde(default)]
    project: Option<String>,
    /// With all of these tags.
    #[serde(default)]
    tags: Several<String>,
    /// In any of these.
    #[serde(default)]
    #[schemars(schema_with = "categories")]
    category: Several<String>,
    /// With any of these.
    #[serde(default)]
    #[schemars(schema_with = "priorities")]
    priority: Several<String>,
    /// Whether they wait for another open task.
    #[serde(default)]
    blocked: Option<bool>,
    /// urgency, or keys with commas: due, priority, created, updated, completed, title; -key descends.
    #[serde(default)]
    sort: Option<String>,
    /// 20 if left out.
    #[serde(default, deserialize_with = "crate::model::maybe_whole")]
    #[schemars(range(min = 1, max = 100))]
    limit: Option<u32>,
    /// A nextCursor.
    #[serde(default)]
    cursor: Option<String>,
}

pub(super) fn list() -> Entry {
    entry(
        (
            "list_tasks",
            "Tasks",
            "Tasks that meet all conditions, the earliest due first. `total` counts all that match.",
        ),
        Scope::TasksRead,
        Effect::Reads,
        output(&[("tasks", Kind::Objects)], &[("total", Kind::Number), ("nextCursor", Kind::Text)]),
        |call: Call, args: List| async move {
            page(args.limit, |limit| {
                let args = args.clone();
                one_page(&call.seat, args, limit)
            })
            .await
        },
    )
}

async fn one_page(seat: &Seat, args: List, limit: u32) -> Result<Value> {
    let ranked = args.sort.as_deref().is_some_and(|sort| sort.trim().eq_ignore_ascii_case("urgency"));
    let (total, place) = (args.cursor.is_none(), Place::read(args.cursor.as_deref())?);
    let blocked = args.blocked;
    let query = TaskQuery {
        status: args.status.as_deref().map(str::parse::<Status>).transpose()?,
        due: args.due,
        completed: args.completed,
        category: each("category", &args.category)?,
        priority: each("priority", &args.priority)?,
        project: args.project,
        tag: args.tags.0,
        search: args.search.into_iter().collect(),
        sort: args.sort.filter(|_| !ranked),
        limit: Some(limit),
        // Counted once: who goes on knows already.
        total,
        cursor: place.cursor,
        ..TaskQuery::default()
    };
    let TaskListing { filter, page } = query.read(Status::Open, &seat.context)?;
    let filter = TaskFilter { blocked, ..filter };
    if ranked {
        return most_urgent(seat, filter, limit).await;
    }
    // Passed over only where there is no cursor.
    let page = seat.client.list_tasks(filter, Page { offset: place.passed, ..page }).await?;
    let passed = place.passed.saturating_add(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
    let tasks = facts(seat, &page.items).await?;
    let next = page.next_cursor.map(|cursor| Place { passed, cursor: Some(cursor) }.write());
    let mut facts = answer::paged("tasks", tasks, next);
    if let Some(total) = page.total {
        facts["total"] = json!(total);
    }
    Ok(facts)
}

/// The most urgent tasks, with what makes them so.
async fn most_urgent(seat: &Seat, filter: TaskFilter, limit: u32) -> Result<Value> {
    let ranked = seat.client.next_tasks(NextQuery { filter, limit }).await?;
    let tasks: Vec<Task> = ranked.iter().map(|ranked| ranked.task.clone()).collect();
    let mut facts = facts(seat, &tasks).await?;
    for (fact, RankedTask { urgency, why, .. }) in facts.as_array_mut().into_iter().flatten().zip(&ranked) {
        let why: Vec<String> = why.iter().map(|part| format!("{} {}", part.name, part.value)).collect();
        fact["urgency"] = json!(urgency);
        fact["why"] = json!(why.join(", "));
    }
    Ok(json!({"tasks": facts}))
}

/// The facts of tasks in a list; what they wait for is told by number.
pub(super) async fn facts(seat: &Seat, tasks: &[Task]) -> Result<Value> {
    let mut facts = answer::facts(&tasks, &seat.context.zone, answer::OF_TASKS)?;
    let before: BTreeSet<Id> = tasks.iter().flat_map(|task| task.depends_on.iter().copied()).collect();
    if before.is_empty() {
        return Ok(facts);
    }
    let known: HashMap<Id, i64> = tasks.iter().map(|task| (task.id, task.number)).collect();
    let found = try_join_all(before.into_iter().take(NUMBERED).map(async |id| match known.get(&id) {
        Some(number) => Ok(Some((id, *number))),
        None => match seat.client.get_task(TaskRef::Id(id)).await {
            Ok(detail) => Ok(Some((id, detail.task.number))),
            // Somebody else's, in a project that is not shared.
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        },
    }));
    let numbers: HashMap<Id, i64> = found.await?.into_iter().flatten().collect();
    for (fact, task) in facts.as_array_mut().into_iter().flatten().zip(tasks) {
        if !task.depends_on.is_empty() {
            fact["dependsOn"] = task.depends_on.iter().filter_map(|id| numbers.get(id).copied()).collect();
        }
    }
    Ok(facts)
}

/// How many tasks that others wait for are looked up for a list.
const NUMBERED: usize = 200;

/// The longest cursor of the core's that is handed out. By title it holds the title and the notes.
const CURSOR_MAX: usize = 800;

/// Where a page begins: how many tasks come before, and the core's cursor where that is short. Written `20.7b22…`, or `20`.
pub(super) struct Place {
    pub(super) passed: u32,
    pub(super) cursor: Option<String>,
}

impl Place {
    fn read(text: Option<&str>) -> Result<Self> {
        let Some(text) = text else { return Ok(Self { passed: 0, cursor: None }) };
        let (passed, cursor) = text.split_once('.').map_or((text, None), |(passed, cursor)| (passed, Some(cursor)));
        let passed = passed.parse().map_err(|_| {
            Error::invalid("cursor", "this is no cursor of list_tasks")
                .hint("give nextCursor as it was told, or leave it out")
        })?;
        Ok(Self { passed, cursor: cursor.map(str::to_owned) })
    }

    pub(super) fn write(&self) -> String {
        match self.cursor.as_deref().filter(|cursor| cursor.len() <= CURSOR_MAX) {
            Some(cursor) => format!("{}.{cursor}", self.passed),
            None => self.passed.to_string(),
        }
    }
}

/// Reads each of some values.
///
/// # Errors
/// `Invalid`, naming the field.
pub(super) fn each<T: std::str::FromStr<Err = Error>>(field: &str, values: &Several<String>) -> Result<Vec<T>> {
    values.0.iter().map(|text| text.parse::<T>().map_err(|error| error.of_field(field))).collect()
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct One {
    /// Number, id or title.
    task: Name,
}

pub(super) fn get() -> Entry {
    entry(
        (
            "get_task",
            "Task",
            "A task with its parts, what it waits for and what waits for it, comments, files and reminders.",
        ),
        Scope::TasksRead,
        Effect::Reads,
        output(&[("task", Kind::Object)], &[]),
        |call: Call, args: One| async move {
            let task = task(&call.seat, &args.task, Status::All, Titles::Part).await?;
            Ok(json!({"task": whole(&call.seat, task).await?}).into())
        },
    )
}

/// A task with what belongs to it.
pub(in crate::mcp) async fn whole(seat: &Seat, task: TaskRef) -> Result<Value> {
    let detail = seat.client.get_task(task).await?;
    let zone = &seat.context.zone;
    // Its id and when it was made are told of it, and of no other.
    let mut facts = answer::facts(&detail.task, zone, answer::NOISE)?;
    let tasks = |tasks: &[Task]| {
        let mut facts = answer::facts(&tasks, zone, answer::OF_TASKS)?;
        // Each is told of itself, by get_task.
        facts
            .as_array_mut()
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
            .for_each(|task| drop(task.remove("dependsOn")));
        Ok::<_, Error>(facts)
    };
    let parts = [
        ("parent", tasks(detail.parent.as_deref().map_or(&[], std::slice::from_ref))?),
        ("subtasks", tasks(&detail.subtasks)?),
        ("dependencies", tasks(&detail.dependencies)?),
        ("dependents", tasks(&detail.dependents)?),
        ("comments", answer::facts(&detail.comments, zone, answer::OF_COMMENTS)?),
        ("attachments", answer::facts(&detail.attachments, zone, answer::OF_COMMENTS)?),
        ("reminders", answer::facts(&detail.reminders, zone, answer::OF_REMINDERS)?),
    ];
    for (name, part) in parts {
        if part.as_array().is_some_and(|items| !items.is_empty()) {
            facts[name] = part;
        }
    }
    if let Some(next) = &detail.next_due {
        facts["nextDue"] = answer::facts(next, zone, &["timezone"])?;
    }
    Ok(facts)
}
