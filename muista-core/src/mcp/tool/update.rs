//! `update_task` and `complete_tasks`: changes of one task, or of several alike.

use rmcp::schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::json;

use super::planning::with_planning;
use super::select::{Conditions, Selection};
use super::task::{category, each, priority, to_tool_json};
use super::{Call, Effect, Entry, Outcome, entry};
use crate::error::{Error, Result};
use crate::input::TaskChanges;
use crate::mcp::named::{Name, OneOrMany, Titles, task};
use crate::mcp::schema::{Kind, names, output};
use crate::mcp::{RequestContext, answer};
use crate::model::{
    Change, Id, ProjectRef, Scope, SeriesScope, Status, TagName, Task, TaskPatch, TaskRef, Title, Undo, UndoTarget,
    WithNotices,
};

/// From how many tasks on only what tells them apart is told of each: all were changed alike.
const TOLD_WHOLE: usize = 5;

fn scopes(_: &mut SchemaGenerator) -> Schema {
    names(["this", "later", "all"])
}

with_planning! {
    update
    #[derive(Debug, Default, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[schemars(crate = "rmcp::schemars")]
    struct Update {
        {
            /// Numbers, ids or titles.
            #[serde(default)]
            tasks: OneOrMany<Name>,
            /// Or all open ones that match.
            #[serde(default, rename = "where")]
            conditions: Option<Conditions>,
            /// But not these.
            #[serde(default)]
            except: OneOrMany<Name>,
            /// Alone: changeIds to undo.
            #[serde(default)]
            undo: OneOrMany<String>,
            /// New title, of one task.
            #[serde(default)]
            title: Option<String>,
            /// New due; a date alone keeps no time; "none" clears.
            #[serde(default)]
            due: Option<String>,
        }
        planning
        {
            /// New recurrence; "none" ends it.
            #[serde(default)]
            every: Option<String>,
            /// Which occurrences; default later.
            #[serde(default)]
            #[schemars(schema_with = "scopes")]
            scope: Option<String>,
            /// New project or "none".
            #[serde(default)]
            project: Option<String>,
            /// Tags to add.
            #[serde(default)]
            add_tags: OneOrMany<String>,
            /// Tags to remove.
            #[serde(default)]
            remove_tags: OneOrMany<String>,
            /// New category.
            #[serde(default)]
            #[schemars(schema_with = "category")]
            category: Option<String>,
            /// New priority.
            #[serde(default)]
            #[schemars(schema_with = "priority")]
            priority: Option<String>,
            /// New note; empty clears.
            #[serde(default)]
            note: Option<String>,
            /// New parent or "none".
            #[serde(default)]
            parent: Option<Name>,
        }
    }
}

pub(super) fn update() -> Entry {
    entry(
        ("update_task", "Update tasks", "Changes one task, or several alike; what is left out stays."),
        Scope::TasksWrite,
        Effect::Changes,
        output(
            &[("tasks", Kind::Objects)],
            &[("changed", Kind::Number), ("changeId", Kind::Text), ("notices", Kind::Texts)],
        ),
        |call: Call, args: Update| async move { update_all(&call.context, args).await },
    )
}

