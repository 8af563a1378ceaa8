//! [`List`]: rows on their way to stdout, page by page, in any format. Only a table keeps them, since its columns must
//! know all of them.

use std::io::Write;

use muista_core::format::csv::{self, Key, LineEnd};

use super::json::Layout;
use super::{Format, Noun, Output, Pick, json, safe, table};
use crate::error::{CliError, Result};

/// A list that is being written.
pub(crate) struct List<'o, N: Noun, W: Write> {
    output: &'o Output,
    out: W,
    pick: Pick<N>,
    /// The keys that are columns of CSV and TSV.
    keys: Vec<Key>,
    cells: Vec<Vec<table::Cell>>,
    headings: Vec<(usize, String)>,
    begun: bool,
    written: usize,
}

impl<'o, N: Noun, W: Write> List<'o, N, W> {
    /// Makes a list on `out`. Nothing is written before the first rows, or the end: what fails until then leaves `out`
    /// empty.
    pub(crate) fn new(output: &'o Output, pick: Pick<N>, out: W) -> Self {
        let keys = pick.keys();
        Self { output, out, pick, keys, cells: Vec::new(), headings: Vec::new(), begun: false, written: 0 }
    }

    /// Writes what stands before the first row, once.
    fn begin(&mut self) -> Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        match self.output.format {
            Format::Json => self.put("["),
            Format::Csv | Format::Tsv => {
                let header: Vec<&str> = self.keys.iter().map(Key::name).collect();
                self.put(&self.record(&header)?)
            }
            Format::Table | Format::Ndjson | Format::Ids => Ok(()),
        }
    }

    /// Writes the next rows.
    ///
    /// # Errors
    /// When the list cannot be written.
    pub(crate) fn rows(&mut self, rows: &[N]) -> Result<()> {
        self.begin()?;
        for row in rows {
            self.row(row)?;
            self.written += 1;
        }
        Ok(())
    }

    /// Puts a heading above the rows that come next. Only a table has headings.
    pub(crate) fn heading(&mut self, text: String) {
        self.headings.push((self.cells.len(), text));
    }

    /// Writes the next row.
    ///
    /// # Errors
    /// When the list cannot be written.
    pub(crate) fn one(&mut self, row: &N) -> Result<()> {
        self.rows(std::slice::from_ref(row))
    }

    /// Hands what was written so far to whoever reads it.
    ///
    /// # Errors
    /// When the list cannot be written.
    pub(crate) fn flush(&mut self) -> Result<()> {
        self.out.flush().map_err(|e| CliError::stdout(&e))
    }

    /// Ends the list.
    ///
    /// # Errors
    /// When the list cannot be written.
    pub(crate) fn end(mut self) -> Result<()> {
        self.begin()?;
        match self.output.format {
            Format::Table if self.written > 0 => {
                table::shorten_ids(&self.pick.columns, &mut self.cells);
                let (output, screen) = (self.output, &self.output.view.screen);
                let table = table::render(&self.pick.columns, &self.cells, &self.headings, screen, self.pick.chosen);
                if !output.pager.shows(&table.text, screen) {
                    self.put(&table.text)?;
                }
                self.out.flush().map_err(|e| CliError::stdout(&e))?;
                output.tell_hidden(&table.hidden);
            }
            Format::Json => self.put(if self.written == 0 { "]\n" } else { "\n]\n" })?,
            Format::Table | Format::Ndjson | Format::Csv | Format::Tsv | Format::Ids => {}
        }
        self.out.flush().map_err(|e| CliError::stdout(&e))
    }

    fn row(&mut self, row: &N) -> Result<()> {
        let view = &self.output.view;
        match self.output.format {
            Format::Table => {
                let cells = self.pick.columns.iter().map(|column| column.cell(row, view)).collect();
                self.cells.push(cells);
                Ok(())
            }
            Format::Json => {
                let separator = if self.written == 0 { "\n" } else { ",\n" };
                let text = match &self.pick.fields {
                    Some(keys) => json::picked(row, keys, view, Layout::Lines)?,
                    None => json::text(row, view)?,
                };
                self.put(separator)?;
                self.put(&text)
            }
            Format::Ndjson => {
                let line = match &self.pick.fields {
                    Some(keys) => json::picked(row, keys, view, Layout::Line)?,
                    None => json::line(row, view)?,
                };
                self.put(&line)?;
                self.put("\n")
            }
            Format::Csv | Format::Tsv => {
                let record = self.record(&json::cells(row, &self.keys, view)?)?;
                let shown = if view.screen.width.is_some() { safe::block(&record) } else { record.into() };
                self.put(&shown)
            }
            Format::Ids => self.put(&format!("{}\n", safe::line(&row.key()))),
        }
    }

    /// Returns the cells as a record of CSV or TSV.
    fn record(&self, cells: &[impl AsRef<str>]) -> Result<String> {
        if self.output.format == Format::Tsv {
            let cells: Vec<_> = cells.iter().map(|cell| tsv(&self.output.formulas.cell(cell.as_ref()))).collect();
            return Ok(cells.join("\t") + "\n");
        }
        csv::record(cells, self.output.formulas, LineEnd::Lf)
            .map_err(|e| CliError::failed(format!("cannot write CSV: {e}")))
    }

    fn put(&mut self, text: &str) -> Result<()> {
        self.out.write_all(text.as_bytes()).map_err(|e| CliError::stdout(&e))
    }
}

