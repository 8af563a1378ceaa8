//! Muista's own JSON: an array of exported tasks, as `muista export` and `muista ls --json` write it, or one object a
//! line. What the database gives anew (number, owner, the project's identifier, version) is passed over.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use super::gather::Entry;
use super::notices::{Fate, Notices};
use super::records::Record;
use super::source::{Source, plain, recurrence};
use crate::error::{Error, Result};
use crate::model::{Change, DateField, Due, ImportComment, ImportTask, ImportWork, Planning, Start, Text, Title};
use crate::time::{Instant, When};

/// Fields that the database here gives itself.
const GIVEN: [&str; 9] = [
    "number",
    "ownerId",
    "projectId",
    "seriesId",
    "seriesNumber",
    "recurrenceEnd",
    "timeSpent",
    "activeSince",
    "version",
];
/// A comment's fields, of which the text and the instant are taken.
const OF_COMMENT: [&str; 5] = ["id", "taskId", "authorId", "text", "createdAt"];

/// A stretch of work's fields, of which the two instants are taken.
const OF_WORK: [&str; 5] = ["id", "taskId", "userId", "beganAt", "endedAt"];

/// Reads one task, the file's `number`th. Dates without a zone are those of `zone`.
///
/// # Errors
/// `Invalid` for a value that can neither be taken over nor kept; it names the task, the field and the value.
pub(crate) fn entry(record: Record, number: u64, zone: &TimeZone, notices: &mut Notices) -> Result<Entry> {
    let mut source = Source::new(record, "id", "title", number)?;
    let Some(title) = source.value::<Title>("title")? else {
        return Err(Error::invalid("title", format!("task {} has no title", source.label)));
    };
    let Some(created_at) = source.value("createdAt")? else {
        return Err(Error::invalid(
            "createdAt",
            format!("task {} has no createdAt, the instant it was made", source.label),
        ));
    };
    let updated_at = source.value("updatedAt")?;
    let task = ImportTask {
        id: source.id,
        title,
        description: source.long_text("description")?,
        note: source.long_text("note")?,
        category: source.value("category")?.unwrap_or_default(),
        priority: source.value("priority")?.unwrap_or_default(),
        due: due(&mut source, zone)?,
        planning: planning(&mut source, zone)?,
        every: recurrence(&mut source, "recurrence", created_at, zone, notices)?,
        completed_at: completed_at(&mut source, updated_at.unwrap_or(created_at))?,
        project: source.value("project")?,
        parent_id: source.value("parentId")?,
        tags: source.value("tags")?.unwrap_or_default(),
        depends_on: source.value("dependsOn")?.unwrap_or_default(),
        fields: source.value("fields")?,
        comments: comments(&mut source, notices)?,
        work: work(&mut source, notices)?,
        created_at,
        updated_at,
    };
    for name in source.rest().keys().filter(|name| !GIVEN.contains(&name.as_str())) {
        notices.field(Fate::Unknown, name);
    }
    Ok(Entry::Task(Box::new(task)))
}

fn due(source: &mut Source, zone: &TimeZone) -> Result<Option<Due>> {
    let at: Option<Instant> = source.value("dueDate")?;
    let on: Option<Date> = source.value("dueOn")?;
    let name = source.text("timezone")?;
    let refuse = |error: Error| source.refuse("dueOn", error);
    match (at, on) {
        (None, None) => Ok(None),
        (None, Some(on)) => {
            let named = name.map(|name| crate::time::zone(&name)).transpose();
            let zone = named.map_err(|e| refuse(e.into()))?.unwrap_or_else(|| zone.clone());
            Ok(Due::new(&When::On(on), &zone))
        }
        (Some(at), on) => {
            let timezone = name.filter(|_| on.is_some());
            serde_json::from_value(json!({"at": at, "on": on, "timezone": timezone}))
                .map(Some)
                .map_err(|error| refuse(Error::invalid("dueOn", error.to_string())))
        }
    }
}

/// Returns what the file says of when the task is worked on: of what it does not name, nothing.
fn planning(source: &mut Source, zone: &TimeZone) -> Result<Planning> {
    let start = match date(source, DateField::Start)? {
        Change::Set((Some(at), on)) => Change::Set(Start::At { at, on }),
        Change::Set((None, Some(on))) => Change::Set(Start::At { at: Instant::start_of(on, zone), on: Some(on) }),
        said => empty(&said),
    };
    let deadline = later(source, DateField::Deadline, zone)?;
    Ok(Planning { start, deadline, estimate: value(source, "estimate")?, position: value(source, "position")? })
}

