//! `muistad`, the daemon: answers commands on a Unix socket and HTTP on a loopback address, over one database. This file
//! turns what came of it into an exit status; the order of work is `app`'s.

mod app;
mod config;
mod failure;
mod http;
mod listen;
mod lock;
mod log;
mod ready;
mod rpc;
#[expect(dead_code, unused_imports, reason = "the engine, which starts runs, is not built yet")]
mod script;
mod signal;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // A supervisor is started for every run, and needs no settings.
    if std::env::args_os().nth(1).is_some_and(|first| first == script::FLAG) {
        return script::main();
    }
    match app::run(&config::Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure::report(&error),
    }
}
