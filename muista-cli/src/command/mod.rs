//! The verbs, one file each: what it takes, its help, and what it does. Each has `Args` and `run`. Here stands the command
//! line as clap sees it, and which verb does what: a new verb is a file and a line in each of the three lists.

mod ack;
mod add;
mod attach;
mod backup;
mod burndown;
mod calendar;
mod comment;
mod completions;
mod config;
mod context;
mod daemon;
mod date;
mod device;
mod doctor;
mod done;
mod edit;
mod export;
mod field;
mod help;
mod import;
mod job;
mod log;
mod login;
mod logout;
mod ls;
mod man;
mod mcp;
mod moving;
mod next;
mod notifications;
mod notify;
mod own_fields;
mod project;
mod query;
mod redo;
mod remind;
mod reminder;
mod restore;
mod rm;
mod run;
mod script;
mod show;
mod snooze;
mod start;
mod stats;
mod stop;
mod tag;
mod targets;
mod template;
mod timesheet;
mod token;
mod undo;
mod undone;
mod usage;
mod user;
mod view;
mod watch;
mod whoami;
mod why;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, FromArgMatches, Parser, Subcommand};
use muista_core::error::Error;

use crate::context::CommandContext;
use crate::error::Result;
use crate::globals::Globals;
use crate::lazy_args::LazyArgs;
use crate::output::Format;
use crate::report;
use crate::words::{habits, preprocess_args};

/// A command-line to-do list that sends reminders and runs scripts on a schedule.
///
/// With no arguments, `muista` lists your open tasks; `muista 7` shows task 7. ID is a task's number, its id, or at least the
/// first 8 characters of its id.
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

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    #[command(alias = "new")]
    Add(LazyArgs<add::Args>),
    #[command(visible_alias = "list", alias = "search")]
    Ls(LazyArgs<ls::Args>),
    Query(LazyArgs<query::Args>),
    #[command(alias = "info")]
    Show(LazyArgs<show::Args>),
    #[command(alias = "modify")]
    Edit(LazyArgs<edit::Args>),
    #[command(alias = "complete")]
    Done(LazyArgs<done::Args>),
    Undone(LazyArgs<undone::Args>),
    Start(LazyArgs<start::Args>),
    Stop(LazyArgs<stop::Args>),
    #[command(alias = "delete")]
    Rm(LazyArgs<rm::Args>),
    Next(LazyArgs<next::Args>),
    Calendar(LazyArgs<calendar::Args>),
    Stats(LazyArgs<stats::Args>),
    Burndown(LazyArgs<burndown::Args>),
    Timesheet(LazyArgs<timesheet::Args>),
    Why(LazyArgs<why::Args>),
    Undo(LazyArgs<undo::Args>),
    Redo(LazyArgs<redo::Args>),
    Log(LazyArgs<log::Args>),
    Watch(LazyArgs<watch::Args>),
    Attach(LazyArgs<attach::Args>),
    #[command(alias = "tags")]
    Tag(LazyArgs<tag::Args>),
    #[command(alias = "projects")]
    Project(LazyArgs<project::Args>),
    #[command(alias = "fields")]
    Field(LazyArgs<field::Args>),
    #[command(alias = "views")]
    View(LazyArgs<view::Args>),
    Context(LazyArgs<context::Args>),
    #[command(alias = "templates")]
    Template(LazyArgs<template::Args>),
    #[command(alias = "annotate")]
    Comment(LazyArgs<comment::Args>),
    Remind(LazyArgs<remind::Args>),
    Snooze(LazyArgs<snooze::Args>),
    Ack(LazyArgs<ack::Args>),
    Reminder(LazyArgs<reminder::Args>),
    Notify(LazyArgs<notify::Args>),
    Notifications(LazyArgs<notifications::Args>),
    Job(LazyArgs<job::Args>),
    Run(LazyArgs<run::Args>),
    Script(LazyArgs<script::Args>),
    Device(LazyArgs<device::Args>),
    User(LazyArgs<user::Args>),
    Usage(LazyArgs<usage::Args>),
    Token(LazyArgs<token::Args>),
    Import(LazyArgs<import::Args>),
    Export(LazyArgs<export::Args>),
    Backup(LazyArgs<backup::Args>),
    Restore(LazyArgs<restore::Args>),
    Move(LazyArgs<moving::Args>),
    Date(LazyArgs<date::Args>),
    Config(LazyArgs<config::Args>),
    Daemon(LazyArgs<daemon::Args>),
    Login(LazyArgs<login::Args>),
    Logout(LazyArgs<logout::Args>),
    Whoami(LazyArgs<whoami::Args>),
    Mcp(LazyArgs<mcp::Args>),
    Doctor(LazyArgs<doctor::Args>),
    Completions(LazyArgs<completions::Args>),
    Man(LazyArgs<man::Args>),
}

