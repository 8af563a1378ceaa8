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

/// Returns what to say of a name that people know from elsewhere.
pub(super) fn elsewhere(name: &str) -> Option<Error> {
    let named = |names: &[&str]| names.iter().any(|other| name.eq_ignore_ascii_case(other));
    let (_, hint) = ELSEWHERE.iter().find(|(names, _)| named(names))?;
    Some(nothing(name).hint(*hint))
}

fn nothing(name: &str) -> Error {
    Error::invalid("q", format!("there is no field “{}” to filter by", shown(&clip(name))))
}

/// Returns the error for a key that is none, nor one of the account's own `fields`, with the nearest that is.
pub(crate) fn unknown_field<'a>(name: &str, fields: impl Iterator<Item = &'a str>) -> Error {
    let fields: Vec<&str> = fields.collect();
    let all = NAMES.iter().flat_map(|(_, names)| names.iter().copied()).chain(fields.iter().copied());
    let error = nothing(name);
    error.hint(match nearest(name, all) {
        Some(near) => format!("did you mean `{near}`? To search for the text, put it in quotation marks"),
        None => {
            let all: Vec<&str> = names().into_iter().chain(fields).collect();
            format!("choose one of {}; to search for the text, put it in quotation marks", all.join(", "))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RESERVED;

    #[test]
    fn no_field_can_be_called_as_a_key() {
        let all = NAMES.iter().map(|(_, names)| *names).chain(ELSEWHERE.iter().map(|(names, _)| *names));
        for name in all.flatten() {
            assert!(RESERVED.contains(name), "{name}");
        }
    }
}
