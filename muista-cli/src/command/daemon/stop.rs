//! `muista daemon stop`: asks the daemon to end, and waits until it has.

use std::time::Duration;

use muista_core::error::{Error, ErrorKind};
use serde_json::json;

use super::holder::{self, Process};
use super::query_status;
use crate::context::CommandContext;
use crate::error::{CliError, Result};

/// How long to wait: the daemon gives calls in flight 10 s, and then closes the database.
const PATIENCE: Duration = Duration::from_secs(30);

/// Stop the daemon
///
/// Waits until calls in flight are answered and the database is closed. If none is running, it says so and exits with 0.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista daemon stop")]
pub(crate) struct Args {}

pub(super) fn run(app: &CommandContext, _: &Args) -> Result<()> {
    let ended = end(app)?;
    say(app, ended)
}

/// Ends the daemon, waits until it has ended, and returns its pid; none where none ran.
pub(super) fn end(app: &CommandContext) -> Result<Option<u32>> {
    let Some((pid, process)) = find(app)? else {
        return Ok(None);
    };
    process.terminate()?;
    if !process.wait(PATIENCE)? {
        let error = Error::unavailable(format!("the daemon (pid {pid}) has not ended after {} s", PATIENCE.as_secs()));
        return Err(error
            .hint(format!("see `muista daemon logs`; `kill -9 {pid}` loses nothing that was saved"))
            .into());
    }
    Ok(Some(pid))
}

/// The daemon that answers at the socket, or else the one that holds the data folder, which may be starting, stopping
/// or of another version.
fn find(app: &CommandContext) -> Result<Option<(u32, Process)>> {
    let answered = match query_status(app) {
        Ok(found) => found.map(|(status, _)| status.pid),
        Err(CliError::Failed(error)) if matches!(error.kind, ErrorKind::Conflict | ErrorKind::Unavailable) => None,
        Err(error) => return Err(error),
    };
    if let Some(pid) = answered {
        return Ok(Process::open(pid)?.map(|process| (pid, process)));
    }
    let data_dir = &app.config()?.data_dir;
    let Some(pid) = holder::pid(data_dir)? else {
        return Ok(None);
    };
    let process = Process::open(pid)?;
    // Only if the lock is held still, the handle is surely the daemon's and not a newcomer's of the same pid.
    let held = holder::pid(data_dir)? == Some(pid);
    Ok(process.filter(|_| held).map(|process| (pid, process)))
}

fn say(app: &CommandContext, pid: Option<u32>) -> Result<()> {
    let out = app.out()?;
    match pid {
        _ if !out.is_table() => out.document(&json!({ "stopped": pid.is_some(), "pid": pid })),
        Some(pid) => out.say(&format!("The daemon (pid {pid}) has stopped.")),
        None => out.say("No daemon runs."),
    }
}
