//! `muista job rm`: deletes a job.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{JobName, JobStatus};

use crate::context::CommandContext;
use crate::error::Result;
use crate::{ask, complete};

/// Delete a job with its runs and what they wrote
///
/// On a terminal it asks first, unless --yes. A run that is under way is asked to end, as by `muista job cancel`, and ends
/// some seconds later. `muista undo` brings the job back with its runs, for 30 days.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista job rm weather")]
pub(super) struct Args {
    /// The job, as in muista job rm weather
    #[arg(value_name = "JOB", add = ArgValueCompleter::new(complete::jobs))]
    job: JobName,
}

pub(super) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let client = app.client().await?;
    if app.can_ask() {
        let name = client.get_job(args.job.clone()).await?.job.name;
        ask::confirm(app, &format!("Delete the job {name} and its runs?"))?;
    }
    let deleted = client.delete_job(args.job).await?;
    let out = app.out()?;
    if !out.is_table() {
        return out.one(&deleted);
    }
    let stopping = if deleted.status == JobStatus::Running { "; its run is being stopped" } else { "" };
    out.say(&format!("Deleted job {}{stopping}", deleted.name))
}
