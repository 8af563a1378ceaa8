//! What a document shows of a shell, run as a reader would who copies it: one shell from the first line to the last, so that
//! variables stay. A `console` block holds commands behind `$ ` and below each what it has to print, `…` standing for
//! anything; an `sh` block holds commands alone, to be pasted, and a `text` block right behind it what they print. Where they
//! run, and what a document needs besides, is its test's business.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// Stands for anything in what is shown.
pub const ANYTHING: char = '…';

/// Longer than any command takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(120);

/// What the shell says when a command has ended, before its status.
const ENDED: &str = "::ended::";

/// One command of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The line of the document on which it begins, from 1.
    pub line: usize,
    /// What the shell is told.
    pub command: String,
    /// The status that it is said to end with (`# exit status N`), else 0.
    pub status: i32,
    /// What it is said to print, stdout and stderr together; empty where any is fine.
    pub shown: String,
}

impl Step {
    /// Whether a command that ended so did what the document says.
    pub fn is_true(&self, status: i32, output: &str) -> bool {
        status == self.status && (self.shown.is_empty() || matches(&self.shown, output))
    }
}

/// All steps of a document. A command goes on in the lines below that are indented, and so does an object of JSON that is
/// shown.
///
/// # Panics
/// When an exit status is no number.
pub fn steps(document: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut inside = false;
    for (line, text) in (1..).zip(document.lines()) {
        match (text, steps.last_mut()) {
            ("```console", _) => inside = true,
            (text, _) if text.starts_with("```") => inside = false,
            _ if !inside => {}
            (text, Some(step)) if step.shown.is_empty() && text.starts_with(' ') => {
                step.command.push('\n');
                step.command.push_str(text);
            }
            (text, last) => match (text.strip_prefix("$ "), last) {
                (Some(command), _) => steps.push(step(line, command)),
                (None, Some(step)) => show(&mut step.shown, text),
                (None, None) => {}
            },
        }
    }
    steps
}

fn step(line: usize, text: &str) -> Step {
    let (command, status) = text.split_once("  # exit status ").unwrap_or((text, "0"));
    let Ok(status) = status.parse() else { panic!("line {line}: no exit status: {status}") };
    Step { line, command: command.to_owned(), status, shown: String::new() }
}

fn show(shown: &mut String, line: &str) {
    let last = shown.lines().next_back().unwrap_or_default();
    if last.starts_with('{') && line.starts_with(' ') {
        return shown.push_str(line.trim_start());
    }
    if !shown.is_empty() {
        shown.push('\n');
    }
    shown.push_str(line);
}

/// An `sh` block of a document: commands to be pasted, one a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The line of the document on which the first command stands, from 1.
    pub line: usize,
    /// The commands.
    pub commands: Vec<String>,
    /// Why they cannot be run (`<!-- not run: WHY -->` on the line before the block); none where they can.
    pub not_run: Option<String>,
    /// The status that each ends with (`<!-- exit status N -->` on the line before), else 0.
    pub status: i32,
    /// What they print together; empty where any is fine.
    pub shown: String,
}

/// All `sh` blocks of a document.
///
/// # Panics
/// When an exit status is no number.
pub fn blocks(document: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut fence, mut mark, mut is_behind) = ("", "", false);
    for (line, text) in (1..).zip(document.lines()) {
        match (fence, text) {
            ("```sh", "```") => (fence, is_behind) = ("", true),
            ("", "") => {}
            ("", text) if text.starts_with("```") => {
                if text == "```sh" {
                    blocks.push(block(line + 1, mark));
                } else if text != "```text" {
                    is_behind = false;
                }
                (fence, mark) = (text, "");
            }
            ("", text) => {
                mark = text.strip_prefix("<!-- ").and_then(|text| text.strip_suffix(" -->")).unwrap_or_default();
                is_behind = false;
            }
            (_, "```") => (fence, is_behind) = ("", false),
            (kind, text) => {
                if let Some(block) = blocks.last_mut() {
                    match kind {
                        "```sh" => block.commands.push(text.to_owned()),
                        "```text" if is_behind => show(&mut block.shown, text),
                        _ => {}
                    }
                }
            }
        }
    }
    blocks
}

fn block(line: usize, mark: &str) -> Block {
    let status = mark.strip_prefix("exit status ").map_or(Ok(0), str::parse);
    let Ok(status) = status else { panic!("line {line}: no exit status: {mark}") };
    let not_run = mark.strip_prefix("not run: ").map(str::to_owned);
    Block { line, commands: Vec::new(), not_run, status, shown: String::new() }
}

