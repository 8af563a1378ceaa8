//! The arguments of a call, fitted to the tool's schema before they are read. Clients differ in how they write them: some
//! send `null` for what is left out, some a list as JSON text, some a name in another case. All that can mean only one
//! thing is taken as that; what cannot is refused under the argument's own name. What a value means is `input`'s.

use rmcp::model::JsonObject;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::named::quoted;
use crate::error::{Error, Result};
use crate::input::deserialize_error;
use crate::model::{clip, shown};

/// Arguments that models take for others, and what they mean; the first that the tool has is the one.
const MEANT: &[(&str, &[&str])] = &[
    ("tag", &["tags", "add_tags"]),
    ("tags", &["add_tags"]),
    ("labels", &["tags", "add_tags"]),
    ("due_date", &["due"]),
    ("duedate", &["due"]),
    ("deadline", &["due"]),
    ("date", &["day", "due"]),
    ("reminder", &["remind", "at"]),
    ("remind", &["at"]),
    ("when", &["at", "due"]),
    ("time", &["at", "due"]),
    ("repeat", &["every"]),
    ("recurrence", &["every"]),
    ("wait", &["start"]),
    ("start_date", &["start"]),
    ("effort", &["estimate"]),
    ("duration", &["estimate"]),
    ("order", &["position"]),
    ("query", &["search"]),
    ("text", &["search", "note"]),
    ("description", &["note"]),
    ("notes", &["note"]),
    ("name", &["title", "job"]),
    ("id", &["task", "run", "tasks"]),
    ("ids", &["tasks"]),
    ("task", &["tasks"]),
    ("tasks", &["task"]),
    ("number", &["task", "tasks"]),
    ("task_id", &["task", "tasks"]),
    ("blocked_by", &["depends_on"]),
    ("cron", &["schedule"]),
    ("arguments", &["params"]),
    ("count", &["limit"]),
    ("page", &["cursor"]),
];

/// Values that belong to another argument, or have another name: the argument, the value, and what to give instead.
const INSTEAD: &[(&str, &str, &str)] = &[
    ("status", "overdue", "`due` \"overdue\""),
    ("status", "today", "`due` \"today\""),
    ("status", "upcoming", "`due` \"upcoming\""),
    ("status", "completed", "\"done\""),
    ("status", "closed", "\"done\""),
    ("status", "pending", "\"open\""),
    ("status", "todo", "\"open\""),
    ("status", "active", "\"open\""),
    ("priority", "urgent", "\"HIGH\""),
    ("priority", "normal", "\"MEDIUM\""),
];

/// Arguments that may be empty: an empty note takes the note away, and nothing is searched for.
const MAY_BE_EMPTY: [&str; 2] = ["note", "search"];

/// Reads the arguments of a tool with this schema.
///
/// # Errors
/// `Invalid`, naming the argument that is not known, or whose value it does not take.
pub(super) fn read<A: DeserializeOwned>(schema: &JsonObject, arguments: JsonObject) -> Result<A> {
    let fitted = Value::Object(fit(schema, arguments)?);
    serde_path_to_error::deserialize(fitted)
        .map_err(|error| deserialize_error(&error.path().to_string(), &error.inner().to_string(), "arguments"))
}

/// Returns the arguments in the form that the schema asks for, without those that are `null`.
fn fit(schema: &JsonObject, arguments: JsonObject) -> Result<JsonObject> {
    let nothing = JsonObject::new();
    let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&nothing);
    let mut fitted = JsonObject::new();
    for (name, value) in arguments.into_iter().filter(|(_, value)| !value.is_null()) {
        let field = known.get(&name).ok_or_else(|| unknown(&name, known))?;
        let value = match field["type"].as_str() {
            Some("array") => list(&name, field, value)?,
            Some("object") => object(&name, field, value)?,
            Some("integer") => number(value),
            Some("boolean") => flag(value),
            _ => text(&name, field, value)?,
        };
        fitted.insert(name, value);
    }
    Ok(fitted)
}

/// Fits a list. One that came as JSON text is taken as the list that it is; any other text alone is a list of one text.
fn list(name: &str, field: &Value, value: Value) -> Result<Value> {
    let items = match value {
        Value::Array(items) => items,
        Value::String(written) => match (json(&written), field["items"]["type"].as_str()) {
            (Some(Value::Array(items)), _) => items,
            (Some(one @ Value::Object(_)), Some("object")) => vec![one],
            (None, Some("string")) if !looks_like_json(&written) => vec![Value::String(written)],
            (_, wanted) => return Err(no_list(name, &written, wanted)),
        },
        one => vec![one],
    };
    let given = items.into_iter().filter(|item| !item.is_null());
    let fitted: Result<Vec<Value>> = given.map(|item| one_of(name, &field["items"], item)).collect();
    fitted.map(Value::Array)
}

