//! What is changed before clap sees it. `-home`, `-project:old` and `-(a or b)` among the words of verbs that select tasks
//! mean *not* (to `edit` after an ID: “take that tag off”); clap would read them as flags, so they get a blank in front. A
//! task alone (`muista 7`) is shown, tasks alone (`muista 3-5`, `muista +home`) are listed, a verb behind tasks
//! (`muista 3 done`) comes before them, and `muista version` is `muista --version`.
//!
//! One letter alone (`-q`), `-o` with a format (`-ojson`), `-p` with a priority (`-phigh`), `-c` with a category and letters
//! that are all switches (`-qv`) stay flags; a tag that looks like one of these is left out by `--no-tag`. After `--` nothing
//! is changed.

use std::ffi::OsString;

use clap::{Command, ValueEnum};
use muista_core::model::{Category, Priority, TaskRef};

use super::{habits, selection};
use crate::output::Format;

/// The verbs whose words filter or select tasks, with their aliases.
const FILTERING: &[&str] = &[
    "ls", "list", "search", "next", "export", "edit", "modify", "done", "complete", "undone", "rm", "delete", "snooze",
    "ack", "query", "stats", "burndown",
];
/// The short flags that take no value.
const SWITCHES: &[char] = &['q', 'v', 'y', 'h', 'V'];

/// Returns the arguments, the program's name first, rewritten where that is needed. `line` describes the whole command line
/// to clap.
pub(crate) fn rewrite(args: Vec<OsString>, line: fn() -> Command) -> Vec<OsString> {
    rewrite_tags(rewrite_verb(args, line), line)
}

/// Verbs that people put behind the tasks that they are for, with their aliases.
const BEHIND_TASKS: &[&str] = &["show", "info", "start", "stop", "comment", "annotate", "remind", "why", "attach"];

/// Puts a verb before tasks that stand where one is expected, and in place of one that is a flag.
fn rewrite_verb(mut args: Vec<OsString>, line: fn() -> Command) -> Vec<OsString> {
    let is_meant = |arg: &OsString| arg == "version" || arg.to_str().is_some_and(names_tasks);
    // Most command lines begin with a verb: they don't pay for the rest.
    let before = args.iter().skip(1).take_while(|arg| !arg.to_str().is_some_and(|arg| FILTERING.contains(&arg)));
    if !before.into_iter().any(is_meant) {
        return args;
    }
    let Some(at) = verb(&args, line).filter(|at| args.get(*at).is_some_and(is_meant)) else { return args };
    if args[at] == "version" {
        args[at] = "--version".into();
        return args;
    }
    let is_task = |arg: &&OsString| arg.to_str().is_some_and(|arg| names_tasks(arg) || leaves_out(arg));
    let tasks = args[at..].iter().take_while(is_task).count();
    let behind = args.get(at + tasks).and_then(|arg| arg.to_str());
    let is_verb =
        |word: &str| FILTERING.contains(&word) || BEHIND_TASKS.contains(&word) || habits::instead(word).is_some();
    if behind.is_some_and(is_verb) {
        let verb = args.remove(at + tasks);
        args.insert(at, verb);
        return args;
    }
    let first = args[at].to_str().unwrap_or_default();
    match numbers(first) {
        _ if first.parse::<TaskRef>().is_ok() => args.insert(at, "show".into()),
        Some(numbers) => drop(args.splice(at..=at, ["ls".into(), numbers.into()])),
        None => args.insert(at, "ls".into()),
    }
    args
}

/// Returns whether a word names tasks where a verb is expected: a task, several, or a condition.
fn names_tasks(word: &str) -> bool {
    if word.starts_with('-') {
        return false;
    }
    let is_searched = word.len() > 2 && word.starts_with('/') && word.ends_with('/');
    let is_condition = !word.starts_with("rc.") && !word.starts_with("rc:") && selection::is_condition(word);
    is_searched || is_condition || selection::named(word).is_ok()
}

/// Returns the condition that numbers are: `3-5,7` is `number:3..5,7`.
fn numbers(word: &str) -> Option<String> {
    selection::named(word).ok().map(|_| format!("number:{}", word.replace('-', "..")))
}

/// Returns where the verb stands, if there is one.
pub(crate) fn verb(args: &[OsString], line: fn() -> Command) -> Option<usize> {
    // Most command lines begin with the verb: they don't pay for the rest.
    if !args.get(1)?.as_encoded_bytes().starts_with(b"-") {
        return Some(1);
    }
    let command = line();
    let mut takes_value = false;
    let at = args.iter().skip(1).position(|arg| match arg.to_str() {
        _ if std::mem::take(&mut takes_value) => false,
        Some(text) if text.starts_with('-') => {
            takes_value = wants_value(text, &command, None);
            text == "--"
        }
        _ => true,
    });
    at.map(|at| at + 1)
}

/// Puts a blank before `-tag` where it may stand.
fn rewrite_tags(mut args: Vec<OsString>, line: fn() -> Command) -> Vec<OsString> {
    // Most command lines have no such word: they don't pay for the rest.
    if !args.iter().skip(1).any(|arg| arg.to_str().is_some_and(leaves_out)) {
        return args;
    }
    let command = line();
    let mut verb: Option<&Command> = None;
    let mut takes_value = false;
    for arg in args.iter_mut().skip(1) {
        if arg == "--" {
            break;
        }
        if std::mem::take(&mut takes_value) {
            continue;
        }
        let Some(text) = arg.to_str() else { continue };
        match (verb, leaves_out(text)) {
            (Some(_), true) => *arg = format!(" {text}").into(),
            (None, false) if !text.starts_with('-') => {
                if !FILTERING.contains(&text) {
                    break;
                }
                verb = command.find_subcommand(text);
            }
            _ => takes_value = wants_value(text, &command, verb),
        }
    }
    args
}

