//! When a task is worked on, in words: its start, deadline and estimate.

use muista_core::model::{DateField, Plan, Task, TaskDate, WorkTime};
use muista_core::time::Context;

use super::{Cell, Paint, View, due};

/// Returns what there is to say beside the due, for the line that confirms a task.
pub(crate) fn facts(task: &Task, context: &Context) -> Vec<String> {
    let plan = task.plan();
    let start = plan.start.filter(|_| task.is_waiting(context));
    told(Plan { start, ..plan }.map_dates(|date| Some(moment(date, context))))
}

/// Returns what a plan whose dates are words says.
pub(crate) fn told(plan: Plan<String>) -> Vec<String> {
    let Plan { start, deadline, estimate, position: _ } = plan;
    let parts = [("waits until", start), ("deadline", deadline), ("takes", estimate.map(WorkTime::words))];
    parts.into_iter().filter_map(|(name, words)| words.map(|words| format!("{name} {words}"))).collect()
}

/// Returns a date in words; none without one.
pub(crate) fn date(task: &Task, field: DateField, context: &Context) -> Option<String> {
    task.date(field).map(|date| moment(date, context))
}

/// Returns the rows of the page of a task, in order.
pub(crate) fn rows(task: &Task, context: &Context) -> Vec<(&'static str, String)> {
    let Plan { start, deadline, estimate, position } = task.plan().map_dates(|date| Some(moment(date, context)));
    let waits = if task.is_waiting(context) { ", waiting" } else { "" };
    let active = task.active_since.map(|since| format!(", active since {}", due::moment(since, context)));
    let spent = spent(task, context).map(|spent| spent.words() + &active.unwrap_or_default());
    let rows = [
        ("Start", start.map(|words| format!("{words}{waits}"))),
        ("Deadline", deadline),
        ("Estimate", estimate.map(WorkTime::words)),
        ("Time spent", spent),
        ("Position", position.map(|position| position.to_string())),
    ];
    rows.into_iter().filter_map(|(label, words)| words.map(|words| (label, words))).collect()
}

/// Returns the cell of the start.
pub(super) fn start_cell(task: &Task, view: &View) -> Cell {
    let cell = date_cell(task, DateField::Start, view);
    if task.is_waiting(&view.context) { cell.paint(Paint::Faint) } else { cell }
}

/// Returns the cell of the deadline.
pub(super) fn deadline_cell(task: &Task, view: &View) -> Cell {
    let cell = date_cell(task, DateField::Deadline, view);
    let day = task.date(DateField::Deadline).map(|TaskDate { at, on }| on.unwrap_or(at.date_in(&view.context.zone)));
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
fn spent(task: &Task, context: &Context) -> Option<WorkTime> {
    let now = task.active_since.map(|since| i64::try_from(context.now.since(since).as_secs()).unwrap_or(i64::MAX));
    let ended = task.time_spent.map(WorkTime::seconds);
    ended.or(now).map(|_| WorkTime::of_seconds(ended.unwrap_or_default().saturating_add(now.unwrap_or_default())))
}

/// Returns the cell of the time spent.
pub(super) fn spent_cell(task: &Task, view: &View) -> Cell {
    let cell = Cell::new(spent(task, &view.context).map(WorkTime::words).unwrap_or_default());
    if task.active_since.is_some() { cell.paint(Paint::Good) } else { cell }
}

/// Returns the cell of a date.
fn date_cell(task: &Task, field: DateField, view: &View) -> Cell {
    Cell::new(date(task, field, &view.context).unwrap_or_default())
}

fn moment(TaskDate { at, on }: TaskDate, context: &Context) -> String {
    on.map_or_else(|| due::moment(at, context), |date| due::day(date, context))
}
