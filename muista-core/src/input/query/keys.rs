//! The keys that conditions begin with, their other names, and what to say of a key that is none.

use crate::error::Error;
use crate::model::{clip, nearest, shown};

/// What a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Due,
    Start,
    Deadline,
    Estimate,
    Created,
    Updated,
    Completed,
    Priority,
    Category,
    Project,
    Tag,
    Parent,
    Status,
    Is,
    Has,
    Text,
    Number,
}

/// The keys, each by its name and its other names.
const NAMES: &[(Key, &[&str])] = &[
    (Key::Due, &["due"]),
    (Key::Start, &["start", "wait", "scheduled"]),
    (Key::Deadline, &["deadline"]),
    (Key::Estimate, &["estimate"]),
    (Key::Created, &["created", "entry"]),
    (Key::Updated, &["updated", "modified"]),
    (Key::Completed, &["completed", "end"]),
    (Key::Priority, &["priority", "pri", "prio"]),
    (Key::Category, &["category", "cat"]),
    (Key::Project, &["project", "proj", "pro"]),
    (Key::Tag, &["tag", "tags"]),
    (Key::Parent, &["parent"]),
    (Key::Status, &["status"]),
    (Key::Is, &["is"]),
    (Key::Has, &["has"]),
    (Key::Text, &["text", "search"]),
    (Key::Number, &["number", "id"]),
];

impl Key {
    /// Returns the key of this name, in any case.
    pub(super) fn of(name: &str) -> Option<Self> {
        let named = |names: &[&str]| names.iter().any(|other| name.eq_ignore_ascii_case(other));
        NAMES.iter().find(|(_, names)| named(names)).map(|(key, _)| *key)
    }

    /// Returns its name.
    pub(super) fn name(self) -> &'static str {
        let names = NAMES.iter().find(|(key, _)| *key == self).map(|(_, names)| *names);
        names.and_then(<[_]>::first).copied().unwrap_or_default()
    }

    /// Returns whether its values are dates and times, which may be several words.
    pub(super) fn is_time(self) -> bool {
        matches!(self, Self::Due | Self::Start | Self::Deadline | Self::Created | Self::Updated | Self::Completed)
    }
}

/// Returns the names of the keys.
fn names() -> Vec<&'static str> {
    NAMES.iter().filter_map(|(_, names)| names.first().copied()).collect()
}

/// What people ask for by other names.
const ELSEWHERE: &[(&[&str], &str)] = &[
    (&["title", "description", "desc", "note"], "text:WORD searches the title, the description and the note"),
    (
        &["until", "assignee", "recur", "depends"],
        "tasks cannot be filtered by that yet; `muista query --help` lists the fields",
    ),
];

/// Returns the error for a key that is none, with the nearest that is.
pub(super) fn unknown(name: &str) -> Error {
    let name = shown(&clip(name));
    let error = Error::invalid("q", format!("there is no field “{name}” to filter by"));
    if let Some((_, hint)) =
        ELSEWHERE.iter().find(|(names, _)| names.iter().any(|other| name.eq_ignore_ascii_case(other)))
    {
        return error.hint(*hint);
    }
    let all = NAMES.iter().flat_map(|(_, names)| names.iter().copied());
    error.hint(match nearest(&name, all) {
        Some(near) => format!("did you mean `{near}`? To search for the text, put it in quotation marks"),
        None => format!("choose one of {}; to search for the text, put it in quotation marks", names().join(", ")),
    })
}
