//! Own fields: what an account keeps of its tasks beside what every task has ([`Field`]), what makes or changes one
//! ([`NewField`], [`FieldPatch`]), and how values are read, written and put in order. Values on a task are [`FieldValue`]s;
//! what is said of them on the way to the service are [`FieldChanges`], since only the service knows the fields.

mod reserved;
mod said;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::change::non_null;
use super::text::{is_blank, limit, text};
use super::{Id, WorkTime, clip, fold, fold_text, nearest, shown};
use crate::error::{Error, Result};
use crate::time::{Context, Instant, When};

pub use reserved::is_reserved;
pub use said::{FieldChanges, FieldComparison, FieldTest, FieldText, QueryPlace, ReadIn};

/// The most characters of a field's name.
const NAME_MAX: usize = 64;
/// The most characters of a choice's name.
const CHOICE_MAX: usize = 64;
/// The most choices of a field.
const CHOICES_MAX: usize = 100;
/// The most characters of a value that is text.
const TEXT_MAX: usize = 500;
/// Up to here, forth and back, a number keeps all its digits.
const NUMBER_MAX: f64 = 1e15;

string_enum! {
    /// What a field's values are.
    FieldKind, "type" {
        /// Numbers.
        Number = "number",
        /// A line of text.
        Text = "text",
        /// Days.
        Date = "date",
        /// Lengths of time.
        Duration = "duration",
        /// One of a few names.
        Choice = "choice",
    }
}

/// A field's name: one word of 1 to 64 letters, digits and `_` that does not begin with a digit. Two names that differ only
/// in case, or in how Unicode composes them, are the same. Words that queries and titles know already are taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 64, pattern = "^[A-Za-z_][A-Za-z0-9_]*$", example = "effort")]
pub struct FieldName(String);

impl FieldName {
    /// Reads a name.
    ///
    /// # Errors
    /// `Invalid` when it is no such word, or means something else already.
    pub fn parse(text: &str) -> Result<Self> {
        let name: String = text.nfc().collect();
        if !Self::has_shape(&name) {
            return Err(Error::invalid("name", format!("“{}” cannot be the name of a field", shown(&clip(text))))
                .hint("choose one word of letters, digits and _, as in effort or story_points"));
        }
        limit("name", &name, NAME_MAX)?;
        if is_reserved(&fold(&name)) || fold(&name).starts_with("muista") {
            return Err(Error::invalid("name", format!("“{name}” means something else in queries or titles"))
                .hint("choose another name, as in effort"));
        }
        Ok(Self(name))
    }

    /// Returns whether a word looks like a field's name.
    #[must_use]
    pub fn has_shape(word: &str) -> bool {
        word.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_alphanumeric() || c == '_')
            && !is_blank(word)
    }

    /// Returns the name as names are compared.
    #[must_use]
    pub fn key(&self) -> String {
        fold(&self.0)
    }
}

impl TryFrom<String> for FieldName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for FieldName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

text!(FieldName);

/// A field that an account keeps of its tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Field {
    /// The field's identifier.
    pub id: Id,
    /// The account that it belongs to.
    pub owner_id: Id,
    /// Its name, unique among the account's fields.
    #[schema(example = "effort")]
    pub name: String,
    /// What its values are.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// What its values may be, in order; of a field that is no choice, nothing.
    pub choices: Vec<String>,
    /// How many tasks have a value.
    pub tasks: i64,
    /// Counts up with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What makes a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewField {
    /// Its name.
    pub name: FieldName,
    /// What its values are.
    #[serde(rename = "type")]
    pub kind: FieldKind,
    /// What its values may be, in order, where it is a choice.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub choices: Vec<String>,
}

/// What changes a field; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct FieldPatch {
    /// The new name.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "non_null")]
    #[schema(nullable = false)]
    pub name: Option<FieldName>,
    /// All choices, in order, in place of those there are. One that tasks have must stay.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "non_null")]
    #[schema(nullable = false, max_items = 100)]
    pub choices: Option<Vec<String>>,
    /// The version that the change was made from; with another one now nothing is changed.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "super::integer")]
    #[schema(nullable = false)]
    pub version: Option<i64>,
}

/// A value of a field: a number, or a text that is one of the field's kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum FieldValue {
    /// A number.
    #[schema(value_type = f64)]
    Number(serde_json::Number),
    /// A text, a day as `2026-11-21`, an ISO 8601 duration, or a choice.
    Text(String),
}

/// The values of a task's own fields, by the fields' names.
pub type FieldValues = BTreeMap<String, FieldValue>;

impl fmt::Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl FieldValue {
    /// Returns the value that a text stands for which was written from one of this kind.
    #[must_use]
    pub fn stored(kind: FieldKind, text: String) -> Self {
        let number = || {
            let whole = text.parse::<i64>().ok().map(serde_json::Number::from);
            whole.or_else(|| text.parse().ok().and_then(serde_json::Number::from_f64))
        };
        match kind {
            FieldKind::Number => number().map_or(Self::Text(text), Self::Number),
            _ => Self::Text(text),
        }
    }
}

impl Field {
    /// Reads a value, as people write it; none for a text that empties the field.
    ///
    /// # Errors
    /// `Invalid` for what is no value of this kind.
    pub fn read(&self, text: &str, context: &Context) -> Result<Option<FieldValue>> {
        let text = text.trim();
        if text.is_empty() || text.eq_ignore_ascii_case("none") {
            return Ok(None);
        }
        let value = match self.kind {
            FieldKind::Number => return self.number(text).map(|number| Some(FieldValue::Number(number))),
            FieldKind::Text => self.text(text)?,
            FieldKind::Date => match When::read(text, context).map_err(|error| self.refused(error.into()))? {
                When::None => return Ok(None),
                When::On(day) => day.to_string(),
                When::At(at) => at.date_in(&context.zone).to_string(),
            },
            FieldKind::Duration => WorkTime::read(text).map_err(|error| self.refused(error))?.to_string(),
            FieldKind::Choice => self.choice(text)?.to_owned(),
        };
        Ok(Some(FieldValue::Text(value)))
    }

