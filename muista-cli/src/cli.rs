//! The command line as clap sees it: the flags that every verb takes, and the verbs. What a verb takes and does stands
//! in its own file under `command`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::command::{
    ack, add, attach, comment, completions, config, daemon, date, device, doctor, done, edit, export, import, job, log,
    login, logout, ls, man, mcp, next, notifications, notify, project, remind, reminder, rm, script, show, snooze, tag,
    token, undo, undone, user, watch, whoami,
};
use crate::output::Format;

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
    Add(add::Args),
    #[command(visible_alias = "list")]
    Ls(ls::Args),
    Show(show::Args),
    Edit(edit::Args),
    Done(done::Args),
    Undone(undone::Args),
    Rm(rm::Args),
    Next(next::Args),
    Undo(undo::Args),
    Log(log::Args),
    Watch(watch::Args),
    Attach(attach::Args),
    Tag(tag::Args),
    Project(project::Args),
    Comment(comment::Args),
    Remind(remind::Args),
    Snooze(snooze::Args),
    Ack(ack::Args),
    Reminder(reminder::Args),
    Notify(notify::Args),
    Notifications(notifications::Args),
    Job(job::Args),
    Script(script::Args),
    Device(device::Args),
    User(user::Args),
    Token(token::Args),
    Import(import::Args),
    Export(export::Args),
    Date(date::Args),
    Config(config::Args),
    Daemon(daemon::Args),
    Login(login::Args),
    Logout(logout::Args),
    Whoami(whoami::Args),
    Mcp(mcp::Args),
    Doctor(doctor::Args),
    Completions(completions::Args),
    Man(man::Args),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

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
        visit(&Cli::command());
    }
}
