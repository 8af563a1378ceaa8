//! `muista run show`: one run, what it waits for or how it ended.

use std::fmt::Write;

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::Run;

use super::super::job::{Named, display};
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Paint, View, due, safe};

/// Show a run
///
/// A job stands for its last run. `muista run logs` prints what it wrote.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista run show weather")]
pub(super) struct Args {
    /// The run's id, which muista run ls shows, or the job, as in muista run show weather
    #[arg(value_name = "RUN|JOB", add = ArgValueCompleter::new(complete::jobs))]
    what: Named,
}

pub(super) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let what = args.what.find(app).await?;
    let run = app.client().await?.get_run(what).await?;
    let out = app.out()?;
    if out.is_table() { out.text(&page(&run, &out.view)) } else { out.one(&run) }
}

/// Returns the run as a page of text.
fn page(run: &Run, view: &View) -> String {
    let screen = view.screen;
    let heading = format!("{}  {}", run.job_name, run.status.as_str());
    let mut page = format!("{}\n", screen.paint(display::paint(run.status), &safe::line(&heading)));
    for (label, value) in rows(run, view) {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "  {} {}", screen.paint(Paint::Faint, &format!("{label:<11}")), safe::line(&value));
    }
    page
}

/// Returns what there is to say about a run in a line each.
fn rows(run: &Run, view: &View) -> Vec<(&'static str, String)> {
    let full = |at| due::full(at, &view.context);
    let mut rows = vec![("Attempt", format!("{} of {}", run.attempt, run.max_attempts))];
    rows.push(("Started by", run.triggered_by.as_str().to_owned()));
    rows.extend(run.scheduled_for.map(|at| ("Due", full(at))));
    rows.extend(run.waiting_reason.clone().map(|reason| ("Waits for", reason)));
    rows.extend(run.started_at.map(|at| ("Began", full(at))));
    rows.extend(run.finished_at.map(|at| ("Ended", full(at))));
    let took = display::took(run);
    rows.extend((!took.is_empty()).then_some(("Took", took)));
    let why = display::why(run);
    rows.extend((!why.is_empty() && run.waiting_reason.is_none()).then_some(("Why", why)));
    rows.extend(run.next_retry_at.map(|at| ("Next attempt", full(at))));
    if run.omitted_bytes > 0 {
        rows.push(("Output", format!("{} bytes in the middle were not kept", run.omitted_bytes)));
    }
    if !run.left_behind.is_empty() {
        rows.push(("Left behind", format!("{}; ended", run.left_behind.join(", "))));
    }
    rows.push(("Id", run.id.to_string()));
    rows
}
