//! `list_tasks` and `get_task`, and what the other tools of tasks share. What the arguments mean is `input`'s.

use std::collections::{BTreeSet, HashMap};

use futures::future::try_join_all;
use rmcp::schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use super::explain::parts;
use super::{Call, Effect, Entry, entry, page};
use crate::error::{Error, ErrorKind, Result};
use crate::input::{TaskListing, TaskQuery};
use crate::mcp::named::{Name, OneOrMany, Titles, task};
use crate::mcp::schema::{Kind, names, output};
use crate::mcp::{RequestContext, answer};
use crate::model::{
    Category, Id, NextQuery, Page, Priority, RankedTask, Scope, Status, Task, TaskFilter, TaskRef, View,
};

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

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct List {
    /// Default open; with `completed` done.
    #[serde(default)]
    #[schemars(schema_with = "statuses")]
    status: Option<String>,
    /// :view -later due<fri (priority>=medium or is:blocking)
    #[serde(default)]
    query: Option<String>,
    /// overdue, today, tomorrow, week, upcoming, none, a date or A..B.
    #[serde(default)]
    due: Option<String>,
    /// Done then; as in due.
    #[serde(default)]
    completed: Option<String>,
    /// Text in the task or its comments.
    #[serde(default)]
    search: Option<String>,
    /// A project or none.
    #[serde(default)]
    project: Option<String>,
    /// With all of these tags.
    #[serde(default)]
    tags: OneOrMany<String>,
    /// In any of these.
    #[serde(default)]
    #[schemars(schema_with = "categories")]
    category: OneOrMany<String>,
    /// With any of these.
    #[serde(default)]
    #[schemars(schema_with = "priorities")]
    priority: OneOrMany<String>,
    /// Whether they wait for another open task.
    #[serde(default)]
    blocked: Option<bool>,
    /// urgency, or due,-priority; also created, updated, completed, title.
    #[serde(default)]
    sort: Option<String>,
    /// 20 if left out.
    #[serde(default, deserialize_with = "crate::model::integer_or_null")]
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
                one_page(&call.context, args, limit)
            })
            .await
        },
    )
}

/// Returns an error about a query under the name that it has here.
fn of_query(error: Error) -> Error {
    if error.field.as_deref() == Some("q") { error.of_field("query") } else { error }
}

