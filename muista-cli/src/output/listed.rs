//! [`ListedTask`]: a task of a list with what its marks tell. In machine formats it is the task.

use muista_core::model::{Task, TaskMarks};
use serde::{Serialize, Serializer};

use super::{Cell, Column, Noun, Paint, Shape};

/// The header of the column of marks.
pub(crate) const MARKS: &str = "Marks";

/// A task of a list.
pub(crate) struct ListedTask {
    task: Task,
    /// What there is beside it; none where nobody asked, since no marks are shown.
    marks: Option<TaskMarks>,
}

impl ListedTask {
    pub(crate) fn new(task: Task, marks: Option<TaskMarks>) -> Self {
        Self { task, marks }
    }

    /// Returns a column of tasks in a table of listed tasks; that of marks tells more here.
    pub(crate) fn column(of_task: Column<Task>) -> Column<Self> {
        if of_task.is(MARKS) {
            return Column::new(MARKS, Shape::Short, |listed: &Self, _| Cell::new(listed.marks()).paint(Paint::Faint));
        }
        of_task.of(|listed: &Self| &listed.task)
    }

    fn marks(&self) -> String {
        let Self { task, marks } = self;
        let beside = |has: fn(&TaskMarks) -> bool| marks.as_ref().is_some_and(has);
        let marks = [
            (task.active_since.is_some(), '>'),
            (task.parent_id.is_some(), '^'),
            (beside(|marks| marks.parts), 'v'),
            (beside(|marks| marks.blocked), '&'),
            (beside(|marks| marks.reminders), '*'),
            (task.note.is_some() || task.description.is_some(), '~'),
            (beside(|marks| marks.comments), '"'),
            (beside(|marks| marks.attachments), '='),
        ];
        marks.iter().filter(|(has, _)| *has).map(|(_, mark)| mark).collect()
    }
}

impl Serialize for ListedTask {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.task.serialize(serializer)
    }
}

impl Noun for ListedTask {
    const FIELDS: &'static [&'static str] = Task::FIELDS;

    fn columns() -> Vec<Column<Self>> {
        Task::columns().into_iter().map(Self::column).collect()
    }

    fn more_columns() -> Vec<Column<Self>> {
        Task::more_columns().into_iter().map(Self::column).collect()
    }

    fn key(&self) -> String {
        self.task.key()
    }
}
