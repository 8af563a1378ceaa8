//! `list_reminders` and `set_reminder`.

use rmcp::schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::{Call, Effect, Entry, Outcome, entry, page};
use crate::error::{Error, Result};
use crate::input::ReminderInput;
use crate::mcp::answer;
use crate::mcp::named::{Name, OneOrMany, Titles, task};
use crate::mcp::schema::{Kind, names, output};
use crate::model::{Change, Channel, ReminderQuery, ReminderTarget, Scope, Status, TaskPatch, TaskRef};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct List {
    /// Of this task: number, id or title.
    #[serde(default)]
    task: Option<Name>,
    /// Also those that are over.
    #[serde(default)]
    all: bool,
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
        ("list_reminders", "Reminders", "Reminders, the next to fire first."),
        Scope::TasksRead,
        Effect::Reads,
        output(&[("reminders", Kind::Objects)], &[("nextCursor", Kind::Text)]),
        |call: Call, args: List| async move {
            let of = match &args.task {
                Some(name) => Some(task(&call.context, name, Status::All, Titles::Part).await?),
                None => None,
            };
            page(args.limit, |limit| {
                let query = ReminderQuery { task: of.clone(), all: args.all, limit, cursor: args.cursor.clone() };
                async {
                    let page = call.context.client.list_reminders(query).await?;
                    let reminders = answer::to_tool_json(&page.items, &call.context.time.zone, answer::OF_REMINDERS)?;
                    Ok(answer::paged("reminders", reminders, page.next_cursor))
                }
            })
            .await
        },
    )
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Set {
    /// Number, id or title.
    task: Name,
    /// When, once: "tomorrow 9:00", or from its due: "1h before". "none" removes its reminders.
    #[serde(default)]
    at: Option<String>,
    /// Or repeatedly: "every weekday at 8:30".
    #[serde(default)]
    every: Option<String>,
    /// How; else by the usual channels.
    #[serde(default)]
    #[schemars(schema_with = "channels")]
    channels: OneOrMany<String>,
    /// Repeat until acknowledged: "10min".
    #[serde(default)]
    nag: Option<String>,
    /// A remark for the message.
    #[serde(default)]
    note: Option<String>,
    /// Keep its others; else replaces them.
    #[serde(default)]
    add: bool,
}

fn channels(_: &mut rmcp::schemars::SchemaGenerator) -> rmcp::schemars::Schema {
    let items = names(Channel::ALL.iter().map(|channel| channel.as_str()));
    rmcp::schemars::json_schema!({"type": "array", "items": items})
}

pub(super) fn set() -> Entry {
    entry(
        ("set_reminder", "Set a reminder", "Reminds of a task once, before its due, or repeatedly."),
        Scope::TasksWrite,
        Effect::Advances,
        output(
            &[("reminders", Kind::Objects)],
            &[("changeId", Kind::Text), ("notices", Kind::Texts), ("removed", Kind::Number)],
        ),
        |call: Call, args: Set| async move {
            let task = task(&call.context, &args.task, Status::Open, Titles::Part).await?;
            if args.at.as_deref().is_some_and(|at| at.trim().eq_ignore_ascii_case("none")) {
                return remove(&call, task).await;
            }
            let keeps = args.add;
            let input = input(args)?;
            let reminder = input.read(&call.context.time)?;
            let client = &call.context.client;
            let (mut notices, change) = if keeps {
                let added = client.add_reminder(task.clone(), reminder).await?;
                (added.notices, added.change_id)
            } else {
                let patch = TaskPatch { reminder: Change::Set(reminder), ..TaskPatch::default() };
                let edited = client.edit_tasks(vec![task.clone()], patch).await?;
                (edited.notices, edited.change_id)
            };
            notices.extend(call.context.waiting());
            let query = ReminderQuery { task: Some(task), ..ReminderQuery::default() };
            let reminders = client.list_reminders(query).await?.items;
            let reminders = answer::to_tool_json(&reminders, &call.context.time.zone, answer::OF_REMINDERS)?;
            Ok(answer::changed(json!({"reminders": reminders}), notices, change).into())
        },
    )
}

fn input(args: Set) -> Result<ReminderInput> {
    let channels = args.channels.0.iter().map(|name| name.parse::<Channel>()).collect::<Result<Vec<_>>>()?;
    let input = ReminderInput {
        at: args.at,
        every: args.every,
        channels,
        nag: args.nag,
        note: args.note,
        ..Default::default()
    };
    if !input.says_when() {
        return Err(Error::invalid("at", "nothing says when to remind")
            .hint("give `at`, as in \"tomorrow 9:00\" or \"1h before\", or `every`"));
    }
    Ok(input)
}

async fn remove(call: &Call, task: TaskRef) -> Result<Outcome> {
    let removed = call.context.client.delete_reminders(ReminderTarget::Task(task)).await?;
    let json = json!({"reminders": [], "removed": removed.value.len()});
    Ok(answer::changed(json, removed.notices, removed.change_id).into())
}
