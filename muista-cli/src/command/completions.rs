//! `muista completions`: the script that makes a shell ask `muista` for completions. What it answers is `complete`'s,
//! and the scripts are those of `completions/`.

use crate::complete::Shell;
use crate::error::Result;
use crate::output;

/// Print the completion script of a shell
///
/// It completes verbs and flags, and task ids with their titles, tags, projects and categories.
///
/// bash:
///   mkdir -p ~/.local/share/bash-completion/completions
///   muista completions bash > ~/.local/share/bash-completion/completions/muista
/// zsh, with fpath+=(~/.zfunc) before compinit in ~/.zshrc:
///   mkdir -p ~/.zfunc
///   muista completions zsh > ~/.zfunc/_muista
/// fish:
///   mkdir -p ~/.config/fish/completions
///   muista completions fish > ~/.config/fish/completions/muista.fish
/// elvish, with `use muista` in rc.elv:
///   mkdir -p ~/.config/elvish/lib
///   muista completions elvish > ~/.config/elvish/lib/muista.elv
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment, after_help = "Example: source <(muista completions bash)")]
pub(crate) struct Args {
    /// The shell, as in muista completions zsh
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    output::write(args.shell.script())
}
