//! `muistad`, the daemon: answers commands on a Unix socket and HTTP on a loopback address, over one database, and does by
//! itself what falls due. It is a library, with a program of a few lines, so that tests and benches reach its parts.

mod app;
mod auth;
mod config;
pub mod engine;
mod failure;
mod heap;
mod http;
mod listen;
mod lock;
mod log;
mod log_file;
mod madvise;
mod notify;
mod ready;
mod reload;
mod remote;
mod rpc;
mod script;
pub mod signal;
mod tls;
mod trace;

use std::process::ExitCode;

use clap::Parser;

/// Runs the daemon until it is asked to stop, and turns what came of it into an exit status.
#[must_use]
pub fn main() -> ExitCode {
    // A supervisor is started for every run, and needs no settings.
    if std::env::args_os().nth(1).is_some_and(|first| first == script::FLAG) {
        return script::main();
    }
    match app::run(&config::Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}
