//! `muista timesheet`: how long was worked on which task on which day.

use jiff::Span;
use jiff::civil::Date;
use muista_core::error::Error;
use muista_core::model::{ReportQuery, TaskFilter, TimesheetRow};
use muista_core::time::{Context, Instant, Range, range};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Format, Noun, Paint, Shape};
use crate::words::month;

/// Show how long you worked on which task on which day
///
/// The time is that between `muista start` and `muista stop`; what goes on counts up to now. JSON has the total too, CSV a row
/// for each task of a day.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  muista timesheet\n  muista timesheet \"last week\"\n  muista timesheet november -o csv"
)]
pub(crate) struct Args {
    /// The days: a week, a month, a date or a range of dates, as in muista timesheet "last week"; a month's name is the last
    /// one of that name [default: this week]
    #[arg(value_name = "WEEK")]
    week: Option<String>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let context = app.context()?;
    let (from, to) = days(args.week.as_deref().unwrap_or("week"), context)?;
    let query = ReportQuery { filter: TaskFilter::default(), timezone: context.zone_name(), from, to };
    let sheet = app.client().await?.timesheet(query).await?;
    if sheet.more {
        app.note("There is more work than is listed; choose fewer days.");
    }
    let out = app.out()?;
    if out.format == Format::Json {
        return out.document(&sheet);
    }
    if out.is_table() && sheet.rows.is_empty() {
        app.note("No time was spent in those days; `muista start 7` begins to count.");
    }
    out.list(&sheet.rows)?;
    if out.is_table() && !sheet.rows.is_empty() {
        out.say(&format!("Total {}", sheet.total.words()))?;
    }
    Ok(())
}

/// Returns the first and the last day of what a text means.
fn days(text: &str, context: &Context) -> Result<(Date, Date), Error> {
    let today = context.today();
    if let Some(first) = month::first(text, today, |first| first <= today) {
        return Ok((first, first.last_of_month()));
    }
    if let Some(monday) = month::monday(text) {
        return Ok((monday, monday.checked_add(Span::new().days(6)).unwrap_or(monday)));
    }
    let read = range(text, context).map_err(|error| Error { field: Some("week".to_owned()), ..error.into() })?;
    let Range { from: Some(from), until: Some(until) } = read else {
        return Err(Error::invalid("week", format!("“{text}” has no beginning or no end"))
            .hint("write \"last week\", november or 2026-11-02..2026-11-08"));
    };
    let last = until.minus(std::time::Duration::from_micros(1));
    Ok((day(from, context), day(last, context)))
}

fn day(at: Instant, context: &Context) -> Date {
    at.date_in(&context.zone)
}

impl Noun for TimesheetRow {
    const FIELDS: &'static [&'static str] = &["date", "number", "title", "project", "spent", "id"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Date", Shape::Short, |row: &Self, _| Cell::new(row.date.strftime("%a %e %b").to_string())),
            Column::new("#", Shape::Number, |row: &Self, _| Cell::new(row.number.to_string()).paint(Paint::Faint)),
            Column::new("Title", Shape::Text, |row: &Self, _| Cell::new(row.title.clone())),
            Column::new("Project", Shape::Text, |row: &Self, _| {
                Cell::new(row.project.clone().unwrap_or_default()).paint(Paint::Label)
            }),
            Column::new("Spent", Shape::Short, |row: &Self, _| Cell::new(row.spent.words())),
        ]
    }

    fn key(&self) -> String {
        self.number.to_string()
    }
}
