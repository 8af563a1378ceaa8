//! `muista next`: what to do next, by urgency. How urgency is computed is the service's.

use muista_core::model::{NextQuery, RankedTask, Task};

use super::context;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape};
use crate::words::filter::Filter;

/// Rank open tasks by urgency
///
/// Urgency counts the due, the priority, the age, the tags and the project; --why explains the score. In JSON every
/// task has `urgency` and `why`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista next +home --why")]
pub(crate) struct Args {
    #[command(flatten)]
    filter: Filter,

    /// Maximum number of tasks, as in --limit 3
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,

    /// Show what makes up each urgency, as in muista next --why
    #[arg(long)]
    why: bool,

    /// Ignore the context, as in muista next --no-context
    #[arg(long)]
    no_context: bool,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let applied = context::applied(app, args.no_context).await?;
    let within = applied.map(|view| context::condition(app, &view)).transpose()?;
    let filter = args.filter.read_within(within, app.context()?)?;
    let ranked = app.client().await?.next_tasks(NextQuery { filter, limit: args.limit }).await?;
    let out = app.out()?;
    if out.is_table() && ranked.is_empty() {
        app.note("Nothing to do next.");
        return Ok(());
    }
    if out.is_table() && args.why {
        let explained: Vec<Explained> = ranked.into_iter().map(Explained).collect();
        return out.list(&explained);
    }
    out.list(&ranked)
}

impl Noun for RankedTask {
    const FIELDS: &'static [&'static str] = &[
        "number",
        "urgency",
        "id",
        "title",
        "category",
        "priority",
        "dueDate",
        "dueOn",
        "project",
        "tags",
        "createdAt",
    ];

    fn columns() -> Vec<Column<Self>> {
        let task = Task::columns().into_iter().map(|column| column.of(|ranked: &Self| &ranked.task));
        task.chain([Column::new("Urgency", Shape::Number, |ranked: &Self, _| urgency(ranked))]).collect()
    }

    fn key(&self) -> String {
        self.task.key()
    }
}

/// A ranked task with its reasons, for a table.
#[derive(serde::Serialize)]
struct Explained(RankedTask);

impl Noun for Explained {
    const FIELDS: &'static [&'static str] = RankedTask::FIELDS;

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("#", Shape::Number, |row: &Self, _| Cell::new(row.0.task.key()).paint(Paint::Faint)),
            Column::new("Title", Shape::Text, |row: &Self, _| Cell::new(row.0.task.title.clone())),
            Column::new("Urgency", Shape::Number, |row: &Self, _| urgency(&row.0)),
            Column::new("Why", Shape::Text, |row: &Self, _| Cell::new(why(&row.0)).paint(Paint::Faint)),
        ]
    }

    fn key(&self) -> String {
        self.0.key()
    }
}

fn urgency(ranked: &RankedTask) -> Cell {
    Cell::new(format!("{:.1}", ranked.urgency))
}

fn why(ranked: &RankedTask) -> String {
    let parts: Vec<_> = ranked.why.iter().map(|part| format!("{} {:+.1}", part.name, part.value)).collect();
    parts.join(", ")
}
