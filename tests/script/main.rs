//! Runs of scripts with the real supervisor: whatever a script does, it is told how it ended, and nothing is left running.
//! The module is the daemon's own; which scripts there are is tested in the core.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod ending;
mod example;
mod given;
mod lost;
mod output;
mod refused;
#[path = "../../muistad/src/script/mod.rs"]
mod script;
mod support;

/// It runs in the daemon's program, not in this one.
const _: fn() -> std::process::ExitCode = script::main;
