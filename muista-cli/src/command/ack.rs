//! `muista ack`: acknowledges what was told.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::TaskRef;

use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::reminder;

/// Acknowledge reminders: what was told is not told again
///
/// It ends what --nag and snooze repeat; the schedule goes on. With --json the reminders are an array.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista ack 7")]
pub(crate) struct Args {
    /// The tasks, as in muista ack 7 12
    #[arg(value_name = "ID", required = true, add = ArgValueCompleter::new(complete::open_tasks))]
    ids: Vec<TaskRef>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let answer = app.client().await?.ack_tasks(args.ids).await?;
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
