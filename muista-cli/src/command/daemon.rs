//! `muista daemon`: starts, stops and looks at the daemon, one verb a file. Which daemon is meant follows from the
//! settings: the one at their socket, or the one that holds their data folder's lock.

mod holder;
mod install;
mod logs;
pub(crate) mod reload;
mod restart;
mod start;
mod status;
mod stop;

use std::path::PathBuf;

use muista_core::model::ServerStatus;

use crate::client;
use crate::context::CommandContext;
use crate::error::Result;

/// Start, stop, inspect and install the daemon
///
/// The daemon answers the commands of many clients at once, and /health over HTTP. Everything works without it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista daemon start")]
pub(crate) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, clap::Subcommand)]
enum Verb {
    Start(start::Args),
    Stop(stop::Args),
    Restart(restart::Args),
    Reload(reload::Args),
    Status(status::Args),
    Logs(logs::Args),
    Install(install::Args),
}

pub(crate) fn run(app: &CommandContext, args: &Args) -> Result<()> {
    match &args.verb {
        Verb::Start(args) => start::run(app, args),
        Verb::Stop(args) => stop::run(app, args),
        Verb::Restart(args) => restart::run(app, args),
        Verb::Reload(args) => reload::run(app, args),
        Verb::Status(args) => status::run(app, args),
        Verb::Logs(args) => logs::run(app, args),
        Verb::Install(args) => install::run(app, args),
    }
}

/// What the daemon at the socket says of itself, and that socket; none where none answers.
///
/// # Errors
/// When somebody listens there who does not speak this version's protocol.
pub(crate) fn query_status(app: &CommandContext) -> Result<Option<(ServerStatus, PathBuf)>> {
    let config = app.config()?;
    app.block_on(async {
        match client::daemon(config).await? {
            Some((client, socket)) => Ok(Some((client.status().await?, socket))),
            None => Ok(None),
        }
    })
}
