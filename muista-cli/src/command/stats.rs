//! `muista stats`: how many tasks there are of which kind.

use muista_core::model::{ReportQuery, Share, Stats, Status};
use serde::Serialize;

use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Format, Noun, Paint, Shape, bar};
use crate::words::selection;
use clap_complete::engine::ArgValueCompleter;

/// Count tasks: open, overdue, done, by priority, category and project
///
/// Words narrow it to the tasks that match. JSON is one object, CSV a row a number.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista stats +work")]
pub(crate) struct Args {
    /// A query, as in muista stats +work -later
    #[arg(value_name = "WORDS", add = ArgValueCompleter::new(complete::words))]
    words: Vec<String>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let context = app.context()?;
    let query = ReportQuery {
        filter: selection::filter(&args.words, Status::Open, context)?,
        timezone: context.zone_name(),
        from: context.today(),
        to: context.today(),
    };
    let stats = app.client().await?.stats(query).await?;
    let out = app.out()?;
    if out.format == Format::Json {
        return out.document(&stats);
    }
    let mut rows = out.begin::<Row>();
    for (heading, counts) in groups(&stats) {
        if counts.is_empty() {
            continue;
        }
        if !heading.is_empty() {
            rows.heading(heading.to_owned());
        }
        let of = counts.iter().map(|(_, count)| *count).max().unwrap_or_default();
        for (name, count) in counts {
            rows.one(&Row { group: heading.to_lowercase(), name, count, of })?;
        }
    }
    rows.end()
}

/// Returns the numbers under their headings.
fn groups(stats: &Stats) -> Vec<(&'static str, Vec<(String, i64)>)> {
    let shares = |shares: &[Share]| shares.iter().map(|share| (share.name.clone(), share.open)).collect();
    let all = [
        ("open", stats.open),
        ("overdue", stats.overdue),
        ("due today", stats.due_today),
        ("due this week", stats.due_week),
        ("without a due date", stats.without_due),
        ("added in 7 days", stats.created_7_days),
        ("done in 7 days", stats.completed_7_days),
        ("done", stats.completed),
    ];
    vec![
        ("", all.into_iter().map(|(name, count)| (name.to_owned(), count)).collect()),
        ("Priority", shares(&stats.priorities)),
        ("Category", shares(&stats.categories)),
        ("Project", shares(&stats.projects)),
    ]
}

/// A number and what it counts.
#[derive(Serialize)]
struct Row {
    group: String,
    name: String,
    count: i64,
    /// The largest of its group.
    #[serde(skip)]
    of: i64,
}

impl Noun for Row {
    const FIELDS: &'static [&'static str] = &["group", "name", "count"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Tasks", Shape::Text, |row: &Self, _| Cell::new(row.name.clone())),
            Column::new("Count", Shape::Number, |row: &Self, _| Cell::new(row.count.to_string())),
            Column::new("", Shape::Short, |row: &Self, view| {
                Cell::new(bar(row.count, row.of, &view.screen)).paint(Paint::Label)
            }),
        ]
    }

    fn key(&self) -> String {
        self.name.clone()
    }
}
