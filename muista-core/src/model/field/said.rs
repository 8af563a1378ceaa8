//! What is said of own fields on the way to the service, which alone knows them: changes of a task's values ([`FieldChanges`])
//! and conditions ([`FieldTest`]), as texts, with what these are read against ([`ReadIn`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};

use super::FieldValues;
use crate::error::{Error, Result};
use crate::model::{clip, shown};
use crate::time::{self, Context, DateOrder, Instant};

/// What texts of the reader's are read against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadIn {
    /// The moment "now" of the reader.
    pub now: Instant,
    /// The reader's zone.
    pub timezone: String,
    /// How `1/2` is read.
    #[serde(default)]
    pub date_order: Option<DateOrder>,
}

impl ReadIn {
    /// Returns it for a reader.
    #[must_use]
    pub fn of(context: &Context) -> Self {
        Self { now: context.now, timezone: context.zone_name(), date_order: context.date_order }
    }

    /// Returns the context that it stands for.
    ///
    /// # Errors
    /// `Invalid` for a zone that is not known here.
    pub fn context(&self) -> Result<Context> {
        let zone = time::zone(&self.timezone)?;
        Ok(Context { now: self.now, zone, date_order: self.date_order })
    }
}

/// What is said of a task's own fields, by their names: a text to be read as a value, or none that empties the field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct FieldChanges {
    /// The texts.
    pub values: BTreeMap<String, Option<String>>,
    /// What they are read against; without it, as of the change and in UTC.
    pub read_in: Option<ReadIn>,
}

impl FieldChanges {
    /// Returns what texts say that a reader wrote.
    #[must_use]
    pub fn of(values: BTreeMap<String, Option<String>>, context: &Context) -> Self {
        let read_in = (!values.is_empty()).then(|| ReadIn::of(context));
        Self { values, read_in }
    }

    /// Returns what values say that were read before.
    #[must_use]
    pub fn kept(values: &FieldValues) -> Self {
        let values = values.iter().map(|(name, value)| (name.clone(), Some(value.to_string())));
        Self { values: values.collect(), read_in: None }
    }

    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// A text for a field in a document: a text, or a number as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldText(pub String);

impl<'de> Deserialize<'de> for FieldText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            serde_json::Value::Number(number) => Ok(Self(number.to_string())),
            other => Err(de::Error::custom(format!(
                "{} is not a value of a field: expected a number or a text",
                clip(&other.to_string())
            ))),
        }
    }
}

/// How a condition compares a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FieldComparison {
    /// Any of these, or within a range.
    Is,
    /// Less.
    Below,
    /// No more.
    AtMost,
    /// More.
    Above,
    /// No less.
    AtLeast,
    /// Whatever it is.
    Any,
}

/// A condition on an own field, as it is written: what it means the service knows, which knows the field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldTest {
    /// The field's name.
    pub name: String,
    /// How its value is compared.
    pub comparison: FieldComparison,
    /// With what.
    pub text: String,
    /// What that is read against.
    pub read_in: ReadIn,
    /// Where it is written.
    pub place: QueryPlace,
}

/// Where a word stands in a query, for errors about it. What the word means does not depend on it, so all are equal.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct QueryPlace {
    word: String,
    /// The character it begins at, from 1; 0 where it is all there is.
    at: usize,
}

impl QueryPlace {
    /// That of a word of several.
    #[must_use]
    pub fn new(word: &str, at: usize) -> Self {
        Self { word: shown(&clip(word)), at }
    }

    /// Returns an error about the word with its place.
    #[must_use]
    pub fn told(&self, error: Error) -> Error {
        if self.at == 0 {
            return error;
        }
        let message = format!("{}, in “{}” at character {} of the query", error.message, self.word, self.at);
        Error { message, ..error }
    }
}

impl PartialEq for QueryPlace {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for QueryPlace {}
