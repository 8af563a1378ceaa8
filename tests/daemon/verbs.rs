//! `muista daemon start|status|stop|logs`, and which of daemon and database a command then uses.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use test_common::sandbox::Sandbox;

use crate::support::{Ended, done, run};

/// A daemon that `muista daemon start` started, which outlives the command. Killed when dropped.
struct Started(Pid);

impl Started {
    fn new(sandbox: &Sandbox) -> (Self, Value) {
        let told = done(sandbox.muista().args(["daemon", "start", "--http", "127.0.0.1:0", "--json"])).json();
        let pid = told["pid"].as_i64().and_then(|pid| Pid::from_raw(pid.try_into().ok()?)).unwrap();
        (Self(pid), told)
    }

    /// Whether it has not ended; one that nobody has waited for yet is a `Z` in proc_pid_stat(5).
    fn runs(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.as_raw_nonzero())).unwrap_or_default();
        stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with(['Z', 'X']))
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // It may have been stopped already.
        let _ = kill_process(self.0, Signal::KILL);
    }
}

fn status(sandbox: &Sandbox) -> Ended {
    run(sandbox.muista().args(["daemon", "status", "--json"]))
}

fn titles(command: &mut Command) -> Vec<String> {
    let listed = done(command.args(["ls", "--json"])).json();
    listed.as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_daemon_from_start_to_stop() {
    let sandbox = Sandbox::new();
    status(&sandbox).refused(5, &["no daemon answers", "muista daemon start"]);
    assert_eq!(done(sandbox.muista().args(["daemon", "stop", "--json"])).json()["stopped"], false);
    run(sandbox.muista().args(["daemon", "logs"])).refused(3, &["muistad.log"]);

    let (daemon, told) = Started::new(&sandbox);
    assert_eq!(told["started"], true, "{told}");
    assert!(daemon.runs());
    let shown = status(&sandbox).json();
    for field in ["pid", "http", "socket"] {
        assert_eq!(shown[field], told[field], "{shown} {told}");
    }
    let database = format!("sqlite:{}", sandbox.data_dir().join("muista.db").display());
    assert_eq!(shown["database"], database);

    let again = done(sandbox.muista().args(["daemon", "start", "--json"])).json();
    assert_eq!((&again["started"], &again["pid"]), (&false.into(), &told["pid"]), "{again}");

    let stopped = done(sandbox.muista().args(["daemon", "stop", "--json"])).json();
    assert_eq!((&stopped["stopped"], &stopped["pid"]), (&true.into(), &told["pid"]), "{stopped}");
    assert!(!daemon.runs());
    status(&sandbox).refused(5, &["no daemon answers"]);

    let (_next, told) = Started::new(&sandbox);
    assert_eq!(told["started"], true, "{told}");
    done(sandbox.muista().args(["daemon", "stop"]));
}

#[test]
fn the_log_is_shown_and_followed() {
    let sandbox = Sandbox::new();
    let (_daemon, told) = Started::new(&sandbox);
    let logs = done(sandbox.muista().args(["daemon", "logs"]));
    let ready = logs.stdout.lines().find(|line| line.contains("\"message\":\"ready\"")).unwrap();
    let ready: Value = serde_json::from_str(ready).unwrap();
    assert_eq!(ready["fields"]["http"], told["http"]);
    assert_eq!(done(sandbox.muista().args(["daemon", "logs", "-n", "0"])).stdout, "");

    let mut command = sandbox.muista();
    let mut follow = command.args(["daemon", "logs", "--follow", "-n", "1"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(follow.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("ready"), "it follows from here");
    done(sandbox.muista().args(["daemon", "stop"]));
    assert!(lines.any(|line| line.unwrap().contains("\"message\":\"stopped\"")));
    follow.kill().unwrap();
    follow.wait().unwrap();
}

#[test]
fn a_start_that_fails_says_why() {
    let sandbox = Sandbox::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    run(sandbox.muista().args(["daemon", "start", "--http", &address])).refused(5, &[&address]);
    run(sandbox.muista().args(["daemon", "start", "--http", "0.0.0.0:0"])).refused(2, &["0.0.0.0:0"]);
    let mut gone = sandbox.muista();
    gone.env("MUISTA_DATABASE_URL", "postgres://me:pw@127.0.0.1:1/db").args(["daemon", "start"]);
    run(&mut gone).refused(5, &["cannot open postgres://me@127.0.0.1:1/db"]);
    status(&sandbox).refused(5, &["no daemon answers"]);
}

#[test]
fn a_command_uses_the_daemon_while_it_runs() {
    let sandbox = Sandbox::new();
    let add = |title: &str| done(sandbox.muista().args(["add", "-v", title])).stderr;
    assert!(add("one").contains("in this process"));
    let (_daemon, _) = Started::new(&sandbox);
    let said = add("two");
    assert!(said.contains("the daemon at") && !said.contains("in this process"), "{said}");
    done(sandbox.muista().args(["daemon", "stop"]));
    assert!(add("three").contains("in this process"));
    assert_eq!(titles(&mut sandbox.muista()), ["one", "two", "three"]);
}

#[test]
fn an_address_that_was_asked_for_never_falls_back() {
    let sandbox = Sandbox::new();
    let nowhere = sandbox.path().join("nowhere.sock");
    run(sandbox.muista().args(["add", "lost", "--socket"]).arg(&nowhere)).refused(5, &["nowhere.sock"]);
    assert!(!sandbox.data_dir().exists(), "nothing was made");
    // A socket that a killed daemon left behind.
    let daemon = sandbox.daemon([""; 0]);
    let left = daemon.socket().to_owned();
    daemon.kill9();
    run(sandbox.muista().args(["add", "lost", "--socket"]).arg(&left)).refused(5, &["muistad.sock"]);
    assert!(titles(&mut sandbox.muista()).is_empty());
}

#[test]
fn a_daemon_of_another_database_is_not_used() {
    let sandbox = Sandbox::new();
    let other = format!("sqlite:{}", sandbox.path().join("other.db").display());
    let daemon = sandbox.daemon(["--database-url", &other]);
    let added = done(sandbox.muista().args(["add", "-v", "ours"]));
    assert!(added.stderr.contains("other.db") && added.stderr.contains("in this process"), "{added:?}");
    let at = |socket: &Path| titles(sandbox.muista().arg("--socket").arg(socket));
    assert!(at(daemon.socket()).is_empty(), "the daemon has none of it");
    assert_eq!(titles(&mut sandbox.muista()), ["ours"]);
    // Who means that database reaches the daemon.
    let theirs = done(sandbox.muista().env("MUISTA_DATABASE_URL", &other).args(["add", "-v", "theirs"]));
    assert!(theirs.stderr.contains("the daemon at"), "{theirs:?}");
    assert_eq!(at(daemon.socket()), ["theirs"]);
}
