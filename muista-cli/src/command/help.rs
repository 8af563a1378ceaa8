//! How help is laid out: the verbs in groups, and the flags of every verb once, at the top level.

use std::fmt::Write;

use clap::builder::StyledStr;
use clap::{Arg, Command};

/// What stands in the help of a verb in place of the flags that every verb takes.
const GLOBAL: &str = "Global options: see muista --help";

/// The verbs in groups. A verb that is missing here fails a test.
const GROUPS: &[(&str, &[&str])] = &[
    (
        "Tasks",
        &[
            "add", "ls", "query", "show", "edit", "done", "undone", "start", "stop", "rm", "next", "why", "undo",
            "redo", "log", "watch", "comment", "attach", "date",
        ],
    ),
    ("Reminders", &["remind", "snooze", "ack", "reminder", "notify", "notifications"]),
    ("Jobs", &["job", "run", "script"]),
    ("Organize", &["project", "tag", "field", "view", "context", "template"]),
    ("Reports", &["calendar", "stats", "burndown", "timesheet"]),
    ("Data", &["import", "export", "backup", "restore", "move"]),
    ("Daemon and accounts", &["daemon", "login", "logout", "whoami", "user", "token", "device", "usage", "mcp"]),
    ("Setup", &["config", "doctor", "completions", "man"]),
];

/// Builds a command line and lays out its help.
pub(super) fn arrange(mut command: Command) -> Command {
    command.build();
    let verbs = verbs(&command);
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n{verbs}\nGlobal options:\n{{options}}{{after-help}}"
    );
    command.help_template(template).mut_subcommands(without_globals)
}

/// Returns the groups with their verbs.
pub(super) fn groups(command: &Command) -> Vec<(&'static str, Vec<&Command>)> {
    let verbs = |names: &[&str]| names.iter().filter_map(|name| command.find_subcommand(name)).collect();
    GROUPS.iter().map(|(group, names)| (*group, verbs(names))).collect()
}

/// Returns the verbs by group, each with what it does.
fn verbs(command: &Command) -> String {
    let mut text = String::new();
    for (group, verbs) in groups(command) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "\n{group}:");
        for verb in verbs {
            let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
            let aliases: Vec<_> = verb.get_visible_aliases().collect();
            let aliases =
                if aliases.is_empty() { String::new() } else { format!(" [aliases: {}]", aliases.join(", ")) };
            let _ = writeln!(text, "  {:<14} {about}{aliases}", verb.get_name());
        }
    }
    text
}

/// Hides what every verb takes from the help of a verb and of its own verbs.
fn without_globals(command: Command) -> Command {
    let help = command.get_after_long_help().or(command.get_after_help()).map(ToString::to_string);
    let help = help.map_or_else(|| GLOBAL.to_owned(), |help| format!("{help}\n\n{GLOBAL}"));
    let hide = |arg: Arg| if arg.is_global_set() { arg.hide(true) } else { arg };
    command.mut_args(hide).mut_subcommands(without_globals).after_help(StyledStr::from(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Cli;

    #[test]
    fn every_verb_is_in_one_group() {
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        let command = Cli::full_command();
        let mut verbs: Vec<&str> =
            command.get_subcommands().map(Command::get_name).filter(|name| *name != "help").collect();
        grouped.sort_unstable();
        verbs.sort_unstable();
        assert_eq!(grouped, verbs);
    }
}
