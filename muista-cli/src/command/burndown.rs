//! `muista burndown`: how many tasks were open at the end of each day.

use clap_complete::engine::ArgValueCompleter;
use jiff::Span;
use muista_core::model::{BurndownDay, ReportQuery, Status};
use serde::Serialize;

use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Format, Noun, Paint, Shape, bar};
use crate::words::selection;

/// Show how many tasks were open at the end of each day
///
/// Words narrow it to the tasks that match now; what was deleted since is not counted.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista burndown project:house --days 14")]
pub(crate) struct Args {
    /// A query, as in muista burndown +work
    #[arg(value_name = "WORDS", add = ArgValueCompleter::new(complete::words))]
    words: Vec<String>,

    /// Number of days, including today, as in --days 14
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=366))]
    days: u16,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let context = app.context()?;
    let today = context.today();
    let query = ReportQuery {
        filter: selection::filter(&args.words, Status::Open, context)?,
        timezone: context.zone_name(),
        from: today.checked_sub(Span::new().days(i64::from(args.days) - 1)).unwrap_or(today),
        to: today,
    };
    let burndown = app.client().await?.burndown(query).await?;
    let out = app.out()?;
    if out.format == Format::Json {
        return out.document(&burndown);
    }
    let of = burndown.days.iter().map(|day| day.open).max().unwrap_or_default();
    let rows: Vec<Row> = burndown.days.into_iter().map(|day| Row { day, of }).collect();
    out.list(&rows)
}

/// A day, and the most that were open on any.
#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    day: BurndownDay,
    #[serde(skip)]
    of: i64,
}

impl Noun for Row {
    const FIELDS: &'static [&'static str] = &["date", "open", "created", "completed"];

    fn columns() -> Vec<Column<Self>> {
        let change = |count: i64, sign: char| if count == 0 { String::new() } else { format!("{sign}{count}") };
        vec![
            Column::new("Day", Shape::Short, |row: &Self, _| Cell::new(row.day.date.strftime("%a %e %b").to_string())),
            Column::new("Open", Shape::Number, |row: &Self, _| Cell::new(row.day.open.to_string())),
            Column::new("Added", Shape::Number, move |row: &Self, _| {
                Cell::new(change(row.day.created, '+')).paint(Paint::Warm)
            }),
            Column::new("Done", Shape::Number, move |row: &Self, _| {
                Cell::new(change(row.day.completed, '-')).paint(Paint::Good)
            }),
            Column::new("", Shape::Short, |row: &Self, view| {
                Cell::new(bar(row.day.open, row.of, &view.screen)).paint(Paint::Label)
            }),
        ]
    }

    fn key(&self) -> String {
        self.day.date.to_string()
    }
}
