//! `explain_task`: why a task is hidden, ranks where it does, or was late.

use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use super::task::to_tool_json;
use super::{Call, Effect, Entry, entry};
use crate::error::Result;
use crate::mcp::named::{Name, Titles, task};
use crate::mcp::schema::{Kind, output};
use crate::mcp::{RequestContext, answer};
use crate::model::{Explanation, Scope, Status, UrgencyPart};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct One {
    /// Number, id or title.
    task: Name,
}

pub(super) fn entry_of_task() -> Entry {
    entry(
        (
            "explain_task",
            "Explain a task",
            "Why a task is hidden from lists (done, or waiting for its start), which open tasks it waits for, what makes up \
             its urgency, and why its last reminder or run was late.",
        ),
        Scope::TasksRead,
        Effect::Reads,
        output(
            &[("task", Kind::Object)],
            &[
                ("hidden", Kind::Text),
                ("blockedBy", Kind::Objects),
                ("blockedByHidden", Kind::Number),
                ("urgency", Kind::Decimal),
                ("why", Kind::Text),
                ("late", Kind::Objects),
            ],
        ),
        |call: Call, args: One| async move {
            let named = task(&call.context, &args.task, Status::All, Titles::Part).await?;
            let explained = call.context.client.explain_task(named).await?;
            Ok(to_json(&call.context, &explained).await?.into())
        },
    )
}

async fn to_json(context: &RequestContext, explained: &Explanation) -> Result<Value> {
    let mut task = to_tool_json(context, std::slice::from_ref(&explained.task)).await?;
    let mut json = json!({"task": task[0].take()});
    if let Some(hidden) = explained.hidden {
        json["hidden"] = json!(hidden);
    }
    if !explained.blocked_by.is_empty() {
        json["blockedBy"] = to_tool_json(context, &explained.blocked_by).await?;
    }
    if explained.blocked_by_hidden > 0 {
        json["blockedByHidden"] = json!(explained.blocked_by_hidden);
    }
    if let Some(urgency) = explained.urgency {
        json["urgency"] = json!(urgency);
        json["why"] = json!(parts(&explained.why));
    }
    if !explained.late.is_empty() {
        json["late"] = answer::to_tool_json(&explained.late, &context.time.zone, &[])?;
    }
    Ok(json)
}

/// Returns what an urgency is made of, in words.
pub(super) fn parts(parts: &[UrgencyPart]) -> String {
    let parts: Vec<String> = parts.iter().map(|part| format!("{} {}", part.name, part.value)).collect();
    parts.join(", ")
}