fn no_list(name: &str, written: &str, wanted: Option<&str>) -> Error {
    let example = if wanted == Some("object") { "[{\"title\": \"…\"}]" } else { "[\"…\", \"…\"]" };
    Error::invalid(name, format!("{} stands where a list is expected", quoted(written)))
        .hint(format!("send a JSON array, as in {example}"))
}

/// Fits an object, which may have come as JSON text, and what is in it.
fn object(name: &str, field: &Value, value: Value) -> Result<Value> {
    let value = match value {
        Value::String(written) => json(&written).filter(Value::is_object).ok_or_else(|| {
            Error::invalid(name, format!("{} stands where an object is expected", quoted(&written)))
                .hint("send a JSON object")
        })?,
        other => other,
    };
    match (value, field.as_object()) {
        (Value::Object(map), Some(schema)) => fit(schema, map).map(Value::Object).map_err(|error| error.within(name)),
        (other, _) => Ok(other),
    }
}

/// Returns the object that an item of a list is, where it came as JSON text.
///
/// # Errors
/// `Invalid` for a text that looks like an object and is none.
pub(super) fn object_of_text(name: &str, written: &str) -> Result<Option<JsonObject>> {
    match json(written) {
        Some(Value::Object(map)) => Ok(Some(map)),
        None if !looks_like_json(written) => Ok(None),
        _ => Err(Error::invalid(name, format!("{} stands where an object is expected", quoted(written)))
            .hint("send each as a JSON object")),
    }
}

/// Returns what a text holds as JSON, where it looks like a list or an object.
fn json(written: &str) -> Option<Value> {
    looks_like_json(written).then(|| serde_json::from_str(written.trim()).ok()).flatten()
}

fn looks_like_json(written: &str) -> bool {
    written.trim_start().starts_with(['[', '{'])
}

fn number(value: Value) -> Value {
    let read = value.as_str().and_then(|text| text.trim().parse::<i64>().ok());
    read.map_or(value, Value::from)
}

fn flag(value: Value) -> Value {
    match value.as_str().map(str::trim) {
        Some(text) if text.eq_ignore_ascii_case("true") => Value::Bool(true),
        Some(text) if text.eq_ignore_ascii_case("false") => Value::Bool(false),
        _ => value,
    }
}

fn text(name: &str, field: &Value, value: Value) -> Result<Value> {
    match value.as_str() {
        Some(text) if text.trim().is_empty() && !MAY_BE_EMPTY.contains(&name) => {
            Err(Error::invalid(name, format!("{name} is empty")).hint("give it a value, or leave it out"))
        }
        _ => one_of(name, field, value),
    }
}

/// Fits a text that has to be one of a few, whatever its case.
fn one_of(name: &str, field: &Value, value: Value) -> Result<Value> {
    let (Some(names), Some(text)) = (field["enum"].as_array(), value.as_str()) else { return Ok(value) };
    let mut names = names.iter().filter_map(Value::as_str);
    if let Some(known) = names.clone().find(|known| known.eq_ignore_ascii_case(text.trim())) {
        return Ok(Value::from(known));
    }
    let known = names.by_ref().collect::<Vec<_>>().join(", ");
    let meant = INSTEAD.iter().find(|(of, said, _)| *of == name && said.eq_ignore_ascii_case(text.trim()));
    let hint = match meant {
        Some((.., instead)) => format!("did you mean {instead}? {name} is one of {known}"),
        None => format!("choose one of {known}"),
    };
    Err(Error::invalid(name, format!("{} is not a valid {name}", quoted(text))).hint(hint))
}

