//! `muista notifications`: sent, pending and failed notifications, and retrying the failed ones.

use clap::Subcommand;
use clap_complete::engine::ArgValueCompleter;
use muista_core::model::{
    Channel, Notification, NotificationQuery, NotificationStatus, RecordKind, RecordRef, TaskRef,
};

use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, LEDGER_IDS, Noun, Paint, Shape, due};

/// How many rows a table shows unless it is told.
const SHOWN: u32 = 50;

/// List sent, pending and failed notifications; retry failed ones
///
/// Alone it is muista notifications ls.
#[derive(Debug, clap::Args)]
#[command(disable_help_subcommand = true, after_help = "Example: muista notifications ls --failed")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Option<Verb>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List the notifications, the newest first
    #[command(visible_alias = "list")]
    Ls(Ls),
    /// Retry failed notifications
    Retry {
        /// The notifications, as in muista notifications retry 3f2a1b; muista notifications ls shows their ids
        #[arg(value_name = "NOTIFICATION", required = true, add = ArgValueCompleter::new(complete::failed_notifications))]
        ids: Vec<RecordRef>,
    },
}

#[derive(Debug, Default, clap::Args)]
struct Ls {
    /// Only for reminders of this task, as in muista notifications ls 7
    #[arg(value_name = "ID", add = ArgValueCompleter::new(complete::open_tasks))]
    id: Option<TaskRef>,

    /// Failed ones only, as in muista notifications ls --failed
    #[arg(long, conflicts_with = "pending")]
    failed: bool,

    /// Pending ones only, as in muista notifications ls --pending
    #[arg(long)]
    pending: bool,

    /// Only on this channel, as in --channel email
    #[arg(long, value_name = "CHANNEL", add = ArgValueCompleter::new(complete::channels))]
    channel: Option<Channel>,

    /// Maximum number of notifications, as in --limit 10 [default: 50 in a table, else all]
    #[arg(long, value_name = "N")]
    limit: Option<u32>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    match args.verb.unwrap_or_else(|| Verb::Ls(Ls::default())) {
        Verb::Ls(args) => ls(app, args).await,
        Verb::Retry { ids } => {
            let ids = app.ids_of(RecordKind::Notification, ids).await?;
            let again = app.client().await?.retry_notifications(ids).await?;
            app.needs_daemon();
            let out = app.out()?;
            if !out.is_table() {
                return out.list(&again);
            }
            again.iter().try_for_each(|one| {
                out.say(&format!("Will try again: {} by {} to {}", title(one), one.channel, one.recipient))
            })
        }
    }
}

async fn ls(app: &CommandContext, args: Ls) -> Result<()> {
    let status = match (args.failed, args.pending) {
        (true, _) => Some(NotificationStatus::Failed),
        (_, true) => Some(NotificationStatus::Pending),
        _ => None,
    };
    let client = app.client().await?;
    let out = app.out()?;
    let mut left = args.limit.unwrap_or(if out.is_table() { SHOWN } else { u32::MAX });
    let mut query = NotificationQuery { status, channel: args.channel, task: args.id, ..NotificationQuery::default() };
    let (mut list, mut listed) = (out.begin::<Notification>(), 0);
    while left > 0 {
        query.limit = left;
        let page = client.list_notifications(query.clone()).await?;
        list.rows(&page.items)?;
        listed += page.items.len();
        left = left.saturating_sub(u32::try_from(page.items.len()).unwrap_or(u32::MAX));
        query.cursor = page.next_cursor;
        if query.cursor.is_none() {
            break;
        }
    }
    list.end()?;
    match (out.is_table(), listed, &query.cursor) {
        (true, 0, None) => app.note("No notifications."),
        (true, _, Some(_)) if args.limit.is_none() => app.note("There are more: --limit shows more of them."),
        _ => {}
    }
    Ok(())
}

/// What a message is about.
fn title(notification: &Notification) -> String {
    let Some(content) = &notification.payload else { return String::new() };
    match content.task_number {
        Some(number) => format!("{number}  {}", content.title),
        None => content.title.clone(),
    }
}

impl Noun for Notification {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "userId",
        "reminderId",
        "jobId",
        "runId",
        "recipient",
        "channel",
        "status",
        "payload",
        "errorMessage",
        "attempts",
        "rescues",
        "nextAttemptAt",
        "sentAt",
        "createdAt",
    ];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("When", Shape::Short, |one: &Self, view| Cell::new(due::moment(one.created_at, &view.context))),
            Column::new("About", Shape::Text, |one: &Self, _| Cell::new(title(one))),
            Column::new("By", Shape::Short, |one: &Self, _| Cell::new(one.channel.as_str())),
            Column::new("To", Shape::Text, |one: &Self, _| Cell::new(one.recipient.clone())),
            Column::new("Status", Shape::Short, |one: &Self, _| {
                let cell = Cell::new(one.status.as_str().to_lowercase());
                match one.status {
                    NotificationStatus::Pending => cell,
                    NotificationStatus::Sent => cell.paint(Paint::Good),
                    NotificationStatus::Failed => cell.paint(Paint::Alarm),
                }
            }),
            Column::new("Why", Shape::Text, |one: &Self, _| Cell::new(one.error_message.clone().unwrap_or_default())),
            Column::ids("Notification", LEDGER_IDS, |one: &Self| one.id),
        ]
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}
