//! CSV (RFC 4180): one record at a time, whose cells are what a value's JSON has under its keys ([`Key`]). Which keys are
//! columns is the noun's.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a return for a formula, and runs it. What
//! stands in a cell comes from agents, imports and whoever shares a project, so such a cell goes out as text: with an
//! apostrophe before it, as spreadsheets themselves mark text.

mod task;

use std::borrow::Cow;
use std::io;

use csv::{Terminator, WriterBuilder};
use serde_json::Value;

use crate::model::fold;

pub use task::TASK_KEYS;
pub(super) use task::{header, row};

/// A key of a record, whose value is a cell of CSV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// One of the record's JSON.
    Known(&'static str),
    /// An own field, by its name.
    Own(String),
}

impl Key {
    /// Returns the name that stands in a header.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Known(name) => name,
            Self::Own(name) => name,
        }
    }

    /// Returns the value in a record's JSON; null where it has none. A task of somebody else's has its owner's fields, in
    /// whatever case these are written.
    #[must_use]
    pub fn value<'v>(&self, record: &'v Value) -> &'v Value {
        match self {
            Self::Known(name) => &record[name],
            Self::Own(name) => {
                let fields = record["fields"].as_object();
                let own = fields.and_then(|fields| fields.iter().find(|(known, _)| fold(known) == fold(name)));
                own.map_or(&Value::Null, |(_, value)| value)
            }
        }
    }

    /// Returns the cell of a record's JSON.
    #[must_use]
    pub fn cell(&self, record: &Value) -> String {
        bare(self.value(record))
    }
}

/// Returns a JSON value for people: texts bare, lists with commas, nothing for null.
#[must_use]
pub fn bare(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(bare).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

/// Decides over cells that a spreadsheet would take for formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Formulas {
    /// They go out as text.
    #[default]
    AsText,
    /// They go out as they stand.
    Raw,
}

impl Formulas {
    /// Returns the cell as it goes out. An apostrophe that was there already gets another, so that taking one away brings the cell
    /// back.
    pub fn cell(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::AsText if is_formula(text) => Cow::Owned(format!("'{text}")),
            Self::AsText | Self::Raw => Cow::Borrowed(text),
        }
    }
}

/// Returns whether a spreadsheet would take a cell for a formula, behind apostrophes or not. A number is none.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let parts: Vec<_> = digits.splitn(2, '.').collect();
    parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// How a record ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnd {
    /// With CR and LF, as RFC 4180 has it.
    CrLf,
    /// With LF, as programs of a Unix system expect it.
    Lf,
}

/// Returns the cells as one record, with its line end.
///
/// # Errors
/// Never, as far as is known: a record in memory has no cell that CSV could not hold.
pub fn record<C: AsRef<str>>(
    cells: impl IntoIterator<Item = C>,
    formulas: Formulas,
    end: LineEnd,
) -> io::Result<String> {
    let terminator = match end {
        LineEnd::CrLf => Terminator::CRLF,
        LineEnd::Lf => Terminator::Any(b'\n'),
    };
    let mut writer = WriterBuilder::new().terminator(terminator).from_writer(Vec::new());
    writer.write_record(cells.into_iter().map(|cell| formulas.cell(cell.as_ref()).into_owned()))?;
    let bytes = writer.into_inner().map_err(csv::IntoInnerError::into_error)?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+358401234567", "'+358401234567"),
            ("-2+3", "'-2+3"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("'=1", "''=1"),
            ("-12", "-12"),
            ("-1.5", "-1.5"),
            ("-", "'-"),
            ("'tis", "'tis"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(Formulas::AsText.cell(text), cell, "{text:?}");
            assert_eq!(Formulas::Raw.cell(text), text);
        }
    }
}
