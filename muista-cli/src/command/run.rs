//! `muista run`: the runs of jobs, one file a verb. What a job has too stands with the jobs.

mod show;

use clap::Subcommand;

use super::job::{cancel, logs, runs};
use crate::context::CommandContext;
use crate::error::Result;

/// List and cancel the runs of jobs
///
/// Alone it is muista run ls. `muista job run` starts one.
#[derive(Debug, clap::Args)]
#[command(disable_help_subcommand = true, after_help = "Example: muista run ls --status running")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    #[command(visible_alias = "list")]
    Ls(runs::Args),
    Show(show::Args),
    Cancel(cancel::Args),
    Logs(logs::Args),
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match args.verb.unwrap_or(Verb::Ls(runs::Args::default())) {
        Verb::Ls(args) => runs::run(app, args).await,
        Verb::Show(args) => show::run(app, args).await,
        Verb::Cancel(args) => cancel::run(app, args).await,
        Verb::Logs(args) => logs::run(app, args).await,
    }
}
