//! A change in words: what was done to which record, field by field.

use std::collections::BTreeSet;
use std::fmt::Write;

use muista_core::format::csv;
use muista_core::model::{Action, AuditEntry, DateField, Entity, Id, Undone, in_zone};
use muista_core::time::Instant;
use serde_json::Value;

use super::{AuditIds, Cell, Column, LEDGER_IDS, Noun, Paint, Shape, View, due, safe};
use crate::error::{CliError, Result};

/// Fields that change by themselves, or whose change another field tells better.
const UNTOLD: &[&str] = &[
    "id",
    "number",
    "version",
    "createdAt",
    "updatedAt",
    "ownerId",
    "completedAt",
    "projectId",
    "timezone",
    "recurrenceType",
    "interval",
    "words",
    "startAt",
    "nextRunAt",
    "lastRunAt",
    "seriesId",
    "seriesNumber",
    "template",
    "anchorAt",
];

/// The longest text of a field that is shown, in characters.
const LONGEST: usize = 60;

impl Noun for AuditEntry {
    const FIELDS: &'static [&'static str] = &[
        "seq",
        "id",
        "changeId",
        "entity",
        "recordId",
        "userId",
        "actor",
        "origin",
        "action",
        "before",
        "after",
        "undoes",
        "createdAt",
    ];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("When", Shape::Short, |entry: &Self, view| {
                Cell::new(due::full(entry.created_at, &view.context))
            }),
            Column::new("What", Shape::Text, |entry: &Self, _| Cell::new(summary(entry))),
        ]
    }

    fn key(&self) -> String {
        self.change_id.to_string()
    }
}

impl Noun for Undone {
    const FIELDS: &'static [&'static str] = &["changeId", "changes", "total"];

    fn columns() -> Vec<Column<Self>> {
        vec![Column::new("Change", Shape::Short, |undone: &Self, _| Cell::new(undone.key()))]
    }

    fn key(&self) -> String {
        self.change_id.to_string()
    }
}

/// Returns the entry in one line: `changed task 7  Buy cat food`. Not made safe for a terminal.
pub(crate) fn summary(entry: &AuditEntry) -> String {
    let record = entry.after.as_ref().or(entry.before.as_ref()).unwrap_or(&Value::Null);
    let text = |key: &str| record[key].as_str().unwrap_or_default();
    let what = match entry.entity {
        Entity::Task => format!("task {}  {}", record["number"], text("title")),
        Entity::Project => format!("project {}", text("name")),
        Entity::Tag => format!("tag {}", text("name")),
        Entity::Job => format!("job {}", text("name")),
        Entity::Series => format!("series {}", text("words")),
        Entity::View => format!("view {}", text("name")),
        Entity::Field => format!("field {}", text("name")),
        Entity::Template => format!("template {}", text("name")),
        Entity::TimeEntry => format!("work on a task since {}", text("beganAt")),
        Entity::Comment => format!("comment  {}", clipped(text("text"))),
        Entity::Attachment => format!("file {}", text("name")),
        Entity::Run => format!("run {} of {}", short(text("id")), text("jobName")),
        Entity::Device => format!("device {}", text("deviceId")),
        Entity::User => format!("account {}", text("username")),
        Entity::Session => format!("session {}", short(text("id"))),
        Entity::ApiKey => format!("key {}", text("name")),
        Entity::Member => format!("member {} ({})", text("username"), text("role").to_lowercase()),
        Entity::Reminder => format!("reminder of task {}  {}", record["taskNumber"], text("taskTitle")),
    };
    format!("{} {what}", verb(entry))
}

/// Returns an id as tables show it.
fn short(id: &str) -> String {
    id.parse::<Id>().map_or_else(|_| id.to_owned(), |id| id.short(LEDGER_IDS))
}

