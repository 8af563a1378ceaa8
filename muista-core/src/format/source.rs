//! [`Source`]: an object of a file whose fields are taken out one by one, with errors that name the task, the field and
//! the value.

use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::notices::{Notices, quoted};
use super::records::Record;
use crate::error::{Error, Result};
use crate::model::{Id, NewSeries, Text};
use crate::time::{Context, Instant};

/// An object being read.
#[derive(Debug)]
pub(crate) struct Source {
    /// The task's identifier.
    pub id: Id,
    /// The task's identifier and title, for messages.
    pub label: String,
    fields: Record,
}

impl Source {
    /// Returns the object whose identifier is the field `id` and whose title is the field `title`. `number` is its
    /// place in the file, from 1.
    ///
    /// # Errors
    /// `Invalid` when it has no identifier, or a bad one.
    pub(crate) fn new(mut fields: Record, id: &str, title: &str, number: u64) -> Result<Self> {
        let name = match fields.get(title) {
            Some(Value::String(text)) => format!(" {}", quoted(text)),
            _ => String::new(),
        };
        let Some(written) = fields.remove(id) else {
            return Err(Error::invalid(id, format!("entry {number} of the file{name} has no {id}"))
                .hint("without it an import made twice would double the task; give each a UUID"));
        };
        let read = written.as_str().and_then(|text| text.parse::<Id>().ok());
        let Some(read) = read else {
            let value = quoted(&plain(&written));
            return Err(Error::invalid(id, format!("entry {number} of the file{name}: {id} {value} is not a UUID")));
        };
        Ok(Self { id: read, label: format!("{read}{name}"), fields })
    }

    /// Returns a text field, which stays where it is.
    pub(crate) fn peek(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// Returns a number, which stays where it is.
    pub(crate) fn number(&self, field: &str) -> Option<f64> {
        let value = self.fields.get(field)?;
        value.as_f64().or_else(|| value.as_str()?.parse().ok())
    }

    /// Returns an error that names the task, the field and its value.
    pub(crate) fn bad(&self, field: &str, value: &str, why: &str) -> Error {
        Error::invalid(field, format!("task {}: {field} {} {why}", self.label, quoted(value)))
    }

    /// Puts the task and the field in front of an error.
    pub(crate) fn refuse(&self, field: &str, error: Error) -> Error {
        Error {
            message: format!("task {}: {field}: {}", self.label, error.message),
            field: Some(field.to_owned()),
            ..error
        }
    }

    /// Returns whether the field is there, even if it is null.
    pub(crate) fn names(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    /// Takes a field out; none when it is missing, null or an empty text.
    pub(crate) fn take(&mut self, field: &str) -> Option<Value> {
        self.fields.remove(field).filter(|value| !value.is_null() && value.as_str() != Some(""))
    }

    /// Takes out a text, or a number or truth value as text.
    ///
    /// # Errors
    /// `Invalid` for an array or object.
    pub(crate) fn text(&mut self, field: &str) -> Result<Option<String>> {
        match self.take(field) {
            None => Ok(None),
            Some(value @ (Value::Array(_) | Value::Object(_))) => Err(self.bad(field, &plain(&value), "is not a text")),
            Some(value) => Ok(Some(plain(&value))),
        }
    }

    /// Takes out a longer text.
    ///
    /// # Errors
    /// `Invalid` when it is none, is too long, or holds control characters.
    pub(crate) fn long_text(&mut self, field: &str) -> Result<Option<Text>> {
        let text = self.text(field)?.unwrap_or_default();
        Text::parse(field, &text).map_err(|error| self.refuse(field, error))
    }

    /// Takes out a value of a type that reads itself.
    ///
    /// # Errors
    /// `Invalid` when it cannot be read.
    pub(crate) fn value<T: DeserializeOwned>(&mut self, field: &str) -> Result<Option<T>> {
        let Some(value) = self.take(field) else {
            return Ok(None);
        };
        match T::deserialize(&value) {
            Ok(read) => Ok(Some(read)),
            Err(error) => Err(self.bad(field, &plain(&value), &format!("cannot be read: {error}"))),
        }
    }

    /// Takes out the fields for which there is a value to take.
    pub(crate) fn take_all<T>(&mut self, mut take: impl FnMut(&str, &Value) -> Option<T>) -> Vec<(String, T)> {
        let mut taken = Vec::new();
        self.fields.retain(|name, value| match take(name, value) {
            Some(value) => {
                taken.push((name.clone(), value));
                false
            }
            None => true,
        });
        taken
    }

    /// Returns the fields not taken out.
    pub(crate) fn rest(&mut self) -> Record {
        std::mem::take(&mut self.fields)
    }
}

/// Takes out how a task recurs. Words that count from a day count from the one on which the task was made.
///
/// # Errors
/// `Invalid` when it is no text.
pub(crate) fn recurrence(
    source: &mut Source,
    field: &str,
    made: Instant,
    zone: &TimeZone,
    notices: &mut Notices,
) -> Result<Option<NewSeries>> {
    let Some(words) = source.text(field)? else { return Ok(None) };
    let context = Context { now: made, zone: zone.clone(), date_order: None };
    let read = NewSeries::read(&words, &context).ok();
    if read.is_none() {
        notices.case("recurrence that cannot be read, left out", source.label.clone());
    }
    Ok(read)
}

/// Returns a value as text: a text as it is, anything else in JSON.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
