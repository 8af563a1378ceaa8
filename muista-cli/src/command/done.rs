//! `muista done`: marks tasks done.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{TaskPatch, TaskRef};

use crate::context::CommandContext;
use crate::error::Result;
use crate::{ask, complete};

/// Mark tasks done
///
/// All of them or none. Of a task that repeats the next one is made with its subtasks, and told on stderr; so are the tasks
/// that can begin now, and open subtasks. With --json the tasks are an array, also if there is one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista done 7 12")]
pub(crate) struct Args {
    /// The tasks, as in muista done 7 12
    #[arg(value_name = "ID", required = true, add = ArgValueCompleter::new(complete::open_tasks))]
    ids: Vec<TaskRef>,

    /// Complete their open subtasks too, as in muista done 7 --with-subtasks
    #[arg(long)]
    with_subtasks: bool,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    ask::confirm_many(app, args.ids.len(), "Mark done")?;
    let client = app.client().await?;
    let answer = if args.with_subtasks {
        let patch = TaskPatch { completed: Some(true), with_subtasks: true, ..TaskPatch::default() };
        client.edit_tasks(args.ids, patch).await?
    } else {
        client.complete_tasks(args.ids).await?
    };
    app.out()?.changed("Done", &answer.value)?;
    // What comes next is told after what was done.
    app.notices(&answer.notices);
    Ok(())
}
