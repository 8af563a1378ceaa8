//! `muista start`: begins to work on a task.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::TaskRef;

use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;

/// Start working on a task
///
/// The time until `muista stop`, or until the task is done, counts as time spent on it. What you worked on before is stopped,
/// unless --keep is given. `muista ls is:active` lists the tasks that are active. With --json the task is one object.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista start 7")]
pub(crate) struct Args {
    /// The task, as in muista start 7
    #[arg(value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    id: TaskRef,

    /// Keep other tasks running, as in muista start 7 --keep
    #[arg(long)]
    keep: bool,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let answer = app.client().await?.start_task(args.id, args.keep).await?;
    app.notices(&answer.notices);
    let (out, task) = (app.out()?, answer.value);
    if out.is_table() { out.say(&format!("Active {}  {}", task.number, task.title)) } else { out.one(&task) }
}
