//! `muista rm`: deletes tasks.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::TaskRef;

use crate::context::CommandContext;
use crate::error::Result;
use crate::{ask, complete};

/// As many tasks are named in the question.
const NAMED: usize = 10;

/// Delete tasks and their subtasks
///
/// All of them or none. Deleting the open one of a task that repeats ends it: nothing is left to do that would make the
/// next. On a terminal it asks first, unless --yes; `muista undo` brings them back. With --json the
/// deleted tasks are an array, also if there is one.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista rm 7")]
pub(crate) struct Args {
    /// The tasks, as in muista rm 7 12
    #[arg(value_name = "ID", required = true, add = ArgValueCompleter::new(complete::all_tasks))]
    ids: Vec<TaskRef>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let client = app.client().await?;
    if app.can_ask() {
        ask::confirm(app, &question(app, &args.ids).await?)?;
    }
    let deleted = client.delete_tasks(args.ids).await?;
    app.out()?.changed("Deleted", &deleted)
}

/// Names what would be deleted.
async fn question(app: &CommandContext, ids: &[TaskRef]) -> Result<String> {
    let client = app.client().await?;
    let mut named = Vec::new();
    for id in ids.iter().take(NAMED) {
        let detail = client.get_task(id.clone()).await?;
        let parts = match detail.subtasks.len() {
            0 => String::new(),
            1 => " and its subtask".to_owned(),
            count => format!(" and its {count} subtasks"),
        };
        let ends = if detail.next_due.is_some() { ", which then repeats no more" } else { "" };
        named.push(format!("{}  {}{parts}{ends}", detail.task.number, detail.task.title));
    }
    if ids.len() > NAMED {
        named.push(format!("and {} more", ids.len() - NAMED));
    }
    Ok(match named.as_slice() {
        [one] => format!("Delete {one}?"),
        several => format!("{}\nDelete these?", several.join("\n")),
    })
}
