//! [`Pager`]: the program that shows what is longer than the screen. Anything that hinders it is silent: the text is then
//! written as it is.

use std::io::{IsTerminal as _, Write as _};
use std::process::{Command, Stdio};

use super::Screen;

/// Shows colours, leaves what fits on the screen, and keeps it there when it ends.
const USUAL: &str = "less -FRX";

/// What shows a text that is longer than the screen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pager(Option<String>);

impl Pager {
    /// Returns none at all.
    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Returns `$MUISTA_PAGER`, else `$PAGER`, else less. An empty variable means none.
    pub(crate) fn of_environment() -> Self {
        let set = |name: &str| std::env::var(name).ok();
        let command = set("MUISTA_PAGER").or_else(|| set("PAGER")).unwrap_or_else(|| USUAL.to_owned());
        Self(Some(command).filter(|command| !command.trim().is_empty()))
    }

    /// Shows a text that is longer than the terminal is high; returns whether it did.
    pub(super) fn shows(&self, text: &str, screen: &Screen) -> bool {
        let Some(command) = self.0.as_ref().filter(|_| screen.width.is_some() && std::io::stdin().is_terminal()) else {
            return false;
        };
        let height = terminal_size::terminal_size_of(std::io::stdout()).map_or(0, |(_, height)| usize::from(height.0));
        if height == 0 || text.lines().count() < height {
            return false;
        }
        run(command, text)
    }
}

/// Runs the pager with the text on its stdin; returns whether it could be run.
fn run(command: &str, text: &str) -> bool {
    // Through the shell, as git does it: the variable may hold arguments.
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        shell.env("LESS", "FRX");
    }
    let Ok(mut pager) = shell.spawn() else { return false };
    if let Some(mut stdin) = pager.stdin.take() {
        // Whoever has seen enough ends it before all is written.
        let _ = stdin.write_all(text.as_bytes());
    }
    // By POSIX, 126 and 127 say that the shell could not run it.
    pager.wait().is_ok_and(|status| !matches!(status.code(), Some(126 | 127)))
}