fn verb(entry: &AuditEntry) -> &'static str {
    let completed = |record: &Option<Value>| record.as_ref().and_then(|record| record["completed"].as_bool());
    match (entry.action, completed(&entry.before), completed(&entry.after)) {
        (Action::Create, ..) => "added",
        (Action::Delete, ..) => "deleted",
        (Action::Update, Some(false), Some(true)) => "completed",
        (Action::Update, Some(true), Some(false)) => "reopened",
        (Action::Update, ..) => "changed",
    }
}

/// Returns the entry with its fields, over several lines.
///
/// # Errors
/// When it has no JSON form.
pub(crate) fn entry(entry: &AuditEntry, view: &View, ids: &AuditIds) -> Result<String> {
    let screen = view.screen;
    let paint = match entry.action {
        Action::Create => Paint::Good,
        Action::Update => Paint::Plain,
        Action::Delete => Paint::Alarm,
    };
    let faint = |text: &str| screen.paint(Paint::Faint, &safe::line(text));
    let when = faint(&due::full(entry.created_at, &view.context));
    let what = screen.paint(paint, &safe::line(&summary(entry)));
    let undo = match (entry.undoes, entry.redo) {
        (None, _) => "",
        (Some(_), false) => ", undoing",
        (Some(_), true) => ", redoing",
    };
    let mut text = format!("{when}  {what}\n");
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "  {}",
        faint(&format!("change {} by {} ({}{undo})", ids.change(entry.change_id), entry.actor, entry.origin.as_str()))
    );
    let document =
        in_zone(entry, &view.context.zone).map_err(|e| CliError::failed(format!("cannot show a change: {e}")))?;
    // Of what went out of sight, or came into it, only one side is told.
    if entry.before.is_some() && entry.after.is_some() {
        for (name, before, after) in differences(&document["before"], &document["after"]) {
            let (before, after) = (shown(name, before, view, ids), shown(name, after, view, ids));
            let _ = writeln!(
                text,
                "  {:<11} {} → {}",
                safe::line(name.strip_suffix("Id").unwrap_or(name)),
                faint(&before),
                safe::line(&after)
            );
        }
    }
    text.push('\n');
    Ok(text)
}

/// Returns the fields that differ, by name.
fn differences<'a>(before: &'a Value, after: &'a Value) -> Vec<(&'a str, &'a Value, &'a Value)> {
    let fields = after.as_object().into_iter().flatten().filter(|(name, _)| *name != "fields");
    let own = own_names(before).chain(own_names(after)).collect::<BTreeSet<&str>>().into_iter();
    let own = own.map(|name| (name, &before["fields"][name], &after["fields"][name]));
    // The day of a date is told with its instant.
    let fields = fields.filter_map(|(name, value)| match DateField::of_key(name) {
        Some(date) if name == date.at_key() => Some((date.name(), date_of(before, date), date_of(after, date))),
        Some(_) => None,
        None => Some((name.as_str(), &before[name], value)),
    });
    fields.chain(own).filter(|(name, before, after)| before != after && !UNTOLD.contains(name)).collect()
}

/// Returns the names of the own fields that a task has values of.
fn own_names(task: &Value) -> impl Iterator<Item = &str> {
    task["fields"].as_object().into_iter().flatten().map(|(name, _)| name.as_str())
}

/// Returns a date of a task: the day, which says more than its first or last second does, or the instant.
fn date_of(task: &Value, date: DateField) -> &Value {
    if task[date.on_key()].is_null() { &task[date.at_key()] } else { &task[date.on_key()] }
}

