//! A due in words: `today`, `tomorrow 18:00`, `Fri 27 Nov`. Reading dates is the core's.

use jiff::civil::Date;
use muista_core::model::Task;
use muista_core::time::Instant;

use super::{Cell, Paint, View};
use muista_core::time::Context;

/// The year from which on a due means `someday` (spec §3).
const SOMEDAY: i16 = 9999;

/// When a task is due, short; none without a due. An open task that is late is marked with a `!`.
pub(crate) fn words(task: &Task, context: &Context) -> Option<String> {
    let due = task.due_date?;
    let mut words = match task.due_on {
        Some(date) => day(date, context),
        None => moment(due, context),
    };
    if is_overdue(task, context) {
        words.push_str(" !");
    }
    Some(words)
}

/// Whether an open task is late.
pub(crate) fn is_overdue(task: &Task, context: &Context) -> bool {
    !task.completed && task.due_date.is_some_and(|due| due < context.now)
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

fn day(date: Date, context: &Context) -> String {
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
    let cell = Cell::new(words(task, &view.context).unwrap_or_default());
    let today = view.context.today();
    match task.due_date.map(|due| due.date_in(&view.context.zone)) {
        _ if task.completed => cell.paint(Paint::Faint),
        Some(_) if is_overdue(task, &view.context) => cell.paint(Paint::Alarm),
        Some(date) if date <= today => cell.paint(Paint::Warm),
        _ => cell,
    }
}
