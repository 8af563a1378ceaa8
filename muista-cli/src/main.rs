//! The `muista` command: answers a shell that asks for completions, or else runs one verb. It leaves everything to
//! `app`.

mod app;
mod ask;
mod cli;
mod client;
mod command;
mod complete;
mod credentials;
mod editor;
mod error;
mod format;
mod output;
mod place;
mod secret;
mod words;

use std::process::ExitCode;

fn main() -> ExitCode {
    if complete::is_asked() {
        return complete::answer();
    }
    app::run(std::env::args_os().collect())
}