/// Returns a field's value, short.
fn shown(name: &str, value: &Value, view: &View, ids: &AuditIds) -> String {
    let text = csv::bare(value);
    if text.is_empty() {
        return "none".to_owned();
    }
    match text.parse::<Instant>() {
        Ok(at) if DateField::ALL.into_iter().any(|date| date.name() == name) => due::full(at, &view.context),
        _ => clipped(&ids.shown(&text)),
    }
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use jiff::tz::TimeZone;
    use muista_core::time::Context;
    use serde_json::json;

    use super::*;
    use crate::output::Screen;

    fn worded(before: &Value, after: &Value) -> String {
        let action = match (before, after) {
            (Value::Null, _) => "CREATE",
            (_, Value::Null) => "DELETE",
            _ => "UPDATE",
        };
        let id = Id::LOCAL_USER;
        let made: AuditEntry = serde_json::from_value(json!({
            "seq": 1, "id": id, "changeId": id, "entity": "Task", "recordId": id, "userId": id, "actor": "local",
            "origin": "cli", "action": action, "before": before, "after": after, "undoes": null,
            "createdAt": "2026-11-21T10:00:00Z",
        }))
        .unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let context = Context { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone, date_order: None };
        let ids = AuditIds::of(std::slice::from_ref(&made), [(Id::LOCAL_USER, 3)].into());
        entry(&made, &View { context, screen: Screen { width: None, color: false } }, &ids).unwrap()
    }

    fn task() -> Value {
        json!({
            "number": 7, "title": "Buy\u{202e} food", "completed": false, "tags": ["cat"], "dueDate": null, "dueOn": null,
            "note": null, "version": 1, "updatedAt": "2026-11-21T09:00:00Z",
        })
    }

    #[test]
    fn a_change_is_told_field_by_field() {
        let mut after = task();
        after["tags"] = json!(["cat", "home"]);
        after["note"] = json!("x".repeat(100));
        after["dueDate"] = json!("2026-11-22T16:00:00Z");
        after["version"] = json!(2);
        insta::assert_snapshot!(worded(&task(), &after), @r"
        Sat 21 Nov 2026 12:00  changed task 7  Buy\u{202e} food
          change 000000 by local (cli)
          tags        cat → cat,home
          due         none → Sun 22 Nov 2026 18:00
          note        none → xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
        ");
    }

    #[test]
    fn other_records_are_told_by_number_or_short_id() {
        let other = "0199c0de-0000-7000-8000-abcdef000002";
        let (mut before, mut after) = (task(), task());
        (before["parentId"], before["dependsOn"]) = (json!(null), json!([other]));
        (after["parentId"], after["dependsOn"]) = (json!(Id::LOCAL_USER), json!([Id::LOCAL_USER, other]));
        let text = worded(&before, &after);
        assert!(text.contains("parent      none → 3\n") && text.contains("dependsOn   abcdef → 3,abcdef\n"), "{text}");
    }

    #[test]
    fn a_date_is_told_rather_than_its_last_second() {
        let mut after = task();
        after["dueDate"] = json!("2026-11-22T21:59:59Z");
        after["dueOn"] = json!("2026-11-22");
        let text = worded(&task(), &after);
        assert!(text.contains("due         none → 2026-11-22\n"), "{text}");
        let text = worded(&after, &task());
        assert!(text.contains("due         2026-11-22 → none\n"), "{text}");
        // Neither loses the time of day that the other has.
        let mut timed = task();
        timed["dueDate"] = json!("2026-11-20T16:00:00Z");
        for (before, after, told) in [
            (&timed, &after, "due         Fri 20 Nov 2026 18:00 → 2026-11-22\n"),
            (&after, &timed, "due         2026-11-22 → Fri 20 Nov 2026 18:00\n"),
        ] {
            let text = worded(before, after);
            assert!(text.contains(told) && text.matches("due  ").count() == 1, "{text}");
        }
    }

    #[test]
    fn what_was_made_or_deleted_is_told_in_one_line() {
        assert!(worded(&Value::Null, &task()).contains("added task 7  Buy\\u{202e} food\n"));
        assert!(worded(&task(), &Value::Null).contains("deleted task 7"));
        let mut done = task();
        done["completed"] = json!(true);
        assert!(worded(&task(), &done).contains("completed task 7"));
        assert!(worded(&done, &task()).contains("reopened task 7"));
    }
}
