//! A running `muistad` under test: started, waited for by its readiness line, and ended with its
//! test.
//!
//! The contract: once everything listens the daemon prints one line on stdout,
//! `{"ready":true,"pid":N,"socket":"…","http":"127.0.0.1:PORT","rpc":"127.0.0.1:PORT"}`. One that only works has no
//! socket: null; so has `rpc` where other machines' commands are not answered.

use std::io::{self, BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::guard::Guard;

/// Longer than any healthy start or stop takes, on a busy machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// A daemon that is ready. Dropping it kills it.
pub struct Daemon {
    // Dropped in this order: the guard may end only when the child was waited for.
    child: Killed,
    _guard: Guard,
    stdout: Receiver<String>,
    stderr: Log,
    http: SocketAddr,
    socket: Option<PathBuf>,
    rpc: Option<SocketAddr>,
}

impl Daemon {
    /// Runs `command` and waits for its readiness line.
    ///
    /// # Errors
    /// When the line does not come or reads otherwise; the text holds the daemon's stderr.
    pub(crate) fn start(mut command: Command) -> io::Result<Self> {
        let program = command.get_program().to_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| io::Error::other(format!("{}: {error}", program.display())))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let child = Killed(child);
        let guard = Guard::over(child.0.id())?;
        let stderr = Log::of(stderr);
        let stdout = lines(stdout);

        let line = stdout.recv_timeout(PATIENCE).map_err(|error| {
            let reason = match error {
                RecvTimeoutError::Timeout => "not ready after a minute",
                RecvTimeoutError::Disconnected => "stopped before it was ready",
            };
            io::Error::other(format!("{reason}\n{}", stderr.text()))
        })?;
        let Some((http, socket, rpc)) = parse_ready(&line, child.0.id()) else {
            return Err(io::Error::other(format!("not a readiness line: {line}\n{}", stderr.text())));
        };
        Ok(Self { child, _guard: guard, stdout, stderr, http, socket, rpc })
    }

    /// The daemon's process id.
    pub fn pid(&self) -> u32 {
        self.child.0.id()
    }

    /// Where it serves HTTP.
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// Where it answers the commands of other machines.
    ///
    /// # Panics
    /// When it does not.
    pub fn rpc(&self) -> SocketAddr {
        match self.rpc {
            Some(address) => address,
            None => panic!("this daemon answers no commands of other machines"),
        }
    }

    /// Its Unix socket.
    ///
    /// # Panics
    /// When it has none, as a daemon that only works.
    pub fn socket(&self) -> &Path {
        match &self.socket {
            Some(socket) => socket,
            None => panic!("this daemon answers no commands"),
        }
    }

    /// Whether it has no socket.
    pub fn answers_no_commands(&self) -> bool {
        self.socket.is_none()
    }

    /// What it has written to stderr so far.
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Sends `signal`, without waiting.
    ///
    /// # Panics
    /// When the daemon is gone.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        let sent = pid.map(|pid| kill_process(pid, signal));
        assert!(matches!(sent, Some(Ok(()))), "signal {signal:?}: {sent:?}\n{}", self.stderr());
    }

    /// Sends SIGTERM and waits for the end.
    ///
    /// # Panics
    /// When the daemon still runs after a minute.
    pub fn terminate(self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.wait()
    }

    /// Kills it as a crash would, and waits for the end.
    pub fn kill9(self) {
        self.signal(Signal::KILL);
        self.wait();
    }

    /// Waits for the end, which stdout's end announces.
    ///
    /// # Panics
    /// When the daemon still runs after a minute.
    pub fn wait(self) -> ExitStatus {
        self.ended().0
    }

    /// Waits for the end; returns also all that it has written to stderr.
    ///
    /// # Panics
    /// When the daemon still runs after a minute.
    pub fn ended(mut self) -> (ExitStatus, String) {
        loop {
            match self.stdout.recv_timeout(PATIENCE) {
                Ok(_) => {}
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => panic!("still runs\n{}", self.stderr()),
            }
        }
        match self.child.0.wait() {
            Ok(status) => (status, self.stderr.whole()),
            Err(error) => panic!("the daemon can't be waited for: {error}"),
        }
    }
}

