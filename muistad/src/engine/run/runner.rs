//! What the executor asks of whoever runs scripts, so that it can be tried without any.

use muista_core::error::Result;
use muista_core::service::engine::run::{ClaimedRun, Output};

/// Starts scripts.
pub trait Runner: Send + Sync + 'static {
    /// A script that was started. Dropping it kills it.
    type Script: Script;

    /// Starts the run's script, which is stopped when the job's time is up.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be started just now; else it is not there, or may not be run.
    fn start(&self, claimed: &ClaimedRun) -> impl Future<Output = Result<Self::Script>> + Send;
}

/// A script at work.
pub trait Script: Send + 'static {
    /// What happens next; after the end nothing does. May be given up and asked for again without losing anything.
    fn next(&mut self) -> impl Future<Output = Event> + Send;
    /// Says that the run's lease was renewed.
    fn heartbeat(&mut self);
    /// Asks the script's processes to end, and kills those that are left a few seconds later.
    fn stop(&mut self);
    /// Kills the script's processes.
    fn kill(&mut self);
}

/// What a script did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It wrote something.
    Wrote(Output),
    /// It ended, and everything that it wrote was told.
    Ended(Ended),
}

/// How a script ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The exit code, if it ended by itself.
    pub exit_code: Option<i32>,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// Why it failed, where exit code and signal do not tell.
    pub error: Option<String>,
    /// How many bytes it wrote that were not told.
    pub omitted: u64,
    /// The processes that it left behind and that were ended, with their numbers.
    pub left_behind: Vec<String>,
}
