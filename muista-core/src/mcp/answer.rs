//! What a tool answers: the facts as JSON without what is empty or of no use to a model, instants in the user's zone, and
//! never more than [`RESULT_MAX`] characters. What failed is [`remedy`](super::remedy)'s.

use jiff::tz::TimeZone;
use rmcp::model::CallToolResult;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::remedy::clipped;
use crate::error::{Error, Result};
use crate::model::{DateField, Id, to_the_second};

/// The most characters of a result, in which the facts stand twice: as text and as structure.
pub(super) const RESULT_MAX: usize = 10_000;
/// The characters of each long text that are kept at first, then as often as it takes.
const TEXTS: [usize; 4] = [2_000, 800, 300, 100];
/// Where a list goes on. It is of no use cut.
const CURSOR: &str = "nextCursor";
/// What says how many items were left out, by where they stood.
const LEFT_OUT: &str = "leftOut";

/// What is of use to programs alone.
pub(super) const HIDDEN_FIELDS: &[&str] =
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
pub(super) const OF_RUNS: &[&str] = &["jobId", "rescues", "availableAt", "maxAttempts", "createdAt"];

/// Converts a value to the JSON that a tool answers with. Nobody plans in fractions of seconds.
///
/// # Errors
/// `Internal` when it cannot be written as JSON.
pub(super) fn to_tool_json<T: Serialize>(value: &T, zone: &TimeZone, left_out: &[&str]) -> Result<Value> {
    let mut value =
        to_the_second(value, zone).map_err(|error| Error::internal(format!("an answer cannot be written: {error}")))?;
    prune(&mut value, left_out);
    Ok(value)
}

/// Takes out what is empty, what is as usual, and what is named.
fn prune(value: &mut Value, left_out: &[&str]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| prune(item, left_out)),
        Value::Object(map) => {
            // The date says all: the instant is its first or last second.
            for field in DateField::ALL {
                if map.get(field.on_key()).is_some_and(Value::is_string) {
                    map.remove(field.at_key());
                }
            }
            map.retain(|key, value| {
                prune(value, left_out);
                !left_out.contains(&key.as_str()) && !is_usual(key, value)
            });
        }
        _ => {}
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

/// Returns a page of a list, under the name of its noun.
pub(super) fn paged(noun: &str, items: Value, next_cursor: Option<String>) -> Value {
    let mut page = json!({noun: items});
    if let Some(cursor) = next_cursor {
        page[CURSOR] = Value::String(cursor);
    }
    page
}

/// Facts with sentences that should be told beside them.
pub(super) fn noticed(mut json: Value, notices: Vec<String>) -> Value {
    if !notices.is_empty() {
        json["notices"] = json!(notices);
    }
    json
}

/// Returns the facts of a change, with the id by which it can be undone.
pub(super) fn changed(mut json: Value, notices: Vec<String>, change: Option<Id>) -> Value {
    if let Some(id) = change {
        json["changeId"] = json!(id);
    }
    noticed(json, notices)
}

/// Returns the result of a tool that did what was asked.
pub(super) fn result(json: Value) -> CallToolResult {
    let mut json = json;
    for most in TEXTS {
        if fits(&json) {
            return CallToolResult::structured(json);
        }
        clip(&mut json, most);
    }
    while !fits(&json) && shorten(&mut json) {}
    CallToolResult::structured(json)
}

/// Cuts long texts in a list, so that one of them does not leave room for few others.
pub(super) fn brief(mut json: Value) -> Value {
    clip(&mut json, IN_LISTS);
    json
}

/// Returns whether the facts fit into a result.
pub(super) fn fits(json: &Value) -> bool {
    length(json) <= RESULT_MAX
}

/// Returns how many characters a result with these facts has.
fn length(json: &Value) -> usize {
    // As text they are written within a string: quotes and backslashes take two characters there.
    let text = json.to_string();
    let escaped = text.chars().filter(|c| matches!(c, '"' | '\\')).count();
    // What stands around them: the names of the parts.
    2 * text.chars().count() + escaped + 200
}

/// Cuts long texts, except where a list goes on.
fn clip(json: &mut Value, most: usize) {
    let Value::Object(map) = json else { return clip_texts(json, most) };
    map.iter_mut().filter(|(key, _)| *key != CURSOR).for_each(|(_, value)| clip_texts(value, most));
}

fn clip_texts(value: &mut Value, most: usize) {
    match value {
        Value::String(text) => *text = clipped(text, most),
        Value::Array(items) => items.iter_mut().for_each(|item| clip_texts(item, most)),
        Value::Object(map) => map.values_mut().for_each(|value| clip_texts(value, most)),
        _ => {}
    }
}

/// A list within the facts: the members and places that lead there, and its length as text.
struct Longest {
    path: Vec<Step>,
    length: usize,
}

/// One step on the way to a value.
#[derive(Clone)]
enum Step {
    Member(String),
    Item(usize),
}

