//! `muista undone`: marks tasks not done.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::Status;

use super::targets;
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;

/// Mark tasks not done
///
/// All of them or none. 3-5 is a range, 3,4 a list; words as in ls select the done tasks that match, and more than
/// three of them need confirmation or --yes. With --json the tasks are always an array.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista undone 7 12")]
pub(crate) struct Args {
    /// The tasks, by number or ID, or conditions, as in muista undone 7 12, undone 3-5 or undone +errand
    #[arg(value_name = "ID", required = true, add = ArgValueCompleter::new(complete::done_tasks))]
    tasks: Vec<String>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let targets = targets::find(app, &args.tasks, Status::Done).await?;
    targets.confirm(app, "Mark not done")?;
    let answer = app.client().await?.reopen_tasks(targets.tasks).await?;
    app.notices(&answer.notices);
    app.out()?.changed("Reopened", &answer.value)
}
