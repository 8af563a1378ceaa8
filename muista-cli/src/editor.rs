//! The person's editor on a temporary file. What is in the file is `document`'s.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::Command;

use muista_core::error::Error;
use tempfile::NamedTempFile;

use crate::error::{CliError, Result};

/// Editors that need a terminal.
const ON_TERMINAL: &[&str] =
    &["vi", "vim", "nvim", "view", "nano", "pico", "emacs", "micro", "hx", "helix", "kak", "joe", "mcedit", "ne"];

/// Returns `$VISUAL`, else `$EDITOR`, else vi.
fn program() -> String {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".to_owned())
}

/// A file that is being edited. It is deleted at the end unless it is kept.
pub(crate) struct Edit {
    file: NamedTempFile,
}

impl Edit {
    /// A file with that text.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn new(text: &str) -> Result<Self> {
        let written = tempfile::Builder::new().prefix("muista-").suffix(".toml").tempfile().and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.flush()?;
            Ok(file)
        });
        written.map(|file| Self { file }).map_err(|e| CliError::failed(format!("cannot write a file to edit: {e}")))
    }

    /// Refuses an editor that would wait for somebody at a terminal where there is none. `task` is the number for the hint.
    ///
    /// # Errors
    /// `Invalid`, naming the flags.
    pub(crate) fn refuse_without_terminal(task: i64) -> Result<()> {
        let program = program();
        let name = program.split_whitespace().next().map(Path::new).and_then(Path::file_name);
        let needs_terminal = name.is_some_and(|name| ON_TERMINAL.iter().any(|known| name == *known));
        if !needs_terminal || std::io::stdin().is_terminal() && std::io::stdout().is_terminal() {
            return Ok(());
        }
        Err(Error::invalid("words", format!("nothing says what changes, and the editor `{program}` needs a terminal"))
            .hint(format!("say what changes, as in `muista edit {task} due:friday +home` or --title \"…\""))
            .into())
    }

    /// Opens the file in `$VISUAL`, else `$EDITOR`, else vi; returns its text when the editor has ended.
    ///
    /// # Errors
    /// When the editor cannot be run or ends with a failure, or the file is no text any more.
    pub(crate) fn run(&self) -> Result<String> {
        let editor = program();
        // Through the shell, as git does it: the variable may hold arguments (`code --wait`).
        let ended =
            Command::new("sh").arg("-c").arg(format!("{editor} \"$@\"")).arg(&editor).arg(self.file.path()).status();
        let hint = "set EDITOR to an editor that waits until the file is closed, as in EDITOR=\"code --wait\"";
        match ended {
            Ok(status) if status.success() => {}
            Ok(status) => {
                return Err(Error::internal(format!("the editor `{editor}` failed: {status}")).hint(hint).into());
            }
            Err(e) => return Err(Error::internal(format!("cannot run the editor `{editor}`: {e}")).hint(hint).into()),
        }
        std::fs::read_to_string(self.file.path())
            .map_err(|e| CliError::failed(format!("cannot read {}: {e}", self.file.path().display())))
    }

    /// Keeps the file for `error`, which then tells where it is.
    pub(crate) fn keep(self, error: Error) -> Error {
        let (path, hint) = match self.file.keep() {
            Ok((_, path)) => (path, error.hint.clone()),
            Err(_) => return error,
        };
        let kept = format!("what you wrote is in {}", path.display());
        error.hint(hint.map_or_else(|| kept.clone(), |hint| format!("{hint}; {kept}")))
    }
}
