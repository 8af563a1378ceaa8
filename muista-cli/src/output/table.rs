//! Tables: columns, cells, and their layout. On a terminal a table fits its width and long texts wrap; elsewhere every
//! row is one line. What the columns of a noun are is the noun's.

use std::borrow::Cow;

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Table, TableStyle, Width,
};
use muista_core::model::{Id, ShortId};
use unicode_width::UnicodeWidthStr;

use super::{Paint, Screen, View, safe};

/// A column of a table of `R`s.
pub(crate) struct Column<R> {
    header: Cow<'static, str>,
    shape: Shape,
    kept: bool,
    /// Of ids: the fewest characters that are shown.
    least: Option<usize>,
    cell: Box<Cells<R>>,
}

/// What gives a column's cell of each row.
type Cells<R> = dyn Fn(&R, &View) -> Cell;

impl<R> Column<R> {
    /// A column that shows `cell` of each row.
    pub(crate) fn new(
        header: impl Into<Cow<'static, str>>,
        shape: Shape,
        cell: impl Fn(&R, &View) -> Cell + 'static,
    ) -> Self {
        Self { header: header.into(), shape, kept: false, least: None, cell: Box::new(cell) }
    }

    /// A column of short ids: so much of each as tells those that are shown apart, `least` characters at least. It is never
    /// left out for want of room, since commands take what it shows.
    pub(crate) fn ids(header: &'static str, least: usize, id: impl Fn(&R) -> Id + 'static) -> Self {
        let column =
            Self::new(header, Shape::Short, move |row, _| Cell::new(id(row).short(ShortId::WHOLE)).paint(Paint::Faint));
        Self { least: Some(least), ..column.kept() }
    }

    /// The same column, which is never left out for want of room.
    pub(crate) fn kept(mut self) -> Self {
        self.kept = true;
        self
    }

    /// Returns whether it has this header.
    pub(super) fn is(&self, header: &str) -> bool {
        self.header == header
    }

    /// Returns its header.
    pub(super) fn header(&self) -> &str {
        &self.header
    }

    /// The name by which it is chosen.
    pub(super) fn name(&self) -> String {
        if self.header == "#" { "number".to_owned() } else { self.header.to_lowercase() }
    }

    /// The same column in a table of `S`s, each of which has an `R`.
    pub(crate) fn of<S>(self, part: fn(&S) -> &R) -> Column<S>
    where
        R: 'static,
        S: 'static,
    {
        let (kept, least) = (self.kept, self.least);
        let column = Column::new(self.header, self.shape, move |whole, view| (self.cell)(part(whole), view));
        Column { kept, least, ..column }
    }

    /// The column's cell of a row.
    pub(super) fn cell(&self, row: &R, view: &View) -> Cell {
        (self.cell)(row, view)
    }
}

/// How a column takes its room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// At the right edge, never wrapped.
    Number,
    /// As wide as its longest text, never wrapped.
    Short,
    /// Wraps where the screen is too narrow.
    Text,
}

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    text: String,
    paint: Paint,
    usual: bool,
}

impl Cell {
    /// A cell; one without text says nothing.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { usual: text.is_empty(), text, paint: Paint::Plain }
    }

    /// The same in a colour.
    pub(crate) fn paint(mut self, paint: Paint) -> Self {
        self.paint = paint;
        self
    }

    /// The same, but not worth a column of its own.
    pub(crate) fn usual(mut self) -> Self {
        self.usual = true;
        self
    }
}

/// Stands between the columns while the layout is made. No safe text holds it, so that the lines can be taken apart
/// again and painted.
const COLUMN_END: char = '\u{1f}';
/// The columns that the first text of a row gets at least, the title as a rule.
const MAIN_TEXT: usize = 20;
/// The columns that every other text gets at least.
const OTHER_TEXT: usize = 8;
/// A line of these stands between the rows while the layout is made.
const ROW_END: char = '\u{1e}';

