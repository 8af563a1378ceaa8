//! `create_tasks`: several at once, each for itself.

use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::task::{category, each, priority};
use super::{Call, Effect, Entry, Outcome, entry};
use crate::error::{Error, Result};
use crate::input::{Object, ReminderInput, TaskInput};
use crate::mcp::named::{Name, Several, task, tasks};
use crate::mcp::schema::{Kind, output};
use crate::mcp::{Seat, answer};
use crate::model::{ProjectRef, Scope, Status, Title};

/// How many tasks one call makes at most (spec §9).
const CREATED_MAX: usize = 25;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Create {
    /// 1 to 25 tasks.
    #[schemars(extend("minItems" = 1, "maxItems" = 25))]
    tasks: Several<New>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct New {
    /// One line: what is to be done.
    title: String,
    /// In words: "tomorrow 18:00", "friday", or ISO 8601.
    #[serde(default)]
    due: Option<String>,
    /// Recurrence: "every friday".
    #[serde(default)]
    every: Option<String>,
    /// Reminder: "1h before" the due, or a time.
    #[serde(default)]
    remind: Option<String>,
    /// Made if new.
    #[serde(default)]
    project: Option<String>,
    /// Made if new.
    #[serde(default)]
    tags: Several<String>,
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
    depends_on: Several<Name>,
}

pub(super) fn create() -> Entry {
    entry(
        (
            "create_tasks",
            "Create tasks",
            "Makes up to 25 tasks. Each has a result of its own, in order: the task, or its error; the others are made \
             all the same.",
        ),
        Scope::TasksWrite,
        Effect::Adds,
        output(&[("results", Kind::Objects)], &[("created", Kind::Number), ("failed", Kind::Number)]),
        |call: Call, args: Create| async move { create_all(&call.seat, args.tasks.0).await },
    )
}

async fn create_all(seat: &Seat, tasks: Vec<New>) -> Result<Outcome> {
    if tasks.is_empty() || tasks.len() > CREATED_MAX {
        return Err(Error::invalid("tasks", format!("{} tasks cannot be made at once", tasks.len()))
            .hint(format!("give 1 to {CREATED_MAX} in one call")));
    }
    let (mut results, mut failed, mut last) = (Vec::new(), 0, None);
    // One after the other, so that their numbers follow the order and one may name another.
    for new in tasks {
        match create_one(seat, new).await {
            Ok(made) => results.push(made),
            Err(error) => {
                failed += 1;
                results.push(json!({"error": answer::told(&error)}));
                last = Some(error);
            }
        }
    }
    if let (true, Some(error)) = (results.len() == failed, last) {
        return match failed {
            1 => Err(error),
            _ => Err(Error { message: format!("none was made; the last one: {}", error.message), ..error }),
        };
    }
    Ok(json!({"results": results, "created": results.len() - failed, "failed": failed}).into())
}

async fn create_one(seat: &Seat, new: New) -> Result<Value> {
    let parent = match &new.parent {
        Some(name) => Some(task(seat, name, Status::Open).await?),
        None => None,
    };
    let depends_on = match new.depends_on.0.as_slice() {
        [] => Vec::new(),
        _ => tasks(seat, &new.depends_on, Status::All).await?,
    };
    let waiting = new.remind.as_ref().and_then(|_| seat.waiting());
    let reminder = new.remind.map(|at| Object(ReminderInput { at: Some(at), ..ReminderInput::default() }));
    let input = TaskInput {
        title: Title::parse(&new.title)?,
        description: None,
        note: new.note,
        category: new.category.as_deref().map(str::parse).transpose()?,
        priority: new.priority.as_deref().map(str::parse).transpose()?,
        due_date: new.due,
        due_on: None,
        every: new.every,
        project: new.project.as_deref().map(str::parse::<ProjectRef>).transpose()?,
        project_id: None,
        parent_id: parent,
        tags: each("tags", &new.tags)?,
        depends_on,
        reminder,
        reminders: Vec::new(),
    };
    let made = seat.client.add_task(input.read(&seat.context)?).await?;
    let facts = answer::facts(&made.value, &seat.context.zone, answer::OF_TASKS)?;
    Ok(answer::noticed(facts, made.notices.into_iter().chain(waiting).collect()))
}
