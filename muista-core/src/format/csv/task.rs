//! Tasks as CSV (RFC 4180), for spreadsheets: a header, then a line a task. Cells that a spreadsheet would run go out as
//! text, unless they are asked for as they stand.

use std::io;

use super::{Formulas, LineEnd, record};
use crate::model::ExportedTask;

const HEADER: [&str; 27] = [
    "id",
    "number",
    "title",
    "description",
    "note",
    "category",
    "priority",
    "dueDate",
    "dueOn",
    "timezone",
    "startDate",
    "startOn",
    "deadlineDate",
    "deadlineOn",
    "estimate",
    "position",
    "timeSpent",
    "completed",
    "completedAt",
    "project",
    "parentId",
    "tags",
    "dependsOn",
    "recurrence",
    "comments",
    "createdAt",
    "updatedAt",
];

/// Returns the header; own fields come last.
///
/// # Errors
/// None that can be foreseen.
pub(crate) fn header(fields: &[String]) -> io::Result<String> {
    let own = fields.iter().map(String::as_str);
    record(HEADER.into_iter().chain(own).collect::<Vec<_>>(), Formulas::Raw, LineEnd::CrLf)
}

/// Returns the task's line. Tags are parted by commas, identifiers by spaces; each comment is a line in its cell.
///
/// # Errors
/// None that can be foreseen.
pub(crate) fn row(exported: &ExportedTask, fields: &[String], formulas: Formulas) -> io::Result<String> {
    let task = &exported.task;
    let comments: Vec<String> =
        exported.comments.iter().map(|comment| format!("{} {}", comment.created_at, comment.text)).collect();
    let cells: [String; HEADER.len()] = [
        task.id.to_string(),
        task.number.to_string(),
        task.title.clone(),
        shown(task.description.as_ref()),
        shown(task.note.as_ref()),
        task.category.to_string(),
        task.priority.to_string(),
        shown(task.due_date.as_ref()),
        shown(task.due_on.as_ref()),
        shown(task.timezone.as_ref()),
        shown(task.start_date.as_ref()),
        shown(task.start_on.as_ref()),
        shown(task.deadline_date.as_ref()),
        shown(task.deadline_on.as_ref()),
        shown(task.estimate.as_ref()),
        shown(task.position.as_ref()),
        shown(task.time_spent.as_ref()),
        task.completed.to_string(),
        shown(task.completed_at.as_ref()),
        shown(task.project.as_ref()),
        shown(task.parent_id.as_ref()),
        task.tags.join(","),
        task.depends_on.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        shown(task.recurrence.as_ref()),
        comments.join("\n"),
        task.created_at.to_string(),
        task.updated_at.to_string(),
    ];
    let own = fields.iter().map(|name| shown(task.fields.get(name)));
    record(cells.into_iter().chain(own).collect::<Vec<_>>(), formulas, LineEnd::CrLf)
}

fn shown(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
