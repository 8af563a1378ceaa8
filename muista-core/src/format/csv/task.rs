//! Tasks as CSV (RFC 4180), for spreadsheets: a header, then a line a task. The columns of lists and of exports are one
//! list ([`COLUMNS`]); a cell is what the task's JSON has under that key. Cells that a spreadsheet would run go out as text,
//! unless they are asked for as they stand.

use std::io;

use super::{Formulas, Key, LineEnd, record};
use crate::model::ExportedTask;

/// Where a column stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    ListsAndExports,
    Lists,
    Exports,
}

use Within::{Exports, Lists, ListsAndExports};

/// The columns in order: the keys of a task's JSON, and the comments, which exports alone have.
const COLUMNS: [(&str, Within); 33] = [
    ("id", ListsAndExports),
    ("number", ListsAndExports),
    ("ownerId", Lists),
    ("title", ListsAndExports),
    ("description", ListsAndExports),
    ("note", ListsAndExports),
    ("category", ListsAndExports),
    ("priority", ListsAndExports),
    ("dueDate", ListsAndExports),
    ("dueOn", ListsAndExports),
    ("timezone", ListsAndExports),
    ("startDate", ListsAndExports),
    ("startOn", ListsAndExports),
    ("deadlineDate", ListsAndExports),
    ("deadlineOn", ListsAndExports),
    ("estimate", ListsAndExports),
    ("position", ListsAndExports),
    ("timeSpent", ListsAndExports),
    ("activeSince", Lists),
    ("completed", ListsAndExports),
    ("completedAt", ListsAndExports),
    ("projectId", Lists),
    ("project", ListsAndExports),
    ("parentId", ListsAndExports),
    ("tags", ListsAndExports),
    ("dependsOn", ListsAndExports),
    ("recurrence", ListsAndExports),
    ("seriesId", Lists),
    ("seriesNumber", Lists),
    (COMMENTS, Exports),
    ("version", Lists),
    ("createdAt", ListsAndExports),
    ("updatedAt", ListsAndExports),
];

const COMMENTS: &str = "comments";

/// The keys of a task's JSON that are columns of lists, in order. Own fields come after them.
pub const TASK_KEYS: [&str; COLUMNS.len() - 1] = task_keys();

const fn task_keys() -> [&'static str; COLUMNS.len() - 1] {
    let mut keys = [""; COLUMNS.len() - 1];
    let (mut column, mut key) = (0, 0);
    while column < COLUMNS.len() {
        let (name, within) = COLUMNS[column];
        if !matches!(within, Exports) {
            keys[key] = name;
            key += 1;
        }
        column += 1;
    }
    keys
}

/// Returns the columns of an export.
fn exported(fields: &[String]) -> impl Iterator<Item = Key> {
    let known = COLUMNS.iter().filter(|(_, within)| *within != Lists).map(|(name, _)| Key::Known(name));
    known.chain(fields.iter().cloned().map(Key::Own))
}

/// Returns the header; own fields come last.
///
/// # Errors
/// None that can be foreseen.
pub(crate) fn header(fields: &[String]) -> io::Result<String> {
    record(exported(fields).map(|key| key.name().to_owned()), Formulas::Raw, LineEnd::CrLf)
}

/// Returns the task's line. Lists are parted by commas; each comment is a line in its cell.
///
/// # Errors
/// None that can be foreseen.
pub(crate) fn row(exported_task: &ExportedTask, fields: &[String], formulas: Formulas) -> io::Result<String> {
    let ExportedTask { task, comments, .. } = exported_task;
    let json = serde_json::to_value(task)?;
    let cell = |key: Key| match key {
        Key::Known(COMMENTS) => {
            let lines = comments.iter().map(|comment| format!("{} {}", comment.created_at, comment.text));
            lines.collect::<Vec<_>>().join("\n")
        }
        key => key.cell(&json),
    };
    record(exported(fields).map(cell), formulas, LineEnd::CrLf)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;
    use crate::model::{Id, Task};
    use crate::time::Instant;

    #[test]
    fn every_key_of_a_task_is_a_column() {
        let now = Instant::MIN;
        let task = serde_json::to_value(Task::titled(Id::new(now), Id::LOCAL_USER, "a".to_owned(), now)).unwrap();
        let keys: Vec<&str> = task.as_object().unwrap().keys().map(String::as_str).collect();
        // Own fields are left out where a task has none, and have columns of their own.
        assert_eq!(keys, TASK_KEYS);
    }
}
