//! The fields of one table of a list of tables, taken one by one: each mistake is kept with its line, and what is left
//! in the end is unknown. What the fields mean is their reader's.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::file::{kind, line_of};
use super::value::quoted;
use crate::error::{Error, Result};
use crate::model::nearest;

/// A table whose fields are being taken.
pub(super) struct Fields<'a> {
    /// The field whose list holds the table.
    of: &'static str,
    table: &'a DeTable<'a>,
    text: &'a str,
    line: usize,
    known: Vec<&'static str>,
    bad: Vec<(usize, Error)>,
}

impl<'a> Fields<'a> {
    /// The tables that `value` lists.
    pub(super) fn list(
        of: &'static str,
        value: &'a Spanned<DeValue<'a>>,
        text: &'a str,
        bad: &mut Vec<(usize, Error)>,
    ) -> Vec<Self> {
        let line = line_of(text, value.span().start);
        let DeValue::Array(items) = value.get_ref() else {
            bad.push((line, misplaced(of, value.get_ref(), "a list of tables").hint(form(of))));
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items.iter() {
            let line = line_of(text, item.span().start);
            match item.get_ref() {
                DeValue::Table(table) => {
                    tables.push(Self { of, table, text, line, known: Vec::new(), bad: Vec::new() });
                }
                other => bad.push((line, misplaced(of, other, "a table").hint(form(of)))),
            }
        }
        tables
    }

    /// The line of the field, or of the table where it has none of the name.
    pub(super) fn line_of_key(&self, name: &str) -> usize {
        let key = self.table.keys().find(|key| key.get_ref() == name);
        key.map_or(self.line, |key| line_of(self.text, key.span().start))
    }

    /// Keeps a mistake.
    pub(super) fn wrong(&mut self, line: usize, error: Error) {
        self.bad.push((line, error));
    }

    /// A text that must be there.
    pub(super) fn checked<T>(&mut self, name: &'static str, check: fn(&str) -> Result<T>) -> Option<T> {
        let line = self.line_of_key(name);
        if self.take(name).is_none() {
            let error = Error::invalid(name, format!("a {} has no {name}", noun(self.of)));
            self.wrong(line, error.hint(format!("write {name} = \"…\"")));
            return None;
        }
        let text = self.text(name)?;
        check(&text).map_err(|error| self.wrong(line, error)).ok()
    }

    /// A text that may be there.
    pub(super) fn text(&mut self, name: &'static str) -> Option<String> {
        let value = self.take(name)?;
        self.text_of(name, value)
    }

    /// A list of texts that may be there.
    pub(super) fn texts(&mut self, name: &'static str) -> Vec<String> {
        match self.take(name).map(|value| (value.get_ref(), value)) {
            Some((DeValue::Array(items), _)) => items.iter().filter_map(|item| self.text_of(name, item)).collect(),
            Some((other, value)) => {
                let error = misplaced(name, other, "a list of texts").hint(format!("write {name} = [\"…\", \"…\"]"));
                self.wrong(line_of(self.text, value.span().start), error);
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Whether something is so, which may be said.
    pub(super) fn truth(&mut self, name: &'static str) -> bool {
        match self.take(name).map(|value| (value.get_ref(), value)) {
            Some((DeValue::Boolean(truth), _)) => *truth,
            Some((other, value)) => {
                let error = misplaced(name, other, "true or false").hint(format!("write {name} = true"));
                self.wrong(line_of(self.text, value.span().start), error);
                false
            }
            None => false,
        }
    }

    /// Named texts that may be there.
    pub(super) fn map(&mut self, name: &'static str, check: fn(&str, &str) -> Result<()>) -> BTreeMap<String, String> {
        let mut map = BTreeMap::new();
        let Some(value) = self.take(name) else {
            return map;
        };
        let DeValue::Table(table) = value.get_ref() else {
            let error = misplaced(name, value.get_ref(), "a table").hint(format!("write {name} = {{ NAME = \"…\" }}"));
            self.wrong(line_of(self.text, value.span().start), error);
            return map;
        };
        for (key, value) in table {
            let line = line_of(self.text, key.span().start);
            let Some(text) = self.text_of(name, value) else {
                continue;
            };
            match check(key.get_ref(), &text) {
                Ok(()) => {
                    map.insert(key.get_ref().to_string(), text);
                }
                Err(error) => self.wrong(line, error),
            }
        }
        map
    }

    /// A list of tables that may be there.
    pub(super) fn tables(&mut self, name: &'static str) -> Vec<Self> {
        match self.take(name) {
            Some(value) => Self::list(name, value, self.text, &mut self.bad),
            None => Vec::new(),
        }
    }

    /// Takes over the mistakes of a table within this one.
    pub(super) fn take_wrong_of(&mut self, inner: Self) {
        inner.finish(&mut self.bad);
    }

    /// Hands over every mistake, also the fields that nothing asked for.
    pub(super) fn finish(mut self, bad: &mut Vec<(usize, Error)>) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if self.known.contains(&name) {
                continue;
            }
            let hint = match nearest(name, self.known.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the fields are {}", self.known.join(", ")),
            };
            let message = format!("`{}` is not a field of a {}", quoted(name), noun(self.of));
            self.bad.push((line_of(self.text, key.span().start), Error::invalid(name, message).hint(hint)));
        }
        bad.append(&mut self.bad);
    }

    fn take(&mut self, name: &'static str) -> Option<&'a Spanned<DeValue<'a>>> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.table.get(name)
    }

    fn text_of(&mut self, name: &str, value: &Spanned<DeValue<'_>>) -> Option<String> {
        let line = line_of(self.text, value.span().start);
        match value.get_ref() {
            DeValue::String(text) if text.contains('\0') => {
                self.wrong(line, Error::invalid(name, format!("{name} holds a NUL character")).hint("leave it out"));
                None
            }
            DeValue::String(text) => Some(text.to_string()),
            other => {
                self.wrong(line, misplaced(name, other, "a text").hint("put it in quotation marks"));
                None
            }
        }
    }
}

/// How the list of such tables is written.
fn form(of: &str) -> &'static str {
    if of == "script" { "write [[script]]" } else { "write params = [{ name = \"city\" }]" }
}

/// What one of the tables is called.
fn noun(of: &'static str) -> &'static str {
    if of == "params" { "parameter" } else { of }
}

/// What a value is that should have been another thing.
fn misplaced(field: &str, value: &DeValue<'_>, wanted: &str) -> Error {
    Error::invalid(field, format!("{field} is {} where {wanted} belongs", kind(value)))
}
