//! The `muista` command: answers a shell that asks for completions, or else runs one verb. It leaves everything to
//! `command`.

mod ask;
mod client;
mod command;
mod complete;
mod connection_target;
mod context;
mod credentials;
mod editor;
mod error;
mod globals;
mod lazy_args;
mod output;
mod report;
mod secret;
mod words;

use std::process::ExitCode;

use clap::CommandFactory as _;

fn main() -> ExitCode {
    if complete::is_asked() {
        return complete::answer(command::Cli::command);
    }
    command::run(std::env::args_os().collect())
}
