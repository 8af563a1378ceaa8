//! The configuration file: its TOML taken apart into settings, each with its line. What a value means is `value`'s,
//! and what a `[[script]]` is, `script`'s.

use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::keys::Key;
use super::script::{self, Script};
use super::suggest;
use super::value::{Bare, quoted};
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
    pub(super) scripts: Vec<Script>,
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
            .hint("write settings as `name = \"value\"`, one a line, or start over with `muista config edit`")
    }));
    if !lines.bad.is_empty() {
        return lines;
    }
    let mut found = Found { path, text, good: Vec::new(), bad: Vec::new() };
    found.walk("", table.get_ref());
    if let Some(scripts) = table.get_ref().get("script") {
        let (good, bad) = script::read(scripts, text);
        lines.scripts = good;
        bad.into_iter().for_each(|(number, error)| found.wrong(number, error));
    }
    found.good.sort_by_key(|line| line.number);
    found.bad.sort_by_key(|(number, _)| *number);
    lines.good = found.good;
    lines.bad = found.bad.into_iter().map(|(_, error)| error).collect();
    lines
}

/// What has been found in the file at `path` so far.
struct Found<'a> {
    path: &'a Path,
    text: &'a str,
    good: Vec<Line>,
    bad: Vec<(usize, Error)>,
}

impl Found<'_> {
    /// Takes the settings of a table; `prefix` is its name with a dot behind it, or nothing for the file itself.
    fn walk(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let number = line_of(self.text, name.span().start);
            let full = format!("{prefix}{}", name.get_ref());
            match value.get_ref() {
                // A list of tables, which `script` reads.
                _ if full == "script" => {}
                DeValue::Table(inner) if is_table(&full, name.get_ref()) => self.walk(&format!("{full}."), inner),
                value => match line(&full, name.get_ref(), value, number) {
                    Ok(line) => self.good.push(line),
                    Err(error) => self.wrong(number, error),
                },
            }
        }
    }

    fn wrong(&mut self, number: usize, mut error: Error) {
        error.message = format!("{} line {number}: {}", self.path.display(), error.message);
        self.bad.push((number, error));
    }
}

/// Whether there is such a table. A dot in quotation marks makes none.
fn is_table(full: &str, last: &str) -> bool {
    !last.contains('.') && suggest::table(full).is_some()
}

fn line(full: &str, last: &str, value: &DeValue<'_>, number: usize) -> Result<Line> {
    if is_table(full, last) {
        let example = suggest::table(full).and_then(|names| names.first().copied()).unwrap_or(full);
        return Err(Error::invalid(full, format!("{full} is {} where a table belongs", kind(value)))
            .hint(format!("write its settings each by name, as in {example} = …")));
    }
    if last.contains('.') {
        return Err(suggest::unknown(full).hint("write the name without quotation marks"));
    }
    let key = suggest::key(full)?;
    let text = match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) if key.bare == Bare::Number && number.radix() == 10 => number.as_str().to_owned(),
        DeValue::Boolean(truth) if key.bare == Bare::Truth => truth.to_string(),
        DeValue::Array(items) if key.bare == Bare::List && items.iter().all(|item| item.get_ref().is_str()) => {
            items.iter().filter_map(|item| item.get_ref().as_str()).collect::<Vec<_>>().join(",")
        }
        _ => {
            let message = format!("{} is {} where a text belongs", key.name, kind(value));
            return Err(Error::invalid(key.name, message).hint(format!("write {} = \"{}\"", key.name, key.example)));
        }
    };
    if text.is_empty() {
        return Err(Error::invalid(key.name, format!("{} is empty", key.name))
            .hint(format!("write {} = \"{}\", or leave it out", key.name, key.example)));
    }
    Ok(Line { key, value: text, number })
}

/// What a value is, in words.
pub(super) fn kind(value: &DeValue<'_>) -> String {
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
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}
