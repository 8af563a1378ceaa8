//! The files that tasks come from and go to. Reading gives an [`Incoming`] for the service's import, writing takes its
//! exported tasks; neither needs a database.

mod csv;
mod gather;
mod json;
mod notices;
mod records;
mod source;
mod taskwarrior;
#[cfg(test)]
mod tests;

use std::io::{self, Read, Write};
use std::path::Path;

use jiff::tz::TimeZone;
use muista_core::error::{Error, Result};
use muista_core::model::ExportedTask;

use crate::output::csv::Formulas;
use crate::output::safe;

use gather::Gathering;
pub(crate) use gather::Incoming;

/// A format that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ReadFormat {
    /// What `task export` writes.
    Taskwarrior,
    /// What `muista export` writes.
    Json,
}

/// A format that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum WriteFormat {
    /// Everything, for `muista import`.
    Json,
    /// Everything, for `task import`.
    Taskwarrior,
    /// For spreadsheets.
    Csv,
}

/// Reads a file. Without `format` it is taken from the first task: Taskwarrior's have a `uuid`, Muista's an `id`.
/// Dates without a zone, and local midnights, are those of `zone`. What is read waits in `folder`.
///
/// # Errors
/// `Invalid` for what is no such file, and for a value that can neither be taken over nor kept; it names the task, the
/// field and the value. `Unavailable` where nothing can be kept in `folder`.
pub(crate) fn read(
    input: impl Read + Send + 'static,
    format: Option<ReadFormat>,
    zone: &TimeZone,
    folder: &Path,
) -> Result<Incoming> {
    let mut format = format;
    let mut gathering = Gathering::begin(folder)?;
    let mut number = 0;
    let replaced = records::each(input, |record| {
        number += 1;
        let entry = match known(&mut format, &record)? {
            ReadFormat::Taskwarrior => taskwarrior::entry(record, number, zone, &mut gathering.notices)?,
            ReadFormat::Json => json::entry(record, number, zone, &mut gathering.notices)?,
        };
        gathering.take(&entry)
    })?;
    if replaced {
        gathering.notices.say("control characters that JSON forbids were read as spaces");
    }
    gathering.finish()
}

fn known(format: &mut Option<ReadFormat>, first: &records::Record) -> Result<ReadFormat> {
    let guessed = match *format {
        Some(format) => format,
        None if first.contains_key("uuid") && first.contains_key("description") => ReadFormat::Taskwarrior,
        None if first.contains_key("id") && first.contains_key("title") => ReadFormat::Json,
        None => {
            return Err(Error::invalid("format", "the file's first object is neither Taskwarrior's nor Muista's")
                .hint("say which it is with `--format taskwarrior` or `--format json`"));
        }
    };
    *format = Some(guessed);
    Ok(guessed)
}

/// Writes tasks one after the other, as one document.
pub(crate) struct Writer<W> {
    out: W,
    format: WriteFormat,
    csv: CsvStyle,
    is_empty: bool,
}

/// How CSV is written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CsvStyle {
    pub(crate) formulas: Formulas,
    pub(crate) reader: Reader,
}

/// Who reads what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Reader {
    /// A program, to which every character is one.
    #[default]
    Program,
    /// A terminal, on which some would act.
    Terminal,
}

impl<W: Write> Writer<W> {
    /// A writer that has written what stands before the first task.
    ///
    /// # Errors
    /// What `out` says.
    pub(crate) fn new(out: W, format: WriteFormat, csv: CsvStyle) -> io::Result<Self> {
        let mut writer = Self { out, format, csv, is_empty: true };
        match format {
            WriteFormat::Json | WriteFormat::Taskwarrior => writer.out.write_all(b"[")?,
            WriteFormat::Csv => writer.put(csv::header()?)?,
        }
        Ok(writer)
    }

    /// Writes a record of CSV.
    fn put(&mut self, record: Vec<u8>) -> io::Result<()> {
        if self.csv.reader == Reader::Program {
            return self.out.write_all(&record);
        }
        let text = String::from_utf8_lossy(&record).replace("\r\n", "\n");
        self.out.write_all(safe::block(&text).as_bytes())
    }

    /// Writes one task.
    ///
    /// # Errors
    /// What `out` says.
    pub(crate) fn write(&mut self, task: &ExportedTask) -> io::Result<()> {
        if self.format == WriteFormat::Csv {
            return self.put(csv::write(task, self.csv.formulas)?);
        }
        self.out.write_all(if self.is_empty { b"\n" } else { b",\n" })?;
        self.is_empty = false;
        let text = match self.format {
            WriteFormat::Taskwarrior => serde_json::to_string(&taskwarrior::write(task))?,
            _ => serde_json::to_string(task)?,
        };
        self.out.write_all(safe::json(&text).as_bytes())
    }

    /// Writes what stands after the last task.
    ///
    /// # Errors
    /// What `out` says.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        if self.format != WriteFormat::Csv {
            self.out.write_all(if self.is_empty { b"]\n" } else { b"\n]\n" })?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}
