//! `muista stop`: ends the work on a task.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{TaskRef, WorkTime};

use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;

/// Stop working on a task
///
/// Without an ID all that you work on is stopped. With --json the tasks are always an array.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista stop")]
pub(crate) struct Args {
    /// The task, as in muista stop 7
    #[arg(value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    id: Option<TaskRef>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let answer = app.client().await?.stop_tasks(args.id).await?;
    let out = app.out()?;
    if !out.is_table() {
        return out.list(&answer.value);
    }
    answer.value.iter().try_for_each(|task| {
        let spent = task.time_spent.map(WorkTime::words).unwrap_or_default();
        out.say(&format!("Stopped {}  {}  (time spent {spent})", task.number, task.title))
    })
}