/// Takes items off the end of the longest list, wherever it stands, and notes under `leftOut` how many; whether there was
/// one.
fn shorten(json: &mut Value) -> bool {
    let mut longest = None;
    look(json, &mut Vec::new(), &mut longest);
    let Some(Longest { path, .. }) = longest else { return false };
    let far = length(json) > 2 * RESULT_MAX;
    let list = path.iter().try_fold(&mut *json, |value, step| match step {
        Step::Member(name) => value.get_mut(name),
        Step::Item(at) => value.get_mut(at),
    });
    let Some(Value::Array(items)) = list else { return false };
    // One by one near the end, so that no more goes than has to.
    let gone = if far { items.len().div_ceil(2) } else { 1 };
    items.truncate(items.len() - gone);
    let names: Vec<&str> = path
        .iter()
        .filter_map(|step| match step {
            Step::Member(name) => Some(name.as_str()),
            Step::Item(_) => None,
        })
        .collect();
    let Value::Object(map) = json else { return false };
    let left_out = map.entry(LEFT_OUT).or_insert_with(|| Value::Object(Map::new()));
    let count = &mut left_out[names.join(".")];
    *count = json!(count.as_u64().unwrap_or(0) + gone as u64);
    true
}

/// Finds the longest list in `value`, which stands at `path`. A list of one item goes after those that are in it.
fn look(value: &Value, path: &mut Vec<Step>, longest: &mut Option<Longest>) {
    match value {
        Value::Array(items) if !items.is_empty() => {
            let mut found = None;
            if let [one] = items.as_slice() {
                within(one, Step::Item(0), path, &mut found);
            }
            let found = found.unwrap_or_else(|| Longest { path: path.clone(), length: value.to_string().len() });
            if longest.as_ref().is_none_or(|longest| longest.length < found.length) {
                *longest = Some(found);
            }
        }
        Value::Object(map) => {
            for (name, value) in map.iter().filter(|(name, _)| *name != LEFT_OUT) {
                within(value, Step::Member(name.clone()), path, longest);
            }
        }
        _ => {}
    }
}

fn within(value: &Value, step: Step, path: &mut Vec<Step>, longest: &mut Option<Longest>) {
    path.push(step);
    look(value, path, longest);
    path.pop();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Instant;

    #[test]
    fn results_are_cut_until_they_fit() {
        let task = json!({"number": 1, "title": "x".repeat(900), "note": "\"".repeat(5_000)});
        let json = json!({"tasks": vec![task; 40], "nextCursor": "a"});
        let result = result(json);
        let text = serde_json::to_string(&result).unwrap_or_default();
        assert!(text.chars().count() <= RESULT_MAX, "{}", text.chars().count());
        let structured = result.structured_content.unwrap_or_default();
        assert!(structured["leftOut"]["tasks"].as_u64() > Some(0), "{structured}");
        assert_eq!(structured["tasks"][0]["number"], 1);
    }

    #[test]
    fn lists_within_are_cut_too() {
        let comment = json!({"id": "0199c0de-0000-7000-8000-000000000007", "text": "x".repeat(90)});
        for many in [80, 5_000] {
            let result = result(json!({"task": {"number": 1, "tags": ["a"], "comments": vec![comment.clone(); many]}}));
            let text = serde_json::to_string(&result).unwrap_or_default();
            assert!(text.chars().count() <= RESULT_MAX, "{}", text.chars().count());
            let structured = result.structured_content.unwrap_or_default();
            let left = structured["task"]["comments"].as_array().map_or(0, Vec::len);
            assert_eq!(structured["leftOut"], json!({"task.comments": many - left}));
            assert!(left > 10 && structured["task"]["tags"] == json!(["a"]), "{left}");
        }
    }

    #[test]
    fn where_a_list_goes_on_is_not_cut() {
        let page = json!({"tasks": [{"number": 1, "note": "x".repeat(20_000)}], "nextCursor": "7b".repeat(800)});
        let structured = result(brief(page.clone())).structured_content.unwrap_or_default();
        assert_eq!(structured["nextCursor"], page["nextCursor"]);
        assert!(structured["tasks"][0]["note"].as_str().is_some_and(|note| note.chars().count() < 400));
    }

    #[test]
    fn what_is_usual_is_left_out() {
        let task = json!({
            "number": 7, "id": "x", "dueOn": "2026-11-21", "dueDate": "2026-11-21T21:59:59Z", "completed": false,
            "priority": "MEDIUM", "category": "Work", "tags": [], "note": null, "updatedAt": "as it is",
        });
        let at = "2026-11-21T21:59:59.123456+02:00".parse::<Instant>().ok();
        let json_of = |left_out| to_tool_json(&(task.clone(), at), &TimeZone::UTC, left_out).unwrap_or_default();
        let left = json!([{"number": 7, "dueOn": "2026-11-21", "category": "Work"}, "2026-11-21T19:59:59+00:00"]);
        assert_eq!(json_of(OF_TASKS), left);
    }
}
