//! `-home` among the words of `ls`, `next` and `export` means “without the tag home”. clap would read it as flags, so it is
//! rewritten to `--no-tag=home` before clap sees it.
//!
//! One letter alone (`-q`), `-o` with a format (`-ojson`) and letters that are all switches (`-qv`) stay flags; a tag
//! that looks like one of these is left out by `--no-tag`. After `--` nothing is rewritten.

use std::ffi::OsString;

use clap::{Command, ValueEnum};

use crate::output::Format;

/// The verbs whose words filter, with their aliases.
const FILTERING: &[&str] = &["ls", "list", "next", "export"];
/// The short flags that take no value.
const SWITCHES: &[char] = &['q', 'v', 'y', 'h', 'V'];

/// Returns the arguments, the program's name first, with `-tag` rewritten where it may stand. `line` describes the
/// whole command line to clap.
pub(crate) fn rewrite(mut args: Vec<OsString>, line: fn() -> Command) -> Vec<OsString> {
    // Most command lines have no such word: they don't pay for the rest.
    if !args.iter().skip(1).any(|arg| tag(arg).is_some()) {
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
        match (verb, tag(arg)) {
            (Some(_), Some(tag)) => *arg = format!("--no-tag={tag}").into(),
            (None, None) if !text.starts_with('-') => {
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

/// Returns the tag that a word leaves out, if it is such a word.
fn tag(arg: &OsString) -> Option<String> {
    let word = arg.to_str()?.strip_prefix('-')?;
    let mut letters = word.chars();
    letters.next().filter(|c| c.is_alphabetic() || *c == '_')?;
    letters.next()?;
    let format = word.strip_prefix('o').map(|format| format.trim_start_matches('='));
    let is_flag = word.chars().all(|c| SWITCHES.contains(&c))
        || word.contains('=')
        || format.is_some_and(|format| Format::from_str(format, false).is_ok());
    (!is_flag).then(|| word.to_owned())
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
    fn a_word_with_a_dash_leaves_a_tag_out() {
        for (line, expected) in [
            ("muista ls -home", "muista ls --no-tag=home"),
            ("muista ls +a -home --limit 3 -työ", "muista ls +a --no-tag=home --limit 3 --no-tag=työ"),
            ("muista --data-dir -x ls -home", "muista --data-dir -x ls --no-tag=home"),
            ("muista next -home --why", "muista next --no-tag=home --why"),
            ("muista ls -office", "muista ls --no-tag=office"),
            ("muista ls --sort -due -home", "muista ls --sort -due --no-tag=home"),
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
