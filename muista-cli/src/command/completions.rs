//! `muista completions`: the script that makes a shell ask `muista` for completions. What it answers is `complete`'s.

use clap::ValueEnum;
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};

use crate::complete::VARIABLE;
use crate::error::{CliError, Result};
use crate::output;

/// Print the completion script of a shell
///
/// It completes verbs and flags, and task ids with their titles, tags, projects and categories.
///
/// bash: muista completions bash > ~/.local/share/bash-completion/completions/muista
/// zsh: muista completions zsh > ~/.zfunc/_muista
/// fish: muista completions fish > ~/.config/fish/completions/muista.fish
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = "Example: source <(muista completions bash)")]
pub(crate) struct Args {
    /// The shell, as in muista completions zsh
    #[arg(value_enum)]
    shell: Shell,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Elvish,
    Powershell,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let shell: &dyn EnvCompleter = match args.shell {
        Shell::Bash => &Bash,
        Shell::Zsh => &Zsh,
        Shell::Fish => &Fish,
        Shell::Elvish => &Elvish,
        Shell::Powershell => &Powershell,
    };
    let mut script = Vec::new();
    shell
        .write_registration(VARIABLE, "muista", "muista", "muista", &mut script)
        .map_err(|e| CliError::failed(format!("cannot write the script: {e}")))?;
    output::write(&String::from_utf8_lossy(&script))
}
