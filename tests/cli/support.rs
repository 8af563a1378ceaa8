//! What the tests of the command share: running it and judging how it ended, a home in whose zone it is about noon, and
//! taking ids and times out of what was printed.

use std::ffi::OsStr;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use test_common::sandbox::Sandbox;

/// How a command ended and what it printed.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// From a finished process.
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().expect("ended by a signal"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Stdout, where the command succeeded.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:#?}");
        self.stdout
    }

    /// Stdout as one JSON document, where the command succeeded.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        let stdout = self.ok();
        serde_json::from_str(&stdout).unwrap_or_else(|e| panic!("{e}: {stdout}"))
    }

    /// Checks for a failure with that status, with nothing on stdout and both parts of a good message on stderr, each
    /// holding the text that is given.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, error: &str, hint: &str) {
        assert_eq!(self.code, code, "{self:#?}");
        assert_eq!(self.stdout, "", "{self:#?}");
        assert!(!self.stderr.contains("panicked"), "{self:#?}");
        let line = |name: &str| {
            let lines = self.stderr.lines().skip_while(|line| !line.starts_with(name));
            let next = |line: &&str| line.starts_with(name) || !(line.starts_with("hint: ") || line.starts_with('{'));
            lines.take_while(next).collect::<Vec<_>>().join("\n")
        };
        assert!(line("error: ").contains(error), "no error {error:?}: {self:#?}");
        assert!(line("hint: ").contains(hint) && !line("hint: ").is_empty(), "no hint {hint:?}: {self:#?}");
    }
}

/// Runs `muista` with these arguments; nobody sits at its stdin.
pub(crate) fn muista<S: AsRef<OsStr>>(home: &Sandbox, args: impl IntoIterator<Item = S>) -> Ran {
    run(home.muista().args(args))
}

/// The words of a line; those between single quotes are one.
pub(crate) fn arguments(line: &str) -> Vec<String> {
    let quoted = line.split('\'').enumerate();
    quoted
        .flat_map(|(at, part)| match at % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

/// Runs a command; nobody sits at its stdin.
pub(crate) fn run(command: &mut Command) -> Ran {
    Ran::of(command.stdin(Stdio::null()).output().unwrap())
}

/// Runs a command that reads `input`.
pub(crate) fn run_with_input(command: &mut Command, input: &str) -> Ran {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // Who reads none of it is judged by what it printed.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Ran::of(child.wait_with_output().unwrap())
}

/// Runs a line of shell in which `muista` is the command under test.
pub(crate) fn shell(home: &Sandbox, line: &str) -> Ran {
    run(&mut shell_command(home, line))
}

/// A line of shell in which `muista` is the command under test.
pub(crate) fn shell_command(home: &Sandbox, line: &str) -> Command {
    let program = home.muista().get_program().to_owned();
    let mut command = home.muista();
    let script = format!("muista() {{ \"$MUISTA\" \"$@\"; }}; {line}");
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(script).env_clear().current_dir(home.path());
    for (name, value) in command.stdin(Stdio::null()).get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    shell.env("MUISTA", program);
    shell
}

/// Runs a line of shell on a terminal of that many columns, on which `typed` is typed. What the terminal shows comes as
/// stdout, with the line ends of a file.
pub(crate) fn on_terminal(home: &Sandbox, columns: u16, line: &str, typed: &str) -> Ran {
    let line = format!("stty cols {columns} rows 24 -echo; \"$MUISTA\" {line}");
    let mut script = shell_command(home, "exec script -qec \"$LINE\" /dev/null");
    let mut ran = run_with_input(script.env("LINE", line).env("SHELL", "/bin/sh"), typed);
    ran.stdout = ran.stdout.replace("\r\n", "\n");
    ran
}

/// A home that `muista` has never seen, in a zone where it is about noon: no test meets midnight.
pub(crate) fn home() -> Sandbox {
    Sandbox::new().with_env("MUISTA_TIMEZONE", zone())
}

/// The zone of all homes.
pub(crate) fn zone() -> &'static str {
    static ZONE: OnceLock<String> = OnceLock::new();
    ZONE.get_or_init(|| {
        let hour = Timestamp::now().to_zoned(TimeZone::UTC).hour();
        // East of Greenwich is minus in these names.
        format!("Etc/GMT{:+}", hour - 12)
    })
}

/// A home with tasks of these titles, numbered from 1.
pub(crate) fn home_with(titles: &[&str]) -> Sandbox {
    let home = home();
    for title in titles {
        muista(&home, ["add", "--", title]).ok();
    }
    home
}

/// All tasks, as JSON.
pub(crate) fn all(home: &Sandbox) -> String {
    muista(home, ["ls", "--status", "all", "--sort", "number", "--json"]).ok()
}

/// What a task looks like as JSON.
pub(crate) fn task(home: &Sandbox, id: &str) -> Value {
    muista(home, ["show", id, "--json"]).json()
}

/// The numbers that `ls` with these arguments lists.
#[track_caller]
pub(crate) fn listed(home: &Sandbox, args: &[&str]) -> String {
    let ids = muista(home, ["ls", "-o", "ids"].iter().chain(args)).ok();
    ids.lines().collect::<Vec<_>>().join(" ")
}

/// The text with `<id>` for each UUID and for the short id of a change, and `<time>` for each moment that a clock gave: in
/// JSON it has a fraction of a second, in words a time of day, in Taskwarrior's form neither.
pub(crate) fn redacted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, name) = match SHAPES.iter().find(|(shape, _)| shaped(rest, shape)) {
            Some((shape, name)) if *shape == INSTANT => (instant_length(rest), *name),
            Some((shape, name)) => (shape.len(), *name),
            None => (first.len_utf8(), &rest[..first.len_utf8()]),
        };
        out.push_str(name);
        rest = &rest[length..];
    }
    out
}

const UUID: &str = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
const INSTANT: &str = "dddd-dd-ddTdd:dd:dd.d";
/// What is redacted, and how.
const SHAPES: &[(&str, &str)] = &[
    (UUID, "<id>"),
    (" hhhhhh by ", " <id> by "),
    (INSTANT, "<time>"),
    ("ddddddddTddddddZ", "<time>"),
    (" dd:dd", " <time>"),
];

/// Whether the text begins with that shape: `d` is a digit, `h` a hexadecimal one.
fn shaped(text: &str, shape: &str) -> bool {
    text.len() >= shape.len()
        && text.bytes().zip(shape.bytes()).all(|(byte, shape)| match shape {
            b'd' => byte.is_ascii_digit(),
            b'h' => byte.is_ascii_hexdigit(),
            other => byte == other,
        })
}

/// How long the instant at the beginning is, with its fraction and offset.
fn instant_length(text: &str) -> usize {
    let fraction = text[20..].bytes().take_while(u8::is_ascii_digit).count();
    let offset = &text[20 + fraction..];
    20 + fraction + if offset.starts_with('Z') { 1 } else { 6 }
}
