//! `-home`, `-project:old` and `-(a or b)` among the words of a query mean *not*. clap would read them as flags, so they are
//! given a blank in front before clap sees them.
//!
//! One letter alone (`-q`), `-o` with a format (`-ojson`) and letters that are all switches (`-qv`) stay flags; a tag
//! that looks like one of these is left out by `--no-tag`. After `--` nothing is changed.

use std::ffi::OsString;

use clap::{Command, ValueEnum};

use crate::output::Format;

/// The verbs whose words filter, with their aliases.
const FILTERING: &[&str] = &["ls", "list", "next", "export", "query"];
/// The short flags that take no value.
const SWITCHES: &[char] = &['q', 'v', 'y', 'h', 'V'];

/// Returns the arguments, the program's name first, with a blank before `-tag` where it may stand. `line` describes the
/// whole command line to clap.
pub(crate) fn rewrite(mut args: Vec<OsString>, line: fn() -> Command) -> Vec<OsString> {
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
    if matches!(first, '+' | '@' | '!' | '"' | '(') {
        return true;
    }
    let format = word.strip_prefix('o').map(|format| format.trim_start_matches('='));
    let is_condition = word.contains([':', '<', '>', ' ']);
    let is_flag = word.chars().all(|c| SWITCHES.contains(&c))
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
            ("muista ls --sort -due -home", "muista ls --sort -due  -home"),
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
            "muista ls -o=json",
            "muista ls -o json",
            "muista ls -1",
            "muista ls --sort -due",
            "muista ls -- -home",
            "muista add -home",
            "muista -home",
            "muista ls --search -home",
        ] {
            assert_eq!(rewritten(line), line);
        }
    }
}
