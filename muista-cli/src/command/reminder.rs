//! `muista reminder`: the reminders, and deleting one.

use clap::Subcommand;
use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{RecordKind, RecordRef, Reminder, ReminderQuery, ReminderTarget, TaskRef};

use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::reminder;

/// List reminders, or delete one
///
/// Alone it is muista reminder ls.
#[derive(Debug, clap::Args)]
#[command(disable_help_subcommand = true, after_help = "Example: muista reminder ls 7 --all")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List upcoming reminders, the next first
    #[command(visible_alias = "list")]
    Ls {
        /// Only of this task, as in muista reminder ls 7
        #[arg(value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
        id: Option<TaskRef>,
        /// Inactive ones too, as in muista reminder ls --all
        #[arg(long)]
        all: bool,
    },
    /// Delete reminders
    Rm {
        /// The reminders, as in muista reminder rm 3f2a; muista reminder ls shows their ids
        #[arg(value_name = "REMINDER", required = true, add = ArgValueCompleter::new(complete::reminders))]
        ids: Vec<RecordRef>,
    },
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match args.verb.unwrap_or(Verb::Ls { id: None, all: false }) {
        Verb::Ls { id, all } => ls(app, id, all).await,
        Verb::Rm { ids } => {
            let ids = app.ids_of(RecordKind::Reminder, ids).await?;
            let answer = app.client().await?.delete_reminders(ReminderTarget::Ids(ids)).await?;
            app.notices(&answer.notices);
            confirm(app, "Deleted the reminder for", &answer.value)
        }
    }
}

async fn ls(app: &CommandContext, task: Option<TaskRef>, all: bool) -> Result<()> {
    let client = app.client().await?;
    let out = app.out()?;
    let mut query = ReminderQuery { task, all, ..ReminderQuery::default() };
    let (mut list, mut listed) = (out.begin::<Reminder>(), 0);
    loop {
        let page = client.list_reminders(query.clone()).await?;
        list.rows(&page.items)?;
        listed += page.items.len();
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    list.end()?;
    if listed == 0 && out.is_table() {
        app.note("No reminders. Set one with: muista remind 7 tomorrow 9:00");
    }
    Ok(())
}

/// Confirms reminders that were set, put off or acknowledged: a line each, or the reminders in a machine format.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn confirm(app: &CommandContext, what: &str, reminders: &[Reminder]) -> Result<()> {
    let out = app.out()?;
    if !out.is_table() {
        return out.list(reminders);
    }
    let usual = &app.config()?.channels;
    reminders.iter().try_for_each(|reminder| {
        let when = reminder::summary(reminder, usual, &out.view);
        out.say(&format!("{what} {}  {}: {when}", reminder.task_number, reminder.task_title))
    })
}

/// Says that a reminder waits for a daemon, where none runs and one of these is to fire.
pub(super) fn needs_daemon(app: &CommandContext, reminders: &[Reminder]) {
    if reminders.iter().any(|reminder| reminder.next_trigger_at.is_some()) {
        app.needs_daemon();
    }
}
