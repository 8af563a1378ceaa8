//! The tools: one table ([`TOOLS`]) with their names, what they need and what they do to the world. Arguments and bodies
//! stand with their noun.

pub(super) mod agenda;
mod create;
mod delete;
mod explain;
pub(super) mod job;
mod plan;
mod planning;
mod reminder;
pub(super) mod run;
mod select;
pub(super) mod task;
mod update;
mod work;

use std::sync::{Arc, LazyLock};

use futures::future::BoxFuture;
use rmcp::model::{CallToolRequestParams, CallToolResponse, InputRequiredResult, JsonObject, Tool, ToolAnnotations};
use rmcp::schemars::JsonSchema;
use rmcp::service::RequestContext as RmcpContext;
use rmcp::{ErrorData, RoleServer};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::confirm::Answered;
use super::toolset::Toolset;
use super::{RequestContext, Toolsets, answer, arguments, remedy, schema};
use crate::error::{Error, Result};
use crate::model::{Scope, Scopes, clip, shown};

/// How many items a list holds unless told otherwise.
const LIMIT: u32 = 20;
/// How many it holds at most.
const LIMIT_MAX: u32 = 100;

/// A call of a tool.
pub(super) struct Call {
    context: RequestContext,
    request: RmcpContext<RoleServer>,
    /// What the user said, where an earlier answer asked for it.
    answered: Answered,
}

/// What came of a call.
enum Outcome {
    /// It was done, with this to tell of it.
    Json(Value),
    /// The client is to ask the user, and to call again.
    Ask(InputRequiredResult),
    /// Why nothing was done, in words.
    Failed(String),
}

impl From<Value> for Outcome {
    fn from(json: Value) -> Self {
        Self::Json(json)
    }
}

type Body = Box<dyn Fn(Call, JsonObject) -> BoxFuture<'static, Result<Outcome>> + Send + Sync>;

/// A tool.
struct Entry {
    tool: Tool,
    scope: Scope,
    body: Body,
}

/// What a tool does to the world.
#[derive(Debug, Clone, Copy)]
enum Effect {
    /// It looks.
    Reads,
    /// It adds; again adds more.
    Adds,
    /// It changes; again changes nothing.
    Changes,
    /// It changes; again may change more.
    Advances,
    /// It takes away; again takes nothing.
    Deletes,
    /// It has programs run.
    Runs,
}

impl Effect {
    fn hints(self) -> ToolAnnotations {
        ToolAnnotations::new()
            .read_only(matches!(self, Self::Reads))
            .destructive(matches!(self, Self::Deletes | Self::Changes | Self::Advances))
            .idempotent(matches!(self, Self::Reads | Self::Changes | Self::Deletes))
            .open_world(matches!(self, Self::Runs))
    }
}

