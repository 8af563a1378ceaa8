//! `muista remind`: sets a reminder of a task, or deletes all it has.

use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{Channel, ReminderTarget, TaskRef};

use super::reminder;
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::words::reminder::{Said, read};

/// Set a reminder for a task
///
/// WHEN is a date, as in tomorrow 9:00 or in 2 hours, or counts from the due, as in 30min before or at due; on a date
/// without a time it is 9:00. A length alone, as 1h, is before the due, or from now for a task that has none. With --every
/// it repeats, from WHEN on where that is given. A reminder needs a running daemon to be sent; one that was missed is sent
/// when it starts.
///
/// With --json the reminder is one object.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista remind 7 tomorrow 9:00 --channel email --nag 15min\n         \
                        muista remind 7 30min before\n         \
                        muista remind 7 --off")]
pub(crate) struct Args {
    /// The task, as in muista remind 7 tomorrow
    #[arg(value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    id: TaskRef,

    /// When, as in muista remind 7 30min before
    #[arg(value_name = "WHEN", required_unless_present_any = ["every", "off"])]
    when: Vec<String>,

    /// How it repeats, as in --every "0 9 * * 1-5" or --every P3D
    #[arg(long, value_name = "RECURRENCE")]
    every: Option<String>,

    /// The zone that times are read in, as in --tz Europe/Helsinki [default: yours]
    #[arg(long, value_name = "ZONE")]
    tz: Option<String>,

    /// Stop reminding after this date, as in --until "end of month"
    #[arg(long, value_name = "DATE")]
    until: Option<String>,

    /// How it is sent, as in --channel email (repeatable) [default: the setting channels]
    #[arg(long, value_name = "CHANNEL", add = ArgValueCompleter::new(complete::channels))]
    channel: Vec<Channel>,

    /// A note to send with it, as in --note "the grey bag"
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    note: Option<String>,

    /// Repeat it at this interval until it is acknowledged, as in --nag 15min
    #[arg(long, value_name = "LENGTH")]
    nag: Option<String>,

    /// Delete all reminders of the task, as in muista remind 7 --off
    #[arg(long, conflicts_with_all = ["when", "every", "tz", "until", "channel", "note", "nag"])]
    off: bool,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    if args.off {
        return off(app, args.id).await;
    }
    let when = args.when.join(" ");
    let said = Said {
        when: Some(when).filter(|when| !when.is_empty()),
        every: args.every,
        tz: args.tz,
        until: args.until,
        nag: args.nag,
        note: args.note,
        channels: args.channel,
    };
    let new = read(said, app.context()?)?;
    let answer = app.client().await?.add_reminder(args.id, new).await?;
    app.notices(&answer.notices);
    reminder::needs_daemon(app, std::slice::from_ref(&answer.value));
    let out = app.out()?;
    if out.is_table() { reminder::confirm(app, "Reminder set for", &[answer.value]) } else { out.one(&answer.value) }
}

async fn off(app: &CommandContext, task: TaskRef) -> Result<()> {
    let answer = app.client().await?.delete_reminders(ReminderTarget::Task(task)).await?;
    app.notices(&answer.notices);
    reminder::confirm(app, "Deleted the reminder for", &answer.value)
}
