//! [`Text`]: what stands in a field of the document that an editor shows, as TOML has it and as it is read.

use std::str::FromStr;

use muista_core::error::{Error, Result};
use muista_core::model::Change;
use toml_edit::{Array, Value};

use crate::words::value_parsers;

/// What stands in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    One(String),
    List(Vec<String>),
}

impl Text {
    /// Returns a text that there may not be.
    pub(super) fn of(text: Option<&String>) -> Self {
        Self::One(text.cloned().unwrap_or_default())
    }

    /// Returns the text itself.
    pub(super) fn one(&self, name: &str) -> Result<&str> {
        match self {
            Self::One(text) => Ok(text),
            Self::List(_) => {
                Err(Error::invalid(name, format!("{name} is one text, not a list")).hint("write it without brackets"))
            }
        }
    }

    /// Reads the text; an empty one, and `none`, clear the field.
    pub(super) fn read<T>(&self, name: &str, read: impl FnOnce(&str) -> Result<T>) -> Result<Change<T>> {
        value_parsers::change(Some(self.one(name)?), read)
    }

    /// Reads a list.
    pub(super) fn list<T: FromStr<Err = Error>>(&self, name: &str) -> Result<Vec<T>> {
        match self {
            Self::List(texts) => texts.iter().map(|text| text.parse()).collect(),
            Self::One(_) => Err(Error::invalid(name, format!("{name} is a list of texts"))
                .hint(format!("write it in brackets, as in {name} = [\"…\"]"))),
        }
    }

    pub(super) fn toml(&self) -> Value {
        match self {
            Self::One(text) => Value::from(text.as_str()),
            Self::List(texts) => Value::Array(texts.iter().collect::<Array>()),
        }
    }

    /// Returns a value as a text or as a list of texts; numbers and dates need no quotes.
    pub(super) fn of_toml(value: &Value) -> Option<Self> {
        let one = |value: &Value| match value {
            Value::String(text) => Some(text.value().clone()),
            Value::Integer(number) => Some(number.value().to_string()),
            Value::Float(number) => Some(number.value().to_string()),
            Value::Datetime(date) => Some(date.value().to_string()),
            Value::Boolean(_) | Value::Array(_) | Value::InlineTable(_) => None,
        };
        match value {
            Value::Array(items) => items.iter().map(one).collect::<Option<_>>().map(Self::List),
            value => one(value).map(Self::One),
        }
    }
}