    fn number(&self, text: &str) -> Result<serde_json::Number> {
        let bad = |why: &str| {
            self.refused(Error::invalid("", format!("“{}” {why}", shown(&clip(text)))))
                .hint(format!("write a number, as in {}:3 or {}:-2.5", self.name, self.name))
        };
        let plain = text.chars().all(|c| c.is_ascii_digit() || "+-.eE".contains(c));
        let number: f64 = text.parse().ok().filter(|_| plain).ok_or_else(|| bad("is not a number"))?;
        if !number.is_finite() || number.abs() > NUMBER_MAX {
            return Err(bad("is more than a number of a field may be, 15 digits"));
        }
        // Fifteen digits are what every reader of JSON keeps.
        let number: f64 = format!("{number:.14e}").parse().unwrap_or(number);
        let whole = (number.fract() == 0.0).then(|| serde_json::Number::from(number as i64));
        whole.or_else(|| serde_json::Number::from_f64(number)).ok_or_else(|| bad("is not a number"))
    }

    fn text(&self, text: &str) -> Result<String> {
        limit(&self.name, text, TEXT_MAX).map_err(|error| self.refused(error))?;
        if is_blank(text) || text.chars().any(char::is_control) {
            return Err(self.refused(Error::invalid("", "a value is one line of text, without control characters")));
        }
        Ok(text.to_owned())
    }

    /// Returns the choice of that name, in any case.
    fn choice(&self, text: &str) -> Result<&str> {
        let named = self.choices.iter().find(|choice| fold(choice) == fold(text));
        named.map(String::as_str).ok_or_else(|| {
            let near = nearest(text, self.choices.iter().map(String::as_str));
            let near = near.map(|near| format!("did you mean {near}? ")).unwrap_or_default();
            self.refused(Error::invalid("", format!("“{}” is none of its choices", shown(&clip(text)))))
                .hint(format!("{near}choose one of {}", self.choices.join(", ")))
        })
    }

    /// Returns an error as one of this field's values.
    fn refused(&self, error: Error) -> Error {
        let message = format!("{}: {}", self.name, error.message);
        Error { message, ..error }.of_field(format!("fields.{}", self.name))
    }

    /// Returns a text by whose bytes the values of this field are in order, and alike where they are the same.
    #[must_use]
    pub fn sort_key(&self, value: &FieldValue) -> String {
        let text = value.to_string();
        match self.kind {
            FieldKind::Number => number_key(text.parse().unwrap_or_default()),
            FieldKind::Text => fold_text(&text).chars().take(TEXT_MAX).collect(),
            FieldKind::Date => text,
            FieldKind::Duration => format!("{:012}", WorkTime::read(&text).unwrap_or_default().seconds()),
            FieldKind::Choice => {
                let place = self.choices.iter().position(|choice| fold(choice) == fold(&text));
                format!("{:03}", place.unwrap_or(CHOICES_MAX))
            }
        }
    }

    /// Whether its values have an order to compare by.
    #[must_use]
    pub fn has_order(&self) -> bool {
        self.kind != FieldKind::Text
    }

    /// Returns a value as people read it: `1h 30min` for `PT1H30M`.
    #[must_use]
    pub fn words(value: &FieldValue) -> String {
        let text = value.to_string();
        match WorkTime::read(&text) {
            Ok(length) if text.starts_with("PT") && text == length.to_string() => length.words(),
            _ => text,
        }
    }
}

/// Returns a number's bits so that their order as text is that of the numbers: of one below nothing all are turned, of any
/// other the sign alone.
fn number_key(number: f64) -> String {
    let bits = number.to_bits();
    let ordered = if bits >> 63 == 1 { !bits } else { bits | (1 << 63) };
    format!("{ordered:016x}")
}

/// Checks the choices of a field.
///
/// # Errors
/// `Invalid` where a choice has none, another kind some, one is named twice, or is no name.
pub(crate) fn refuse_choices(kind: FieldKind, choices: &[String]) -> Result<()> {
    let refuse =
        |message: String| Err(Error::invalid("choices", message).hint("name each once: --choice small --choice large"));
    match (kind, choices.len()) {
        (FieldKind::Choice, 0) => return refuse("a field of choices has none".to_owned()),
        (FieldKind::Choice, 1..=CHOICES_MAX) => {}
        (FieldKind::Choice, many) => {
            return refuse(format!("{many} choices are too many, {CHOICES_MAX} at most are kept"));
        }
        (_, 0) => return Ok(()),
        (kind, _) => {
            return Err(Error::invalid("choices", format!("a field of type {kind} has no choices"))
                .hint("leave them out, or give it the type choice"));
        }
    }
    for (place, choice) in choices.iter().enumerate() {
        limit("choice", choice, CHOICE_MAX)?;
        let none = ["none", "any"].iter().any(|word| choice.eq_ignore_ascii_case(word));
        let is_name =
            choice.trim() == choice && !choice.contains(|c: char| c.is_control() || c == ',') && !choice.contains("..");
        if none || !is_name || is_blank(choice) {
            return refuse(format!("“{}” cannot be a choice", shown(&clip(choice))));
        }
        if choices[..place].iter().any(|other| fold(other) == fold(choice)) {
            return refuse(format!("the choice {choice} is named twice"));
        }
    }
    Ok(())
}
