//! Templates: trees of tasks that an account keeps to make again ([`TaskTemplate`]), with places for values, and what makes
//! and uses one. Dates in it count from the due of the whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Deref;

use jiff::civil::Time;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::text::{is_blank, limit, text};
use super::{
    Category, Due, FieldValue, FieldValues, Id, NewReminder, Plan, Priority, TaskRef, WorkTime, clip, fold, nearest,
    shown,
};
use crate::error::{Error, Result};
use crate::time::Instant;

/// The most characters of a template's name.
const NAME_MAX: usize = 64;
/// The most characters of a value.
const VALUE_MAX: usize = 1000;

/// A template's name: one trimmed line of 1 to 64 characters. Two names that differ only in case, or in how Unicode composes
/// them, are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 64, pattern = r"^[^\s/]([^/]*[^\s/])?$", example = "release")]
pub struct TemplateName(String);

impl TemplateName {
    /// Reads a name.
    ///
    /// # Errors
    /// `Invalid` when it is empty, too long, or holds a slash or a control character.
    pub fn parse(text: &str) -> Result<Self> {
        let name: String = text.trim().nfc().collect();
        if is_blank(&name) || name.contains(|c: char| c.is_control() || c == '/') {
            return Err(Error::invalid("name", format!("“{}” cannot be the name of a template", shown(&clip(text))))
                .hint("choose one line of plain text, as in release"));
        }
        limit("name", &name, NAME_MAX)?;
        Ok(Self(name))
    }

    /// Returns the name as names are compared.
    #[must_use]
    pub fn key(&self) -> String {
        fold(&self.0)
    }
}

impl TryFrom<String> for TemplateName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for TemplateName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

text!(TemplateName);

/// When a task of a template is due or begins, counted from the due of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplateDue {
    /// How many days after the day on which the whole is due; negative for before.
    #[schema(example = -2)]
    pub days: i32,
    /// The time of day; none: it is a date.
    #[schema(value_type = Option<String>, example = "09:00:00")]
    pub time: Option<Time>,
}

/// A task of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplateTask {
    /// The title, which may hold placeholders, as do the other texts.
    #[schema(example = "Release {{version}}")]
    pub title: String,
    /// A longer description.
    pub description: Option<String>,
    /// Further notes.
    pub note: Option<String>,
    /// The category.
    pub category: Category,
    /// How much it matters.
    pub priority: Priority,
    /// The project's name.
    pub project: Option<String>,
    /// The tags.
    pub tags: Vec<String>,
    /// When it is due; of the whole, the time of day alone counts.
    pub due: Option<TemplateDue>,
    /// Until when it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<TemplateDue>,
    /// By when it must be done at the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<TemplateDue>,
    /// How long it will take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "PT30M")]
    pub estimate: Option<WorkTime>,
    /// Its place in an order by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
    /// The values of own fields.
    #[serde(default, skip_serializing_if = "FieldValues::is_empty")]
    #[schema(value_type = HashMap<String, FieldValue>)]
    pub fields: FieldValues,
    /// Its place in the list of the task that it is a part of; none for the whole, which is the first.
    pub parent: Option<usize>,
    /// The places of the tasks that must be done before.
    pub depends_on: Vec<usize>,
    /// Its reminders.
    #[schema(value_type = Vec<Object>)]
    pub reminders: Vec<NewReminder>,
}

impl TemplateTask {
    /// Returns when the task is worked on.
    #[must_use]
    pub fn plan(&self) -> Plan<TemplateDue> {
        Plan { start: self.start, deadline: self.deadline, estimate: self.estimate, position: self.position }
    }

    /// Returns the texts that may hold placeholders.
    fn texts(&self) -> impl Iterator<Item = &str> {
        let more = [&self.description, &self.note, &self.project].into_iter().flatten();
        let notes = self.reminders.iter().filter_map(|reminder| reminder.note.as_deref());
        [&self.title].into_iter().chain(more).chain(&self.tags).map(String::as_str).chain(notes)
    }

    /// Returns how many bytes its texts have.
    pub(crate) fn size(&self) -> usize {
        self.texts().map(str::len).sum()
    }
}

