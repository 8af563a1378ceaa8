//! `muista calendar`: a month with what is due on each day.

use std::fmt::Write as _;

use jiff::Span;
use jiff::civil::Date;
use muista_core::input::report;
use muista_core::model::{Calendar, CalendarDay, ReportQuery, Status};
use muista_core::time::Context;
use serde::Serialize;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Output, Paint, Screen, Shape, safe};
use crate::words::selection;

/// The narrowest screen on which a month is drawn; on others it is a list.
const NARROWEST: usize = 62;
/// As many tasks of a day are drawn.
const DRAWN: usize = 4;

/// Show a month with the tasks due on each day
///
/// On a terminal the month is drawn, elsewhere and on a narrow terminal it is a list. JSON has the days, CSV a row a task.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista calendar january --only +work")]
pub(crate) struct Args {
    /// The month: a date in it, its name, or 2027-01, as in muista calendar january [default: this month]
    #[arg(value_name = "MONTH")]
    month: Option<String>,

    /// Only tasks that match this query, as in --only '+work -later'
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    only: Option<String>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let context = app.context()?;
    let (from, to) = report::month(args.month.as_deref(), context)?;
    let words: Vec<String> = args.only.into_iter().collect();
    let query = ReportQuery {
        filter: selection::filter(&words, Status::Open, context)?,
        timezone: context.zone_name(),
        from,
        to,
    };
    let calendar = app.client().await?.calendar(query).await?;
    if calendar.more {
        app.note("More is due than is listed; narrow it with --only.");
    }
    let out = app.out()?;
    let width = out.view.screen.width.map(usize::from).filter(|width| *width >= NARROWEST);
    match width {
        Some(width) if out.is_table() => out.page(&drawn(&calendar, width, context, out.view.screen)),
        _ => list(app, &out, calendar),
    }
}

/// Writes the tasks in any format.
fn list(app: &CommandContext, out: &Output, calendar: Calendar) -> Result<()> {
    if out.format == crate::output::Format::Json {
        return out.document(&calendar);
    }
    let rows: Vec<Row> = calendar.days.into_iter().flat_map(Row::of).collect();
    if out.is_table() && rows.is_empty() {
        app.note("Nothing is due in that month.");
    }
    out.list(&rows)
}

/// A task on its day.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    date: Date,
    #[serde(flatten)]
    task: muista_core::model::CalendarTask,
}

impl Row {
    fn of(day: CalendarDay) -> Vec<Self> {
        let date = day.date;
        day.tasks.into_iter().map(|task| Self { date, task }).collect()
    }
}

impl Noun for Row {
    const FIELDS: &'static [&'static str] = &["date", "number", "title", "dueAt", "id"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Date", Shape::Short, |row: &Self, _| Cell::new(row.date.strftime("%a %e %b %Y").to_string())),
            Column::new("Time", Shape::Short, |row: &Self, view| {
                let time = row.task.due_at.map(|at| at.in_zone(&view.context.zone).strftime("%H:%M").to_string());
                Cell::new(time.unwrap_or_default())
            }),
            Column::new("#", Shape::Number, |row: &Self, _| Cell::new(row.task.number.to_string()).paint(Paint::Faint)),
            Column::new("Title", Shape::Text, |row: &Self, _| Cell::new(row.task.title.clone())),
        ]
    }

    fn key(&self) -> String {
        self.task.number.to_string()
    }
}

/// Draws a month, Monday first, a week a row.
fn drawn(calendar: &Calendar, width: usize, context: &Context, screen: Screen) -> String {
    // Seven columns with a blank between them.
    let column = (width - 6) / 7;
    let today = context.today();
    let mut text = screen.paint(Paint::Heading, &calendar.from.strftime("%B %Y").to_string());
    text.push('\n');
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map(|name| (name.to_owned(), Paint::Faint));
    push_line(&mut text, &names, column, screen);
    let offset = i64::from(calendar.from.weekday().to_monday_zero_offset());
    let mut monday = calendar.from.checked_sub(Span::new().days(offset)).unwrap_or(calendar.from);
    while monday <= calendar.to {
        let week: Vec<Vec<(String, Paint)>> = (0..7)
            .map(|day| monday.checked_add(Span::new().days(day)).unwrap_or(monday))
            .map(|day| cell(calendar, day, today))
            .collect();
        let height = week.iter().map(Vec::len).max().unwrap_or_default();
        for line in 0..height {
            let cells: Vec<_> = week.iter().map(|cell| cell.get(line).cloned().unwrap_or_default()).collect();
            push_line(&mut text, &cells, column, screen);
        }
        let Ok(next) = monday.checked_add(Span::new().days(7)) else { break };
        monday = next;
    }
    text
}

/// Returns the lines of a day: its number, and what is due.
fn cell(calendar: &Calendar, day: Date, today: Date) -> Vec<(String, Paint)> {
    if day < calendar.from || day > calendar.to {
        return Vec::new();
    }
    let number =
        if day == today { (format!("[{}]", day.day()), Paint::Heading) } else { (day.day().to_string(), Paint::Faint) };
    let mut lines = vec![number];
    let Some(due) = calendar.days.iter().find(|due| due.date == day) else { return lines };
    let paint = if day < today { Paint::Alarm } else { Paint::Plain };
    // The last line says how many more, where one would not do.
    let shown = if due.tasks.len() > DRAWN { DRAWN - 1 } else { due.tasks.len() };
    lines.extend(due.tasks.iter().take(shown).map(|task| (format!("{} {}", task.number, task.title), paint)));
    if due.tasks.len() > shown {
        lines.push((format!("+{} more", due.tasks.len() - shown), Paint::Faint));
    }
    lines
}

/// Writes cells side by side, each cut or filled up to the width of a column.
fn push_line(text: &mut String, cells: &[(String, Paint)], column: usize, screen: Screen) {
    let mut line = String::new();
    let mut blanks = 0;
    for (cell, paint) in cells {
        let shown = cut(&safe::line(cell), column);
        let _ = write!(line, "{:blanks$}{}", "", screen.paint(*paint, &shown));
        blanks = column + 1 - shown.width();
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

/// Returns the beginning of a text that fits.
fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut taken = 0;
    let fits = |c: &char| {
        taken += c.width().unwrap_or_default();
        taken < width
    };
    let beginning: String = text.chars().take_while(fits).collect();
    format!("{}…", beginning.trim_end())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use jiff::tz::TimeZone;
    use muista_core::model::{CalendarTask, Id};

    use super::*;

    fn context() -> Context {
        Context { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: TimeZone::UTC, date_order: None }
    }

    #[test]
    fn a_drawn_month_fits_the_width() {
        let task = |number| CalendarTask {
            id: Id::LOCAL_USER,
            number,
            title: "猫に餌をやる and more".to_owned(),
            due_at: None,
        };
        let day =
            |date: &str, count| CalendarDay { date: date.parse().unwrap(), tasks: (1..=count).map(task).collect() };
        let (from, to) = ("2026-11-01".parse().unwrap(), "2026-11-30".parse().unwrap());
        let calendar = Calendar { from, to, days: vec![day("2026-11-02", 1), day("2026-11-30", 9)], more: false };
        for width in [62, 80, 133] {
            let text = drawn(&calendar, width, &context(), Screen { width: None, color: false });
            assert!(text.lines().all(|line| line.width() <= width), "{width}: {text}");
            assert!(text.contains("[21]") && text.contains("+6 more"), "{text}");
        }
    }
}
