//! `muista rm`: deletes tasks.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{Status, TaskRef};

use super::targets;
use crate::context::CommandContext;
use crate::error::Result;
use crate::{ask, complete};

/// As many tasks are named in the question.
const NAMED: usize = 10;

/// Delete tasks and their subtasks
///
/// All of them or none. 3-5 is a range, 3,4 a list; words as in ls select the open tasks that match, and more than three of
/// them need --yes in a script. On a terminal it asks first, unless --yes; `muista undo` brings them back. Deleting the open
/// one of a repeating task ends the recurrence. With --json the deleted tasks are always an array.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista rm 7")]
pub(crate) struct Args {
    /// The tasks, by number or ID, or conditions, as in muista rm 7 12, rm 3-5 or rm project:old status:done
    #[arg(value_name = "ID", required = true, add = ArgValueCompleter::new(complete::all_tasks))]
    tasks: Vec<String>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let targets = targets::find(app, &args.tasks, Status::Open).await?;
    targets.refuse_unasked(app)?;
    if app.can_ask() {
        ask::confirm(app, &question(app, &targets.tasks).await?)?;
    }
    let deleted = app.client().await?.delete_tasks(targets.tasks).await?;
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
        several => format!("{}\nDelete these {} tasks?", several.join("\n"), ids.len()),
    })
}
