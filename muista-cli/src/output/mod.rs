//! What goes to stdout. A noun says once what its rows look like ([`Noun`]); every format is served from that. The
//! wording of a task stands in `task`, of a due in `due`; messages on stderr are `context`'s.

pub(crate) mod audit_display;
mod audit_ids;
mod bar;
pub(crate) mod due;
mod group;
pub(crate) mod json;
mod list;
mod listed;
mod pager;
mod pick;
pub(crate) mod planning;
pub(crate) mod reminder;
mod screen;
mod table;
mod task;

use std::io::{self, Write};

use clap::ValueEnum;
use muista_core::format::csv::Formulas;
pub(crate) use muista_core::format::safe;
use muista_core::model::Task;
use muista_core::time::Context;
use serde::Serialize;

pub(crate) use audit_ids::AuditIds;
pub(crate) use bar::bar;
pub(crate) use group::{By, groups};
pub(crate) use list::List;
pub(crate) use listed::{ListedTask, MARKS};
pub(crate) use pager::Pager;
pub(crate) use pick::Pick;
pub(crate) use screen::{Paint, Screen};
pub(crate) use table::{Cell, Column, Shape};
pub(crate) use task::tags;

use crate::error::{CliError, Result};

/// How many characters of an id are shown at least where there are very many records beside those that are listed.
pub(crate) const LEDGER_IDS: usize = 6;

/// How results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// One JSON document
    Json,
    /// A JSON object a line
    Ndjson,
    /// Comma-separated values with a header (RFC 4180)
    Csv,
    /// Tab-separated values with a header; tab, line break and backslash are written \t, \n, \r and \\
    Tsv,
    /// What commands take as an ID, one a line
    Ids,
}

/// What is needed to word a value: the moment, the zone, the screen.
#[derive(Debug, Clone)]
pub(crate) struct View {
    /// Now and the user's zone.
    pub(crate) context: Context,
    /// What stdout can show.
    pub(crate) screen: Screen,
}

/// Where results go, and how they are written.
#[derive(Debug)]
pub(crate) struct Output {
    pub(crate) format: Format,
    pub(crate) quiet: bool,
    pub(crate) view: View,
    /// What becomes of cells of CSV and TSV that a spreadsheet would run.
    pub(crate) formulas: Formulas,
    /// What shows a table that is longer than the screen.
    pub(crate) pager: Pager,
}

/// A kind of thing that is listed. Its serde form is what JSON gives.
pub(crate) trait Noun: Serialize + Sized {
    /// The JSON keys that become CSV columns.
    const FIELDS: &'static [&'static str];

    /// Returns the columns of the table. One whose cells all say nothing unusual is left out.
    fn columns() -> Vec<Column<Self>>;

    /// Returns further columns, which are shown where they are asked for.
    fn more_columns() -> Vec<Column<Self>> {
        Vec::new()
    }

    /// Returns what commands take to name it.
    fn key(&self) -> String;
}

impl Output {
    /// Returns whether results are for people.
    pub(crate) fn is_table(&self) -> bool {
        self.format == Format::Table
    }

    /// Begins a list on stdout, which then takes rows page by page.
    pub(crate) fn begin<N: Noun>(&self) -> List<'_, N, impl Write + use<N>> {
        self.begin_with(Pick::usual())
    }

    /// Begins a list on stdout with the columns or the keys that were picked.
    pub(crate) fn begin_with<N: Noun>(&self, pick: Pick<N>) -> List<'_, N, impl Write + use<N>> {
        List::new(self, pick, stdout())
    }

    /// Writes a whole list.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn list<N: Noun>(&self, rows: &[N]) -> Result<()> {
        let mut list = self.begin();
        list.rows(rows)?;
        list.end()
    }

    /// Writes one thing: an object in JSON, a list of one in the other formats.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn one<N: Noun>(&self, row: &N) -> Result<()> {
        match self.format {
            Format::Json => self.document(row),
            _ => self.list(std::slice::from_ref(row)),
        }
    }

    /// Writes a value as one JSON document, its instants in the user's zone.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn document(&self, value: &impl Serialize) -> Result<()> {
        let mut text = json::text(value, &self.view)?;
        text.push('\n');
        write(&text)
    }

    /// Writes lines for people, as they are: the caller has made what is in them safe.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn text(&self, lines: &str) -> Result<()> {
        write(lines)
    }

    /// Shows lines for people, in a pager where they are more than the screen holds.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn page(&self, lines: &str) -> Result<()> {
        if self.pager.shows(lines, &self.view.screen) { Ok(()) } else { write(lines) }
    }

    /// Says which columns of a table the terminal is too narrow for, unless `--quiet`.
    fn tell_hidden(&self, hidden: &[String]) {
        if hidden.is_empty() || self.quiet {
            return;
        }
        // Nobody is left to tell when stderr itself cannot be written.
        let _ = writeln!(io::stderr().lock(), "Too narrow for: {}", hidden.join(", "));
    }

    /// Confirms a change of tasks: in a table format a line each, unless `--quiet`; in the others the tasks as a list.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn changed(&self, what: &str, tasks: &[Task]) -> Result<()> {
        if !self.is_table() {
            return self.list(tasks);
        }
        tasks.iter().try_for_each(|task| self.say(&format!("{what} {}  {}", task.number, task.title)))
    }

    /// Confirms a change in one line, unless `--quiet`.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub(crate) fn say(&self, line: &str) -> Result<()> {
        if self.quiet {
            return Ok(());
        }
        write(&format!("{}\n", safe::line(line)))
    }
}

/// Stdout with a buffer. What it holds is only written for sure by `flush`.
fn stdout() -> io::BufWriter<io::StdoutLock<'static>> {
    io::BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

/// Writes `text` to stdout.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn write(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|e| CliError::stdout(&e))
}
