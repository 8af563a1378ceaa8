//! A script as a child process, safely: started from a checked file, watched, and ended with everything it started.
//! Which script a run executes is `muista_core::script`'s; when, and what becomes of its output, is the engine's.
//!
//! Between the daemon and a script stands a supervisor, a second `muistad` process for each run:
//!
//! ```text
//!             orders, heartbeats ─►              starts, signals, reaps ─►
//!   muistad ◄───── one socket ─────► supervisor ◄──────────────────────► script and all it started
//!      ▲              ◄─ report                                               │
//!      └─────────────────────────── stdout, stderr ───────────────────────────┘
//! ```
//!
//! The supervisor outlives a daemon that is killed, so it can end the script then; and it is the reaper of every
//! process that the script starts, so none gets away by leaving its group, its session or its parent.

mod output;
mod process_tree;
mod run;
mod supervise;
mod watch;
mod wire;

pub(crate) use output::Chunk;
pub(crate) use run::{Ended, Runner, Running, Spec};
pub(crate) use supervise::{FLAG, main};
