//! Values of flags that clap cannot read by itself: those that need the clock, and those that `none` empties; and dates as
//! they can be read again.

use muista_core::error::{Error, Result};
use muista_core::model::{Change, Due, NewSeries, TaskDate, Text};
use muista_core::time::{Context, When};

/// Reads a due; `none` is none.
///
/// # Errors
/// `Invalid` for what is no date.
pub(crate) fn due(text: &str, context: &Context) -> Result<Option<Due>> {
    let when = When::read(text, context).map_err(|error| Error { field: Some("due".to_owned()), ..error.into() })?;
    Ok(Due::new(&when, &context.zone))
}

/// Returns a date of a task as it can be read again: the date, with the time where it has one.
pub(crate) fn date_text(date: Option<TaskDate>, context: &Context) -> String {
    let Some(TaskDate { at, on }) = date else { return String::new() };
    if let Some(date) = on {
        return date.to_string();
    }
    let text = at.in_zone(&context.zone).strftime("%Y-%m-%d %H:%M").to_string();
    // Seconds, and the second pass of a clock change, need the whole instant.
    if When::read(&text, context).ok() == Some(When::At(at)) {
        return text;
    }
    at.rfc3339_in(&context.zone).to_string()
}

/// Reads how a task recurs; `none` is not at all.
///
/// # Errors
/// `Invalid` for what is no recurrence.
pub(crate) fn every(text: &str, context: &Context) -> Result<Option<NewSeries>> {
    if clears(text) { Ok(None) } else { NewSeries::read(text, context).map(Some) }
}

/// Returns whether a value means that the field is to be emptied.
pub(crate) fn clears(text: &str) -> bool {
    text.trim().is_empty() || text.trim().eq_ignore_ascii_case("none")
}

/// Returns what a flag that may not have been given says of a field: `none` or nothing empties it.
///
/// # Errors
/// The reader's.
pub(crate) fn change<T>(text: Option<&str>, read: impl FnOnce(&str) -> Result<T>) -> Result<Change<T>> {
    match text {
        None => Ok(Change::Keep),
        Some(text) if clears(text) => Ok(Change::Clear),
        Some(text) => read(text).map(Change::Set),
    }
}

/// Reads a longer text that is not empty.
///
/// # Errors
/// `Invalid` when it is too long or holds a control character.
pub(crate) fn text(field: &str, text: &str) -> Result<Text> {
    Text::parse(field, text)?.ok_or_else(|| Error::invalid(field, format!("the {field} is empty")))
}

/// Reads the values of a flag that may be given several times and stands for the whole list; `none` empties it.
///
/// # Errors
/// The reader's.
pub(crate) fn list<T: std::str::FromStr<Err = Error>>(texts: &[String]) -> Result<Option<Vec<T>>> {
    match texts {
        [] => Ok(None),
        [only] if clears(only) => Ok(Some(Vec::new())),
        several => several.iter().map(|text| text.parse()).collect::<Result<_>>().map(Some),
    }
}
