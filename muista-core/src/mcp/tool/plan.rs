//! `plan_tasks`: when tasks are worked on, and in which order.

use rmcp::schemars::JsonSchema;
use serde::Deserialize;

use super::planning::with_planning;
use super::select::{Conditions, Selection};
use super::update::{edit, is_none, unless_none};
use super::{Call, Effect, Entry, Outcome, entry};
use crate::error::{Error, Result};
use crate::input::{PlanningTexts, TaskChanges};
use crate::mcp::RequestContext;
use crate::mcp::named::{Name, OneOrMany, quoted};
use crate::mcp::schema::{Kind, output};
use crate::model::{Change, FieldText, Scope, Status};

with_planning! {
    plan
    #[derive(Debug, Default, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[schemars(crate = "rmcp::schemars")]
    struct Plan {
        {
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
        }
        planning
        {
            /// Its place in an order by hand: a whole number, the smallest first; "none" takes it out of the order.
            #[serde(default)]
            position: Option<Name>,
            /// The account's own fields, each with its value: "effort=3"; "effort=none" empties it.
            #[serde(default)]
            fields: OneOrMany<Name>,
        }
    }
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

async fn plan(context: &RequestContext, mut args: Plan) -> Result<Outcome> {
    let planning = args.take_planning().texts();
    let selection =
        Selection { names: &args.tasks, conditions: args.conditions, except: &args.except, status: Status::Open };
    let named = selection.tasks(context, Status::All).await?;
    let place = args.position.as_ref().map_or(Ok(Change::Keep), position)?;
    let planning = PlanningTexts { position: place, ..planning };
    let changes = TaskChanges {
        due_date: unless_none(args.due),
        fields: args.fields.0.iter().map(field).collect::<Result<_>>()?,
        ..TaskChanges::default()
    };
    edit(context, named, changes.with_planning(planning).read(&context.time)?).await
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