/// Returns a cell of TSV, which can hold neither a tab nor a line break as it stands.
fn tsv(cell: &str) -> String {
    cell.replace('\\', r"\\").replace('\t', r"\t").replace('\n', r"\n").replace('\r', r"\r")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use jiff::tz::TimeZone;
    use muista_core::time::{Context, Instant};
    use serde::Serialize;

    use super::*;
    use crate::output::{Cell, Column, Pager, Screen, Shape, View};

    #[derive(Serialize)]
    struct Row {
        number: u32,
        title: &'static str,
        tags: Vec<&'static str>,
        due: Option<u32>,
        #[serde(rename = "createdAt")]
        created_at: Instant,
    }

    impl Noun for Row {
        const FIELDS: &'static [&'static str] = &["number", "title", "tags", "due", "createdAt"];

        fn columns() -> Vec<Column<Self>> {
            vec![
                Column::new("#", Shape::Number, |row: &Self, _| Cell::new(row.number.to_string())),
                Column::new("Title", Shape::Text, |row: &Self, _| Cell::new(row.title)),
            ]
        }

        fn key(&self) -> String {
            self.number.to_string()
        }
    }

    /// Two pages of rows in a format, for a zone two hours ahead of UTC.
    fn written(format: Format, pages: &[&[Row]]) -> String {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let context = Context { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone, date_order: None };
        let screen = Screen { width: None, color: false };
        let (view, formulas) = (View { context, screen }, csv::Formulas::AsText);
        let output = Output { format, quiet: false, view, formulas, pager: Pager::none() };
        let mut bytes = Vec::new();
        let mut list = List::new(&output, Pick::usual(), &mut bytes);
        pages.iter().for_each(|page| list.rows(page).unwrap());
        list.end().unwrap();
        String::from_utf8(bytes).unwrap()
    }

    fn pages() -> [Vec<Row>; 2] {
        let created_at: Instant = "2026-11-21T10:00:00Z".parse().unwrap();
        let evil = "a,\"b\"\u{202e}\nc";
        [
            vec![Row { number: 7, title: "Buy cat food", tags: vec!["cat", "home"], due: None, created_at }],
            vec![Row { number: 8, title: evil, tags: vec![], due: Some(3), created_at }],
        ]
    }

    #[test]
    fn every_format_takes_pages() {
        let [first, second] = pages();
        let all = |format| written(format, &[&first, &second]);
        insta::assert_snapshot!(all(Format::Json), @r#"
        [
        {"number":7,"title":"Buy cat food","tags":["cat","home"],"due":null,"createdAt":"2026-11-21T12:00:00+02:00"},
        {"number":8,"title":"a,\"b\"\u202e\nc","tags":[],"due":3,"createdAt":"2026-11-21T12:00:00+02:00"}
        ]
        "#);
        insta::assert_snapshot!(all(Format::Ndjson), @r#"
        {"number":7,"title":"Buy cat food","tags":["cat","home"],"due":null,"createdAt":"2026-11-21T12:00:00+02:00"}
        {"number":8,"title":"a,\"b\"\u202e\nc","tags":[],"due":3,"createdAt":"2026-11-21T12:00:00+02:00"}
        "#);
        let csv = "number,title,tags,due,createdAt\n\
            7,Buy cat food,\"cat,home\",,2026-11-21T12:00:00+02:00\n\
            8,\"a,\"\"b\"\"\u{202e}\nc\",,3,2026-11-21T12:00:00+02:00\n";
        assert_eq!(all(Format::Csv), csv);
        let tsv = "number\ttitle\ttags\tdue\tcreatedAt\n\
            7\tBuy cat food\tcat,home\t\t2026-11-21T12:00:00+02:00\n\
            8\ta,\"b\"\u{202e}\\nc\t\t3\t2026-11-21T12:00:00+02:00\n";
        assert_eq!(all(Format::Tsv), tsv);
        assert_eq!(all(Format::Ids), "7\n8\n");
        insta::assert_snapshot!(all(Format::Table), @r#"
        #  Title
        7  Buy cat food
        8  a,"b"\u{202e} c
        "#);
        let json: serde_json::Value = serde_json::from_str(&all(Format::Json)).unwrap();
        assert_eq!(json[1]["title"], second[0].title);
    }

    #[test]
    fn an_empty_list_is_still_a_document() {
        let empty = |format| written(format, &[]);
        assert_eq!(empty(Format::Json), "[]\n");
        assert_eq!(empty(Format::Csv), "number,title,tags,due,createdAt\n");
        for format in [Format::Ndjson, Format::Ids, Format::Table] {
            assert_eq!(empty(format), "");
        }
    }

    #[test]
    fn a_closed_pipe_is_told_from_a_full_disk() {
        struct Broken(std::io::ErrorKind);

        impl Write for Broken {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(self.0.into())
            }

            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }

        let context = Context { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: TimeZone::UTC, date_order: None };
        let view = View { context, screen: Screen { width: None, color: false } };
        let formulas = csv::Formulas::AsText;
        let output = Output { format: Format::Json, quiet: false, view, formulas, pager: Pager::none() };
        let outcome = |kind| List::<Row, _>::new(&output, Pick::usual(), Broken(kind)).end().err();
        assert!(matches!(outcome(std::io::ErrorKind::BrokenPipe), Some(CliError::Closed)));
        assert!(matches!(outcome(std::io::ErrorKind::StorageFull), Some(CliError::Failed(_))));
    }
}
