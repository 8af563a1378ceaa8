//! JSON for stdout: instants in the user's zone, and every character that could steer a terminal escaped. On a terminal
//! it is laid out over lines, elsewhere an object stays on its line.

use muista_core::format::csv::Key;
use muista_core::model::{in_zone, line_in_zone};
use serde::Serialize;
use serde_json::Value;

use super::{View, safe};
use crate::error::{CliError, Result};

/// A value as JSON, over several lines on a terminal.
///
/// # Errors
/// When the value has no JSON form.
pub(crate) fn text(value: &impl Serialize, view: &View) -> Result<String> {
    if view.screen.width.is_none() {
        return line(value, view);
    }
    let value = zoned(value, view)?;
    let text = serde_json::to_string_pretty(&value).map_err(|e| unwritable(&e))?;
    Ok(safe::json(&text).into_owned())
}

/// A value as JSON on one line.
///
/// # Errors
/// When the value has no JSON form.
pub(super) fn line(value: &impl Serialize, view: &View) -> Result<String> {
    let line = line_in_zone(value, &view.context.zone).map_err(|e| unwritable(&e))?;
    Ok(safe::json(&line).into_owned())
}

/// A value's keys alone, in that order, as JSON.
///
/// # Errors
/// When the value has no JSON form.
pub(super) fn picked(value: &impl Serialize, keys: &[Key], view: &View, layout: Layout) -> Result<String> {
    let value = zoned(value, view)?;
    let of_key = |key: &Key| (key.name().to_owned(), key.value(&value).clone());
    let picked: serde_json::Map<_, _> = keys.iter().map(of_key).collect();
    let text = match layout {
        Layout::Lines if view.screen.width.is_some() => serde_json::to_string_pretty(&picked),
        _ => serde_json::to_string(&picked),
    };
    Ok(safe::json(&text.map_err(|e| unwritable(&e))?).into_owned())
}

/// How an object is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// Over several lines on a terminal.
    Lines,
    /// On one line.
    Line,
}

/// The values of the keys, as they stand in a CSV record.
///
/// # Errors
/// When the value has no JSON form.
pub(super) fn cells(value: &impl Serialize, keys: &[Key], view: &View) -> Result<Vec<String>> {
    let value = zoned(value, view)?;
    Ok(keys.iter().map(|key| key.cell(&value)).collect())
}

fn zoned(value: &impl Serialize, view: &View) -> Result<Value> {
    in_zone(value, &view.context.zone).map_err(|e| unwritable(&e))
}

fn unwritable(error: &serde_json::Error) -> CliError {
    CliError::failed(format!("cannot write JSON: {error}"))
}
