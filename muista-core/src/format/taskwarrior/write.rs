//! From an [`ExportedTask`] to Taskwarrior's attributes.

use serde_json::{Value, json};

use super::block::Note;
use super::stamp::{self, Times};
use super::{CORE, INSTANTS, own, plan, tags, uda};
use crate::format::notices::Notices;
use crate::format::records::Record;
use crate::model::{Comment, ExportedTask, Priority, Task};
use crate::time::Instant;

/// Returns the task as `task import` takes it, without what makes it an instance of a recurring one. What Taskwarrior has no
/// place for goes into attributes of our own; what came from it and was kept in the note goes back to its place.
pub(super) fn record(exported: &ExportedTask, notices: &mut Notices) -> Record {
    let task = &exported.task;
    let mut times = Times::default();
    let mut record = Record::new();
    let mut put = |name: &str, value: Value| record.insert(name.to_owned(), value);
    put("uuid", json!(task.id));
    put("status", json!(if task.completed { "completed" } else { "pending" }));
    put("description", json!(task.title));
    put("priority", json!(letter(task.priority)));
    put(own::CATEGORY, json!(task.category));
    if let Some(project) = &task.project {
        put("project", json!(project));
    }
    if let Some(description) = &task.description {
        put(own::DESCRIPTION, json!(description));
    }
    if let Some(words) = &task.recurrence {
        put(own::EVERY, json!(words));
    }
    if let Some(parent) = task.parent_id {
        put(own::PARENT, json!(parent));
    }
    if !task.depends_on.is_empty() {
        put("depends", json!(task.depends_on));
    }
    if !exported.comments.is_empty() {
        put("annotations", annotations(&exported.comments, &mut times));
    }
    instants(task, &mut times, &mut record);
    tags::write(task, &mut record, notices);
    plan::write(task, &mut record);
    note(task, &mut record);
    uda::write(task, &mut record);
    if let Some(times) = times.write() {
        record.insert(own::TIMES.to_owned(), json!(times));
    }
    record
}

fn letter(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "L",
        Priority::Medium => "M",
        Priority::High => "H",
    }
}

fn instants(task: &Task, times: &mut Times, record: &mut Record) {
    let end = task.completed.then(|| task.completed_at.unwrap_or(task.updated_at));
    let moments = [("entry", Some(task.created_at)), ("modified", Some(task.updated_at)), ("end", end)];
    for (name, at) in moments {
        let Some(at) = at else { continue };
        let stamp = stamp::is_writable(at).then(|| stamp::write(at));
        times.keep(name, at, stamp.as_deref());
        if let Some(stamp) = stamp {
            record.insert(name.to_owned(), json!(stamp));
        }
    }
    if let Some(at) = task.due_date {
        times.keep_due(at, task.due_on, task.timezone.as_deref());
        if stamp::is_writable(at) {
            record.insert("due".to_owned(), json!(stamp::write(at)));
        }
    }
}

/// Returns the comments, each with a second of its own: Taskwarrior tells annotations apart by it.
fn annotations(comments: &[Comment], times: &mut Times) -> Value {
    let mut second = 86_400;
    let mut written = Vec::with_capacity(comments.len());
    for comment in comments {
        second = second.max(comment.created_at.as_micros().div_euclid(1_000_000));
        let stamp = Instant::from_micros(second * 1_000_000).map(stamp::write).unwrap_or_default();
        times.keep(&stamp, comment.created_at, Some(&stamp));
        written.push(json!({"entry": stamp, "description": comment.text}));
        second += 1;
    }
    Value::Array(written)
}

fn note(task: &Task, record: &mut Record) {
    let Some(text) = &task.note else { return };
    let mut note = Note::read(text);
    for (name, value) in note.take(goes_back) {
        record.insert(name, json!(value));
    }
    let rest = note.write();
    if !rest.is_empty() {
        record.insert(own::NOTE.to_owned(), json!(rest));
    }
}

/// Returns whether Taskwarrior takes the attribute back: an instant of its own, or a user defined attribute.
pub(super) fn goes_back(name: &str, value: &str) -> bool {
    if INSTANTS.contains(&name) {
        return stamp::read(value).is_some_and(|at| stamp::is_writable(at) && stamp::write(at) == value);
    }
    let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        && name.starts_with(|c: char| c.is_ascii_alphabetic());
    let internal = ["muista", "annotation_", "tag_", "tags_", "dep_"].iter().any(|prefix| name.starts_with(prefix));
    is_name && !internal && !CORE.contains(&name) && !value.chars().any(char::is_control)
}
