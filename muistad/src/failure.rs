//! How a daemon that could not start says so: on stderr for people, on stdout for the program that started it, and by
//! its exit status.

use std::io::{IsTerminal as _, Write as _};
use std::process::ExitCode;

use muista_core::error::Error;
use serde::Serialize;

/// What the starting program reads in place of the ready line.
#[derive(Serialize)]
struct NotReady<'a> {
    ready: bool,
    error: &'a Error,
}

/// Tells the error, and returns the exit status for it.
pub(crate) fn report(error: &Error) -> ExitCode {
    // Nothing is left to be done where even stderr is gone.
    let mut text = format!("error: {}\n", error.message);
    if let Some(hint) = &error.hint {
        text.push_str(&format!("hint: {hint}\n"));
    }
    let _ = std::io::stderr().write_all(text.as_bytes());
    let mut out = std::io::stdout();
    if !out.is_terminal()
        && let Ok(line) = serde_json::to_string(&NotReady { ready: false, error })
    {
        let _ = writeln!(out, "{line}");
    }
    ExitCode::from(error.kind.exit_status())
}
