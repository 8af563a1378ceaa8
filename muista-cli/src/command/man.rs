//! `muista man`: shows a manual page, writes all of them into folders, or prints the help of every verb as one Markdown
//! page. What stands in a page is [`mod@page`]'s.

mod page;

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use clap::{Command, CommandFactory};
use muista_core::error::Error;

use self::page::Page;
use super::{Cli, help};
use crate::context::CommandContext;
use crate::error::{CliError, Result};
use crate::output;

/// Show the manual page of muista, of a verb or of the daemon
///
/// On a terminal `man` shows it; elsewhere its source (roff) is printed. $MANPAGER and $PAGER choose the pager.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  muista man\n  muista man job add\n  muista man muistad\n  \
                        muista man --dir ~/.local/share/man")]
pub(crate) struct Args {
    /// The verb, or muistad for the daemon, as in muista man job add
    #[arg(value_name = "VERB", conflicts_with_all = ["dir", "markdown"])]
    verb: Vec<String>,

    /// Write all pages below this folder instead, in man1 and man8, as in --dir ~/.local/share/man
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,

    /// Print the help of every verb as one Markdown page, as in muista man --markdown > CLI.md
    #[arg(long, conflicts_with = "dir")]
    markdown: bool,
}

pub(crate) fn run(app: &CommandContext, args: &Args) -> Result<()> {
    // `help` beside `--help` would be a page for each page.
    let mut command = Cli::command().disable_help_subcommand(true);
    if args.markdown {
        return output::write(&markdown(&mut help::arrange(command)));
    }
    command.build();
    if let Some(dir) = &args.dir {
        return page::all(&command).iter().try_for_each(|page| write(dir, page));
    }
    let verbs: Vec<&str> = args.verb.iter().map(String::as_str).collect();
    let page = page::find(&command, &verbs).ok_or_else(|| {
        Error::not_found(format!("verb `{}`", verbs.join(" "))).hint("`muista --help` lists the verbs")
    })?;
    if !io::stdout().is_terminal() {
        return output::write(&page.text);
    }
    let pager: &[&str] = if app.globals().no_pager { &["-P", "cat"] } else { &[] };
    if show(&page, pager) {
        return Ok(());
    }
    // Without `man` there is still the help.
    let help = help::arrange(Cli::command())
        .get_subcommands_mut()
        .find(|it| verbs.first() == Some(&it.get_name()))
        .map(|verb| verb.render_long_help().to_string());
    app.out()?.page(&help.unwrap_or_else(|| help::arrange(Cli::command()).render_long_help().to_string()))
}

/// Has `man` show a page, with these flags; returns whether it did.
fn show(page: &Page, flags: &[&str]) -> bool {
    let started = Process::new("man").args(flags).args(["-l", "-"]).stdin(Stdio::piped()).stderr(Stdio::null()).spawn();
    let Ok(mut man) = started else { return false };
    if let Some(mut stdin) = man.stdin.take() {
        // Whoever has seen enough ends it before all is read.
        let _ = stdin.write_all(page.text.as_bytes());
    }
    man.wait().is_ok_and(|status| status.success())
}

/// Writes a page where `man` looks for it below `dir`.
fn write(dir: &Path, page: &Page) -> Result<()> {
    let folder = dir.join(format!("man{}", page.section));
    fs::create_dir_all(&folder).map_err(|e| failed(&folder, &e))?;
    let path = folder.join(format!("{}.{}", page.name, page.section));
    fs::write(&path, &page.text).map_err(|e| failed(&path, &e))
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
