//! When a task is worked on: its start is Taskwarrior's `wait`; deadline and estimate are user defined attributes of these
//! names. What its seconds cannot hold of ours, and the place by hand, stands in an attribute of our own, `muistaplan`, which
//! counts only while Taskwarrior's values are still those that it was written beside.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::block::Note;
use super::own;
use super::stamp::{self, still};
use crate::error::Result;
use crate::format::notices::{Fate, Notices};
use crate::format::records::Record;
use crate::format::source::Source;
use crate::model::{Change, Due, Plan, Planning, Start, Task, TaskDate, WorkTime};
use crate::time::Instant;

/// The attribute `muistaplan`.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Exact {
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline_date: Option<Instant>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline_on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<i64>,
}

/// Writes when a task is worked on.
pub(super) fn write(task: &Task, record: &mut Record) {
    let Plan { start, deadline, estimate, position } = task.plan();
    let exact = Exact {
        start_date: start.map(|date| date.at),
        start_on: start.and_then(|date| date.on),
        deadline_date: deadline.map(|date| date.at),
        deadline_on: deadline.and_then(|date| date.on),
        position,
    };
    for (name, date) in [("wait", start), ("deadline", deadline)] {
        if let Some(TaskDate { at, .. }) = date.filter(|date| stamp::is_writable(date.at)) {
            record.insert(name.to_owned(), json!(stamp::write(at)));
        }
    }
    if let Some(estimate) = estimate {
        record.insert("estimate".to_owned(), json!(estimate));
    }
    if exact != Exact::default() {
        record.insert(own::PLAN.to_owned(), json!(json!(exact).to_string()));
    }
}

/// Reads when a task is worked on. An attribute that is no date or length goes into the note.
///
/// # Errors
/// `Invalid` for an attribute that is no text.
pub(super) fn read(source: &mut Source, zone: &TimeZone, note: &mut Note, notices: &mut Notices) -> Result<Planning> {
    let exact: Exact = serde_json::from_str(&source.text(own::PLAN)?.unwrap_or_default()).unwrap_or_default();
    let mut keep = |name: &str, text: &str| {
        notices.field(Fate::InNote, name);
        note.set(name, text);
    };
    let mut stamp_of = |source: &mut Source, name: &str| -> Result<Option<Instant>> {
        let Some(text) = source.text(name)? else { return Ok(None) };
        let at = stamp::read(&text);
        if at.is_none() {
            keep(name, &text);
        }
        Ok(at)
    };
    let wait = stamp_of(source, "wait")?;
    let start = match exact.start_date.filter(|at| still(*at, wait)) {
        Some(at) => Some(Start::At { at, on: exact.start_on }),
        None => wait.map(|at| midnight(at, zone)),
    };
    let last = stamp_of(source, "deadline")?;
    let known = exact.deadline_date.filter(|at| still(*at, last));
    let known = known.and_then(|at| serde_json::from_value::<Due>(json!({"at": at, "on": exact.deadline_on})).ok());
    let deadline = known.or_else(|| stamp::due(last?, zone));
    let estimate = match source.text("estimate")? {
        Some(text) => {
            let read = WorkTime::read(&text).ok();
            if read.is_none() {
                keep("estimate", &text);
            }
            read
        }
        None => None,
    };
    Ok(Planning {
        start: Change::set_if_some(start),
        deadline: Change::set_if_some(deadline),
        estimate: Change::set_if_some(estimate),
        position: Change::set_if_some(exact.position),
    })
}

/// Returns the start that Taskwarrior's instant stands for: its local midnight is a date.
fn midnight(at: Instant, zone: &TimeZone) -> Start {
    let day = at.date_in(zone);
    Start::At { at, on: (at == Instant::start_of(day, zone)).then_some(day) }
}
