//! Passwords and tokens, as people type them and as scripts pipe them: never an argument, which anybody may read.

use std::io::{self, Read as _, Write as _};

use muista_core::error::Error;
use muista_core::model::Secret;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::error::{CliError, Result};
use crate::output::safe;

/// The longest line that is read.
const LINE_MAX: u64 = 64 << 10;

/// The first line of stdin, which is a `what`.
///
/// # Errors
/// When there is none.
pub(crate) fn from_stdin(what: &str) -> Result<Secret> {
    let mut text = String::new();
    let read = io::stdin().lock().take(LINE_MAX).read_to_string(&mut text);
    read.map_err(|e| CliError::failed(format!("cannot read the {what} from stdin: {e}")))?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        return Err(Error::invalid("stdin", format!("stdin holds no {what}"))
            .hint(format!("pipe it in, as in `… --{what}-stdin < FILE`"))
            .into());
    }
    Ok(Secret::new(line))
}

/// Asks the person at the terminal, who does not see what is typed.
///
/// # Errors
/// When it is broken off, or the terminal cannot be used.
pub(crate) fn ask(question: &str) -> Result<Secret> {
    let failed = |e: io::Error| CliError::failed(format!("cannot ask on the terminal: {e}"));
    let mut stderr = io::stderr().lock();
    // Who is asked may type at once, and must not see it even then.
    let hidden = Hidden::begin().map_err(failed)?;
    write!(stderr, "{}: ", safe::line(question)).and_then(|()| stderr.flush()).map_err(failed)?;
    let typed = hidden.line().map_err(failed);
    drop(hidden);
    // The key that ended the line was not shown either.
    writeln!(stderr).map_err(failed)?;
    let Some(typed) = typed? else {
        return Err(Error::internal("cancelled; nothing was changed").hint("try again").into());
    };
    Ok(Secret::new(typed))
}

/// A terminal that shows nothing, and that leaves every key to us: one that ended the program would leave the terminal
/// as it is. It is as it was before when the value is dropped.
struct Hidden(Termios);

impl Hidden {
    fn begin() -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut hidden = before.clone();
        hidden.local_modes -= LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ICANON | LocalModes::ISIG;
        tcsetattr(io::stdin(), OptionalActions::Drain, &hidden)?;
        Ok(Self(before))
    }

    /// What is typed until Enter; none where it is broken off.
    fn line(&self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        for byte in io::stdin().lock().bytes() {
            match byte? {
                b'\n' | b'\r' => return text(line).map(Some),
                0x03 | 0x04 => return Ok(None),
                0x08 | 0x7f => take_back(&mut line),
                0x15 => line.clear(),
                byte => line.push(byte),
            }
        }
        Ok(None)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // Where the terminal is gone, nobody is left to see it.
        let _ = tcsetattr(io::stdin(), OptionalActions::Drain, &self.0);
    }
}

/// Takes back the last character, which may have several bytes.
fn take_back(line: &mut Vec<u8>) {
    while line.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
}

fn text(line: Vec<u8>) -> io::Result<String> {
    String::from_utf8(line).map_err(|_| io::Error::other("what was typed is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_taken_back_whole() {
        let mut line = "aä猫".as_bytes().to_vec();
        take_back(&mut line);
        assert_eq!(line, "aä".as_bytes());
        take_back(&mut line);
        assert_eq!(line, b"a");
        take_back(&mut line);
        take_back(&mut line);
        assert!(line.is_empty());
    }
}
