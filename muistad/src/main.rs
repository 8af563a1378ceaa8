//! `muistad`, the daemon: answers commands on a Unix socket and HTTP on a loopback address, over one database. This file
//! turns what came of it into an exit status; the order of work is `app`'s.

mod app;
mod config;
mod failure;
mod http;
mod listen;
mod lock;
mod log;
#[expect(dead_code, unused_imports, reason = "the engine will use it")]
mod notify;
mod ready;
mod rpc;
mod signal;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match app::run(&config::Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}
