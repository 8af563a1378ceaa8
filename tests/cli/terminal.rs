//! A shell on a terminal of its own, on which lines are typed or pasted, as a person would.

use std::fs;
use std::io::{Read, Write};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use test_common::sandbox::Sandbox;

/// How long a shell may take to show something of what was typed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A shell on a terminal.
pub(crate) struct Terminal {
    child: Child,
    keys: ChildStdin,
    shown: Receiver<Vec<u8>>,
    screen: String,
    lines: usize,
}

impl Terminal {
    /// Starts `command` on a terminal of its own, in a folder with a file that a pattern could find.
    pub(crate) fn start(home: &Sandbox, command: &str) -> Self {
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
    pub(crate) fn enter(&mut self, line: &str) -> String {
        self.lines += 1;
        let end = format!("<{}>", self.lines);
        self.screen.clear();
        // What is typed differs from what is printed, as it is shown too.
        write!(self.keys, "{line}; printf '<%s>' {}\r", self.lines).unwrap();
        self.wait(line, &end)
    }

    /// Pastes a line as it is, and waits until the shell has done it. `status` is how the shell names the exit status.
    /// Returns that, and what was shown meanwhile.
    pub(crate) fn paste(&mut self, line: &str, status: &str) -> (i32, String) {
        self.lines += 1;
        self.screen.clear();
        // A line of its own asks for the status, so that nothing in the first can hide it.
        write!(self.keys, "{line}\rprintf '<%s=%s.>' {} {status}\r", self.lines).unwrap();
        let begin = format!("<{}=", self.lines);
        let mut shown = self.wait(line, &begin);
        while !shown.split(&begin).nth(1).is_some_and(|rest| rest.contains('>')) {
            shown = self.more(line);
        }
        let told = shown.split(&begin).nth(1).and_then(|rest| rest.split('.').next()).unwrap_or_default();
        (told.parse().unwrap_or_else(|_| panic!("no status of {line:?}: {shown:?}")), shown)
    }

    /// Reads until the screen holds `end`.
    fn wait(&mut self, line: &str, end: &str) -> String {
        while !self.screen.contains(end) {
            self.more(line);
        }
        self.screen.clone()
    }

    /// Reads what is shown next.
    fn more(&mut self, line: &str) -> String {
        match self.shown.recv_timeout(PATIENCE) {
            Ok(block) => self.screen.push_str(&String::from_utf8_lossy(&block)),
            Err(RecvTimeoutError::Timeout) => panic!("{line:?} was not done: {:?}", self.screen),
            Err(RecvTimeoutError::Disconnected) => panic!("the shell ended at {line:?}: {:?}", self.screen),
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
pub(crate) fn has(program: &str) -> bool {
    let found =
        std::process::Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if found.is_err() {
        eprintln!("{program} is missing, so what is tested in it is left out");
    }
    found.is_ok()
}
