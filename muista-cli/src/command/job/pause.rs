//! `muista job pause`: keeps a job from running on schedule.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{JobName, JobPatch};

use super::display;
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;

/// Keep a job from running on schedule
///
/// A run in progress continues, and `muista job run` still starts one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista job pause weather")]
pub(super) struct Args {
    /// The job, as in muista job pause weather
    #[arg(value_name = "JOB", add = ArgValueCompleter::new(complete::jobs))]
    job: JobName,
}

pub(super) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let patch = JobPatch { enabled: Some(false), ..JobPatch::default() };
    let answer = app.client().await?.edit_job(args.job, patch).await?;
    display::defined(app, "Paused", &answer.value)
}
