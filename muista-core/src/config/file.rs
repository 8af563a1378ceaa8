//! The configuration file: its TOML taken apart into settings, each with its line. What a value means is `value`'s.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::keys::{self, Key};
use super::value::quoted;
use crate::error::{Error, Result};

/// A setting of the file.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) key: &'static Key,
    pub(super) value: String,
    /// Counted from 1.
    pub(super) number: usize,
}

/// What a file holds, and what is wrong with it.
#[derive(Debug, Default)]
pub(super) struct Lines {
    pub(super) good: Vec<Line>,
    pub(super) bad: Vec<Error>,
}

/// Reads the file; none there is `None`.
pub(super) fn text(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(Error::invalid("config", format!("cannot read {}: {e}", path.display()))
            .hint("make it a readable file of UTF-8 text, or choose another with --config")),
    }
}

/// Takes the text of the file at `path` apart.
pub(super) fn lines(path: &Path, text: &str) -> Lines {
    let mut lines = Lines::default();
    let (table, broken) = DeTable::parse_recoverable(text);
    lines.bad.extend(broken.iter().map(|e| {
        let line = e.span().map_or(1, |span| line_of(text, span.start));
        Error::invalid("config", format!("{} line {line}: {}", path.display(), e.message()))
            .hint("write settings as `name = \"value\"`, one a line, or start anew with `muista config edit`")
    }));
    if !lines.bad.is_empty() {
        return lines;
    }
    let mut keys: Vec<_> = table.get_ref().iter().collect();
    keys.sort_by_key(|(name, _)| name.span().start);
    for (name, value) in keys {
        let number = line_of(text, name.span().start);
        match line(name.get_ref(), value.get_ref(), number) {
            Ok(line) => lines.good.push(line),
            Err(mut error) => {
                error.message = format!("{} line {number}: {}", path.display(), error.message);
                lines.bad.push(error);
            }
        }
    }
    lines
}

fn line(name: &str, value: &DeValue<'_>, number: usize) -> Result<Line> {
    let key = keys::key(name)?;
    let DeValue::String(text) = value else {
        let message = format!("{} is {} where a text belongs", key.name, kind(value));
        return Err(Error::invalid(key.name, message).hint(format!("write {} = \"{}\"", key.name, key.example)));
    };
    if text.is_empty() {
        return Err(Error::invalid(key.name, format!("{} is empty", key.name))
            .hint(format!("write {} = \"{}\", or leave it out", key.name, key.example)));
    }
    Ok(Line { key, value: text.to_string(), number })
}

fn kind(value: &DeValue<'_>) -> String {
    match value {
        DeValue::Integer(number) => format!("the number {}", quoted(number.as_str())),
        DeValue::Float(number) => format!("the number {}", quoted(number.as_str())),
        DeValue::Boolean(truth) => format!("{truth}"),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
        DeValue::String(_) => "a text".to_owned(),
    }
}

/// The line, counted from 1, of the byte at `offset`.
fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}