const MARKED: TableStyle = TableStyle::new()
    .header_lines(between_columns())
    .header_separator(between_rows())
    .content_lines(between_columns())
    .row_separator(between_rows());

const fn between_columns() -> ContentLineStyle {
    ContentLineStyle { left: None, junction: Some(COLUMN_END), right: None }
}

const fn between_rows() -> LineStyle {
    LineStyle { left: None, fill: Some(ROW_END), junction: Some(ROW_END), right: None }
}

/// Shortens the cells of each column of ids to what tells them apart.
pub(super) fn shorten_ids<R>(columns: &[Column<R>], rows: &mut [Vec<Cell>]) {
    for (at, least) in columns.iter().enumerate().filter_map(|(at, column)| Some((at, column.least?))) {
        let texts = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.text.as_str());
        let length = ShortId::length_of(texts, least);
        rows.iter_mut().filter_map(|row| row.get_mut(at)).for_each(|cell| cell.text.truncate(length));
    }
}

/// A table as text.
pub(super) struct Rendered {
    /// With a line end after each line.
    pub(super) text: String,
    /// The headers of the columns that a narrow screen has no room for.
    pub(super) hidden: Vec<String>,
}

/// The table as text. Columns in which no cell says anything unusual are left out, unless they were `chosen`, and on a narrow
/// screen those that there is no room for. Each of `headings` stands before the row of its number, apart from what is above it.
pub(super) fn render<R>(
    columns: &[Column<R>],
    rows: &[Vec<Cell>],
    headings: &[(usize, String)],
    screen: &Screen,
    chosen: bool,
) -> Rendered {
    let unusual = |at: &usize| chosen || rows.iter().any(|row| row.get(*at).is_some_and(|cell| !cell.usual));
    let mut shown: Vec<usize> = (0..columns.len()).filter(unusual).collect();
    let mut hidden = Vec::new();
    if let Some(width) = screen.width.filter(|_| !chosen) {
        while least_width(columns, rows, &shown) > usize::from(width)
            && let Some(at) = dispensable(columns, rows, &shown)
        {
            hidden.extend(columns.get(shown.remove(at)).map(|column| column.header.to_string()));
        }
    }
    let text = painted_table(columns, rows, headings, &shown, screen);
    Rendered { text, hidden }
}

/// Returns which of the columns shown goes first where there is no room for all: the last of those that are the same in
/// all rows, else the last. The first two, as a rule number and title, stay, and so do those that are kept.
fn dispensable<R>(columns: &[Column<R>], rows: &[Vec<Cell>], shown: &[usize]) -> Option<usize> {
    let kept = |at: usize| columns.get(at).is_none_or(|column| column.kept);
    let may_go = || (2..shown.len()).rev().filter(|&place| !kept(shown[place]));
    let constant = |&place: &usize| {
        let mut texts = rows.iter().map(|row| row.get(shown[place]).map(|cell| &cell.text));
        let first = texts.next();
        rows.len() > 1 && texts.all(|text| Some(text) == first)
    };
    may_go().find(constant).or_else(|| may_go().next())
}

/// The columns `shown` as text, with their colours.
fn painted_table<R>(
    columns: &[Column<R>],
    rows: &[Vec<Cell>],
    headings: &[(usize, String)],
    shown: &[usize],
    screen: &Screen,
) -> String {
    let layout = layout(columns, rows, shown, screen);
    let mut text = String::with_capacity(layout.len());
    let mut row = None;
    for line in layout.lines() {
        if line.starts_with(ROW_END) {
            let next = row.map_or(0, |row| row + 1);
            for (_, heading) in headings.iter().filter(|(at, _)| *at == next) {
                text.push('\n');
                text.push_str(&screen.paint(Paint::Heading, &safe::line(heading)));
                text.push('\n');
            }
            row = Some(next);
            continue;
        }
        let paint = |at: usize| match row {
            None => Paint::Heading,
            Some(row) => rows
                .get(row)
                .and_then(|row: &Vec<Cell>| row.get(*shown.get(at)?))
                .map_or(Paint::Plain, |cell| cell.paint),
        };
        text.push_str(painted(line, paint, screen).trim_end());
        text.push('\n');
    }
    text
}