/// Returns an argument that there is not, with the one that is meant, or all that there are.
fn unknown(name: &str, known: &JsonObject) -> Error {
    let names = || known.keys().map(String::as_str);
    let folded = name.to_lowercase();
    let meant = MEANT
        .iter()
        .find(|(said, _)| *said == folded)
        .and_then(|(_, meant)| meant.iter().copied().find(|name| known.contains_key(*name)));
    // The measure's time grows with the square of the length; no argument is nearly as long as this.
    let near = || {
        let close =
            names().filter(|known| folded.len() <= 40 && strsim::osa_distance(&folded, known) <= known.len() / 3);
        close.min_by_key(|known| strsim::osa_distance(&folded, known))
    };
    let all = match names().collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "leave it out; there are no arguments".to_owned(),
        all => format!("the arguments are {all}"),
    };
    let hint = match meant.or_else(near) {
        Some(meant) => format!("did you mean `{meant}`? {}{}", all[..1].to_uppercase(), &all[1..]),
        None => all,
    };
    let name = clip(name);
    Error::invalid(&name, format!("there is no argument `{}`", shown(&name))).hint(hint)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde_json::json;

    use super::*;

    fn schema() -> JsonObject {
        let fields = json!({
            "tasks": {"type": "array", "items": {"type": "object"}},
            "add_tags": {"type": "array", "items": {"type": "string"}},
            "priority": {"type": "string", "enum": ["LOW", "MEDIUM", "HIGH"]},
            "status": {"type": "string", "enum": ["open", "done"]},
            "where": {"type": "object", "properties": {"due": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}}},
            "limit": {"type": "integer"},
            "all": {"type": "boolean"},
            "every": {"type": "string"},
            "note": {"type": "string"},
        });
        json!({"properties": fields}).as_object().unwrap().clone()
    }

    fn fitted(arguments: Value) -> Value {
        Value::Object(fit(&schema(), arguments.as_object().unwrap().clone()).unwrap())
    }

    #[track_caller]
    fn refused(arguments: Value) -> (String, String, String) {
        let error = fit(&schema(), arguments.as_object().unwrap().clone()).unwrap_err();
        (error.field.unwrap(), error.message, error.hint.unwrap())
    }

    #[test]
    fn lists_and_objects_may_come_as_text() {
        let task = json!({"title": "A [1]", "due": null});
        for (sent, taken) in [
            (json!({"tasks": json!([task]).to_string()}), json!({"tasks": [task]})),
            (json!({"tasks": format!("\n {task}")}), json!({"tasks": [task]})),
            (json!({"tasks": [task, "B"]}), json!({"tasks": [task, "B"]})),
            (json!({"add_tags": "[\"home\", null, \"work\"]"}), json!({"add_tags": ["home", "work"]})),
            (json!({"add_tags": "home"}), json!({"add_tags": ["home"]})),
            (
                json!({"where": "{\"due\": \"overdue\", \"tags\": \"[]\"}"}),
                json!({"where": {"due": "overdue", "tags": []}}),
            ),
        ] {
            assert_eq!(fitted(sent), taken);
        }
        for (sent, field) in [
            (json!({"tasks": "Buy milk"}), "tasks"),
            (json!({"tasks": "[{\"title\": \"A\""}), "tasks"),
            (json!({"add_tags": "[home"}), "add_tags"),
            (json!({"add_tags": "{\"a\": 1}"}), "add_tags"),
            (json!({"where": "overdue"}), "where"),
            (json!({"where": "[]"}), "where"),
            (json!({"where": {"colour": 1}}), "where.colour"),
        ] {
            assert_eq!(refused(sent).0, field);
        }
    }

    #[test]
    fn null_is_left_out_and_words_are_taken_for_what_they_say() {
        let nulls: JsonObject =
            schema()["properties"].as_object().unwrap().keys().map(|name| (name.clone(), Value::Null)).collect();
        assert_eq!(fitted(Value::Object(nulls)), json!({}));
        let sent = json!({"priority": "high", "limit": "5", "all": "True", "note": ""});
        assert_eq!(fitted(sent), json!({"priority": "HIGH", "limit": 5, "all": true, "note": ""}));
    }

    #[test]
    fn what_is_not_taken_is_told_under_its_own_name() {
        let all = "The arguments are tasks, add_tags, priority, status, where, limit, all, every, note";
        for (sent, field, message, hint) in [
            (json!({"tags": ["a"]}), "tags", "there is no argument `tags`", format!("did you mean `add_tags`? {all}")),
            (json!({"limt": 5}), "limt", "there is no argument `limt`", format!("did you mean `limit`? {all}")),
            (json!({"every": " "}), "every", "every is empty", "give it a value, or leave it out".to_owned()),
            (
                json!({"priority": "soon"}),
                "priority",
                "“soon” is not a valid priority",
                "choose one of LOW, MEDIUM, HIGH".to_owned(),
            ),
            (
                json!({"status": "overdue"}),
                "status",
                "“overdue” is not a valid status",
                "did you mean `due` \"overdue\"? status is one of open, done".to_owned(),
            ),
        ] {
            assert_eq!(refused(sent), (field.to_owned(), message.to_owned(), hint));
        }
        let (field, message, _) = refused(json!({("x".repeat(100_000)): 1}));
        assert!(field.len() < 200 && message.len() < 250, "{message}");
    }
}
