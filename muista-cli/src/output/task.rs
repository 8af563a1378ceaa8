//! The columns of a task.

use muista_core::format::csv::TASK_KEYS;
use muista_core::model::{Category, Priority, Task, tag_word};

use super::{Cell, Column, Noun, Paint, Shape, View, due, planning, safe};

/// What gives a column's cell of a task.
type TaskCell = fn(&Task, &View) -> Cell;

/// A task's columns: header, shape and cell.
const TASK_COLUMNS: &[(&str, Shape, TaskCell)] = &[
    ("#", Shape::Number, |task, _| Cell::new(task.number.to_string()).paint(Paint::Faint)),
    ("Title", Shape::Text, title),
    ("Marks", Shape::Short, |task, _| Cell::new(marks(task)).paint(Paint::Faint)),
    ("Due", Shape::Short, due::cell),
    ("Deadline", Shape::Short, planning::deadline_cell),
    ("Priority", Shape::Short, priority),
    ("Category", Shape::Short, category),
    ("Project", Shape::Text, |task, _| Cell::new(task.project.clone().unwrap_or_default()).paint(Paint::Label)),
    ("Tags", Shape::Text, |task, _| Cell::new(tags(task)).paint(Paint::Label)),
    ("Done", Shape::Short, done),
];

/// Columns that are shown where they are asked for.
const MORE_COLUMNS: &[(&str, Shape, TaskCell)] = &[
    ("Start", Shape::Short, planning::start_cell),
    ("Estimate", Shape::Short, planning::estimate_cell),
    ("Position", Shape::Number, |task, _| Cell::new(task.position.map(|place| place.to_string()).unwrap_or_default())),
    ("Spent", Shape::Short, planning::spent_cell),
    ("Note", Shape::Text, |task, _| Cell::new(task.note.clone().unwrap_or_default())),
    ("Repeats", Shape::Text, |task, _| Cell::new(task.recurrence.clone().unwrap_or_default())),
    ("Added", Shape::Short, |task, view| Cell::new(due::moment(task.created_at, &view.context))),
    ("Changed", Shape::Short, |task, view| Cell::new(due::moment(task.updated_at, &view.context))),
    ("Id", Shape::Short, |task, _| Cell::new(task.id.to_string()).paint(Paint::Faint)),
];

impl Noun for Task {
    const FIELDS: &'static [&'static str] = &TASK_KEYS;

    fn columns() -> Vec<Column<Self>> {
        TASK_COLUMNS.iter().map(|&(header, shape, cell)| Column::new(header, shape, cell)).collect()
    }

    fn more_columns() -> Vec<Column<Self>> {
        MORE_COLUMNS.iter().map(|&(header, shape, cell)| Column::new(header, shape, cell)).collect()
    }

    fn key(&self) -> String {
        self.number.to_string()
    }
}

/// A task's tags as they are written: `+cat +food +"two words"`.
pub(crate) fn tags(task: &Task) -> String {
    let tags: Vec<_> = task.tags.iter().map(|tag| safe::line(&tag_word(tag)).into_owned()).collect();
    tags.join(" ")
}

/// What a list marks a task with that only the task is known of; the help of `ls` explains it. `ls` marks more
/// ([`ListedTask`](super::ListedTask)).
fn marks(task: &Task) -> String {
    let has_text = task.note.is_some() || task.description.is_some();
    let marks = [(task.parent_id.is_some(), '^'), (!task.depends_on.is_empty(), '&'), (has_text, '~')];
    marks.iter().filter(|(has, _)| *has).map(|(_, mark)| mark).collect()
}

fn title(task: &Task, _: &View) -> Cell {
    let paint = if task.completed { Paint::Faint } else { Paint::Plain };
    Cell::new(task.title.clone()).paint(paint)
}

fn priority(task: &Task, _: &View) -> Cell {
    match task.priority {
        Priority::High => Cell::new("high").paint(Paint::Warm),
        Priority::Medium => Cell::new(""),
        Priority::Low => Cell::new("low").paint(Paint::Faint),
    }
}

fn category(task: &Task, _: &View) -> Cell {
    let cell = Cell::new(task.category.as_str());
    if task.category == Category::default() { cell.usual() } else { cell }
}

fn done(task: &Task, view: &View) -> Cell {
    let done = task.completed_at.map(|at| due::moment(at, &view.context));
    Cell::new(done.unwrap_or_default()).paint(Paint::Good)
}

#[cfg(test)]
mod tests {
    use muista_core::model::ViewColumns;

    use super::*;

    #[test]
    fn a_view_may_name_every_column() {
        let columns = Task::columns().into_iter().chain(Task::more_columns());
        let names: Vec<String> = columns.map(|column| column.name()).collect();
        assert_eq!(names, ViewColumns::NAMES);
    }
}
