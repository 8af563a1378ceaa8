//! Questions to the person at the terminal. Whether somebody sits there is `context`'s to say.

use std::io::{self, BufRead, Write};

use muista_core::error::Error;

use crate::context::CommandContext;
use crate::error::{CliError, Result};
use crate::output::safe;

/// From how many tasks on a change of several is asked about.
pub(crate) const MANY: usize = 4;

/// Asks whether to go on; without a terminal, or with `--yes`, it goes on.
///
/// # Errors
/// When the answer is anything but yes.
pub(crate) fn confirm(app: &CommandContext, question: &str) -> Result<()> {
    if !app.can_ask() || yes(question)? {
        return Ok(());
    }
    Err(Error::internal("cancelled; nothing was changed").hint("answer y to go on, or give --yes").into())
}

/// Asks about a change of `count` tasks where that is many.
///
/// # Errors
/// When the answer is anything but yes.
pub(crate) fn confirm_many(app: &CommandContext, count: usize, verb: &str) -> Result<()> {
    if count < MANY {
        return Ok(());
    }
    confirm(app, &format!("{verb} {count} tasks?"))
}

/// Asks for a line.
///
/// # Errors
/// When the terminal cannot be read or written.
pub(crate) fn line(question: &str) -> Result<String> {
    let failed = |e: &io::Error| CliError::failed(format!("cannot ask on the terminal: {e}"));
    let mut stderr = io::stderr().lock();
    write!(stderr, "{}: ", safe::block(question)).and_then(|()| stderr.flush()).map_err(|e| failed(&e))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|e| failed(&e))?;
    Ok(answer.trim().to_owned())
}

/// Asks a question that is answered by yes or no; no is what Enter alone means.
///
/// # Errors
/// When the terminal cannot be read or written.
pub(crate) fn yes(question: &str) -> Result<bool> {
    let failed = |e: &io::Error| CliError::failed(format!("cannot ask on the terminal: {e}"));
    let mut stderr = io::stderr().lock();
    write!(stderr, "{} [y/N] ", safe::block(question)).and_then(|()| stderr.flush()).map_err(|e| failed(&e))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|e| failed(&e))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
