//! [`read`]: a whole file of tasks, and how it is told which program wrote it. What the single formats mean is `json`'s
//! and `taskwarrior`'s.

use std::io::Read;
use std::path::Path;

use super::gather::{Gathering, Incoming};
use super::{json, records, taskwarrior};
use crate::error::{Error, Result};
use crate::time::Context;

/// A format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadFormat {
    /// Written by `task export`.
    Taskwarrior,
    /// Written by `muista export`.
    Json,
}

/// Reads a file. Without `format` it is taken from the first task: Taskwarrior's have a `uuid`, Muista's an `id`.
/// Dates without a zone, and local midnights, are those of the context's; a task that does not say when it was made was made
/// now. What is read waits in `folder`.
///
/// # Errors
/// `Invalid` for what is no such file, and for a value that can neither be taken over nor kept; it names the task, the
/// field and the value. `Unavailable` where nothing can be kept in `folder`.
pub fn read(
    input: impl Read + Send + 'static,
    format: Option<ReadFormat>,
    context: &Context,
    folder: &Path,
) -> Result<Incoming> {
    let mut format = format;
    let mut gathering = Gathering::begin(folder)?;
    let mut number = 0;
    let replaced = records::each(input, |record| {
        number += 1;
        let entry = match format_of(&mut format, &record)? {
            ReadFormat::Taskwarrior => taskwarrior::entry(record, number, context, &mut gathering.notices)?,
            ReadFormat::Json => json::entry(record, number, &context.zone, &mut gathering.notices)?,
        };
        gathering.take(&entry)
    })?;
    if replaced {
        gathering.notices.say("control characters that JSON forbids were read as spaces");
    }
    gathering.finish()
}

/// Returns the format, and keeps it where it is told by the first record.
fn format_of(format: &mut Option<ReadFormat>, first: &records::Record) -> Result<ReadFormat> {
    let told = match *format {
        Some(format) => format,
        None if first.contains_key("uuid") && first.contains_key("description") => ReadFormat::Taskwarrior,
        None if first.contains_key("id") && first.contains_key("title") => ReadFormat::Json,
        None => {
            return Err(Error::invalid("format", "the file's first object is neither Taskwarrior's nor Muista's")
                .hint("say which it is with `--format taskwarrior` or `--format json`"));
        }
    };
    *format = Some(told);
    Ok(told)
}
