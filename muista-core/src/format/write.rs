//! [`Writer`]: exported tasks as one document, written task by task. Where it goes, and whether that is a terminal, is
//! the caller's.

use std::collections::HashSet;
use std::io::{self, Write};

use serde::Serialize;

use super::csv::{self, Formulas};
use super::notices::Notices;
use super::{safe, taskwarrior};
use crate::model::{ExportedTask, Id};

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
    /// The series that have a template in the document.
    templates: HashSet<Id>,
    notices: Notices,
    is_empty: bool,
}

impl<W: Write> Writer<W> {
    /// Begins the document by what stands before the first task. `formulas` and `fields`, the own fields that get columns,
    /// are for CSV, each of whose records is handed to `out` whole.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(out: W, format: WriteFormat, formulas: Formulas, fields: Vec<String>) -> io::Result<Self> {
        let mut writer = Self {
            out,
            format,
            formulas,
            fields,
            templates: HashSet::new(),
            notices: Notices::default(),
            is_empty: true,
        };
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
        if self.format != WriteFormat::Taskwarrior {
            return self.object(task);
        }
        let templates = &mut self.templates;
        let (template, task) = taskwarrior::write(task, &mut self.notices, |series| templates.insert(series));
        template.iter().try_for_each(|template| self.object(template))?;
        self.object(&task)
    }

    /// Writes one object of a JSON document.
    fn object(&mut self, object: &impl Serialize) -> io::Result<()> {
        self.out.write_all(if self.is_empty { b"\n" } else { b",\n" })?;
        self.is_empty = false;
        self.out.write_all(safe::json(&serde_json::to_string(object)?).as_bytes())
    }

    /// Returns in lowercase sentences what could not be written just so.
    pub fn told(&self) -> Vec<String> {
        self.notices.brief()
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
