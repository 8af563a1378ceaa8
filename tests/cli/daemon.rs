//! `muista daemon`: the life of a daemon as its user sees it. What the daemon does meanwhile is tested with `muistad`.

use serde_json::Value;
use test_common::sandbox::Sandbox;

use crate::support::{home, home_with, muista, run};

/// A home whose daemon ends with the test.
struct Stopped(Sandbox);

impl Drop for Stopped {
    fn drop(&mut self) {
        // Where none runs, nothing is to be done.
        let _ = self.0.muista().args(["daemon", "stop"]).output();
    }
}

#[test]
fn a_daemon_starts_answers_and_stops() {
    let home = Stopped(home_with(&["a"]));
    let home = &home.0;
    let started = muista(home, ["daemon", "start", "--http", "127.0.0.1:0", "--json"]).json();
    assert_eq!(started["started"], true, "{started}");
    let pid = started["pid"].as_u64().unwrap();

    let again = muista(home, ["daemon", "start"]).ok();
    assert!(again.starts_with(&format!("Daemon already running (pid {pid})")), "{again}");
    let status = muista(home, ["daemon", "status", "--json"]).json();
    assert_eq!((&status["pid"], &status["version"]), (&pid.into(), &env!("CARGO_PKG_VERSION").into()), "{status}");
    assert!(status["database"].as_str().unwrap().ends_with("muista.db"), "{status}");
    // It has what was there before, and answers from now on.
    let listed = muista(home, ["ls", "-o", "ids", "--verbose"]);
    assert!(listed.stderr.contains("the daemon at "), "{listed:?}");
    assert_eq!(listed.ok(), "1\n");
    let socket = started["socket"].as_str().unwrap();
    assert_eq!(muista(home, ["ls", "-o", "ids", "--socket", socket]).ok(), "1\n");
    let checks = muista(home, ["doctor", "--json"]).json();
    let daemon = checks.as_array().unwrap().iter().find(|check| check["name"] == "daemon").unwrap();
    assert_eq!(daemon["status"], "ok");
    assert!(daemon["found"].as_str().unwrap().contains(&format!("pid {pid}")), "{daemon}");
    assert!(!muista(home, ["daemon", "logs"]).ok().is_empty());

    let stopped: Value = muista(home, ["daemon", "stop", "--json"]).json();
    assert_eq!((&stopped["stopped"], &stopped["pid"]), (&true.into(), &pid.into()), "{stopped}");
    assert_eq!(muista(home, ["daemon", "stop"]).ok(), "No daemon runs.\n");
    muista(home, ["daemon", "status"]).refused(5, "no daemon", "muista daemon start");
    // An address that was asked for is never replaced by another.
    muista(home, ["ls", "--socket", socket]).refused(5, socket, "muista daemon start");
    assert_eq!(muista(home, ["ls", "-o", "ids"]).ok(), "1\n");
}

#[test]
fn a_daemon_is_found_in_another_environment() {
    let home = Stopped(home_with(&["a"]));
    let home = &home.0;
    let without = |args: &[&str]| run(home.muista().args(args).env_remove("XDG_RUNTIME_DIR"));
    let started = muista(home, ["daemon", "start", "--http", "127.0.0.1:0", "--json"]).json();
    let status = without(&["daemon", "status", "--json"]).json();
    assert_eq!((&status["pid"], &status["socket"]), (&started["pid"], &started["socket"]), "{status}");
    let listed = without(&["ls", "-o", "ids", "--verbose"]);
    assert!(listed.stderr.contains("the daemon at "), "{listed:?}");
    let again = without(&["daemon", "start", "--json"]).json();
    assert_eq!((&again["started"], &again["pid"]), (&false.into(), &started["pid"]), "{again}");
    assert_eq!(without(&["daemon", "stop", "--json"]).json()["pid"], started["pid"]);
    // An address that was left behind leads nowhere.
    let listed = without(&["ls", "-o", "ids", "--verbose"]);
    assert!(listed.stderr.contains("in this process"), "{listed:?}");

    // The other way round: one that was started without, as by cron.
    let started = without(&["daemon", "start", "--http", "127.0.0.1:0", "--json"]).json();
    let status = muista(home, ["daemon", "status", "--json"]).json();
    assert_eq!(status["pid"], started["pid"], "{status}");
    without(&["daemon", "stop"]).ok();
}

#[test]
fn a_new_place_for_tasks_is_told_once() {
    let home = home();
    let database = home.data_dir().join("muista.db");
    let first = muista(&home, ["ls"]);
    assert!(first.stderr.contains(&format!("Made a new database: {}", database.display())), "{first:?}");
    assert!(!muista(&home, ["ls"]).stderr.contains("new database"));
    assert_eq!(muista(&home, ["ls", "-q", "--data-dir", "elsewhere"]).stderr, "");
}