/// A tree of tasks that an account keeps to make again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskTemplate {
    /// The template's identifier.
    pub id: Id,
    /// The account that it belongs to.
    pub owner_id: Id,
    /// Its name, unique among the account's templates.
    #[schema(example = "release")]
    pub name: String,
    /// The names of the values that it takes.
    #[schema(example = json!(["version"]))]
    pub placeholders: Vec<String>,
    /// Its tasks, each behind the one that it is a part of.
    pub tasks: Vec<TemplateTask>,
    /// Counts up with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What makes a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewTemplate {
    /// Its name.
    pub name: TemplateName,
    /// The task that it is taken from, with its subtasks.
    #[schema(example = "42")]
    pub from: TaskRef,
}

/// What makes the tasks of a template.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TemplateUse {
    /// The values of its placeholders, by name.
    pub values: BTreeMap<String, String>,
    /// When the whole is due.
    pub due: Option<Due>,
    /// The task that the whole is a part of.
    pub parent: Option<TaskRef>,
}

/// A piece of a text: plain, or a placeholder.
enum Piece<'t> {
    Plain(&'t str),
    Place(&'t str),
}

/// Takes a text apart. What stands between braces and is no name is plain.
fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((inner, after)) = behind.split_once("}}") else { break };
        let name = inner.trim();
        if is_name(name) {
            pieces.extend([Piece::Plain(before), Piece::Place(name)]);
            rest = after;
        } else {
            let end = before.len() + 2;
            pieces.push(Piece::Plain(rest.get(..end).unwrap_or_default()));
            rest = behind;
        }
    }
    pieces.push(Piece::Plain(rest));
    pieces
}

/// Returns whether a placeholder may have that name: a letter or `_`, then letters, digits, `_` and `-`.
fn is_name(name: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    name.len() <= NAME_MAX && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && name.chars().all(inner)
}

/// Returns the names of all placeholders of these tasks.
pub(crate) fn placeholders(tasks: &[TemplateTask]) -> Vec<String> {
    let mut names = BTreeSet::new();
    for text in tasks.iter().flat_map(TemplateTask::texts) {
        names.extend(pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Place(name) => Some(name.to_owned()),
            Piece::Plain(_) => None,
        }));
    }
    names.into_iter().collect()
}

/// Returns a text with values in its places. All of them are there, as [`refuse_values`] has seen to.
pub(crate) fn filled(text: &str, values: &BTreeMap<String, String>) -> String {
    let piece = |piece| match piece {
        Piece::Plain(text) => text,
        Piece::Place(name) => values.get(name).map_or("", String::as_str),
    };
    pieces(text).into_iter().map(piece).collect()
}

/// Refuses values that a template does not take, too long ones, and fewer than it takes.
///
/// # Errors
/// `Invalid`, naming the value.
pub(crate) fn refuse_values(template: &TaskTemplate, values: &BTreeMap<String, String>) -> Result<()> {
    let field = |name: &str| format!("values.{}", shown(&clip(name)));
    if let Some(name) = values.keys().find(|name| !template.placeholders.contains(name)) {
        let near = nearest(name, template.placeholders.iter().map(String::as_str));
        let hint = match (near, template.placeholders.as_slice()) {
            (Some(near), _) => format!("did you mean {near}?"),
            (None, []) => "it takes no values".to_owned(),
            (None, all) => format!("it takes {}", all.join(", ")),
        };
        let message = format!("the template {} has no placeholder “{}”", template.name, shown(&clip(name)));
        return Err(Error::invalid(&field(name), message).hint(hint));
    }
    for (name, value) in values {
        limit(&field(name), value, VALUE_MAX)?;
    }
    let missing: Vec<&str> =
        template.placeholders.iter().filter(|name| !values.contains_key(*name)).map(String::as_str).collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let message = format!("the template {} needs a value for {}", template.name, missing.join(", "));
    Err(Error::invalid(&field(first), message).hint(format!("give it one, as in {first}=…")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_found_and_filled() {
        let values =
            BTreeMap::from([("version".to_owned(), "1.4".to_owned()), ("x_1".to_owned(), "{{version}}".to_owned())]);
        for (text, full) in [
            ("Release {{version}}", "Release 1.4"),
            ("{{ version }}{{x_1}}", "1.4{{version}}"),
            ("{{}} {{a b}} {{version", "{{}} {{a b}} {{version"),
            ("{{{version}}}", "{{{version}}}"),
            ("{{ {{version}}", "{{ 1.4"),
            ("plain", "plain"),
        ] {
            assert_eq!(filled(text, &values), full, "{text}");
        }
    }
}