/// A child that is killed, if it still runs, and waited for when dropped.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        // Both fail only for a child that has been waited for.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What a stream has held so far, read by a thread of its own so that the writer never waits.
struct Log {
    seen: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Log {
    fn of(stream: Option<ChildStderr>) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let Some(mut stream) = stream else {
            return Self { seen, reader: None };
        };
        let into = Arc::clone(&seen);
        let reader = thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = stream.read(&mut piece) {
                let mut seen = into.lock().unwrap_or_else(PoisonError::into_inner);
                seen.extend_from_slice(piece.get(..length).unwrap_or_default());
            }
        });
        Self { seen, reader: Some(reader) }
    }

    /// All of it; returns once the stream has ended.
    fn whole(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            // What it had read until it panicked is there still.
            let _ = reader.join();
        }
        self.text()
    }

    fn text(&self) -> String {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&seen).into_owned()
    }
}

/// The lines of stdout as they come; disconnected at its end.
fn lines(stdout: Option<ChildStdout>) -> Receiver<String> {
    let (sender, receiver) = channel();
    if let Some(stdout) = stdout {
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Nobody listens any more, yet the daemon may go on writing.
                let _ = sender.send(line);
            }
        });
    }
    receiver
}

fn parse_ready(line: &str, pid: u32) -> Option<(SocketAddr, Option<PathBuf>, Option<SocketAddr>)> {
    let ready: Value = serde_json::from_str(line).ok()?;
    if ready.get("ready")? != &Value::Bool(true) || ready.get("pid")?.as_u64()? != u64::from(pid) {
        return None;
    }
    let http = ready.get("http")?.as_str()?.parse().ok()?;
    let socket = match ready.get("socket")? {
        Value::Null => None,
        path => Some(path.as_str()?.into()),
    };
    let rpc = match ready.get("rpc") {
        None | Some(Value::Null) => None,
        Some(address) => Some(address.as_str()?.parse().ok()?),
    };
    Some((http, socket, rpc))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    const READY: &str = r#"echo '{"ready":true,"pid":'$$',"socket":"/run/m.sock","http":"127.0.0.1:3000"}'"#;

    #[test]
    fn reads_the_readiness_line() {
        let daemon = Daemon::start(shell(&format!("{READY}; exec sleep 600"))).unwrap();
        assert_eq!(daemon.http().to_string(), "127.0.0.1:3000");
        assert_eq!(daemon.socket(), Path::new("/run/m.sock"));
        daemon.kill9();
    }

    #[test]
    fn a_daemon_may_have_no_socket() {
        let script = READY.replace("\"/run/m.sock\"", "null");
        let daemon = Daemon::start(shell(&format!("{script}; exec sleep 600"))).unwrap();
        assert!(daemon.answers_no_commands());
        daemon.kill9();
    }

    #[test]
    fn terminates_with_the_status_of_its_own() {
        // The shell heeds a trap only while it waits for a child.
        let script = format!("trap 'kill $!; exit 7' TERM; sleep 600 >/dev/null 2>&1 & {READY}; wait");
        let daemon = Daemon::start(shell(&script)).unwrap();
        assert_eq!(daemon.terminate().code(), Some(7));
    }

    #[test]
    fn what_was_written_last_is_read_too() {
        let script = format!("trap 'kill $!; echo bye >&2; exit 0' TERM; sleep 600 >/dev/null 2>&1 & {READY}; wait");
        let daemon = Daemon::start(shell(&script)).unwrap();
        daemon.signal(Signal::TERM);
        let (status, stderr) = daemon.ended();
        assert_eq!((status.code(), stderr.as_str()), (Some(0), "bye\n"));
    }

    #[test]
    fn a_daemon_that_fails_shows_why() {
        let error = Daemon::start(shell("echo 'disk is full' >&2; exit 1")).err().unwrap();
        assert!(error.to_string().contains("stopped before it was ready"), "{error}");
    }

    #[test]
    fn another_line_is_refused() {
        let error = Daemon::start(shell("echo hello; exec sleep 600")).err().unwrap();
        assert!(error.to_string().contains("not a readiness line: hello"), "{error}");
    }
}
