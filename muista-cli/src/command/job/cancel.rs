//! `muista job cancel`: stops runs.

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::{JobName, Run, RunQuery, RunRef, RunStatus};
use muista_core::rpc::Client;

use super::Named;
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::LEDGER_IDS;

/// Stop a run, or all runs of a job
///
/// A waiting run is cancelled at once. A running script is asked to end, and killed if it has not ended after some
/// seconds.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista job cancel weather")]
pub(crate) struct Args {
    /// The job, or the run's id, which muista run ls shows, as in muista job cancel weather
    #[arg(value_name = "JOB|RUN", add = ArgValueCompleter::new(complete::jobs))]
    what: Named,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let client = app.client().await?;
    let wanted = match args.what.find(app).await? {
        RunRef::Id(id) => vec![RunRef::Id(id)],
        RunRef::LastOf(name) => unfinished(&client, name).await?,
    };
    let mut stopped = Vec::new();
    for run in wanted {
        stopped.push(client.cancel_run(run).await?);
    }
    if stopped.iter().any(|run| !run.is_over()) {
        app.needs_daemon();
    }
    let out = app.out()?;
    if !out.is_table() {
        return out.list(&stopped);
    }
    stopped.iter().try_for_each(|run| {
        let what = if run.is_over() { "Took back" } else { "Stopping" };
        out.say(&format!("{what} the run {} of {}", run.id.short(LEDGER_IDS), run.job_name))
    })
}

/// The job's runs that have not ended, those that wait first, so that none of them begins meanwhile.
async fn unfinished(client: &Client, name: JobName) -> Result<Vec<RunRef>> {
    let mut found: Vec<Run> = Vec::new();
    for status in [RunStatus::Pending, RunStatus::Running] {
        let mut query = RunQuery { job: Some(name.clone()), status: Some(status), ..RunQuery::default() };
        loop {
            let page = client.list_runs(query.clone()).await?;
            found.extend(page.items);
            query.cursor = page.next_cursor;
            if query.cursor.is_none() {
                break;
            }
        }
    }
    if found.is_empty() {
        return Err(Error::conflict(format!("no run of the job {name} is under way or waits"))
            .hint(format!("`muista job runs {name}` shows what became of them"))
            .into());
    }
    Ok(found.into_iter().map(|run| RunRef::Id(run.id)).collect())
}