/// Returns a line of the table.
fn entry<A, F>(
    (name, title, description): (&'static str, &'static str, &'static str),
    scope: Scope,
    effect: Effect,
    output: JsonObject,
    body: fn(Call, A) -> F,
) -> Entry
where
    A: DeserializeOwned + JsonSchema + 'static,
    F: Future<Output = Result<Outcome>> + Send + 'static,
{
    let schema = Arc::new(schema::input::<A>());
    let tool = Tool::new(name, description, Arc::clone(&schema))
        .with_title(title)
        .with_raw_output_schema(output.into())
        .with_annotations(effect.hints());
    let body: Body = Box::new(move |call, arguments| match arguments::read(&schema, arguments) {
        Ok(arguments) => Box::pin(body(call, arguments)),
        Err(error) => Box::pin(std::future::ready(Err(error))),
    });
    Entry { tool, scope, body }
}

/// All tools with the set that each is in, in the order in which they are listed.
static TOOLS: LazyLock<Vec<(Toolset, Entry)>> = LazyLock::new(|| {
    let mut tools = vec![agenda::get()];
    tools.extend([task::list(), task::get(), reminder::list(), job::list(), job::get(), run::list(), run::get()]);
    tools.extend([create::create(), update::update(), update::complete(), reminder::set(), job::save()]);
    tools.extend([delete::items(), run::start(), run::cancel()]);
    let planning = [plan::tasks(), work::start(), work::stop(), explain::entry_of_task()];
    let within = |set| move |entry| (set, entry);
    tools.into_iter().map(within(Toolset::Default)).chain(planning.map(within(Toolset::Planning))).collect()
});

/// Returns the tools of these sets that these scopes allow.
pub(super) fn list(scopes: Scopes, toolsets: &Toolsets) -> Vec<Tool> {
    let offered = |(set, entry): &&(Toolset, Entry)| toolsets.has(*set) && scopes.has(entry.scope);
    TOOLS.iter().filter(offered).map(|(_, entry)| entry.tool.clone()).collect()
}

/// Calls a tool. What fails is told as a result, which a model can act on.
///
/// # Errors
/// Of the protocol, for a tool that there is not, or not in these sets.
pub(super) async fn call(
    context: RequestContext,
    request: RmcpContext<RoleServer>,
    asked: CallToolRequestParams,
    toolsets: &Toolsets,
) -> Result<CallToolResponse, ErrorData> {
    let Some((set, entry)) = TOOLS.iter().find(|(_, entry)| entry.tool.name == asked.name) else {
        return Err(ErrorData::invalid_params(format!("unknown tool: {}", shown(&clip(&asked.name))), None));
    };
    if !toolsets.has(*set) {
        return Err(ErrorData::invalid_params(elsewhere(&asked.name, *set, toolsets), None));
    }
    if let Err(error) = need(&context, entry.scope, &asked.name) {
        return Ok(remedy::failure(&error).into());
    }
    let answered = Answered { responses: asked.input_responses, state: asked.request_state };
    match (entry.body)(Call { context, request, answered }, asked.arguments.unwrap_or_default()).await {
        Ok(Outcome::Json(json)) => Ok(answer::result(json).into()),
        Ok(Outcome::Ask(question)) => Ok(question.into()),
        Ok(Outcome::Failed(why)) => Ok(remedy::failed(&why).into()),
        Err(error) => Ok(remedy::failure(&error).into()),
    }
}

/// Says where a tool is that the connection was not offered.
fn elsewhere(tool: &str, set: Toolset, toolsets: &Toolsets) -> String {
    let (name, sets) = (set.name(), toolsets.with(set));
    format!(
        "{tool} is in the set of tools `{name}`, which this connection did not ask for: the user can connect to \
         /mcp?tools={sets}, or start muista mcp --tools {sets}"
    )
}

/// Refuses `what` without the scope that it needs.
fn need(context: &RequestContext, scope: Scope, what: &str) -> Result<()> {
    if context.scopes.has(scope) {
        return Ok(());
    }
    Err(Error::forbidden(format!("{what} needs the scope {scope}, which the token does not have")))
}

/// Returns how many items a page is to hold.
fn limit(asked: Option<u32>) -> Result<u32> {
    match asked {
        None => Ok(LIMIT),
        Some(count @ 1..=LIMIT_MAX) => Ok(count),
        Some(count) => Err(Error::invalid("limit", format!("a page cannot hold {count} items"))
            .hint(format!("give 1 to {LIMIT_MAX}, and `cursor` for more"))),
    }
}

/// Returns a page that fits into a result: asked for again with fewer items where it does not.
async fn page<F>(asked: Option<u32>, fetch: impl Fn(u32) -> F) -> Result<Outcome>
where
    F: Future<Output = Result<Value>>,
{
    let mut limit = limit(asked)?;
    loop {
        let json = answer::brief(fetch(limit).await?);
        if limit == 1 || answer::fits(&json) {
            return Ok(Outcome::Json(json));
        }
        limit /= 2;
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;
    use crate::model::Role;

    /// Returns the tools of one set.
    fn of(set: &str) -> Vec<Tool> {
        list(Scopes::of(Role::Admin), &set.parse().unwrap())
    }

    /// A model pays for each tool that it is told of: a set has at most 16, and its list takes at most 16 KiB.
    #[test]
    fn the_list_of_a_set_is_short() {
        for set in Toolsets::names() {
            let tools = of(set);
            let length = serde_json::to_string(&tools).unwrap().len();
            assert!((1..=16).contains(&tools.len()), "{set}: {}", tools.len());
            assert!(length <= 16 * 1024, "{set}: {length}");
        }
        assert_eq!((of("default").len(), of("planning").len(), of("planning,default").len()), (16, 4, 20));
    }

    #[test]
    fn a_tool_is_in_one_set() {
        let mut names: Vec<_> = TOOLS.iter().map(|(_, entry)| entry.tool.name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TOOLS.len());
    }

    #[test]
    fn schemas_are_plain() {
        for tool in of("default,planning") {
            let schemas = [&*tool.input_schema, tool.output_schema.as_ref().unwrap()];
            for schema in schemas {
                plain(&tool.name, &Value::Object(schema.clone()));
            }
            assert_eq!(tool.input_schema["additionalProperties"], false, "{}", tool.name);
            let fields = tool.input_schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
            for (name, field) in fields {
                assert!(field["description"].is_string(), "{} {name}", tool.name);
            }
            let hints = tool.annotations.unwrap();
            assert!(hints.read_only_hint.and(hints.destructive_hint).is_some());
            assert!(hints.idempotent_hint.and(hints.open_world_hint).is_some());
            assert!(tool.title.is_some() && tool.name.split_once('_').is_some());
        }
    }

    fn plain(tool: &str, schema: &Value) {
        match schema {
            Value::Array(items) => items.iter().for_each(|item| plain(tool, item)),
            Value::Object(map) => {
                for banned in ["$ref", "$defs", "oneOf", "anyOf", "allOf"] {
                    assert!(!map.contains_key(banned), "{tool}: {banned}");
                }
                assert!(!map.get("type").is_some_and(Value::is_array), "{tool}: {schema}");
                map.values().for_each(|value| plain(tool, value));
            }
            _ => {}
        }
    }

    #[test]
    fn tools_stay_as_they_are_listed() {
        insta::assert_snapshot!(serde_json::to_string_pretty(&of("default")).unwrap());
    }

    #[test]
    fn tools_for_planning_stay_as_they_are_listed() {
        insta::assert_snapshot!(serde_json::to_string_pretty(&of("planning")).unwrap());
    }

    /// Without its scope a tool is not there.
    #[test]
    fn tools_need_their_scopes() {
        let names = |scopes: &[Scope]| -> Vec<String> {
            let tools = list(scopes.iter().copied().collect(), &"default,planning".parse().unwrap());
            tools.into_iter().map(|tool| tool.name.into_owned()).collect()
        };
        assert_eq!(
            names(&[Scope::TasksRead]),
            ["get_agenda", "list_tasks", "get_task", "list_reminders", "explain_task"]
        );
        assert_eq!(names(&[Scope::JobsRun]), ["run_job", "cancel_run"]);
        assert!(names(&[]).is_empty());
    }
}
