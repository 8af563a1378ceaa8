//! What a tool answers: the facts as JSON without what is empty or of no use to a model, instants in the user's zone, and
//! never more than [`RESULT_MAX`] characters. What failed is told with what to do next.

use jiff::tz::TimeZone;
use rmcp::model::{CallToolResult, ContentBlock};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::error::{Error, ErrorKind, Result};
use crate::model::in_zone;

/// The most characters of a result, in which the facts stand twice: as text and as structure (spec §9).
pub(super) const RESULT_MAX: usize = 10_000;
/// The characters of each long text that are kept at first, then as often as it takes.
const TEXTS: [usize; 4] = [2_000, 800, 300, 100];

/// What is of use to programs alone.
pub(super) const NOISE: &[&str] =
    &["ownerId", "projectId", "parentId", "dependsOn", "seriesId", "seriesNumber", "timezone", "version"];
/// The characters of each long text that are kept in a list.
const IN_LISTS: usize = 300;
/// What of a task is left out of lists: it is named by its number, and none of this helps to decide anything.
pub(super) const OF_TASKS: &[&str] =
    &["id", "ownerId", "projectId", "seriesId", "seriesNumber", "timezone", "version", "createdAt", "updatedAt"];
/// What is left out of reminders.
pub(super) const OF_REMINDERS: &[&str] =
    &["taskId", "interval", "timezone", "regularAt", "repeatAt", "version", "createdAt", "updatedAt"];
/// What is left out of comments and attachments, which stand with their task.
pub(super) const OF_COMMENTS: &[&str] = &["taskId", "ownerId", "userId", "authorId", "sha256", "version", "updatedAt"];
/// What is left out of jobs.
pub(super) const OF_JOBS: &[&str] =
    &["id", "ownerId", "taskId", "type", "interval", "version", "createdAt", "updatedAt"];
/// What is left out of runs.
pub(super) const OF_RUNS: &[&str] = &["jobId", "rescues", "availableAt", "createdAt"];

/// The facts of a value.
///
/// # Errors
/// `Internal` when it cannot be written as JSON.
pub(super) fn facts<T: Serialize>(value: &T, zone: &TimeZone, left_out: &[&str]) -> Result<Value> {
    let mut value =
        in_zone(value, zone).map_err(|error| Error::internal(format!("an answer cannot be written: {error}")))?;
    prune(&mut value, left_out);
    Ok(value)
}

/// Takes out what is empty, what is as usual, and what is named.
fn prune(value: &mut Value, left_out: &[&str]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| prune(item, left_out)),
        Value::Object(map) => {
            // The date says all: the instant is its last second.
            if map.get("dueOn").is_some_and(Value::is_string) {
                map.remove("dueDate");
            }
            map.retain(|key, value| {
                prune(value, left_out);
                if let Value::String(text) = value
                    && (key == "dueDate" || key == "at" || key.ends_with("At"))
                {
                    whole_seconds(text);
                }
                !left_out.contains(&key.as_str()) && !is_usual(key, value)
            });
        }
        _ => {}
    }
}

/// Takes the fraction out of an instant: nobody plans in microseconds.
fn whole_seconds(instant: &mut String) {
    if instant.as_bytes().get(19) == Some(&b'.') {
        let end = instant[20..].find(|c: char| !c.is_ascii_digit()).map_or(instant.len(), |end| end + 20);
        instant.replace_range(19..end, "");
    }
}

fn is_usual(key: &str, value: &Value) -> bool {
    match value {
        Value::Null => true,
        // A job that is not enabled is paused, which matters.
        Value::Bool(flag) => !flag && key != "enabled",
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::String(text) => matches!((key, text.as_str()), ("priority", "MEDIUM") | ("category", "Personal")),
        Value::Number(_) => false,
    }
}

/// A page of a list, under the name of its noun.
pub(super) fn paged(noun: &str, items: Value, next_cursor: Option<String>) -> Value {
    let mut page = json!({noun: items});
    if let Some(cursor) = next_cursor {
        page["nextCursor"] = Value::String(cursor);
    }
    page
}

/// Facts with sentences that should be told beside them.
pub(super) fn noticed(mut facts: Value, notices: Vec<String>) -> Value {
    if !notices.is_empty() {
        facts["notices"] = json!(notices);
    }
    facts
}

/// The result of a tool that did what was asked.
pub(super) fn result(facts: Value) -> CallToolResult {
    let mut facts = facts;
    for most in TEXTS {
        if fits(&facts) {
            return CallToolResult::structured(facts);
        }
        clip(&mut facts, most);
    }
    while !fits(&facts) && shorten(&mut facts) {}
    CallToolResult::structured(facts)
}

/// Cuts long texts in a list, so that one of them does not leave room for few others.
pub(super) fn brief(mut facts: Value) -> Value {
    clip(&mut facts, IN_LISTS);
    facts
}

