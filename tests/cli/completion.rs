//! Completion in the shells themselves, on a terminal: a name is never run, split or expanded, whatever it holds, and what
//! stands on the line then is that name. A shell that is not installed is left out, but for bash.

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use test_common::sandbox::Sandbox;

use crate::support::{home, muista};

/// How long a shell may take to do what was typed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Names that a shell could take for something else. `x` is what would be made if one were run.
const NAMES: &[&str] = &[
    "house",
    "ho$(touch x)",
    "ho`touch x`",
    "ho;touch x",
    "ho|touch x",
    "ho>x",
    "Client Work",
    "a*",
    "a?",
    "[a]*",
    "{a,b}",
    "~",
    "~root",
    "#1",
    "it's",
    "'quoted'",
    "say \"hi\"",
    "\"quoted\"",
    "back\\slash\\",
    "now!",
    "!!",
    "!touch",
    "a:b c",
    "a=b c",
    "%self",
    "^a^b",
    "köök & co",
    "$HOME",
    "${x:=1}",
];

/// A shell on a terminal.
struct Terminal {
    child: Child,
    keys: ChildStdin,
    shown: Receiver<Vec<u8>>,
    screen: String,
    lines: usize,
}

impl Terminal {
    /// Starts `command` on a terminal of its own, in a folder with a file that a pattern could find.
    fn start(home: &Sandbox, command: &str) -> Self {
        let folder = home.path().join("home");
        fs::write(folder.join("afile"), "").unwrap();
        let mut script = home.shell();
        script.args(["-c", "exec script -qec \"$LINE\" /dev/null"]).env("LINE", command).env("SHELL", "/bin/sh");
        script.env("TERM", "xterm").env("MUISTA_TIMEZONE", "UTC");
        let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (keys, mut out) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let (tell, shown) = channel();
        std::thread::spawn(move || {
            let mut block = [0; 4096];
            while let Ok(read @ 1..) = out.read(&mut block) {
                if tell.send(block[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, keys, shown, screen: String::new(), lines: 0 }
    }

    /// Types a line, and waits until the shell has done it. Returns what was shown meanwhile.
    fn enter(&mut self, line: &str) -> String {
        self.lines += 1;
        let end = format!("<{}>", self.lines);
        self.screen.clear();
        // What is typed differs from what is printed, as it is shown too.
        write!(self.keys, "{line}; printf '<%s>' {}\r", self.lines).unwrap();
        let deadline = Instant::now() + PATIENCE;
        while !self.screen.contains(&end) {
            match self.shown.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(block) => self.screen.push_str(&String::from_utf8_lossy(&block)),
                Err(RecvTimeoutError::Timeout) => panic!("{line:?} was not done: {:?}", self.screen),
                Err(RecvTimeoutError::Disconnected) => panic!("the shell ended at {line:?}: {:?}", self.screen),
            }
        }
        self.screen.clone()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether a program is there.
fn has(program: &str) -> bool {
    let found =
        std::process::Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_err() {
        eprintln!("{program} is missing, so completion in it is left out");
    }
    found.is_ok()
}

/// How a name is begun in a quotation: what is typed of it, in the shell's own quoting.
fn begun(name: &str, quote: &str) -> Option<String> {
    let first = name.chars().next().unwrap();
    match quote {
        // Nothing need be typed where there is one candidate.
        "" if !first.is_alphanumeric() => Some(String::new()),
        "\"" if "$`\"!\\".contains(first) => Some("\"".to_owned()),
        "'" if first == '\'' => Some("'".to_owned()),
        quote => Some(format!("{quote}{first}")),
    }
}

/// Completes each name in each quotation, each in a data folder of its own, so that it is the only one.
fn every_name(shell: &str, setup: &str, names: impl Fn(&str) -> bool) {
    let home = home();
    for (number, name) in NAMES.iter().enumerate() {
        let data = format!("home/d{number}");
        muista(&home, ["add", "--data-dir", &data, "--project", name, "--", &format!("right{number}.")]).ok();
        muista(&home, ["add", "--data-dir", &data, "--", "wrong"]).ok();
    }
    let mut terminal = Terminal::start(&home, shell);
    terminal.enter(setup);
    for quote in ["", "'", "\""] {
        for (number, name) in NAMES.iter().enumerate().filter(|(_, name)| names(name)) {
            let Some(typed) = begun(name, quote) else { continue };
            let shown = terminal.enter(&format!("muista --data-dir d{number} ls --project {typed}\t"));
            let right = shown.contains(&format!("right{number}.")) && !shown.contains("wrong");
            assert!(right, "{shell}: {name:?} from {typed:?}: {shown:?}");
            assert!(!home.path().join("home/x").exists(), "{shell}: {name:?} was run from {typed:?}: {shown:?}");
        }
    }
}

#[test]
fn bash_inserts_names_as_they_are() {
    every_name("bash --norc --noprofile -i", "source <(muista completions bash)", |_| true);
}

#[test]
fn zsh_inserts_names_as_they_are() {
    if has("zsh") {
        let setup = "autoload -U compinit; compinit -u -D; source <(muista completions zsh)";
        every_name("zsh -f -i", setup, |_| true);
    }
}

#[test]
fn fish_inserts_names_as_they_are() {
    if has("fish") {
        // One that begins with a tilde is not offered, as fish would insert that unquoted.
        every_name("fish --no-config -i", "muista completions fish | source", |name| !name.starts_with('~'));
    }
}

/// Types `typed` in bash, with a task in each of these projects, and returns what is shown.
fn typed_in_bash(projects: &[&str], typed: &str) -> String {
    let home = home();
    for name in projects {
        muista(&home, ["add", &format!("--project={name}"), "--", &format!("in {name}.")]).ok();
    }
    let mut terminal = Terminal::start(&home, "bash --norc --noprofile -i");
    terminal.enter("source <(muista completions bash)");
    terminal.enter(typed)
}

#[test]
fn what_several_names_have_in_common_is_inserted_quoted() {
    let shown = typed_in_bash(&["a $(x) one", "a $(x) two", "b"], "muista ls --project a\tt\t");
    assert!(shown.contains("in a $(x) two.") && !shown.contains("in a $(x) one."), "{shown:?}");
}

#[test]
fn a_name_that_begins_with_a_dash_is_offered_where_it_can_stand() {
    let shown = typed_in_bash(&["-x"], "muista ls --project=\t");
    assert!(shown.contains("in -x."), "{shown:?}");
    let shown = typed_in_bash(&["-x", "y"], "muista ls --project \t");
    assert!(shown.contains("in y."), "{shown:?}");
}