/// The least width in which these columns can be read.
fn least_width<R>(columns: &[Column<R>], rows: &[Vec<Cell>], shown: &[usize]) -> usize {
    let mut main = true;
    let widths = shown.iter().filter_map(|&at| Some((columns.get(at)?, natural_width(columns, rows, at))));
    let least = widths.map(|(column, natural)| match column.shape {
        Shape::Number | Shape::Short => natural,
        Shape::Text if std::mem::take(&mut main) => natural.min(MAIN_TEXT),
        Shape::Text => natural.min(OTHER_TEXT),
    });
    least.sum::<usize>() + 2 * shown.len().saturating_sub(1)
}

/// The width that a column takes where nothing wraps.
fn natural_width<R>(columns: &[Column<R>], rows: &[Vec<Cell>], at: usize) -> usize {
    let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| safe::line(&cell.text).width());
    cells.chain(columns.get(at).map(|column| column.header.width())).max().unwrap_or(0)
}

/// One line of the layout with its colours.
fn painted(line: &str, paint: impl Fn(usize) -> Paint, screen: &Screen) -> String {
    let mut text = String::with_capacity(line.len());
    for (at, part) in line.split(COLUMN_END).enumerate() {
        if at > 0 {
            text.push(' ');
        }
        let word = part.trim();
        let (before, after) = part.split_at(part.len() - part.trim_start().len());
        text.push_str(before);
        text.push_str(&screen.paint(paint(at), word));
        text.push_str(&after[word.len()..]);
    }
    text
}