/// Whether this was printed. The ends of lines as HTTP writes them, and that of the last line, are not looked at.
pub fn matches(shown: &str, output: &str) -> bool {
    let output = output.replace('\r', "");
    let mut rest = output.trim_end_matches('\n');
    let mut pieces = shown.trim_end_matches('\n').split(ANYTHING);
    let Some(after) = pieces.next().and_then(|first| rest.strip_prefix(first)) else { return false };
    rest = after;
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    true
}

/// A shell that is told one command after the other. Dropping it ends it.
pub struct Shell {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<Vec<u8>>,
}

impl Shell {
    /// Starts it, as `/bin/sh` in a folder and an environment of the test's choice.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start(mut command: Command) -> Self {
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = started.unwrap_or_else(|error| panic!("no shell: {error}"));
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else { panic!("no pipes") };
        let (sender, lines) = channel();
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            let mut line = Vec::new();
            while let Ok(1..) = stdout.read_until(b'\n', &mut line) {
                // Nobody listens any more, yet the shell may go on writing.
                let _ = sender.send(std::mem::take(&mut line));
            }
        });
        Self { child, stdin, lines }
    }

    /// Runs a command to its end; returns its status, and stdout and stderr together.
    ///
    /// # Panics
    /// When the command does not end, or the shell did, as after `exit`.
    pub fn run(&mut self, command: &str) -> (i32, String) {
        let told = format!("{{\n{command}\n}} </dev/null 2>&1\nprintf '\\n%s%s\\n' '{ENDED}' $?\n");
        // Where the shell has ended, there is nothing to read either.
        let _ = self.stdin.write_all(told.as_bytes());
        let mut output = Vec::new();
        loop {
            let line = match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => line,
                Err(error) => panic!("no end of {command}: {error}\n{}", String::from_utf8_lossy(&output)),
            };
            let ended = line.strip_prefix(ENDED.as_bytes()).map(String::from_utf8_lossy);
            if let Some(status) = ended.and_then(|status| status.trim_end().parse().ok()) {
                // The line before was ended for it.
                output.truncate(output.len().saturating_sub(1));
                return (status, String::from_utf8_lossy(&output).into_owned());
            }
            output.extend(line);
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // Both fail only for a child that has been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_read_into_steps() {
        let document =
            "```sh\n$ no\n```\n\n```console\n$ a \\\n  b\n{\"x\":1,\n \"y\":2}\nmore\n$ c  # exit status 2\n```\nno\n";
        let steps = steps(document);
        let read: Vec<_> = steps.iter().map(|it| (it.line, &*it.command, it.status, &*it.shown)).collect();
        assert_eq!(read, [(6, "a \\\n  b", 0, "{\"x\":1,\"y\":2}\nmore"), (11, "c", 2, "")]);
    }

    #[test]
    fn blocks_are_read_with_what_is_said_of_them() {
        let document = "<!-- not run: x -->\n```sh\na\nb\n```\n\n<!-- exit status 2 -->\n```sh\nc\n```\n\n```text\nno\nyes\n```\n\
                        \n```toml\nd\n```\n\n```text\nnot c's\n```\n";
        let blocks = blocks(document);
        let read: Vec<_> = blocks.iter().map(|it| (it.line, it.commands.join(";"), it.status, &*it.shown)).collect();
        assert_eq!(read, [(3, "a;b".to_owned(), 0, ""), (9, "c".to_owned(), 2, "no\nyes")]);
        assert_eq!((blocks[0].not_run.as_deref(), blocks[1].not_run.as_deref()), (Some("x"), None));
    }

    #[test]
    fn an_ellipsis_is_anything() {
        for (shown, output) in
            [("a", "a\n"), ("a…", "a"), ("a…d", "abcd"), ("…c…\ne", "abcd\r\ne\r\n"), ("a…b…b", "axbxb")]
        {
            assert!(matches(shown, output), "{shown} {output}");
        }
        for (shown, output) in [("a", "ab"), ("a…d", "abc"), ("…x…", "abc"), ("ab…b", "ab"), ("a\nb", "ab")] {
            assert!(!matches(shown, output), "{shown} {output}");
        }
    }

    #[test]
    fn a_shell_keeps_what_was_set() {
        let mut shell = Shell::start(Command::new("/bin/sh"));
        assert_eq!(shell.run("x='a b'; false"), (1, String::new()));
        assert_eq!(shell.run("echo \"$x\"; printf y >&2"), (0, "a b\ny".to_owned()));
        assert_eq!(shell.run("cat; cd /; pwd"), (0, "/\n".to_owned()));
    }
}
