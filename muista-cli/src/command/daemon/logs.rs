//! `muista daemon logs`: the end of the log of a daemon that `muista daemon start` started.

mod follow;
mod line;

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use jiff::tz::TimeZone;
use muista_core::error::Error;

use crate::context::CommandContext;
use crate::error::{CliError, Result};
use crate::output::{Screen, safe, write};
use follow::Follower;

/// The log's file within the data folder.
pub(super) const FILE: &str = "muistad.log";
/// How much of the file is read at a time, from its end.
const BLOCK: u64 = 64 << 10;

/// Print the daemon's log
///
/// Readable on a terminal; elsewhere, and with --json, a line is a JSON object. `muista config set log.level debug` makes
/// the daemon say more. A log that has grown to log.max_size is renamed to muistad.log.1.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista daemon logs --follow")]
pub(crate) struct Args {
    /// How many lines from the end, as in -n 200
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50)]
    lines: usize,

    /// Keep printing new lines, as in muista daemon logs -f
    #[arg(long, short)]
    follow: bool,
}

pub(super) fn run(app: &CommandContext, args: &Args) -> Result<()> {
    let path = app.config()?.data_dir.join(FILE);
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let error = Error::not_found(format!("log at {}", path.display()));
            return Err(error.hint("`muista daemon start` makes it").into());
        }
        Err(e) => return Err(failed(&path, &e)),
    };
    let mut printer = Printer::new(app)?;
    printer.print(&tail(&mut file, args.lines).map_err(|e| failed(&path, &e))?)?;
    if !args.follow {
        return Ok(());
    }
    let follower = Follower::new(&path, file).map_err(|e| failed(&path, &e))?;
    follow(&path, follower, &mut printer)
}

/// The last `lines` lines; the file then stands at its end.
fn tail(file: &mut File, lines: usize) -> std::io::Result<Vec<u8>> {
    let end = file.seek(SeekFrom::End(0))?;
    let (mut start, mut text) = (end, Vec::new());
    while start > 0 && beginning(&text, lines).is_none() {
        let size = start.min(BLOCK);
        start -= size;
        file.seek(SeekFrom::Start(start))?;
        let mut block = Vec::new();
        file.by_ref().take(size).read_to_end(&mut block)?;
        block.append(&mut text);
        text = block;
    }
    file.seek(SeekFrom::Start(end))?;
    let from = beginning(&text, lines).unwrap_or(0);
    Ok(text.split_off(from))
}

/// Where the last `lines` lines of `text` begin; none where it may have fewer.
fn beginning(text: &[u8], lines: usize) -> Option<usize> {
    let body = text.strip_suffix(b"\n").unwrap_or(text);
    if lines == 0 {
        return Some(text.len());
    }
    let ends = body.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
    ends.map(|(at, _)| at + 1).nth(lines - 1)
}

/// Goes on printing what is added, until the reader goes away or the user has seen enough.
fn follow(path: &Path, mut follower: Follower, printer: &mut Printer) -> Result<()> {
    loop {
        printer.print(&follower.added().map_err(|e| failed(path, &e))?)?;
        follower.wait()?;
    }
}

/// Prints the log: for people on a terminal, as it is elsewhere.
struct Printer {
    /// None: as it is.
    people: Option<(TimeZone, Screen)>,
    /// A line whose end has not come yet.
    begun: Vec<u8>,
}

impl Printer {
    fn new(app: &CommandContext) -> Result<Self> {
        let out = app.out()?;
        let people = out.is_table() && out.view.screen.width.is_some();
        Ok(Self { people: people.then_some((out.view.context.zone, out.view.screen)), begun: Vec::new() })
    }

    fn print(&mut self, text: &[u8]) -> Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let Some((zone, screen)) = &self.people else {
            return write(&safe::block(&String::from_utf8_lossy(text)));
        };
        self.begun.extend_from_slice(text);
        let Some(end) = self.begun.iter().rposition(|byte| *byte == b'\n') else {
            return Ok(());
        };
        let rest = self.begun.split_off(end + 1);
        let whole = std::mem::replace(&mut self.begun, rest);
        let lines: Vec<_> =
            String::from_utf8_lossy(&whole).lines().map(|text| line::people(text, zone, *screen) + "\n").collect();
        write(&lines.concat())
    }
}

fn failed(path: &Path, error: &std::io::Error) -> CliError {
    CliError::failed(format!("cannot read {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use std::io::Write as _;

    use super::*;

    #[test]
    fn the_last_lines_are_found_across_blocks() {
        let mut file = tempfile::tempfile().unwrap();
        let long = "x".repeat(50_000);
        for number in 1..=10 {
            writeln!(file, "{number} {long}").unwrap();
        }
        let firsts = |file: &mut File, lines| {
            let text = String::from_utf8(tail(file, lines).unwrap()).unwrap();
            text.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(firsts(&mut file, 3), ["8", "9", "10"]);
        assert_eq!(firsts(&mut file, 10).len(), 10);
        assert_eq!(firsts(&mut file, 99).len(), 10);
        assert!(firsts(&mut file, 0).is_empty());
        write!(file, "unfinished").unwrap();
        assert_eq!(firsts(&mut file, 2), ["10", "unfinished"]);
        let mut rest = String::new();
        writeln!(file, " now").unwrap();
        file.seek(SeekFrom::End(-5)).unwrap();
        file.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, " now\n");
    }

    #[test]
    fn an_empty_log_has_no_lines() {
        assert!(tail(&mut tempfile::tempfile().unwrap(), 5).unwrap().is_empty());
    }
}
