//! When a task is worked on, in words: its start, deadline and estimate.

use jiff::civil::Date;
use muista_core::model::{Task, WorkTime};
use muista_core::time::{Context, Instant};

use super::{Cell, Paint, View, due};

/// Returns the start in words; none without one.
pub(crate) fn start(task: &Task, context: &Context) -> Option<String> {
    moment(task.start_on, task.start_date, context)
}

/// Returns the deadline in words; none without one.
pub(crate) fn deadline(task: &Task, context: &Context) -> Option<String> {
    moment(task.deadline_on, task.deadline_date, context)
}

/// Returns what there is to say beside the due, for the line that confirms a task.
pub(crate) fn facts(task: &Task, context: &Context) -> Vec<String> {
    let start = start(task, context).filter(|_| task.is_waiting(context));
    let parts =
        [("waits until", start), ("deadline", deadline(task, context)), ("takes", task.estimate.map(WorkTime::words))];
    parts.into_iter().filter_map(|(name, words)| words.map(|words| format!("{name} {words}"))).collect()
}

/// Returns the cell of the start.
pub(super) fn start_cell(task: &Task, view: &View) -> Cell {
    let cell = Cell::new(start(task, &view.context).unwrap_or_default());
    if task.is_waiting(&view.context) { cell.paint(Paint::Faint) } else { cell }
}

/// Returns the cell of the deadline.
pub(super) fn deadline_cell(task: &Task, view: &View) -> Cell {
    let cell = Cell::new(deadline(task, &view.context).unwrap_or_default());
    let day = task.deadline_on.or_else(|| task.deadline_date.map(|at| at.date_in(&view.context.zone)));
    match day {
        Some(day) if !task.completed && day < view.context.today() => cell.paint(Paint::Alarm),
        Some(day) if !task.completed && day == view.context.today() => cell.paint(Paint::Warm),
        _ => cell,
    }
}

/// Returns the cell of the estimate.
pub(super) fn estimate_cell(task: &Task, _: &View) -> Cell {
    Cell::new(task.estimate.map(WorkTime::words).unwrap_or_default())
}

/// Returns the time spent on a task, with what goes on now; none where nobody ever worked on it.
pub(crate) fn spent(task: &Task, context: &Context) -> Option<WorkTime> {
    let now = task.active_since.map(|since| i64::try_from(context.now.since(since).as_secs()).unwrap_or(i64::MAX));
    let ended = task.time_spent.map(WorkTime::seconds);
    ended.or(now).map(|_| WorkTime::of_seconds(ended.unwrap_or_default().saturating_add(now.unwrap_or_default())))
}

/// Returns the cell of the time spent.
pub(super) fn spent_cell(task: &Task, view: &View) -> Cell {
    let cell = Cell::new(spent(task, &view.context).map(WorkTime::words).unwrap_or_default());
    if task.active_since.is_some() { cell.paint(Paint::Good) } else { cell }
}

fn moment(on: Option<Date>, at: Option<Instant>, context: &Context) -> Option<String> {
    on.map(|date| due::day(date, context)).or_else(|| at.map(|at| due::moment(at, context)))
}
