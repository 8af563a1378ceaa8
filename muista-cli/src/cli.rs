//! The command line as clap sees it: the flags that every verb takes, and the verbs. What a verb takes and does stands
//! in its own file under `command`.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgMatches, Args, Command, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use muista_core::error::Error;

use crate::command::{
    ack, add, attach, backup, comment, completions, config, daemon, date, device, doctor, done, edit, export, import,
    job, log, login, logout, ls, man, mcp, moving, next, notifications, notify, project, remind, reminder, restore, rm,
    run, script, show, snooze, tag, token, undo, undone, usage, user, watch, whoami,
};
use crate::output::Format;
use crate::output::csv::Formulas;

/// Todos from the terminal.
///
/// Alone, `muista` lists the open tasks. ID is a task's number, its id, or 8 or more of its id's first characters.
#[derive(Debug, Parser)]
#[command(name = "muista", version, after_help = EXIT_STATUS)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) globals: Globals,

    #[command(subcommand)]
    pub(crate) verb: Option<Verb>,
}

const EXIT_STATUS: &str = "\
Exit status: 0 done, 1 failed, 2 bad usage or bad value, 3 not found, 4 refused (permission, conflict), \
5 daemon or database not reachable.";

/// What every verb takes, before it or after it.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// The folder with the database, as in --data-dir ~/muista
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,

    /// The configuration file, as in --config ~/muista.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Talk to the daemon at this socket and to nothing else, as in --socket /run/user/1000/muista/muistad.sock
    #[arg(long, global = true, value_name = "SOCKET")]
    pub(crate) socket: Option<PathBuf>,

    /// Talk to the daemon of another machine and to nothing else, as in --remote muista.example.org:7333
    #[arg(long, global = true, value_name = "HOST:PORT", conflicts_with = "socket")]
    pub(crate) remote: Option<String>,

    /// How results are written, as in -o csv [default: table]
    #[arg(long, short, global = true, value_name = "FORMAT", value_enum)]
    pub(crate) output: Option<Format>,

    /// The same as --output json, as in muista ls --json
    #[arg(long, global = true, conflicts_with = "output")]
    pub(crate) json: bool,

    /// In CSV, write cells as they stand, as in muista ls -o csv --raw. Without it one that begins with =, +, -, @ or a tab
    /// has an apostrophe before it, since a spreadsheet would run it
    #[arg(long, global = true)]
    pub(crate) raw: bool,

    /// When to colour, as in --color never [default: auto, which is on a terminal unless NO_COLOR is set]
    #[arg(long, global = true, value_name = "WHEN", value_enum)]
    pub(crate) color: Option<ColorChoice>,

    /// Print no notes and no confirmations, only results and errors, as in muista done 7 --quiet
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,

    /// Say on stderr what is done behind the scenes, as in muista ls --verbose
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,

    /// Ask nothing, as in muista rm 7 --yes
    #[arg(long, short, global = true)]
    pub(crate) yes: bool,
}

impl Globals {
    /// How results are written.
    pub(crate) fn format(&self) -> Format {
        if self.json { Format::Json } else { self.output.unwrap_or_default() }
    }

    /// What becomes of CSV's cells that a spreadsheet would run.
    pub(crate) fn formulas(&self) -> Formulas {
        if self.raw { Formulas::Raw } else { Formulas::AsText }
    }

    /// Whether the flags go together; `export` chooses its format by itself.
    ///
    /// # Errors
    /// `Invalid` where one would do nothing.
    pub(crate) fn check(&self, verb: Option<&Verb>) -> Result<(), Error> {
        if self.raw && self.format() != Format::Csv && !matches!(verb, Some(Verb::Export(_))) {
            return Err(Error::invalid("raw", "--raw is for CSV").hint("add -o csv, or leave it out"));
        }
        Ok(())
    }
}

/// When output is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColorChoice {
    /// The name, as the configuration has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Always => "always",
            Self::Never => "never",
        }
    }
}

/// The verbs. A new one is a file under `command`, a line here, and one in `app`.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    Add(Later<add::Args>),
    #[command(visible_alias = "list")]
    Ls(Later<ls::Args>),
    Show(Later<show::Args>),
    Edit(Later<edit::Args>),
    Done(Later<done::Args>),
    Undone(Later<undone::Args>),
    Rm(Later<rm::Args>),
    Next(Later<next::Args>),
    Undo(Later<undo::Args>),
    Log(Later<log::Args>),
    Watch(Later<watch::Args>),
    Attach(Later<attach::Args>),
    Tag(Later<tag::Args>),
    Project(Later<project::Args>),
    Comment(Later<comment::Args>),
    Remind(Later<remind::Args>),
    Snooze(Later<snooze::Args>),
    Ack(Later<ack::Args>),
    Reminder(Later<reminder::Args>),
    Notify(Later<notify::Args>),
    Notifications(Later<notifications::Args>),
    Job(Later<job::Args>),
    Run(Later<run::Args>),
    Script(Later<script::Args>),
    Device(Later<device::Args>),
    User(Later<user::Args>),
    Usage(Later<usage::Args>),
    Token(Later<token::Args>),
    Import(Later<import::Args>),
    Export(Later<export::Args>),
    Backup(Later<backup::Args>),
    Restore(Later<restore::Args>),
    Move(Later<moving::Args>),
    Date(Later<date::Args>),
    Config(Later<config::Args>),
    Daemon(Later<daemon::Args>),
    Login(Later<login::Args>),
    Logout(Later<logout::Args>),
    Whoami(Later<whoami::Args>),
    Mcp(Later<mcp::Args>),
    Doctor(Later<doctor::Args>),
    Completions(Later<completions::Args>),
    Man(Later<man::Args>),
}

/// A verb's arguments, which are described to clap only where that verb is meant: to describe them all takes as long as a
/// short command.
#[derive(Debug)]
pub(crate) struct Later<A>(pub(crate) A);

impl<A: Args> Args for Later<A> {
    fn augment_args(command: Command) -> Command {
        command.defer(A::augment_args)
    }

    fn augment_args_for_update(command: Command) -> Command {
        command.defer(A::augment_args_for_update)
    }
}

impl<A: FromArgMatches> FromArgMatches for Later<A> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        A::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl Cli {
    /// Reads a command line, the program's name first.
    ///
    /// # Errors
    /// What clap refuses, and help that is asked for.
    pub(crate) fn read(args: &[OsString]) -> Result<Self, clap::Error> {
        match Self::try_parse_from(args) {
            // The list of verbs says what each is for.
            Err(asked) if asked.kind() == ErrorKind::DisplayHelp => {
                let matches = Self::whole().try_get_matches_from(args)?;
                Self::from_arg_matches(&matches)
            }
            read => read,
        }
    }

    /// The command line with all that every verb takes.
    pub(crate) fn whole() -> Command {
        let mut command = Self::command();
        command.build();
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_flag_has_help_with_an_example() {
        fn visit(command: &clap::Command) {
            for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                let known = matches!(arg.get_id().as_str(), "help" | "version");
                assert!(known || help.contains(" as in "), "{} {}: {help:?}", command.get_name(), arg.get_id());
            }
            command.get_subcommands().for_each(visit);
        }
        visit(&Cli::whole());
    }
}
