//! `muista daemon logs`: the end of the log of a daemon that `muista daemon start` started.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::mem::MaybeUninit;
use std::path::Path;

use muista_core::error::Error;
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};

use crate::app::App;
use crate::error::{CliError, Result};
use crate::output::{safe, write};

/// The log's file within the data folder.
pub(super) const FILE: &str = "muistad.log";
/// How much of the file is read at a time, from its end.
const BLOCK: u64 = 64 << 10;

/// Print the daemon's log
///
/// A line is a JSON object. MUISTA_LOG=debug at the daemon's start makes it say more.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista daemon logs --follow")]
pub(crate) struct Args {
    /// How many lines from the end, as in -n 200
    #[arg(long, short = 'n', value_name = "N", default_value_t = 50)]
    lines: usize,

    /// Go on printing what is added, as in muista daemon logs -f
    #[arg(long, short)]
    follow: bool,
}

pub(super) fn run(app: &App, args: &Args) -> Result<()> {
    let path = app.config()?.data_dir.join(FILE);
    let mut file = match File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            let error = Error::not_found(format!("log at {}", path.display()));
            return Err(error.hint("`muista daemon start` makes it").into());
        }
        Err(e) => return Err(failed(&path, &e)),
    };
    // Watched before it is read, so that nothing that comes between is missed.
    let watch = args.follow.then(|| watch(&path)).transpose()?;
    print(&tail(&mut file, args.lines).map_err(|e| failed(&path, &e))?)?;
    match watch {
        Some(watch) => follow(&path, &mut file, watch),
        None => Ok(()),
    }
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

fn watch(path: &Path) -> Result<std::os::fd::OwnedFd> {
    let open = || {
        let handle = inotify::init(CreateFlags::CLOEXEC)?;
        inotify::add_watch(&handle, path, WatchFlags::MODIFY)?;
        Ok::<_, rustix::io::Errno>(handle)
    };
    open().map_err(|e| failed(path, &e.into()))
}

/// Prints what is added, until the reader goes away or the user has seen enough.
fn follow(path: &Path, file: &mut File, watch: std::os::fd::OwnedFd) -> Result<()> {
    let mut room = [MaybeUninit::uninit(); 4096];
    let mut events = inotify::Reader::new(watch, &mut room);
    loop {
        let mut added = Vec::new();
        file.read_to_end(&mut added).map_err(|e| failed(path, &e))?;
        print(&added)?;
        match events.next() {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(failed(path, &e.into())),
        }
    }
}

fn print(text: &[u8]) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    write(&safe::block(&String::from_utf8_lossy(text)))
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
