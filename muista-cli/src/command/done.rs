//! `muista done`: marks tasks done.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{Status, TaskPatch};

use super::targets;
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;

/// Mark tasks done
///
/// All of them or none. 3-5 is a range, 3,4 a list; words as in ls select the open tasks that match, and more than
/// three of them need confirmation or --yes. When a task repeats, the next one is made with its subtasks and named on stderr; so are the
/// tasks that can begin now, and open subtasks. With --json the tasks are always an array.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista done 7 12")]
pub(crate) struct Args {
    /// The tasks, by number or ID, or conditions, as in muista done 7 12, done 3-5 or done +errand due:today
    #[arg(value_name = "ID", required = true, add = ArgValueCompleter::new(complete::open_tasks))]
    tasks: Vec<String>,

    /// Complete their open subtasks too, as in muista done 7 --with-subtasks
    #[arg(long)]
    with_subtasks: bool,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let targets = targets::find(app, &args.tasks, Status::Open).await?;
    targets.confirm(app, "Mark done")?;
    let client = app.client().await?;
    let answer = if args.with_subtasks {
        let patch = TaskPatch { completed: Some(true), with_subtasks: true, ..TaskPatch::default() };
        client.edit_tasks(targets.tasks, patch).await?
    } else {
        client.complete_tasks(targets.tasks).await?
    };
    app.out()?.changed("Done", &answer.value)?;
    // What comes next is told after what was done.
    app.notices(&answer.notices);
    Ok(())
}
