//! `muista notify`: tries a channel, by a message through the daemon.

use std::time::{Duration, Instant};

use clap::Subcommand;
use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::{Channel, Id, Notification, NotificationStatus};
use muista_core::rpc::Client;

use crate::complete;
use crate::context::CommandContext;
use crate::error::{CliError, Result};

/// How long the outcome is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is asked for.
const PAUSE: Duration = Duration::from_millis(100);

/// Send a test notification
#[derive(Debug, clap::Args)]
#[command(disable_help_subcommand = true, after_help = "Example: muista notify test --channel email")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Send yourself a message through the daemon and report whether it was delivered
    Test {
        /// How, as in --channel email
        #[arg(long, value_name = "CHANNEL", add = ArgValueCompleter::new(complete::channels))]
        channel: Channel,
    },
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let Verb::Test { channel } = args.verb;
    let client = app.client().await?;
    if !app.has_daemon() {
        return Err(Error::unavailable("no daemon is running, and it is the daemon that sends")
            .hint("start it with `muista daemon start`")
            .into());
    }
    let made = client.test_channel(channel).await?;
    let outcome = outcome(&client, made.id).await?;
    let out = app.out()?;
    if !out.is_table() {
        out.one(&outcome)?;
    }
    match outcome.status {
        NotificationStatus::Sent if out.is_table() => out.say(&format!("Sent by {channel} to {}", outcome.recipient)),
        NotificationStatus::Sent => Ok(()),
        NotificationStatus::Failed | NotificationStatus::Pending => Err(undelivered(&outcome)),
    }
}

/// The message once it is sent or given up, or as it is when patience ends.
async fn outcome(client: &Client, id: Id) -> Result<Notification> {
    let end = Instant::now() + PATIENCE;
    loop {
        let now = client.get_notification(id).await?;
        if now.status != NotificationStatus::Pending || Instant::now() >= end {
            return Ok(now);
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn undelivered(notification: &Notification) -> CliError {
    let (channel, to) = (notification.channel, &notification.recipient);
    let what = match notification.status {
        NotificationStatus::Failed => format!("the message by {channel} to {to} was not delivered"),
        _ => format!("the message by {channel} to {to} still waits"),
    };
    let why = notification.error_message.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
    let hint = format!("check the settings of {channel} with `muista config`, and see `muista daemon logs`");
    Error::internal(format!("{what}{why}")).hint(hint).into()
}
