//! `muista ack`: acknowledges what was told.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::Status;

use super::targets;
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::reminder;

/// Acknowledge a reminder so that it stops repeating
///
/// It ends what --nag and snooze repeat; the schedule goes on. With --json the reminders are an array.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista ack 7")]
pub(crate) struct Args {
    /// The tasks, by number or ID, or conditions, as in muista ack 7 12 or ack +work
    #[arg(value_name = "ID", required = true, add = ArgValueCompleter::new(complete::open_tasks))]
    tasks: Vec<String>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let targets = targets::find(app, &args.tasks, Status::Open).await?;
    targets.confirm(app, "Acknowledge the reminders of")?;
    let answer = app.client().await?.ack_tasks(targets.tasks).await?;
    app.notices(&answer.notices);
    let out = app.out()?;
    if !out.is_table() {
        return out.list(&answer.value);
    }
    answer.value.iter().try_for_each(|reminder| {
        let next = reminder.next_trigger_at.map(|at| format!("  (next {})", reminder::at_words(at, &out.view)));
        out.say(&format!("Acknowledged {}  {}{}", reminder.task_number, reminder.task_title, next.unwrap_or_default()))
    })
}