/// Returns what the file says of a date by which something is to be done.
fn later(source: &mut Source, field: DateField, zone: &TimeZone) -> Result<Change<Due>> {
    match date(source, field)? {
        Change::Set((Some(at), on)) => {
            let read = serde_json::from_value::<Due>(json!({"at": at, "on": on}));
            let refuse = |error: serde_json::Error| Error::invalid(field.on_key(), error.to_string());
            read.map(Change::Set).map_err(|error| source.refuse(field.on_key(), refuse(error)))
        }
        Change::Set((None, Some(on))) => Ok(Change::from_option(Due::new(&When::On(on), zone))),
        said => Ok(empty(&said)),
    }
}

/// Returns the instant and the day that the file has for a date.
fn date(source: &mut Source, field: DateField) -> Result<Change<(Option<Instant>, Option<Date>)>> {
    let named = source.names(field.at_key()) || source.names(field.on_key());
    let (at, on) = (source.value(field.at_key())?, source.value(field.on_key())?);
    Ok(if named { Change::Set((at, on)) } else { Change::Keep })
}

/// Returns what the file says of a date without a value: that it is empty, where the file names it.
fn empty<S, T>(said: &Change<S>) -> Change<T> {
    if said.is_keep() { Change::Keep } else { Change::Clear }
}

/// Returns what the file says of a field that may be empty.
fn value<T: serde::de::DeserializeOwned>(source: &mut Source, field: &str) -> Result<Change<T>> {
    let named = source.names(field);
    let value = source.value(field)?;
    Ok(if named { Change::from_option(value) } else { Change::Keep })
}

fn completed_at(source: &mut Source, changed: Instant) -> Result<Option<Instant>> {
    let at: Option<Instant> = source.value("completedAt")?;
    match (source.value("completed")?, at) {
        (Some(false), Some(at)) => {
            Err(source.bad("completedAt", &at.to_string(), "says it is done, but completed is false"))
        }
        (Some(true), None) => Ok(Some(changed)),
        _ => Ok(at),
    }
}

fn comments(source: &mut Source, notices: &mut Notices) -> Result<Vec<ImportComment>> {
    let written: Vec<Record> = source.value("comments")?.unwrap_or_default();
    let mut comments = Vec::with_capacity(written.len());
    for comment in written {
        for name in comment.keys().filter(|name| !OF_COMMENT.contains(&name.as_str())) {
            notices.field(Fate::Unknown, &format!("comments.{name}"));
        }
        let at = comment.get("createdAt").map(plain).unwrap_or_default();
        let Ok(created_at) = at.parse() else {
            return Err(source.bad("comments.createdAt", &at, "is not an instant in RFC 3339"));
        };
        let text = comment.get("text").map(plain).unwrap_or_default();
        match Text::parse("comments.text", &text).map_err(|error| source.refuse("comments.text", error))? {
            Some(text) => comments.push(ImportComment { text, created_at }),
            None => notices.case("comment without a text, left out", source.label.clone()),
        }
    }
    Ok(comments)
}

/// Reads the stretches of work. One that goes on there would go on here for ever, and is left out.
fn work(source: &mut Source, notices: &mut Notices) -> Result<Vec<ImportWork>> {
    let written: Vec<Record> = source.value("timeEntries")?.unwrap_or_default();
    let mut work = Vec::with_capacity(written.len());
    for entry in written {
        for name in entry.keys().filter(|name| !OF_WORK.contains(&name.as_str())) {
            notices.field(Fate::Unknown, &format!("timeEntries.{name}"));
        }
        let text = |name: &str| entry.get(name).filter(|value| !value.is_null()).map(plain).unwrap_or_default();
        let (began, ended) = (text("beganAt"), text("endedAt"));
        let instant = |field: &str, text: &str| {
            text.parse::<Instant>().map_err(|_| source.bad(field, text, "is not an instant in RFC 3339"))
        };
        let began_at = instant("timeEntries.beganAt", &began)?;
        if ended.is_empty() {
            notices.case("work that goes on, left out", source.label.clone());
            continue;
        }
        let ended_at = instant("timeEntries.endedAt", &ended)?;
        if ended_at < began_at {
            return Err(source.bad("timeEntries.endedAt", &ended, "is before it began"));
        }
        work.push(ImportWork { began_at, ended_at });
    }
    Ok(work)
}
