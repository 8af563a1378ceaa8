//! `muista snooze`: puts off what was told last of a task.

use clap_complete::engine::ArgValueCompleter;
use muista_core::error::Error;
use muista_core::model::Status;
use muista_core::time::{Context, Instant, When};

use super::{reminder, targets};
use crate::complete;
use crate::context::CommandContext;
use crate::error::Result;
use crate::words::reminder::instant;
use crate::words::selection::{is_condition, named};

/// How long a reminder is put off where nothing is said.
const USUAL: &str = "10min";

/// Postpone a reminder
///
/// The reminder that was sent last is sent again at WHEN; where none was sent yet, the next one is postponed until then. A
/// date without a time means 9:00. The tasks may be conditions as in ls, before WHEN: muista snooze +work 1h.
///
/// With --json the reminders are always an array.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista snooze 7 1h\n         muista snooze 7 12 tomorrow 9:00")]
pub(crate) struct Args {
    /// The tasks, and until when, as in muista snooze 7 12 1h [default: 10min]
    #[arg(value_name = "ID", required = true, add = ArgValueCompleter::new(complete::open_tasks))]
    words: Vec<String>,
}

pub(crate) async fn run(app: &CommandContext, args: Args) -> Result<()> {
    let (tasks, until) = read(&args.words, app.context()?)?;
    let targets = targets::find(app, &args.words[..tasks], Status::Open).await?;
    targets.confirm(app, "Snooze")?;
    let snoozed = app.client().await?.snooze_tasks(targets.tasks, until).await?;
    reminder::needs_daemon(app, &snoozed);
    reminder::confirm(app, "Snoozed", &snoozed)
}

/// Returns how many of the words are tasks, which come first, and until when. A number may belong to either: `7 10 minutes`.
fn read(words: &[String], context: &Context) -> Result<(usize, Instant), Error> {
    // A date like 2026-12-24 could be the beginning of an id.
    let is_task = |word: &&String| {
        is_condition(word)
            || named(word).is_ok()
                && (word.bytes().all(|byte| byte.is_ascii_digit()) || When::read(word, context).is_err())
    };
    let tasks = words.iter().take_while(is_task).count();
    let until = |from: usize| instant(&words[from..].join(" "), context);
    let (tasks, until) = match (words.len() == tasks, until(tasks)) {
        (true, _) => (tasks, instant(USUAL, context)?),
        (false, Ok(at)) => (tasks, at),
        (false, Err(error)) if tasks > 1 => (tasks - 1, until(tasks - 1).map_err(|_| error)?),
        (false, Err(error)) => return Err(error),
    };
    if tasks == 0 {
        return Err(Error::invalid("id", "no task is named").hint("name it first, as in `muista snooze 7 1h`"));
    }
    Ok((tasks, until))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use jiff::tz::TimeZone;

    use super::*;

    fn reading(line: &str) -> Result<String, Error> {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        let context = Context { now, zone: TimeZone::UTC, date_order: None };
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let (tasks, until) = read(&words, &context)?;
        Ok(format!("{} until {until}", words[..tasks].join(" ")))
    }

    #[test]
    fn tasks_come_first_and_then_the_time() {
        for (line, expected) in [
            ("7", "7 until 2026-11-21T10:10:00Z"),
            ("7 12", "7 12 until 2026-11-21T10:10:00Z"),
            ("7 1h", "7 until 2026-11-21T11:00:00Z"),
            ("7 10 minutes", "7 until 2026-11-21T10:10:00Z"),
            ("7 12 10 minutes", "7 12 until 2026-11-21T10:10:00Z"),
            ("7 12 tomorrow 9:30", "7 12 until 2026-11-22T09:30:00Z"),
            ("3-5,7 1h", "3-5,7 until 2026-11-21T11:00:00Z"),
            ("+work due:today 1h", "+work due:today until 2026-11-21T11:00:00Z"),
            ("7 2026-12-24", "7 until 2026-12-24T09:00:00Z"),
            ("0193abcd-12 18:00", "0193abcd-12 until 2026-11-21T18:00:00Z"),
        ] {
            assert_eq!(reading(line).unwrap(), expected, "{line}");
        }
        for bad in ["1h", "tomorrow", "7 soon", "7 12 soon", "x"] {
            assert!(reading(bad).is_err(), "{bad}");
        }
    }
}