impl Cli {
    /// Reads a command line, the program's name first.
    ///
    /// # Errors
    /// What clap refuses, and help that is asked for.
    pub(crate) fn read(args: &[OsString]) -> Result<Self, clap::Error> {
        match Self::try_parse_from(args) {
            // The list of verbs says what each is for.
            Err(asked)
                if matches!(
                    asked.kind(),
                    ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
                ) =>
            {
                let matches = Self::full_command().try_get_matches_from(args)?;
                Self::from_arg_matches(&matches)
            }
            read => read,
        }
    }

    /// Returns the command line with all that every verb takes, as help shows it.
    pub(crate) fn full_command() -> Command {
        help::arrange(Self::command())
    }
}

/// Runs the command line `args`, the program's name first.
pub(crate) fn run(args: Vec<OsString>) -> ExitCode {
    let args = preprocess_args::rewrite(args, Cli::full_command);
    let cli = match Cli::read(&args) {
        Ok(cli) => cli,
        Err(refusal) => return refuse(&refusal, &args),
    };
    let format = cli.globals.format();
    let outcome = CommandContext::new(cli.globals).and_then(|context| dispatch(&context, cli.verb));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report::report(&failure, format),
    }
}

/// Tells of a command line that cannot be read, and what to type in place of a verb from another program.
fn refuse(refusal: &clap::Error, args: &[OsString]) -> ExitCode {
    if !refusal.use_stderr() {
        // Help and the version, which were asked for.
        return report::usage(refusal, args, None);
    }
    let at = preprocess_args::verb(args, Cli::full_command);
    let word = |at: usize| args.get(at).and_then(|arg| arg.to_str());
    let verb = match refusal.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(verb)) => verb,
        _ => {
            let behind = at.and_then(|at| word(at + 1)).filter(|word| !word.starts_with('-'));
            let hint = at.and_then(word).and_then(|verb| habits::instead_of(verb, behind));
            return report::usage(refusal, args, hint);
        }
    };
    // Of a verb's own verbs it knows nothing: `muista daemon sync`.
    let is_first = at.and_then(word).is_some_and(|arg| arg == verb);
    report::usage(refusal, args, habits::instead(verb).filter(|_| is_first))
}

/// Runs a verb. Those that need no service get no runtime.
fn dispatch(context: &CommandContext, verb: Option<Verb>) -> Result<()> {
    check(context.globals(), verb.as_ref())?;
    match verb.unwrap_or_else(|| Verb::Ls(LazyArgs(ls::Args::default()))) {
        Verb::Date(LazyArgs(args)) => date::run(context, &args),
        Verb::Config(LazyArgs(args)) => config::run(context, &args),
        Verb::Daemon(LazyArgs(args)) => daemon::run(context, &args),
        Verb::Doctor(LazyArgs(args)) => doctor::run(context, &args),
        Verb::Completions(LazyArgs(args)) => completions::run(&args),
        Verb::Man(LazyArgs(args)) => man::run(context, &args),
        Verb::Login(LazyArgs(args)) => login::run(context, &args),
        Verb::Restore(LazyArgs(args)) => restore::run(context, args),
        Verb::Move(LazyArgs(args)) => moving::run(context, &args),
        verb => context.block_on(async {
            let outcome = serve_in_zone(context, verb).await;
            context.close();
            outcome
        }),
    }
}

async fn serve_in_zone(context: &CommandContext, verb: Verb) -> Result<()> {
    // An agent's client finds it out for each request.
    if !matches!(verb, Verb::Mcp(_) | Verb::Logout(_)) {
        context.learn_zone().await?;
    }
    serve(context, verb).await
}

