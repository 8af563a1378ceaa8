//! `create_tasks`: several at once, each for itself.

use std::borrow::Cow;
use std::sync::LazyLock;

use futures::future::try_join_all;
use rmcp::model::JsonObject;
use rmcp::schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::planning::with_planning;
use super::task::{category, each, priority, to_tool_json};
use super::{Call, Effect, Entry, Outcome, entry};
use crate::error::{Error, Result};
use crate::input::{Object, ReminderInput, TaskInput};
use crate::mcp::named::{Name, OneOrMany, Titles, task};
use crate::mcp::remedy::clipped;
use crate::mcp::schema::{self, Kind, output};
use crate::mcp::{RequestContext, answer, arguments, remedy};
use crate::model::{ProjectRef, Scope, Status, Title, clip};

/// How many tasks one call makes at most.
const CREATED_MAX: usize = 25;
/// The schema of one task.
static NEW: LazyLock<JsonObject> = LazyLock::new(schema::input::<New>);
/// How much of each error is told where no task was made.
const EACH: usize = 300;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Create {
    /// 1 to 25 tasks.
    #[schemars(extend("minItems" = 1, "maxItems" = 25))]
    tasks: OneOrMany<Item>,
}

/// A task as it was read, each for itself: what is wrong with one keeps no other from being made.
#[derive(Debug)]
struct Item(Result<New>);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(match Value::deserialize(deserializer)? {
            Value::Object(item) => arguments::read(&NEW, item),
            Value::String(text) => arguments::object_of_text("tasks", &text).and_then(|item| {
                // A title alone is clear enough.
                let titled = || [("title".to_owned(), Value::String(text))].into_iter().collect();
                arguments::read(&NEW, item.unwrap_or_else(titled))
            }),
            other => Err(Error::invalid("tasks", format!("{} is no task", clip(&other.to_string())))
                .hint("give each as an object with a title")),
        }))
    }
}

impl JsonSchema for Item {
    fn schema_name() -> Cow<'static, str> {
        New::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        New::json_schema(generator)
    }
}

with_planning! {
    create
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[schemars(crate = "rmcp::schemars")]
    struct New {
        {
            /// One line.
            title: String,
            /// In words: "tomorrow 18:00", "friday", or ISO 8601.
            #[serde(default)]
            due: Option<String>,
        }
        planning
        {
            /// Recurrence: "every friday".
            #[serde(default)]
            every: Option<String>,
            /// "1h before" the due, or a time.
            #[serde(default)]
            remind: Option<String>,
            /// Made if new.
            #[serde(default)]
            project: Option<String>,
            /// Made if new.
            #[serde(default)]
            tags: OneOrMany<String>,
            /// Default Personal.
            #[serde(default)]
            #[schemars(schema_with = "category")]
            category: Option<String>,
            /// Default MEDIUM.
            #[serde(default)]
            #[schemars(schema_with = "priority")]
            priority: Option<String>,
            /// Further notes.
            #[serde(default)]
            note: Option<String>,
            /// The task it is a part of.
            #[serde(default)]
            parent: Option<Name>,
            /// Tasks to be done before it.
            #[serde(default)]
            depends_on: OneOrMany<Name>,
        }
    }
}

pub(super) fn create() -> Entry {
    entry(
        (
            "create_tasks",
            "Create tasks",
            "Makes up to 25 tasks, each {title, due, start, deadline, estimate, every, remind, project, tags, category, \
             priority, note, parent, depends_on}. Answers each in order: task or error.",
        ),
        Scope::TasksWrite,
        Effect::Adds,
        output(&[("results", Kind::Objects)], &[("created", Kind::Number), ("failed", Kind::Number)]),
        |call: Call, args: Create| async move { create_all(&call.context, args.tasks.0).await },
    )
}

async fn create_all(context: &RequestContext, tasks: Vec<Item>) -> Result<Outcome> {
    if tasks.is_empty() || tasks.len() > CREATED_MAX {
        return Err(Error::invalid("tasks", format!("{} tasks cannot be made at once", tasks.len()))
            .hint(format!("give 1 to {CREATED_MAX} in one call")));
    }
    let (mut results, mut errors) = (Vec::new(), Vec::new());
    // One after the other, so that their numbers follow the order and one may name another.
    for Item(item) in tasks {
        let made = match item {
            Ok(new) => create_one(context, new).await,
            Err(error) => Err(error),
        };
        match made {
            Ok(made) => results.push(made),
            Err(error) => {
                results.push(json!({"error": remedy::error_text(&error)}));
                errors.push(error);
            }
        }
    }
    let (count, failed) = (results.len(), errors.len());
    if failed == count {
        // One error is told as any; of several each is, in order.
        return match (errors.pop(), count) {
            (Some(only), 1) => Err(only),
            (last, _) => Ok(Outcome::Failed(none_made(errors.iter().chain(&last)))),
        };
    }
    Ok(json!({"results": results, "created": count - failed, "failed": failed}).into())
}

fn none_made<'a>(errors: impl Iterator<Item = &'a Error>) -> String {
    let each =
        errors.enumerate().map(|(at, error)| format!("{}. {}", at + 1, clipped(&remedy::error_text(error), EACH)));
    format!("none was made:\n{}", each.collect::<Vec<_>>().join("\n"))
}

async fn create_one(context: &RequestContext, mut new: New) -> Result<Value> {
    let planning = new.take_planning().texts();
    let parent = match &new.parent {
        Some(name) => {
            let found = task(context, name, Status::Open, Titles::Part).await;
            Some(found.map_err(|error| error.of_field("parent"))?)
        }
        None => None,
    };
    let depends_on = match new.depends_on.0.as_slice() {
        [] => Vec::new(),
        several => {
            let found = several.iter().map(|name| task(context, name, Status::All, Titles::Part));
            try_join_all(found).await.map_err(|error| error.of_field("depends_on"))?
        }
    };
    let waiting = new.remind.as_ref().and_then(|_| context.waiting());
    let reminder = new.remind.map(|at| Object(ReminderInput { at: Some(at), ..ReminderInput::default() }));
    let input = TaskInput {
        note: new.note,
        category: new.category.as_deref().map(str::parse).transpose()?,
        priority: new.priority.as_deref().map(str::parse).transpose()?,
        due_date: new.due,
        every: new.every,
        project: new.project.as_deref().map(str::parse::<ProjectRef>).transpose()?,
        parent_id: parent,
        tags: each("tags", &new.tags)?,
        depends_on,
        reminder,
        ..TaskInput::titled(Title::parse(&new.title)?)
    };
    let new = input.with_planning(planning).read(&context.time).map_err(renamed)?;
    let made = context.client.add_task(new).await.map_err(renamed)?;
    let mut json = to_tool_json(context, std::slice::from_ref(&made.value)).await?;
    let notices = made.notices.into_iter().chain(waiting).collect();
    Ok(answer::changed(json[0].take(), notices, made.change_id))
}

/// Returns an error of the one reminder that a task is made with, under the name of its argument.
fn renamed(error: Error) -> Error {
    match error.field.as_deref() {
        Some("at" | "reminder" | "reminder.at") => error.of_field("remind"),
        _ => error,
    }
}
