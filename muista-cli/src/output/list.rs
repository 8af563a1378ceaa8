//! [`List`]: rows on their way to stdout, page by page, in any format. Only a table keeps them, since its columns must
//! know all of them.

use std::io::Write;
use std::marker::PhantomData;

use super::{Format, Noun, Output, csv, json, safe, table};
use crate::error::{CliError, Result};

/// A list that is being written.
pub(crate) struct List<'o, N: Noun, W: Write> {
    output: &'o Output,
    out: W,
    columns: Vec<table::Column<N>>,
    cells: Vec<Vec<table::Cell>>,
    written: usize,
    noun: PhantomData<N>,
}

impl<'o, N: Noun, W: Write> List<'o, N, W> {
    /// Begins a list on `out`.
    ///
    /// # Errors
    /// When `out` cannot be written.
    pub(crate) fn begin(output: &'o Output, out: W) -> Result<Self> {
        let columns = if output.is_table() { N::columns() } else { Vec::new() };
        let mut list = Self { output, out, columns, cells: Vec::new(), written: 0, noun: PhantomData };
        match output.format {
            Format::Json => list.put("[")?,
            Format::Csv => list.put(&csv::record(N::FIELDS.iter().copied())?)?,
            Format::Table | Format::Ndjson | Format::Ids => {}
        }
        Ok(list)
    }

    /// Writes the next rows.
    ///
    /// # Errors
    /// When the list cannot be written.
    pub(crate) fn rows(&mut self, rows: &[N]) -> Result<()> {
        for row in rows {
            self.row(row)?;
            self.written += 1;
        }
        Ok(())
    }

    /// Ends the list.
    ///
    /// # Errors
    /// When the list cannot be written.
    pub(crate) fn end(mut self) -> Result<()> {
        match self.output.format {
            Format::Table if self.written > 0 => {
                let text = table::render(&self.columns, &self.cells, &self.output.view.screen);
                self.put(&text)?;
            }
            Format::Json => self.put(if self.written == 0 { "]\n" } else { "\n]\n" })?,
            Format::Table | Format::Ndjson | Format::Csv | Format::Ids => {}
        }
        self.out.flush().map_err(|e| CliError::stdout(&e))
    }

    fn row(&mut self, row: &N) -> Result<()> {
        let view = &self.output.view;
        match self.output.format {
            Format::Table => {
                let cells = self.columns.iter().map(|column| column.cell(row, view)).collect();
                self.cells.push(cells);
                Ok(())
            }
            Format::Json => {
                let separator = if self.written == 0 { "\n" } else { ",\n" };
                let text = json::text(row, view)?;
                self.put(separator)?;
                self.put(&text)
            }
            Format::Ndjson => {
                let line = json::line(row, view)?;
                self.put(&line)?;
                self.put("\n")
            }
            Format::Csv => {
                let fields = json::fields(row, N::FIELDS, view)?;
                let record = csv::record(fields.iter().map(String::as_str))?;
                let shown = if view.screen.width.is_some() { safe::block(&record) } else { record.into() };
                self.put(&shown)
            }
            Format::Ids => self.put(&format!("{}\n", safe::line(&row.key()))),
        }
    }

    fn put(&mut self, text: &str) -> Result<()> {
        self.out.write_all(text.as_bytes()).map_err(|e| CliError::stdout(&e))
    }
}
