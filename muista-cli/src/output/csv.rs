//! CSV (RFC 4180): one record at a time. What the fields are is the noun's.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-`, `@`, a tab or a return for a formula, and runs it. What
//! stands in a cell comes from agents, imports and whoever shares a project, so such a cell goes out as text: with an
//! apostrophe before it, as spreadsheets themselves mark text.

use std::borrow::Cow;

use crate::error::{CliError, Result};

/// What becomes of cells that a spreadsheet would take for formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Formulas {
    /// They go out as text.
    #[default]
    AsText,
    /// They go out as they stand.
    Raw,
}

impl Formulas {
    /// The cell as it goes out. An apostrophe that was there already gets another, so that taking one away brings the cell
    /// back.
    pub(crate) fn cell(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::AsText if is_formula(text) => Cow::Owned(format!("'{text}")),
            Self::AsText | Self::Raw => Cow::Borrowed(text),
        }
    }
}

/// Whether a spreadsheet would take a cell for a formula, behind apostrophes or not. A number is none.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text)
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let parts: Vec<_> = digits.splitn(2, '.').collect();
    parts.iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The fields as a record, with its line end.
///
/// # Errors
/// Never, as far as is known: a record in memory has no field that CSV could not hold.
pub(super) fn record<'a>(fields: impl Iterator<Item = &'a str>, formulas: Formulas) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let bytes = writer
        .write_record(fields.map(|field| formulas.cell(field).into_owned()))
        .map_err(|e| e.to_string())
        .and_then(|()| writer.into_inner().map_err(|e| e.to_string()))
        .and_then(|bytes| String::from_utf8(bytes).map_err(|e| e.to_string()));
    bytes.map_err(|e| CliError::failed(format!("cannot write CSV: {e}")))
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
