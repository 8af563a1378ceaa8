//! `muista undone`: marks tasks not done.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::TaskRef;

use crate::context::CommandContext;
use crate::error::Result;
use crate::{ask, complete};

/// Mark tasks not done
///
/// All of them or none. With --json the tasks are an array, also if there is one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista undone 7 12")]
pub(crate) struct Args {
    /// The tasks, as in muista undone 7 12
    #[arg(value_name = "ID", required = true, add = ArgValueCompleter::new(complete::done_tasks))]
    ids: Vec<TaskRef>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    ask::confirm_many(app, args.ids.len(), "Mark not done")?;
    let answer = app.client().await?.reopen_tasks(args.ids).await?;
    app.notices(&answer.notices);
    app.out()?.changed("Reopened", &answer.value)
}