async fn serve(context: &CommandContext, verb: Verb) -> Result<()> {
    match verb {
        Verb::Add(LazyArgs(args)) => add::run(context, args).await,
        Verb::Ls(LazyArgs(args)) => ls::run(context, args).await,
        Verb::Query(LazyArgs(args)) => query::run(context, args).await,
        Verb::Show(LazyArgs(args)) => show::run(context, args).await,
        Verb::Edit(LazyArgs(args)) => edit::run(context, args).await,
        Verb::Done(LazyArgs(args)) => done::run(context, args).await,
        Verb::Undone(LazyArgs(args)) => undone::run(context, args).await,
        Verb::Start(LazyArgs(args)) => start::run(context, args).await,
        Verb::Stop(LazyArgs(args)) => stop::run(context, args).await,
        Verb::Rm(LazyArgs(args)) => rm::run(context, args).await,
        Verb::Next(LazyArgs(args)) => next::run(context, args).await,
        Verb::Why(LazyArgs(args)) => why::run(context, args).await,
        Verb::Undo(LazyArgs(args)) => undo::run(context, args).await,
        Verb::Redo(LazyArgs(args)) => redo::run(context, args).await,
        Verb::Log(LazyArgs(args)) => log::run(context, args).await,
        Verb::Watch(LazyArgs(args)) => watch::run(context, args).await,
        Verb::Tag(LazyArgs(args)) => tag::run(context, args).await,
        Verb::Attach(LazyArgs(args)) => attach::run(context, args).await,
        Verb::Device(LazyArgs(args)) => device::run(context, args).await,
        Verb::Project(LazyArgs(args)) => project::run(context, args).await,
        Verb::Context(LazyArgs(args)) => self::context::run(context, args).await,
        Verb::Template(LazyArgs(args)) => template::run(context, args).await,
        Verb::Calendar(LazyArgs(args)) => calendar::run(context, args).await,
        Verb::Stats(LazyArgs(args)) => stats::run(context, args).await,
        Verb::Burndown(LazyArgs(args)) => burndown::run(context, args).await,
        Verb::Timesheet(LazyArgs(args)) => timesheet::run(context, args).await,
        Verb::Field(LazyArgs(args)) => field::run(context, args).await,
        Verb::View(LazyArgs(args)) => view::run(context, args).await,
        Verb::Comment(LazyArgs(args)) => comment::run(context, args).await,
        Verb::Remind(LazyArgs(args)) => remind::run(context, args).await,
        Verb::Snooze(LazyArgs(args)) => snooze::run(context, args).await,
        Verb::Ack(LazyArgs(args)) => ack::run(context, args).await,
        Verb::Reminder(LazyArgs(args)) => reminder::run(context, args).await,
        Verb::Notify(LazyArgs(args)) => notify::run(context, args).await,
        Verb::Notifications(LazyArgs(args)) => notifications::run(context, args).await,
        Verb::Job(LazyArgs(args)) => job::run(context, args).await,
        Verb::Run(LazyArgs(args)) => run::run(context, args).await,
        Verb::Script(LazyArgs(args)) => script::run(context, args).await,
        Verb::User(LazyArgs(args)) => user::run(context, args).await,
        Verb::Usage(LazyArgs(args)) => usage::run(context, args).await,
        Verb::Token(LazyArgs(args)) => token::run(context, args).await,
        Verb::Backup(LazyArgs(args)) => backup::run(context, args).await,
        Verb::Import(LazyArgs(args)) => import::run(context, args).await,
        Verb::Export(LazyArgs(args)) => export::run(context, args).await,
        Verb::Logout(LazyArgs(args)) => logout::run(context, &args).await,
        Verb::Whoami(LazyArgs(args)) => whoami::run(context, &args).await,
        Verb::Mcp(LazyArgs(args)) => mcp::run(context, args).await,
        Verb::Date(_)
        | Verb::Login(_)
        | Verb::Restore(_)
        | Verb::Move(_)
        | Verb::Config(_)
        | Verb::Daemon(_)
        | Verb::Doctor(_)
        | Verb::Completions(_)
        | Verb::Man(_) => Ok(()),
    }
}

/// Whether the flags go together; `export` chooses its format by itself.
///
/// # Errors
/// `Invalid` where one would do nothing.
fn check(globals: &Globals, verb: Option<&Verb>) -> Result<()> {
    let is_cells = matches!(globals.format(), Format::Csv | Format::Tsv);
    if globals.raw && !is_cells && !matches!(verb, Some(Verb::Export(_))) {
        return Err(Error::invalid("raw", "--raw is for CSV and TSV")
            .hint("add -o csv or -o tsv, or leave it out")
            .into());
    }
    Ok(())
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
        visit(&Cli::full_command());
    }
}
