//! `plan_tasks`: when tasks are worked on, and in which order.

use rmcp::schemars::JsonSchema;
use serde::Deserialize;

use super::select::{Conditions, Selection};
use super::update::{edit, is_none, unless_none};
use super::{Call, Effect, Entry, Outcome, entry};
use crate::error::{Error, Result};
use crate::input::TaskChanges;
use crate::mcp::RequestContext;
use crate::mcp::named::{Name, OneOrMany, quoted};
use crate::mcp::schema::{Kind, output};
use crate::model::{Change, FieldText, Scope, Status};

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(crate = "rmcp::schemars")]
struct Plan {
    /// Numbers, ids or titles; all are planned, or none.
    #[serde(default)]
    tasks: OneOrMany<Name>,
    /// In place of tasks: all open ones that meet these conditions, as those of list_tasks.
    #[serde(default, rename = "where")]
    conditions: Option<Conditions>,
    /// With `where`: but not these.
    #[serde(default)]
    except: OneOrMany<Name>,
    /// When it is due: "friday", "tomorrow 18:00"; "none" takes it away.
    #[serde(default)]
    due: Option<String>,
    /// Hidden from lists until then: "monday", or from its due: "due-2w"; "none" takes it away.
    #[serde(default)]
    start: Option<String>,
    /// The latest time, which a new due leaves alone: "end of month"; "none" takes it away.
    #[serde(default)]
    deadline: Option<String>,
    /// How long it will take: "30min", "1h 30min"; "none" takes it away.
    #[serde(default)]
    estimate: Option<String>,
    /// Its place in an order by hand: a whole number, the smallest first; "none" takes it out of the order.
    #[serde(default)]
    position: Option<Name>,
    /// The account's own fields, each with its value: "effort=3"; "effort=none" empties it.
    #[serde(default)]
    fields: OneOrMany<Name>,
}

pub(super) fn tasks() -> Entry {
    entry(
        (
            "plan_tasks",
            "Plan tasks",
            "Sets when one task is worked on, or several alike: due, start, deadline, estimate, its place in an order by \
             hand, and own fields. What is left out stays.",
        ),
        Scope::TasksWrite,
        Effect::Changes,
        output(
            &[("tasks", Kind::Objects)],
            &[("changed", Kind::Number), ("changeId", Kind::Text), ("notices", Kind::Texts)],
        ),
        |call: Call, args: Plan| async move { plan(&call.context, args).await },
    )
}

async fn plan(context: &RequestContext, args: Plan) -> Result<Outcome> {
    let selection =
        Selection { names: &args.tasks, conditions: args.conditions, except: &args.except, status: Status::Open };
    let named = selection.tasks(context, Status::All).await?;
    let changes = TaskChanges {
        due_date: unless_none(args.due),
        start_date: unless_none(args.start),
        deadline_date: unless_none(args.deadline),
        estimate: unless_none(args.estimate),
        position: args.position.as_ref().map_or(Ok(Change::Keep), position)?,
        fields: args.fields.0.iter().map(field).collect::<Result<_>>()?,
        ..TaskChanges::default()
    };
    edit(context, named, changes.read(&context.time)?).await
}

fn field(text: &Name) -> Result<(String, Option<FieldText>)> {
    let (name, value) = text.as_str().split_once('=').ok_or_else(|| {
        Error::invalid("fields", format!("{} gives no value", quoted(text.as_str())))
            .hint("write a field and its value, as in \"effort=3\"")
    })?;
    Ok((name.trim().to_owned(), Some(FieldText(value.to_owned()))))
}

fn position(text: &Name) -> Result<Change<i64>> {
    let text = text.as_str();
    if is_none(text) {
        return Ok(Change::Clear);
    }
    text.parse().map(Change::Set).map_err(|_| {
        Error::invalid("position", format!("{} is not a place in an order", quoted(text)))
            .hint("give a whole number, as in 10, or \"none\"")
    })
}