/// The table with its marks.
fn layout<R>(all: &[Column<R>], rows: &[Vec<Cell>], shown: &[usize], screen: &Screen) -> String {
    let columns: Vec<&Column<R>> = shown.iter().filter_map(|&at| all.get(at)).collect();
    let mut table = Table::new();
    table.load_style(MARKED).set_header(columns.iter().map(|column| safe::line(&column.header).into_owned()));
    for row in rows {
        table.add_row(shown.iter().filter_map(|&at| row.get(at)).map(|cell| safe::line(&cell.text).into_owned()));
    }
    match screen.width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    let fits = screen.width.is_none_or(|width| least_width(all, rows, shown) <= usize::from(width));
    let mut main = true;
    for (at, column) in columns.iter().enumerate() {
        let natural = shown.get(at).map_or(0, |&at| natural_width(all, rows, at));
        let Some(settings) = table.column_mut(at) else { continue };
        // With the mark between them, columns are two spaces apart.
        let padding = u16::from(at + 1 < columns.len());
        settings.set_padding((0, padding));
        if column.shape == Shape::Number {
            settings.set_cell_alignment(CellAlignment::Right);
        }
        let is_main = column.shape == Shape::Text && std::mem::take(&mut main);
        // The text beside it may have to break up, but what is kept is to be copied.
        let whole = column.kept && screen.width.is_some_and(|width| natural + OTHER_TEXT + 4 <= usize::from(width));
        if whole || fits && (column.shape != Shape::Text || natural <= OTHER_TEXT || is_main && natural <= MAIN_TEXT) {
            settings.set_constraint(ColumnConstraint::ContentWidth);
        } else if fits && is_main {
            let least = u16::try_from(MAIN_TEXT).unwrap_or(u16::MAX).saturating_add(padding);
            settings.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
        }
    }
    table.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> Vec<Column<()>> {
        let column = |header: &'static str, shape| Column::new(header, shape, |(): &(), _: &View| Cell::new(""));
        vec![
            column("#", Shape::Number),
            column("Title", Shape::Text),
            column("Due", Shape::Short),
            column("Project", Shape::Short),
        ]
    }

    fn rows() -> Vec<Vec<Cell>> {
        let row = |number: &str, title: &str, due: &str| {
            vec![Cell::new(number), Cell::new(title), Cell::new(due).paint(Paint::Alarm), Cell::new("")]
        };
        vec![
            row("7", "Buy cat food", "yesterday !"),
            row(
                "12",
                "猫に餌をやる that is long enough to need a second line on a narrow screen, and more than that",
                "",
            ),
            row("104", "evil\u{1b}[31m\u{202e}\nnext", "today"),
        ]
    }

    #[test]
    fn elsewhere_a_row_is_a_line() {
        let screen = Screen { width: None, color: false };
        insta::assert_snapshot!(render(&columns(), &rows(), &[], &screen, false).text, @r"
          #  Title                                                                                          Due
          7  Buy cat food                                                                                   yesterday !
         12  猫に餌をやる that is long enough to need a second line on a narrow screen, and more than that
        104  evil\u{1b}[31m\u{202e} next                                                                    today
        ");
    }

    #[test]
    fn on_a_terminal_the_table_fits_and_wraps() {
        let screen = Screen { width: Some(60), color: false };
        let text = render(&columns(), &rows(), &[], &screen, false).text;
        assert!(text.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 60), "{text}");
        insta::assert_snapshot!(text, @r"
          #  Title                                       Due
          7  Buy cat food                                yesterday !
         12  猫に餌をやる that is long enough to need a
             second line on a narrow screen, and more
             than that
        104  evil\u{1b}[31m\u{202e} next                 today
        ");
    }

    #[test]
    fn colour_paints_the_words_alone() {
        let screen = Screen { width: Some(60), color: true };
        let text = render(&columns(), &rows(), &[], &screen, false).text;
        assert!(text.contains("\u{1b}[1;38;5;131myesterday !\u{1b}[0m"), "{text:?}");
        let plain = text.replace("\u{1b}[1;38;5;131m", "").replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
        let trimmed: Vec<_> = plain.lines().map(str::trim_end).collect();
        assert_eq!(
            trimmed.join("\n") + "\n",
            render(&columns(), &rows(), &[], &Screen { color: false, ..screen }, false).text
        );
    }

    #[test]
    fn a_column_that_says_the_same_everywhere_goes_first() {
        let column = |header: &'static str, shape| Column::new(header, shape, |(): &(), _: &View| Cell::new(""));
        let columns = vec![
            column("#", Shape::Number),
            column("Title", Shape::Text),
            column("Category", Shape::Short),
            column("Due", Shape::Short),
            column("Id", Shape::Short).kept(),
        ];
        let row = |due: &str| ["1", "Buy cat food", "Personal", due, "0193abcd"].map(Cell::new).to_vec();
        let rows = [row("yesterday"), row("today")];
        let headers = |width, rows: &[Vec<Cell>]| {
            let table = render(&columns, rows, &[], &Screen { width: Some(width), color: false }, false);
            (
                table.text.lines().next().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" "),
                table.hidden.join(" "),
            )
        };
        assert_eq!(headers(60, &rows), ("# Title Category Due Id".to_owned(), String::new()));
        assert_eq!(headers(40, &rows), ("# Title Due Id".to_owned(), "Category".to_owned()));
        assert_eq!(headers(25, &rows), ("# Title Id".to_owned(), "Category Due".to_owned()));
        // In one row nothing is known to be the same.
        assert_eq!(headers(40, &rows[..1]), ("# Title Category Id".to_owned(), "Due".to_owned()));
    }

    #[test]
    fn a_screen_of_any_width_is_served() {
        for width in [1, 2, 5, 10, 20, 40, 59, 60, 200, u16::MAX] {
            assert!(
                !render(&columns(), &rows(), &[], &Screen { width: Some(width), color: true }, false).text.is_empty()
            );
        }
    }
}
