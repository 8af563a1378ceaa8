//! `start_work` and `stop_work`: which task is being worked on, and how long it took.

use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::task::to_tool_json;
use super::update::outcome;
use super::{Call, Effect, Entry, entry};
use crate::mcp::answer;
use crate::mcp::named::{Name, Titles, task};
use crate::mcp::schema::{Kind, output};
use crate::model::{Scope, Status};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Start {
    /// Number, id or title of an open task.
    task: Name,
    /// Let other work go on; else it is stopped.
    #[serde(default)]
    keep: bool,
}

pub(super) fn start() -> Entry {
    entry(
        (
            "start_work",
            "Start work",
            "Begins to count the time that is worked on a task; `activeSince` says since when. Other work is stopped.",
        ),
        Scope::TasksWrite,
        Effect::Changes,
        output(&[("task", Kind::Object)], &[("changeId", Kind::Text), ("notices", Kind::Texts)]),
        |call: Call, args: Start| async move {
            let context = &call.context;
            let named = task(context, &args.task, Status::Open, Titles::Part).await?;
            let started = context.client.start_task(named, args.keep).await?;
            let mut tasks = to_tool_json(context, std::slice::from_ref(&started.value)).await?;
            Ok(answer::changed(json!({"task": tasks[0].take()}), started.notices, started.change_id).into())
        },
    )
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Stop {
    /// Number, id or title; all that is worked on if left out.
    #[serde(default)]
    task: Option<Name>,
}

pub(super) fn stop() -> Entry {
    entry(
        (
            "stop_work",
            "Stop work",
            "Ends the work on a task, or on all; `timeSpent` is what it took so far. To finish a task complete it instead.",
        ),
        Scope::TasksWrite,
        Effect::Changes,
        output(
            &[("tasks", Kind::Objects)],
            &[("changed", Kind::Number), ("changeId", Kind::Text), ("notices", Kind::Texts)],
        ),
        |call: Call, args: Stop| async move {
            let context = &call.context;
            let named = match &args.task {
                Some(name) => Some(task(context, name, Status::Open, Titles::Part).await?),
                None => None,
            };
            outcome(context, context.client.stop_tasks(named).await?).await
        },
    )
}