/// Whether the facts fit into a result.
pub(super) fn fits(facts: &Value) -> bool {
    // As text they are written within a string: quotes and backslashes take two characters there.
    let text = facts.to_string();
    let escaped = text.chars().filter(|c| matches!(c, '"' | '\\')).count();
    let length = text.chars().count();
    // What stands around them: the names of the parts.
    2 * length + escaped + 200 <= RESULT_MAX
}

/// Cuts long texts.
fn clip(value: &mut Value, most: usize) {
    match value {
        Value::String(text) => {
            if let Some((at, _)) = text.char_indices().nth(most) {
                let more = text[at..].chars().count();
                text.truncate(at);
                text.push_str(&format!("… ({more} more characters)"));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| clip(item, most)),
        Value::Object(map) => map.values_mut().for_each(|value| clip(value, most)),
        _ => {}
    }
}

/// Takes the last item off the longest list, and notes under `leftOut` how many were; whether there was one.
fn shorten(facts: &mut Value) -> bool {
    let Value::Object(map) = facts else { return false };
    let longest = map.iter_mut().filter_map(|(key, value)| Some((key.clone(), value.as_array_mut()?)));
    let Some((key, items)) = longest.max_by_key(|(_, items)| items.len()).filter(|(_, items)| !items.is_empty()) else {
        return false;
    };
    items.pop();
    let left_out = map.entry("leftOut").or_insert_with(|| Value::Object(Map::new()));
    let count = left_out[&key].as_u64().unwrap_or(0);
    left_out[&key] = json!(count + 1);
    true
}

/// The result of a tool that could not do what was asked.
pub(super) fn failure(error: &Error) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(told(error))])
}

/// An error in words: its code, the argument that was wrong, what happened, and what to do next.
pub(super) fn told(error: &Error) -> String {
    let field = error.field.as_deref().map(|field| format!(" ({})", argument(field))).unwrap_or_default();
    let next = next(error).map(|next| format!(". {next}")).unwrap_or_default();
    format!("{}{field}: {}{next}.", error.kind.code(), error.message)
}

/// The argument that gave a field its value, where that has another name.
fn argument(field: &str) -> &str {
    match field {
        "dueDate" | "dueOn" => "due",
        "parentId" => "parent",
        "dependsOn" => "depends_on",
        "addTags" => "add_tags",
        "removeTags" => "remove_tags",
        "reminder" | "reminder.at" | "remind" => "remind or at",
        field => field,
    }
}

/// What a model can do about an error. The core's remedies name commands now and then, of which a model has none.
fn next(error: &Error) -> Option<String> {
    let hint = error.hint.as_deref().filter(|hint| !hint.contains("muista ") && !hint.contains("--"));
    if let Some(hint) = hint {
        return Some(format!("Next: {hint}"));
    }
    let next = match error.kind {
        ErrorKind::NotFound => "Next: look for it with the list tools; tasks are named by number or exact title",
        ErrorKind::Invalid => "Next: correct this argument and call again; nothing was changed",
        ErrorKind::Conflict | ErrorKind::PreconditionFailed => "Next: look at how it is now, then decide again",
        ErrorKind::Forbidden => "Next: tell the user that the token lacks this permission; do not try again",
        ErrorKind::Unauthenticated => "Next: ask the user for a valid token",
        ErrorKind::DailyLimit => "Next: tell the user; the limit ends with the day",
        ErrorKind::RateLimited => {
            let seconds = error.retry_after.unwrap_or(1);
            return Some(format!("Next: wait {seconds} s before you try again"));
        }
        ErrorKind::Unavailable => "Next: try again in a moment",
        ErrorKind::Internal => "Next: tell the user; trying again may not help",
    };
    Some(next.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_cut_until_they_fit() {
        let task = json!({"number": 1, "title": "x".repeat(900), "note": "\"".repeat(5_000)});
        let facts = json!({"tasks": vec![task; 40], "nextCursor": "a"});
        let result = result(facts);
        let text = serde_json::to_string(&result).unwrap_or_default();
        assert!(text.chars().count() <= RESULT_MAX, "{}", text.chars().count());
        let structured = result.structured_content.unwrap_or_default();
        assert!(structured["leftOut"]["tasks"].as_u64() > Some(0), "{structured}");
        assert_eq!(structured["tasks"][0]["number"], 1);
    }

    #[test]
    fn what_is_usual_is_left_out() {
        let task = json!({
            "number": 7, "id": "x", "dueOn": "2026-11-21", "dueDate": "2026-11-21T21:59:59Z", "completed": false,
            "priority": "MEDIUM", "category": "Work", "tags": [], "note": null,
            "updatedAt": "2026-11-21T21:59:59.123456+02:00", "at": "2026-11-21T21:59:59+02:00",
        });
        let facts_of = |left_out| facts(&task, &TimeZone::UTC, left_out).unwrap_or_default();
        assert_eq!(facts_of(&[])["updatedAt"], "2026-11-21T19:59:59+00:00");
        let left = json!({"number": 7, "dueOn": "2026-11-21", "category": "Work", "at": "2026-11-21T19:59:59+00:00"});
        assert_eq!(facts_of(OF_TASKS), left);
    }
}
