//! What daemon and supervisor say to each other over their socket: one line of JSON with the order, single bytes while
//! the script runs, and one line of JSON with how it ended.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The daemon lives and still holds the run.
pub(super) const HEARTBEAT: u8 = b'h';
/// End the script: SIGTERM, and SIGKILL after the grace.
pub(super) const STOP: u8 = b's';
/// End the script with SIGKILL at once.
pub(super) const KILL: u8 = b'k';

/// How long processes may take to vanish after SIGKILL. One that waits for a dead disk takes longer.
pub(super) const GIVE_UP: Duration = Duration::from_secs(5);

/// What the supervisor is to run. It goes over the socket and not on a command line, which every user can read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Order {
    pub(super) path: PathBuf,
    pub(super) args: Vec<String>,
    /// All variables that the script gets.
    pub(super) env: Vec<(String, String)>,
    pub(super) timeout: Duration,
    /// Between SIGTERM and SIGKILL.
    pub(super) grace: Duration,
    /// The script is ended when no heartbeat came for so long.
    pub(super) renewal: Duration,
}

/// How it ended.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    /// The script's exit code, when it exited.
    pub(super) exit: Option<i32>,
    /// The signal that ended the script.
    pub(super) signal: Option<i32>,
    /// Why it could not be started, or not be ended.
    pub(super) error: Option<String>,
    /// It was ended because it took too long.
    pub(super) timed_out: bool,
    /// It was ended by an order, or because the daemon was gone.
    pub(super) stopped: bool,
    /// The processes that it left behind and that had to be ended: some by name, and how many more.
    pub(super) left_behind: Vec<String>,
}
