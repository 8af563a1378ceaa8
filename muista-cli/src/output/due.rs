//! A due in words: `today`, `tomorrow 18:00`, `Fri 27 Nov`. Reading dates is the core's.

use jiff::civil::Date;
use muista_core::model::{Due, Task};
use muista_core::time::{Context, Instant};

use super::{Cell, Paint, View};

/// The year from which on a due means `someday`.
const SOMEDAY: i16 = 9999;

/// What marks the due of an open task that repeats.
const REPEATS: &str = " ↻";

/// When a task is due, short; none without a due. An open task that is late is marked with a `!`.
pub(crate) fn words(task: &Task, context: &Context) -> Option<String> {
    let due = task.due_date?;
    let mut words = match task.due_on {
        Some(date) => day(date, context),
        None => moment(due, context),
    };
    if task.is_overdue(context) {
        words.push_str(" !");
    }
    Some(words)
}

/// A due, short.
pub(crate) fn short(due: &Due, context: &Context) -> String {
    due.on().map_or_else(|| moment(due.at(), context), |date| day(date, context))
}

/// An instant, short: its day and its time in the user's zone.
pub(crate) fn moment(at: Instant, context: &Context) -> String {
    let local = at.in_zone(&context.zone);
    if local.year() >= SOMEDAY {
        return "someday".to_owned();
    }
    format!("{} {}", day(local.date(), context), local.strftime("%H:%M"))
}

/// An instant in full: `Fri 27 Nov 2026 18:00`.
pub(crate) fn full(at: Instant, context: &Context) -> String {
    at.in_zone(&context.zone).strftime("%a %-d %b %Y %H:%M").to_string()
}

/// A date, short.
pub(crate) fn day(date: Date, context: &Context) -> String {
    let today = context.today();
    if date.year() >= SOMEDAY {
        return "someday".to_owned();
    }
    let days = today.until(date).map(|span| span.get_days()).unwrap_or(i32::MAX);
    match days {
        -1 => "yesterday".to_owned(),
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        _ if date.year() == today.year() || (0..180).contains(&days) => date.strftime("%a %-d %b").to_string(),
        _ => date.strftime("%-d %b %Y").to_string(),
    }
}

/// The cell of a task's due.
pub(super) fn cell(task: &Task, view: &View) -> Cell {
    let mut text = words(task, &view.context).unwrap_or_default();
    if task.recurrence.is_some() && !task.completed {
        text.push_str(REPEATS);
    }
    let cell = Cell::new(text);
    let today = view.context.today();
    match task.due_day(&view.context.zone) {
        _ if task.completed => cell.paint(Paint::Faint),
        Some(_) if task.is_overdue(&view.context) => cell.paint(Paint::Alarm),
        Some(date) if date <= today => cell.paint(Paint::Warm),
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use muista_core::model::Id;
    use muista_core::time::zone;
    use serde_json::json;

    use super::*;

    /// Noon on Saturday 21 November 2026 in Helsinki.
    fn context() -> Context {
        let now = "2026-11-21T12:00:00+02:00".parse().unwrap();
        Context { now, zone: zone("Europe/Helsinki").unwrap(), date_order: None }
    }

    /// An open task that is due then, on a date or at an instant.
    fn task(due: &str) -> Task {
        let now = context().now;
        let (at, on) = if due.contains('T') {
            (due.parse().unwrap(), None)
        } else {
            let date = due.parse::<Date>().unwrap();
            (Instant::end_of(date, &context().zone), Some(date))
        };
        serde_json::from_value(json!({
            "id": Id::new(now), "number": 7, "ownerId": Id::LOCAL_USER, "title": "t", "description": null, "note": null,
            "category": "Work", "priority": "MEDIUM", "dueDate": at, "dueOn": on, "timezone": null, "completed": false,
            "completedAt": null, "projectId": null, "project": null, "parentId": null, "tags": [], "dependsOn": [],
            "version": 1, "createdAt": now, "updatedAt": now,
        }))
        .unwrap()
    }

    #[test]
    fn a_due_is_worded_by_its_distance() {
        for (due, expected) in [
            ("2026-11-21", "today"),
            ("2026-11-22", "tomorrow"),
            ("2026-11-20", "yesterday !"),
            ("2026-11-12", "Thu 12 Nov !"),
            ("2025-11-12", "12 Nov 2025 !"),
            ("2026-11-27", "Fri 27 Nov"),
            ("2027-01-27", "Wed 27 Jan"),
            ("2027-11-27", "27 Nov 2027"),
            ("9999-12-30", "someday"),
            ("2026-11-21T09:00:00+02:00", "today 09:00 !"),
            ("2026-11-21T18:00:00+02:00", "today 18:00"),
            ("2026-11-21T23:00:00Z", "tomorrow 01:00"),
        ] {
            assert_eq!(words(&task(due), &context()).as_deref(), Some(expected), "{due}");
        }
    }

    #[test]
    fn what_is_done_is_never_late() {
        let done = Task { completed: true, ..task("2026-11-20") };
        assert_eq!(words(&done, &context()).as_deref(), Some("yesterday"));
        assert!(task("2026-11-20").is_overdue(&context()));
        assert!(!task("2026-11-21").is_overdue(&context()));
    }

    #[test]
    fn without_a_due_there_are_no_words() {
        assert_eq!(words(&Task { due_date: None, due_on: None, ..task("2026-11-21") }, &context()), None);
    }
}
