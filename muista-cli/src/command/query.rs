//! `muista query`: the tasks that a query asks for, or how the query is read and what it costs. The language is the core's
//! `input::query`.

use clap_complete::engine::ArgValueCompleter;
use muista_core::input::query;
use muista_core::model::{QueryCost, Status, TaskFilter};
use serde::Serialize;

use super::ls;
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Paint, Shape};

/// List the tasks that a query selects, or explain it
///
/// Conditions beside each other must all hold; `or` joins alternatives, `not` or - before a condition reverses it,
/// parentheses group. Quote parentheses, < and > for the shell.
///
/// Conditions: +tag, -tag, @category, !priority, text, "exact text"; due, start, deadline, created, updated and completed with : < <= > >=
/// and a date, a range A..B or none; estimate<30min; priority:high, priority>=medium; category:, project: (with its subprojects;
/// project:home! without), tag:, parent:, number:, status:open|waiting|done|all, text:; is:open, waiting, done, overdue,
/// active, blocked, blocking, ready, recurring, shared, subtask, parent; has:note, description, due, start, deadline, estimate, project, tag, reminder, job, comment,
/// attachment, subtasks, parent. A list with commas means any of them: tag:home,garden.
/// Own fields (muista field) are compared as effort>2, size:small,large or reviewed:none.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista query '(+work or project:acme) -later due<=fri' --explain")]
pub(crate) struct Args {
    /// The query, as in muista query '+home (due:week or is:overdue)'
    #[arg(value_name = "QUERY", required = true, add = ArgValueCompleter::new(complete::words))]
    words: Vec<String>,

    /// Show how the query is read, how many tasks match and how the database finds them, as in muista query +home --explain
    #[arg(long)]
    explain: bool,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let query = match args.words.as_slice() {
        // A query in quotation marks, as programs have it.
        [text] => query::read(text, app.context()?)?,
        words => query::read_words(words, app.context()?)?,
    };
    let reading = query::with_status(query.clone(), Status::Open).to_string();
    let filter = query::read_filter(query, TaskFilter::default(), Status::Open)?;
    if !args.explain {
        return ls::list(app, filter, ls::Part::default()).await;
    }
    let cost = app.client().await?.explain_tasks(filter).await?;
    let explained = Explained { input: args.words.join(" ").trim().to_owned(), reading, cost };
    let out = app.out()?;
    if out.is_table() {
        let heading = out.view.screen.paint(Paint::Heading, &explained.reading);
        return out.text(&format!("{heading}\n{}", explained.lines()));
    }
    out.one(&explained)
}

/// A query, how it is read, and what it costs.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Explained {
    input: String,
    /// With all dates and parentheses; reads again as the same query.
    reading: String,
    #[serde(flatten)]
    cost: QueryCost,
}

impl Explained {
    fn lines(&self) -> String {
        let QueryCost { matching, micros, plan } = &self.cost;
        let tasks = if *matching == 1 { "1 task matches" } else { &format!("{matching} tasks match") };
        let millis = format!("{}.{} ms", micros / 1000, micros % 1000 / 100);
        let steps: Vec<String> = plan.iter().map(|step| format!("  {step}\n")).collect();
        format!("{tasks}; the first 50 took {millis}\n{}", steps.concat())
    }
}

impl Noun for Explained {
    const FIELDS: &'static [&'static str] = &["input", "reading", "matching", "micros", "plan"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Query", Shape::Text, |query: &Self, _| Cell::new(query.reading.clone())),
            Column::new("Matching", Shape::Short, |query: &Self, _| Cell::new(query.cost.matching.to_string())),
        ]
    }

    fn key(&self) -> String {
        self.reading.clone()
    }
}
