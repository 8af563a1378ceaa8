//! `muista man`: the manual pages, and the same as one Markdown page.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use muista_core::error::Error;

use super::{Cli, help};
use crate::error::{CliError, Result};
use crate::output;

/// Print the manual page
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista man | man -l -")]
pub(crate) struct Args {
    /// Write one page a verb into this folder instead, as in --dir ~/.local/share/man/man1
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// Print the help of every verb as one Markdown page, as in muista man --markdown > CLI.md
    #[arg(long, conflicts_with = "dir")]
    markdown: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    // `help` beside `--help` would be a page for each page.
    let mut command = help::arrange(Cli::command().disable_help_subcommand(true));
    if args.markdown {
        return output::write(&markdown(&mut command));
    }
    if let Some(dir) = &args.dir {
        return pages(command, dir);
    }
    let mut page = Vec::new();
    Man::new(command).render(&mut page).map_err(|e| CliError::failed(format!("cannot write the page: {e}")))?;
    output::write(&String::from_utf8_lossy(&page))
}

/// Writes `muista.1`, `muista-add.1` … into `dir`.
fn pages(command: Command, dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(command, dir)).map_err(|e| failed(dir, &e))
}

fn failed(what: &Path, error: &io::Error) -> CliError {
    let message = format!("cannot write {}: {error}", what.display());
    Error::internal(message).hint("choose another folder").into()
}

/// The help of `muista` and of every verb beneath it.
fn markdown(command: &mut Command) -> String {
    let mut page = String::from("# The muista command\n\nMade by `muista man --markdown`.\n");
    section(command, &mut page);
    page
}

fn section(command: &mut Command, page: &mut String) {
    let name = command.get_bin_name().unwrap_or(command.get_name()).to_owned();
    // As wide as it likes: Markdown is read on screens of any width.
    let help = command.clone().term_width(100).render_long_help().to_string();
    let help: Vec<&str> = help.lines().map(str::trim_end).collect();
    page.push_str(&format!("\n## {name}\n\n```text\n{}\n```\n", help.join("\n").trim_end()));
    for verb in command.get_subcommands_mut() {
        if !verb.is_hide_set() && verb.get_name() != "help" {
            section(verb, page);
        }
    }
}
