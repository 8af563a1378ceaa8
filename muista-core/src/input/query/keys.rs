//! The keys that conditions begin with, their other names, and what to say of a key that is none.

use crate::error::Error;
use crate::model::{DateField, clip, nearest, shown};

/// What a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Date(DateField),
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

/// The keys that are no dates, each by its name and its other names.
const NAMES: &[(Key, &[&str])] = &[
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
        all().find(|(_, names)| names.iter().any(|other| name.eq_ignore_ascii_case(other))).map(|(key, _)| key)
    }

    /// Returns its name.
    pub(super) fn name(self) -> &'static str {
        let names = all().find(|(key, _)| *key == self).map(|(_, names)| names);
        names.and_then(|names| names.first().copied()).unwrap_or_default()
    }

    /// Returns whether its values are dates and times, which may be several words.
    pub(super) fn is_time(self) -> bool {
        matches!(self, Self::Date(_) | Self::Created | Self::Updated | Self::Completed)
    }
}

/// Returns all keys, each with its name and its other names.
fn all() -> impl Iterator<Item = (Key, Vec<&'static str>)> {
    let named = |field: DateField| [field.name()].into_iter().chain(field.aliases().iter().copied()).collect();
    let dates = DateField::ALL.into_iter().map(move |field| (Key::Date(field), named(field)));
    dates.chain(NAMES.iter().map(|(key, names)| (*key, names.to_vec())))
}

/// Returns the names of the keys.
fn names() -> Vec<&'static str> {
    all().filter_map(|(_, names)| names.first().copied()).collect()
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
    let known: Vec<&'static str> = all().flat_map(|(_, names)| names).collect();
    let known = known.into_iter().chain(fields.iter().copied());
    let error = nothing(name);
    error.hint(match nearest(name, known) {
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
    use crate::model::is_reserved;

    #[test]
    fn no_field_can_be_called_as_a_key() {
        let elsewhere = ELSEWHERE.iter().flat_map(|(names, _)| names.iter().copied());
        for name in all().flat_map(|(_, names)| names).chain(elsewhere) {
            assert!(is_reserved(name), "{name}");
        }
    }
}
