//! `update_task` and `complete_tasks`: changes of one task, or of several alike.

use rmcp::schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::json;

use super::task::{category, each, priority};
use super::{Call, Effect, Entry, Outcome, entry};
use crate::error::{Error, Result};
use crate::input::TaskChanges;
use crate::mcp::named::{Name, Several, Titles, task, tasks};
use crate::mcp::schema::{Kind, names, output};
use crate::mcp::{Seat, answer};
use crate::model::{Change, ProjectRef, Scope, SeriesScope, Status, TagName, Task, Title};

/// How many tasks one call changes at most.
const CHANGED_MAX: usize = 100;

fn scopes(_: &mut SchemaGenerator) -> Schema {
    names(["this", "later", "all"])
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Update {
    /// Numbers, ids or titles, 100 at most; all are changed alike, or none.
    tasks: Several<Name>,
    /// New title, of one task.
    #[serde(default)]
    title: Option<String>,
    /// New due, in words; a date alone keeps no time. "none" takes it away.
    #[serde(default)]
    due: Option<String>,
    /// New recurrence; "none" ends it. Left out it stays, whatever the due.
    #[serde(default)]
    every: Option<String>,
    /// Which occurrences of a recurring task: this alone, this and later (default), or all.
    #[serde(default)]
    #[schemars(schema_with = "scopes")]
    scope: Option<String>,
    /// New project; "none" takes it out.
    #[serde(default)]
    project: Option<String>,
    /// Tags to add.
    #[serde(default)]
    add_tags: Several<String>,
    /// Tags to take away.
    #[serde(default)]
    remove_tags: Several<String>,
    /// New category.
    #[serde(default)]
    #[schemars(schema_with = "category")]
    category: Option<String>,
    /// New priority.
    #[serde(default)]
    #[schemars(schema_with = "priority")]
    priority: Option<String>,
    /// New note; empty takes it away.
    #[serde(default)]
    note: Option<String>,
    /// The task they are to be parts of; "none" for no one's.
    #[serde(default)]
    parent: Option<Name>,
}

pub(super) fn update() -> Entry {
    entry(
        ("update_task", "Update tasks", "Changes one task, or several alike; what is left out stays."),
        Scope::TasksWrite,
        Effect::Changes,
        output(&[("tasks", Kind::Objects)], &[("notices", Kind::Texts)]),
        |call: Call, args: Update| async move { update_all(&call.seat, args).await },
    )
}

async fn update_all(seat: &Seat, args: Update) -> Result<Outcome> {
    refuse_many(&args.tasks)?;
    if let (Some(_), count @ 2..) = (&args.title, args.tasks.0.len()) {
        return Err(Error::invalid("title", format!("{count} tasks would all get this title"))
            .hint("call update_task once for each task that gets a new title"));
    }
    let named = tasks(seat, &args.tasks, Status::All, Titles::Part).await?;
    let parent = match &args.parent {
        None => Change::Keep,
        Some(name) if is_none(name.as_str()) => Change::Clear,
        Some(name) => {
            let found = task(seat, name, Status::Open, Titles::Part).await;
            Change::Set(found.map_err(|error| error.of_field("parent"))?)
        }
    };
    let changes = TaskChanges {
        title: args.title.as_deref().map(Title::parse).transpose()?,
        note: args.note.map_or(Change::Keep, |note| if note.is_empty() { Change::Clear } else { Change::Set(note) }),
        category: args.category.as_deref().map(str::parse).transpose()?,
        priority: args.priority.as_deref().map(str::parse).transpose()?,
        due_date: unless_none(args.due),
        every: unless_none(args.every),
        scope: args.scope.as_deref().map(str::parse::<SeriesScope>).transpose()?,
        project: match unless_none(args.project) {
            Change::Set(name) => Change::Set(name.parse::<ProjectRef>()?),
            Change::Clear => Change::Clear,
            Change::Keep => Change::Keep,
        },
        parent_id: parent,
        add_tags: each::<TagName>("add_tags", &args.add_tags)?,
        remove_tags: each::<TagName>("remove_tags", &args.remove_tags)?,
        ..TaskChanges::default()
    };
    let patch = changes.read(&seat.context)?;
    if patch.is_empty() {
        return Err(Error::invalid("arguments", "nothing says what to change").hint("give at least one new value"));
    }
    let changed = seat.client.edit_tasks(named, patch).await?;
    told(seat, &changed.value, changed.notices)
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Complete {
    /// Numbers, ids or titles, 100 at most; all or none.
    tasks: Several<Name>,
    /// True opens them again instead.
    #[serde(default)]
    reopen: bool,
}

pub(super) fn complete() -> Entry {
    entry(
        (
            "complete_tasks",
            "Complete tasks",
            "Marks tasks done. One that recurs is followed by its next occurrence, told in `notices`.",
        ),
        Scope::TasksWrite,
        Effect::Advances,
        output(&[("tasks", Kind::Objects)], &[("notices", Kind::Texts)]),
        |call: Call, args: Complete| async move {
            refuse_many(&args.tasks)?;
            let seat = &call.seat;
            let changed = if args.reopen {
                seat.client.reopen_tasks(tasks(seat, &args.tasks, Status::Done, Titles::Part).await?).await?
            } else {
                seat.client.complete_tasks(tasks(seat, &args.tasks, Status::Open, Titles::Part).await?).await?
            };
            told(seat, &changed.value, changed.notices)
        },
    )
}

fn refuse_many(named: &Several<Name>) -> Result<()> {
    if named.0.len() <= CHANGED_MAX {
        return Ok(());
    }
    Err(Error::invalid("tasks", format!("{} tasks are too many for one call", named.0.len()))
        .hint(format!("name {CHANGED_MAX} at most")))
}

fn told(seat: &Seat, tasks: &[Task], notices: Vec<String>) -> Result<Outcome> {
    let tasks = answer::facts(&tasks, &seat.context.zone, answer::OF_TASKS)?;
    Ok(answer::noticed(json!({"tasks": tasks}), notices).into())
}

fn is_none(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("none")
}

/// What a text says of a field that `none` empties.
fn unless_none(text: Option<String>) -> Change<String> {
    match text {
        None => Change::Keep,
        Some(text) if is_none(&text) => Change::Clear,
        Some(text) => Change::Set(text),
    }
}