async fn update_all(context: &RequestContext, mut args: Update) -> Result<Outcome> {
    if !args.undo.0.is_empty() {
        return undo(context, &args.undo).await;
    }
    if let (Some(_), count @ 2..) = (&args.title, args.tasks.0.len()) {
        return Err(several_titles(count));
    }
    let planning = args.take_planning().texts();
    let selection =
        Selection { names: &args.tasks, conditions: args.conditions, except: &args.except, status: Status::Open };
    let named = selection.tasks(context, Status::All).await?;
    if args.title.is_some() && named.len() > 1 {
        return Err(several_titles(named.len()));
    }
    let parent = match &args.parent {
        None => Change::Keep,
        Some(name) if is_none(name.as_str()) => Change::Clear,
        Some(name) => {
            let found = task(context, name, Status::Open, Titles::Part).await;
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
    let patch = changes.with_planning(planning).read(&context.time)?;
    edit(context, named, patch).await
}

/// Changes tasks alike, and tells how they are then.
pub(super) async fn edit(context: &RequestContext, tasks: Vec<TaskRef>, patch: TaskPatch) -> Result<Outcome> {
    if patch.is_empty() {
        return Err(Error::invalid("arguments", "nothing says what to change").hint("give at least one new value"));
    }
    let changed = context.client.edit_tasks(tasks, patch).await?;
    outcome(context, changed).await
}

fn several_titles(count: usize) -> Error {
    Error::invalid("title", format!("{count} tasks would all get this title"))
        .hint("call update_task once for each task that gets a new title")
}

/// Undoes changes, the last that is named first.
async fn undo(context: &RequestContext, changes: &OneOrMany<String>) -> Result<Outcome> {
    let ids = changes.0.iter().map(|text| text.parse::<Id>()).collect::<Result<Vec<Id>>>();
    let ids = ids.map_err(|error| error.of_field("undo").hint("give a changeId as a result told it"))?;
    let (mut undone, mut change) = (0, None);
    for id in ids.into_iter().rev() {
        let done = context.client.undo(Undo { target: UndoTarget::Change(id) }).await;
        let done = done.map_err(|error| error.of_field("undo"))?;
        undone += done.total;
        change = Some(done.change_id);
    }
    Ok(answer::changed(json!({"tasks": [], "undone": undone}), Vec::new(), change).into())
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Complete {
    /// Numbers, ids or titles.
    #[serde(default)]
    tasks: OneOrMany<Name>,
    /// Or all that match.
    #[serde(default, rename = "where")]
    conditions: Option<Conditions>,
    /// But not these.
    #[serde(default)]
    except: OneOrMany<Name>,
    /// Opens them instead.
    #[serde(default)]
    reopen: bool,
    /// Completes subtasks too.
    #[serde(default)]
    subtasks: bool,
}

pub(super) fn complete() -> Entry {
    entry(
        (
            "complete_tasks",
            "Complete tasks",
            "Marks tasks done. The next occurrence of one that recurs is told in `notices`.",
        ),
        Scope::TasksWrite,
        Effect::Advances,
        output(
            &[("tasks", Kind::Objects)],
            &[("changed", Kind::Number), ("changeId", Kind::Text), ("notices", Kind::Texts)],
        ),
        |call: Call, args: Complete| async move {
            let context = &call.context;
            let status = if args.reopen { Status::Done } else { Status::Open };
            let selection = Selection { names: &args.tasks, conditions: args.conditions, except: &args.except, status };
            let named = selection.tasks(context, status).await?;
            let changed = match args.reopen {
                true => context.client.reopen_tasks(named).await?,
                false if args.subtasks => {
                    let patch = TaskPatch { completed: Some(true), with_subtasks: true, ..TaskPatch::default() };
                    context.client.edit_tasks(named, patch).await?
                }
                false => context.client.complete_tasks(named).await?,
            };
            outcome(context, changed).await
        },
    )
}

/// Returns what to tell of tasks that were changed alike.
pub(super) async fn outcome(context: &RequestContext, changed: WithNotices<Vec<Task>>) -> Result<Outcome> {
    let WithNotices { value: tasks, notices, change_id } = changed;
    let mut json = json!({"tasks": to_tool_json(context, &tasks).await?});
    if tasks.len() > TOLD_WHOLE {
        let short = |task: &Task| json!({"number": task.number, "title": task.title});
        json["tasks"] = tasks.iter().map(short).collect();
        json["changed"] = json!(tasks.len());
        let due = answer::to_tool_json(&&tasks[..1], &context.time.zone, answer::OF_TASKS)?;
        for name in ["dueOn", "dueDate"] {
            let alike = tasks.iter().all(|task| (task.due_on, task.due_date) == (tasks[0].due_on, tasks[0].due_date));
            if let Some(due) = due[0].get(name).filter(|_| alike) {
                json[name] = due.clone();
            }
        }
    }
    Ok(answer::changed(json, notices, change_id).into())
}

pub(super) fn is_none(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("none")
}

/// Returns what a text says of a field that `none` empties.
pub(super) fn unless_none(text: Option<String>) -> Change<String> {
    match text {
        None => Change::Keep,
        Some(text) if is_none(&text) => Change::Clear,
        Some(text) => Change::Set(text),
    }
}