/// Returns whether a word leaves out what it names.
fn leaves_out(text: &str) -> bool {
    let Some(word) = text.strip_prefix('-') else { return false };
    let mut letters = word.chars();
    let (Some(first), Some(_)) = (letters.next(), letters.next()) else { return false };
    if matches!(first, '+' | '@' | '!' | '"' | '(' | ':') {
        return true;
    }
    let format = word.strip_prefix('o').map(|format| format.trim_start_matches('='));
    let priority = word.strip_prefix('p').is_some_and(|rest| rest.parse::<Priority>().is_ok());
    let category = word.strip_prefix('c').is_some_and(|rest| rest.parse::<Category>().is_ok());
    let is_condition = word.contains([':', '<', '>', ' ']);
    // Tags in capitals are rare, and a tag goes by any case: -P with a project is a flag.
    let is_flag = first == 'P'
        || priority
        || category
        || word.chars().all(|c| SWITCHES.contains(&c))
        || (word.contains('=') && !is_condition)
        || format.is_some_and(|format| Format::from_str(format, false).is_ok());
    (first.is_alphabetic() || first == '_') && !is_flag
}

/// Returns whether the next argument is this flag's value.
fn wants_value(text: &str, command: &Command, verb: Option<&Command>) -> bool {
    let flags = command.get_arguments().chain(verb.into_iter().flat_map(Command::get_arguments));
    let mut named = flags.filter(|flag| match text.strip_prefix("--") {
        Some(long) => flag.get_long() == Some(long),
        None => flag.get_short().is_some_and(|short| text == format!("-{short}")),
    });
    named.next().is_some_and(|flag| flag.get_action().takes_values() && !flag.is_require_equals_set())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Cli;

    fn rewritten(line: &str) -> String {
        let args = rewrite(line.split(' ').map(Into::into).collect(), Cli::full_command);
        args.iter().map(|arg| arg.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_word_with_a_dash_leaves_out() {
        for (line, expected) in [
            ("muista ls -home", "muista ls  -home"),
            ("muista ls +a -home --limit 3 -työ", "muista ls +a  -home --limit 3  -työ"),
            ("muista --data-dir -x ls -home", "muista --data-dir -x ls  -home"),
            ("muista next -home --why", "muista next  -home --why"),
            ("muista ls -office", "muista ls  -office"),
            ("muista ls -project:old -due<fri -@work", "muista ls  -project:old  -due<fri  -@work"),
            ("muista ls -(+a)", "muista ls  -(+a)"),
            ("muista ls -:work", "muista ls  -:work"),
            ("muista ls --sort -due -home", "muista ls --sort -due  -home"),
            ("muista edit 7 +a -home due:fri", "muista edit 7 +a  -home due:fri"),
            ("muista done -home --yes", "muista done  -home --yes"),
        ] {
            assert_eq!(rewritten(line), expected);
        }
    }

    #[test]
    fn a_task_alone_is_shown() {
        for (line, expected) in [
            ("muista 7", "muista show 7"),
            ("muista --json 7", "muista --json show 7"),
            ("muista -o json 7", "muista -o json show 7"),
            ("muista 0193abcd-12", "muista show 0193abcd-12"),
            ("muista version", "muista --version"),
            ("muista --data-dir 7 ls", "muista --data-dir 7 ls"),
            ("muista done 7", "muista done 7"),
            ("muista 3-5,7", "muista ls number:3..5,7"),
            ("muista +home due:week", "muista ls +home due:week"),
            ("muista :work --json", "muista ls :work --json"),
            ("muista /milk/", "muista ls /milk/"),
            ("muista 3 done", "muista done 3"),
            ("muista 3-5 +home rm --yes", "muista rm 3-5 +home --yes"),
            ("muista --json 3 modify pri:H -home", "muista --json modify 3 pri:H  -home"),
            ("muista 3 -o ids", "muista show 3 -o ids"),
            ("muista +home -later list", "muista list +home  -later"),
            ("muista 3 annotate called", "muista annotate 3 called"),
            ("muista 3 append x", "muista append 3 x"),
            ("muista +home list", "muista list +home"),
            ("muista rc.verbose=no list", "muista rc.verbose=no list"),
            ("muista add done 3", "muista add done 3"),
            ("muista add version", "muista add version"),
            ("muista -- 7", "muista -- 7"),
        ] {
            assert_eq!(rewritten(line), expected);
        }
    }

    #[test]
    fn flags_and_other_verbs_stay_as_they_are() {
        for line in [
            "muista",
            "muista ls -q",
            "muista ls -qv",
            "muista ls -ojson",
            "muista done -Phome",
            "muista ls -o=json",
            "muista ls -o json",
            "muista ls -1",
            "muista ls --sort -due",
            "muista ls -- -home",
            "muista add -home",
            "muista -home",
            "muista ls --search -home",
            "muista edit 7 -phigh -cwork",
        ] {
            assert_eq!(rewritten(line), line);
        }
    }
}
