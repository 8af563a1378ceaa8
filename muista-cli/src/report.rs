//! How a failure is told, and the exit status of each: `error:` and `hint:` on stderr, with a JSON line beside them for
//! machine formats.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind as Clap};
use muista_core::error::Error;
use serde_json::json;

use crate::error::CliError;
use crate::output::{Format, safe};

/// Tells of a failure; returns the exit status.
pub(crate) fn report(failure: &CliError, format: Format) -> ExitCode {
    match failure {
        CliError::Closed => ExitCode::SUCCESS,
        CliError::Failed(error) => {
            tell(error, format);
            ExitCode::from(error.kind.exit_status())
        }
    }
}

/// The status of a command line that lacks a verb, whose help is shown.
const USAGE: u8 = 2;

/// Tells of a command line that clap refuses, or shows help, where it was asked for or a verb is missing; returns the exit
/// status. `hint` goes before what clap advises.
pub(crate) fn usage(refusal: &clap::Error, args: &[OsString], hint: Option<&str>) -> ExitCode {
    let lacks_verb = refusal.kind() == Clap::DisplayHelpOnMissingArgumentOrSubcommand;
    if lacks_verb || !refusal.use_stderr() {
        let written = match lacks_verb {
            true => io::stdout().lock().write_all(refusal.render().to_string().as_bytes()),
            false => refusal.print(),
        };
        return match written {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => report(&CliError::stdout(&e), Format::Table),
            _ if lacks_verb => ExitCode::from(USAGE),
            _ => ExitCode::SUCCESS,
        };
    }
    let error = in_our_words(refusal);
    let error = match hint {
        Some(hint) => error.hint(hint),
        None => error,
    };
    tell(&error, asked_format(args));
    ExitCode::from(error.kind.exit_status())
}

fn tell(error: &Error, format: Format) {
    let mut stderr = io::stderr().lock();
    let mut text = format!("error: {}\n", safe::block(&error.message));
    if let Some(hint) = &error.hint {
        text.push_str(&format!("hint: {}\n", safe::block(hint)));
    }
    if matches!(format, Format::Json | Format::Ndjson) {
        let mut details = json!({ "field": error.field, "hint": error.hint });
        if let Some(limit) = &error.limit {
            details["limit"] = json!(limit);
        }
        let document = json!({ "error": { "code": error.kind.code(), "message": error.message, "details": details } });
        text.push_str(&safe::json(&document.to_string()));
        text.push('\n');
    }
    // Nobody is left to tell when stderr itself cannot be written.
    let _ = stderr.write_all(text.as_bytes());
}

/// What clap says, as one of our errors.
fn in_our_words(refusal: &clap::Error) -> Error {
    // A value that one of our own parsers refused brings its own words and remedy.
    let source = std::error::Error::source(refusal).and_then(|source| source.downcast_ref::<Error>());
    if let Some(error) = source {
        return error.clone();
    }
    if refusal.kind() == Clap::InvalidUtf8 {
        return Error::invalid("arguments", "an argument is not valid UTF-8")
            .hint("write it in UTF-8; check the terminal's or the script's encoding");
    }
    let text = refusal.render().to_string();
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let message: Vec<&str> = lines().take_while(|line| !is_advice(line)).collect();
    let message = message.join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    let tips: Vec<&str> = lines().filter_map(|line| line.strip_prefix("tip: ")).collect();
    let usage = lines().find_map(|line| line.strip_prefix("Usage: "));
    let hint = match (tips.is_empty(), usage) {
        (false, _) => tips.join("; "),
        (true, _) if refusal.kind() == Clap::InvalidSubcommand => "--help lists the verbs".to_owned(),
        (true, Some(usage)) => format!("write {usage}; --help says more"),
        (true, None) => "--help says what it takes".to_owned(),
    };
    Error::invalid(&field(refusal), message).hint(hint)
}

/// The name of the flag or argument that clap refuses, as in `limit`.
fn field(refusal: &clap::Error) -> String {
    let flag = match refusal.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) => flag.split(' ').next().unwrap_or_default().trim_start_matches('-'),
        _ => "arguments",
    };
    flag.trim_matches(['<', '>', '.', '[', ']']).to_lowercase()
}

fn is_advice(line: &str) -> bool {
    line.starts_with("tip: ") || line.starts_with("Usage: ") || line.starts_with("For more information")
}

/// The format that the arguments ask for, as far as can be told where clap could not read them.
fn asked_format(args: &[OsString]) -> Format {
    let mut words = args.iter().filter_map(|arg| arg.to_str()).take_while(|arg| *arg != "--");
    let mut format = Format::Table;
    while let Some(word) = words.next() {
        let value = match word {
            "--json" => Some("json"),
            "-o" | "--output" => words.next(),
            _ => word.strip_prefix("--output=").or_else(|| word.strip_prefix("-o")),
        };
        match value.map(|value| value.trim_start_matches('=')) {
            Some("json") => format = Format::Json,
            Some("ndjson") => format = Format::Ndjson,
            _ => {}
        }
    }
    format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_found_in_a_broken_command_line() {
        let asked = |line: &str| {
            let args: Vec<OsString> = line.split(' ').map(Into::into).collect();
            asked_format(&args)
        };
        for json in ["muista frobnicate --json", "muista ls --foo -o json", "muista --output=json x", "muista -ojson x"]
        {
            assert_eq!(asked(json), Format::Json, "{json}");
        }
        for table in ["muista add -- --json", "muista ls --foo", "muista -o csv x"] {
            assert_eq!(asked(table), Format::Table, "{table}");
        }
    }
}
