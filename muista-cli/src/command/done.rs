//! `muista done`: marks tasks done.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::TaskRef;

use crate::context::CommandContext;
use crate::error::Result;
use crate::{ask, complete};

/// Mark tasks done
///
/// All of them or none. Of a task that repeats the next one is made, and told on stderr. With --json the tasks are an array, also if there is one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista done 7 12")]
pub(crate) struct Args {
    /// The tasks, as in muista done 7 12
    #[arg(value_name = "ID", required = true, add = ArgValueCompleter::new(complete::open_tasks))]
    ids: Vec<TaskRef>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    ask::confirm_many(app, args.ids.len(), "Mark done")?;
    let answer = app.client().await?.complete_tasks(args.ids).await?;
    app.out()?.changed("Done", &answer.value)?;
    // What comes next is told after what was done.
    app.notices(&answer.notices);
    Ok(())
}
