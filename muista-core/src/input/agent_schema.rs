//! How an agent's message stands in the OpenAPI document: one schema an intent, made of those of the documents and the
//! parameters that REST takes, so that nothing is described twice.

use std::borrow::Cow;

use serde_json::{Map, Value, json};
use utoipa::openapi::path::ParameterIn;
use utoipa::openapi::schema::{ObjectBuilder, Schema};
use utoipa::openapi::{RefOr, Required};
use utoipa::{IntoParams, PartialSchema, ToSchema};

use super::TaskQuery;
use super::agent::LISTS;
use crate::model::Intent;

/// Where the message itself stands among the schemas.
const MESSAGE: &str = "AgentMessage";

/// A message of an agent. Its schema is written last, by `write`, out of those of others.
#[derive(Debug)]
pub struct AgentMessage;

impl PartialSchema for AgentMessage {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().into()
    }
}

impl ToSchema for AgentMessage {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(MESSAGE)
    }
}

/// Writes the schemas of messages, where the document has any.
pub(super) fn write(schemas: &mut Value) {
    if schemas.get(MESSAGE).is_none() {
        return;
    }
    let update = update(&schemas["TaskChanges"]);
    let more = [
        ("UpdateTask", update),
        ("AskUpcoming", listing(&[], &[], json!({"project": "home", "limit": 20}))),
        ("AskOverdue", listing(&["due"], &[], json!({"priority": "HIGH"}))),
        ("AskByCategory", listing(&[], &["category"], json!({"category": "Work"}))),
    ];
    for (name, schema) in more {
        schemas[name] = schema;
    }
    schemas["DeleteTask"]["properties"]["taskId"] = task();
    schemas["TriggerScript"]["properties"]["taskId"] = or_null(&task());
    let messages: Vec<Value> = Intent::ALL.iter().map(|intent| message(*intent)).collect();
    schemas[MESSAGE] = json!({
        "oneOf": messages,
        "description": "Who wants what. What `params` may hold depends on `intent`.",
    });
}

/// The schema of what an intent is given, and whether it needs to be given anything.
fn params(intent: Intent) -> (&'static str, bool) {
    match intent {
        Intent::CreateTask => ("TaskInput", true),
        Intent::UpdateTask => ("UpdateTask", true),
        Intent::DeleteTask => ("DeleteTask", true),
        Intent::AskUpcoming => ("AskUpcoming", false),
        Intent::AskOverdue => ("AskOverdue", false),
        Intent::AskByCategory => ("AskByCategory", true),
        Intent::TriggerScript => ("TriggerScript", true),
    }
}

fn message(intent: Intent) -> Value {
    let (params, needed) = params(intent);
    let mut required = vec!["intent"];
    if needed {
        required.push("params");
    }
    json!({
        "type": "object",
        "title": intent.as_str(),
        "required": required,
        "properties": {
            "context": or_null(&refer("AgentContext")),
            "intent": {"type": "string", "const": intent.as_str()},
            "params": if needed { refer(params) } else { or_null(&refer(params)) },
            "requestId": or_null(&refer("RequestId")),
        },
        "additionalProperties": false,
    })
}

fn refer(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn or_null(schema: &Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

/// Which task is meant: its number may be a number.
fn task() -> Value {
    json!({
        "anyOf": [refer("TaskRef"), {"type": "integer", "minimum": 1, "maximum": 999_999_999_999_999_999_i64}],
        "description": "The task: its id, its number, or the beginning of its id.",
    })
}

/// The changes of a task, and which one that is.
fn update(changes: &Value) -> Value {
    let mut schema = changes.clone();
    schema["properties"]["taskId"] = task();
    schema["required"] = json!(["taskId"]);
    schema["example"] = json!({"taskId": "7", "dueDate": "next friday", "addTags": ["later"]});
    schema["description"] = json!("What changes a task: what is left out stays, `null` empties a field.");
    schema
}

/// The parameters of a list of tasks, without some.
fn listing(without: &[&str], required: &[&str], example: Value) -> Value {
    let mut properties = Map::new();
    for parameter in TaskQuery::into_params(|| Some(ParameterIn::Query)) {
        if without.contains(&parameter.name.as_str()) || parameter.required == Required::True {
            continue;
        }
        let mut schema = serde_json::to_value(&parameter.schema).unwrap_or_default();
        let needed = required.contains(&parameter.name.as_str());
        if LISTS.contains(&parameter.name.as_str()) {
            if needed {
                schema["minItems"] = json!(1);
            }
            schema = json!({"anyOf": [schema["items"], schema]});
        }
        if !needed {
            schema = or_null(&schema);
        }
        if let Some(description) = parameter.description {
            schema["description"] = json!(description);
        }
        properties.insert(parameter.name, schema);
    }
    json!({
        "type": "object", "properties": properties, "required": required, "additionalProperties": false,
        "description": "Which tasks are listed. All conditions must hold.", "example": example,
    })
}