async fn one_page(context: &RequestContext, args: List, limit: u32) -> Result<Value> {
    let ranked = args.sort.as_deref().is_some_and(|sort| sort.trim().eq_ignore_ascii_case("urgency"));
    let (total, place) = (args.cursor.is_none(), PageCursor::read(args.cursor.as_deref())?);
    let blocked = args.blocked;
    let query = TaskQuery {
        status: args.status.as_deref().map(str::parse::<Status>).transpose()?,
        q: args.query,
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
    let TaskListing { filter, page } = query.read(Status::Open, &context.time).map_err(of_query)?;
    let filter = TaskFilter { blocked: blocked.or(filter.blocked), ..filter };
    if ranked {
        return most_urgent(context, filter, limit).await.map_err(of_query);
    }
    // Passed over only where there is no cursor.
    let page = context.client.list_tasks(filter, Page { offset: place.passed, ..page }).await.map_err(of_query)?;
    let passed = place.passed.saturating_add(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
    let tasks = to_tool_json(context, &page.items).await?;
    let next = page.next_cursor.map(|cursor| PageCursor { passed, cursor: Some(cursor) }.write());
    let mut json = answer::paged("tasks", tasks, next);
    if let Some(total) = page.total {
        json["total"] = json!(total);
    }
    Ok(json)
}

/// How many tasks are told of a view.
const VIEWED: u32 = 20;

/// Returns the first tasks of a view, in its order.
pub(in crate::mcp) async fn of_view(context: &RequestContext, view: &View) -> Result<Value> {
    let sort = view.sort.as_ref().map(ToString::to_string);
    let args = List { query: Some(format!(":{}", view.name)), sort, ..List::default() };
    one_page(context, args, VIEWED).await
}

/// Returns the most urgent tasks, with what makes them so.
async fn most_urgent(context: &RequestContext, filter: TaskFilter, limit: u32) -> Result<Value> {
    let ranked = context.client.next_tasks(NextQuery { filter, limit }).await?;
    let tasks: Vec<Task> = ranked.iter().map(|ranked| ranked.task.clone()).collect();
    let mut json = to_tool_json(context, &tasks).await?;
    for (item, RankedTask { urgency, why, .. }) in json.as_array_mut().into_iter().flatten().zip(&ranked) {
        item["urgency"] = json!(urgency);
        item["why"] = json!(parts(why));
    }
    Ok(json!({"tasks": json}))
}

/// Converts the tasks of a list; what they wait for is told by number.
pub(super) async fn to_tool_json(context: &RequestContext, tasks: &[Task]) -> Result<Value> {
    let mut json = answer::to_tool_json(&tasks, &context.time.zone, answer::OF_TASKS)?;
    let before: BTreeSet<Id> = tasks.iter().flat_map(|task| task.depends_on.iter().copied()).collect();
    if before.is_empty() {
        return Ok(json);
    }
    let known: HashMap<Id, i64> = tasks.iter().map(|task| (task.id, task.number)).collect();
    let found = try_join_all(before.into_iter().take(NUMBERED).map(async |id| match known.get(&id) {
        Some(number) => Ok(Some((id, *number))),
        None => match context.client.get_task(TaskRef::Id(id)).await {
            Ok(detail) => Ok(Some((id, detail.task.number))),
            // Somebody else's, in a project that is not shared.
            Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        },
    }));
    let numbers: HashMap<Id, i64> = found.await?.into_iter().flatten().collect();
    for (item, task) in json.as_array_mut().into_iter().flatten().zip(tasks) {
        if !task.depends_on.is_empty() {
            item["dependsOn"] = task.depends_on.iter().filter_map(|id| numbers.get(id).copied()).collect();
        }
    }
    Ok(json)
}

/// How many tasks that others wait for are looked up for a list.
const NUMBERED: usize = 200;

/// The longest cursor of the core's that is handed out. By title it holds the title and the notes.
const CURSOR_MAX: usize = 800;

/// Where a page begins: how many tasks come before, and the core's cursor where that is short. Written `20.7b22…`, or `20`.
pub(super) struct PageCursor {
    pub(super) passed: u32,
    pub(super) cursor: Option<String>,
}

impl PageCursor {
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
pub(super) fn each<T: std::str::FromStr<Err = Error>>(field: &str, values: &OneOrMany<String>) -> Result<Vec<T>> {
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
            "A task with its parts, what it waits for and what waits for it, comments, files, reminders.",
        ),
        Scope::TasksRead,
        Effect::Reads,
        output(&[("task", Kind::Object)], &[]),
        |call: Call, args: One| async move {
            let task = task(&call.context, &args.task, Status::All, Titles::Part).await?;
            Ok(json!({"task": task_detail(&call.context, task).await?}).into())
        },
    )
}

/// Returns a task with what belongs to it.
pub(in crate::mcp) async fn task_detail(context: &RequestContext, task: TaskRef) -> Result<Value> {
    let detail = context.client.get_task(task).await?;
    let zone = &context.time.zone;
    // Its id and when it was made are told of it, and of no other.
    let mut json = answer::to_tool_json(&detail.task, zone, answer::HIDDEN_FIELDS)?;
    let tasks = |tasks: &[Task]| {
        let mut json = answer::to_tool_json(&tasks, zone, answer::OF_TASKS)?;
        // Each is told of itself, by get_task.
        json.as_array_mut()
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
            .for_each(|task| drop(task.remove("dependsOn")));
        Ok::<_, Error>(json)
    };
    let parts = [
        ("parent", tasks(detail.parent.as_deref().map_or(&[], std::slice::from_ref))?),
        ("subtasks", tasks(&detail.subtasks)?),
        ("dependencies", tasks(&detail.dependencies)?),
        ("dependents", tasks(&detail.dependents)?),
        ("comments", answer::to_tool_json(&detail.comments, zone, answer::OF_COMMENTS)?),
        ("attachments", answer::to_tool_json(&detail.attachments, zone, answer::OF_COMMENTS)?),
        ("reminders", answer::to_tool_json(&detail.reminders, zone, answer::OF_REMINDERS)?),
    ];
    for (name, part) in parts {
        if part.as_array().is_some_and(|items| !items.is_empty()) {
            json[name] = part;
        }
    }
    if let Some(next) = &detail.next_due {
        json["nextDue"] = answer::to_tool_json(next, zone, &["timezone"])?;
    }
    Ok(json)
}
