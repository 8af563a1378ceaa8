//! `muista job resume`: lets a paused job run on schedule again.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{JobName, JobPatch};

use super::display;
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;

/// Let a paused job run on schedule again
///
/// It continues from now; runs missed meanwhile are not made up.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista job resume weather")]
pub(super) struct Args {
    /// The job, as in muista job resume weather
    #[arg(value_name = "JOB", add = ArgValueCompleter::new(complete::jobs))]
    job: JobName,
}

pub(super) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let patch = JobPatch { enabled: Some(true), ..JobPatch::default() };
    let answer = app.client().await?.edit_job(args.job, patch).await?;
    app.notices(&answer.notices);
    display::defined(app, "Resumed", &answer.value)
}
