//! `muista job runs`: what became of the runs.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{JobName, Run, RunQuery, RunStatus};

use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;

/// As many runs a table shows unless told otherwise.
const TABLE_ROWS: u32 = 20;

/// List runs, the newest first
///
/// A table shows 20 unless --limit says otherwise; the other formats give all.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = "Example: muista job runs weather --status failed")]
pub(crate) struct Args {
    /// Only of this job, as in muista job runs weather
    #[arg(value_name = "JOB", add = ArgValueCompleter::new(complete::jobs))]
    job: Option<JobName>,

    /// pending, running, completed, failed, skipped or cancelled, as in --status failed
    #[arg(long, value_name = "STATUS", add = ArgValueCompleter::new(complete::run_states))]
    status: Option<RunStatus>,

    /// Runs of all accounts, for admins, as in --all
    #[arg(long)]
    all: bool,

    /// Maximum number of runs, as in --limit 5
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let client = app.client().await?;
    let out = app.out()?;
    let wanted = args.limit.or(out.is_table().then_some(TABLE_ROWS));
    let mut list = out.begin::<Run>();
    let mut query = RunQuery { all: args.all, job: args.job, status: args.status, ..RunQuery::default() };
    let mut listed = 0;
    loop {
        query.limit = wanted.map_or(0, |wanted| wanted.saturating_sub(listed));
        let page = client.list_runs(query.clone()).await?;
        list.rows(&page.items)?;
        listed = listed.saturating_add(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() || wanted.is_some_and(|wanted| listed >= wanted) {
            break;
        }
    }
    list.end()?;
    if out.is_table() {
        match (listed, query.cursor) {
            (0, _) => app.note("No runs."),
            (_, Some(_)) => app.note("There are more; see them with --limit."),
            (_, None) => {}
        }
    }
    Ok(())
}
