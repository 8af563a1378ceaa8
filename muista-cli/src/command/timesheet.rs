//! `muista timesheet`: how long was worked on which task on which day.

use muista_core::input::report;
use muista_core::model::{ReportQuery, TaskFilter, TimesheetRow};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Format, Noun, Paint, Shape};

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
    let (from, to) = report::week(args.week.as_deref(), context)?;
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
