//! [`Writer`]: exported tasks as one document, written task by task. Where it goes, and whether that is a terminal, is
//! the caller's.

use std::io::{self, Write};

use super::csv::{self, Formulas};
use super::{safe, taskwarrior};
use crate::model::ExportedTask;

/// A format that can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteFormat {
    /// Everything, for `muista import`.
    Json,
    /// Everything, for `task import`.
    Taskwarrior,
    /// For spreadsheets.
    Csv,
}

/// Writes tasks one after the other, as one document.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    format: WriteFormat,
    formulas: Formulas,
    /// The own fields that have columns in CSV.
    fields: Vec<String>,
    is_empty: bool,
}

impl<W: Write> Writer<W> {
    /// Begins the document by what stands before the first task. `formulas` and `fields`, the own fields that get columns,
    /// are for CSV, each of whose records is handed to `out` whole.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(out: W, format: WriteFormat, formulas: Formulas, fields: Vec<String>) -> io::Result<Self> {
        let mut writer = Self { out, format, formulas, fields, is_empty: true };
        match format {
            WriteFormat::Json | WriteFormat::Taskwarrior => writer.out.write_all(b"[")?,
            WriteFormat::Csv => writer.out.write_all(csv::header(&writer.fields)?.as_bytes())?,
        }
        Ok(writer)
    }

    /// Writes one task.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write(&mut self, task: &ExportedTask) -> io::Result<()> {
        if self.format == WriteFormat::Csv {
            return self.out.write_all(csv::row(task, &self.fields, self.formulas)?.as_bytes());
        }
        self.out.write_all(if self.is_empty { b"\n" } else { b",\n" })?;
        self.is_empty = false;
        let text = match self.format {
            WriteFormat::Taskwarrior => serde_json::to_string(&taskwarrior::write(task))?,
            _ => serde_json::to_string(task)?,
        };
        self.out.write_all(safe::json(&text).as_bytes())
    }

    /// Writes what stands after the last task, and returns `out`, flushed.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn finish(mut self) -> io::Result<W> {
        if self.format != WriteFormat::Csv {
            self.out.write_all(if self.is_empty { b"]\n" } else { b"\n]\n" })?;
        }
        self.out.flush()?;
        Ok(self.out)
    }
}
