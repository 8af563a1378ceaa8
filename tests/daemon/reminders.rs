//! Reminders told through the real programs: on time and once, late when no daemon ran, noticed when another process sets
//! them, and by none but the daemons that work.

use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::time::{Duration, Instant as Ticks};

use muista_core::time::Instant;
use serde_json::Value;
use test_common::postgres;
use test_common::sandbox::Sandbox;
use test_common::smtp::SmtpServer;

use crate::ledger::{Ledger, home, home_on, in_seconds, json, notifications, since, until};
use crate::support::{PATIENCE, done, request};

fn instant(value: &Value) -> Instant {
    value.as_str().unwrap().parse().unwrap()
}

fn on_time(home: &Sandbox, server: &SmtpServer) {
    let daemon = home.daemon([""; 0]);
    done(home.muista().args(["add", "Buy cat food"]));
    let set = json(home, &["remind", "1", "in 2s", "--channel", "email", "--note", "the grey bag"]);
    let at = instant(&set["nextTriggerAt"]);
    assert!(since(at).is_zero(), "it is still to come");
    let mails = server.wait_for(1, PATIENCE);
    let late = since(at);
    assert!(late > Duration::ZERO && late < Duration::from_secs(1), "{late:?} late");

    let sent = until(home, PATIENCE, |all| all.iter().all(|one| one["status"] == "SENT"));
    assert_eq!((sent.len(), &sent[0]["attempts"], &sent[0]["rescues"]), (1, &1.into(), &0.into()));
    let mail = &mails[0];
    assert_eq!(mail.message_id().unwrap(), format!("<{}@example.org>", sent[0]["id"].as_str().unwrap()));
    assert_eq!(mail.header("Subject").unwrap(), "Reminder: Buy cat food");
    assert_eq!((mail.from.as_str(), mail.to.as_slice()), ("muista@example.org", &["me@example.org".to_owned()][..]));
    assert!(
        mail.text.contains("Task 1") && mail.text.contains("the grey bag") && !mail.text.contains("late"),
        "{mail:?}"
    );
    assert_eq!(daemon.terminate().code(), Some(0));
    assert_eq!((server.mails().len(), notifications(home).len()), (1, 1), "once");
}

#[test]
fn on_sqlite_a_mail_comes_on_time_and_once() {
    let server = SmtpServer::start();
    on_time(&home(&server), &server);
}

#[test]
fn on_postgresql_a_mail_comes_on_time_and_once() {
    let server = SmtpServer::start();
    on_time(&home_on(&server, &postgres::server().database()), &server);
}

#[test]
fn what_was_missed_is_told_once_and_as_late() {
    let server = SmtpServer::start();
    let home = home(&server);
    done(home.muista().args(["add", "Buy cat food"]));
    done(home.muista().args(["remind", "1", "--every", "PT1H"]));
    // As if no daemon had run for three and a half hours: three occurrences were missed.
    let ledger = Ledger::of(&home);
    let (start, first) = (in_seconds(-3 * 3600 - 1800), in_seconds(-2 * 3600 - 1800));
    let (start, first) = (ledger.instant(start), ledger.instant(first));
    ledger.execute(&format!(
        "UPDATE reminders SET created_at = {start}, start_at = {start}, regular_at = {first}, next_trigger_at = {first}"
    ));
    let daemon = home.daemon([""; 0]);
    let mails = server.wait_for(1, PATIENCE);
    assert!(mails[0].text.contains("This message is 30 minutes late."), "{:?}", mails[0]);
    let sent = until(&home, PATIENCE, |all| all.iter().all(|one| one["status"] == "SENT"));
    assert_eq!((sent.len(), ledger.count("occurrences")), (1, 1));
    let late = sent[0]["payload"]["lateSeconds"].as_i64().unwrap();
    assert!((1800..1860).contains(&late), "{late}");
    let next = instant(&json(&home, &["reminder", "ls"])[0]["nextTriggerAt"]);
    assert!(next > in_seconds(1700) && next <= in_seconds(1800), "{next}");
    assert_eq!(daemon.terminate().code(), Some(0));
    assert_eq!(server.mails().len(), 1);
}

/// A command that does not know of the daemon and so writes to the database by itself.
fn beside(home: &Sandbox, args: &[&str]) -> Value {
    let mut command = home.muista();
    command.env("MUISTA_SOCKET", home.path().join("nowhere.sock"));
    let said = done(command.args(args).args(["--json", "-v"]));
    assert!(said.stderr.contains("in this process"), "{said:?}");
    said.json()
}

/// How late the daemon notices what another process sets for an earlier time than all that it knows.
fn noticed(home: &Sandbox, server: &SmtpServer) -> Duration {
    let daemon = home.daemon([""; 0]);
    done(home.muista().args(["add", "Buy cat food"]));
    done(home.muista().args(["remind", "1", "tomorrow"]));
    let mut worst = Duration::ZERO;
    for round in 1..=3 {
        let set = beside(home, &["remind", "1", "in 1s"]);
        let at = instant(&set["nextTriggerAt"]);
        server.wait_for(round, PATIENCE);
        worst = worst.max(since(at));
    }
    assert_eq!(daemon.terminate().code(), Some(0));
    worst
}

#[test]
fn on_sqlite_what_another_process_sets_is_noticed_in_two_seconds() {
    let server = SmtpServer::start();
    // Each is set a second before its time.
    let late = noticed(&home(&server), &server);
    assert!(late < Duration::from_secs(1), "{late:?}");
}

#[test]
fn on_postgresql_what_another_process_sets_is_noticed_at_once() {
    let server = SmtpServer::start();
    let late = noticed(&home_on(&server, &postgres::server().database()), &server);
    assert!(late < Duration::from_millis(500), "{late:?}");
}

#[test]
fn a_job_does_with_what_it_missed_as_it_was_told() {
    let server = SmtpServer::start();
    let home = home(&server);
    let scripts = home.config_file().parent().unwrap().join("scripts");
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&scripts).unwrap();
    std::fs::write(scripts.join("true"), "#!/bin/sh\ntrue\n").unwrap();
    std::fs::set_permissions(scripts.join("true"), std::fs::Permissions::from_mode(0o700)).unwrap();
    for missed in ["latest", "all", "skip"] {
        let script = ["--script", "true", "--every", "PT1H", "--overlap", "queue", "--missed", missed];
        done(home.muista().args(["job", "add", missed]).args(script));
    }
    let ledger = Ledger::of(&home);
    let (start, first) = (in_seconds(-3 * 3600 - 1800), in_seconds(-2 * 3600 - 1800));
    let (start, first) = (ledger.instant(start), ledger.instant(first));
    ledger.execute(&format!("UPDATE jobs SET created_at = {start}, start_at = {start}, next_run_at = {first}"));
    let daemon = home.daemon([""; 0]);
    let deadline = Ticks::now() + PATIENCE;
    while ledger.count("runs WHERE status = 'completed'") < 4 {
        assert!(Ticks::now() < deadline, "{}", json(&home, &["job", "runs"]));
        std::thread::sleep(Duration::from_millis(50));
    }
    for (missed, runs) in [("latest", 1), ("all", 3), ("skip", 0)] {
        let of_job = format!("job_id = (SELECT id FROM jobs WHERE name = '{missed}')");
        assert_eq!(ledger.count(&format!("runs WHERE {of_job}")), runs, "{missed}");
        assert_eq!(ledger.count(&format!("occurrences WHERE {of_job}")), runs, "{missed}");
    }
    assert_eq!(ledger.count(&format!("jobs WHERE next_run_at > {}", ledger.instant(in_seconds(1700)))), 3);
    assert_eq!(daemon.terminate().code(), Some(0));
}

#[test]
fn a_daemon_that_only_answers_tells_nothing_and_one_that_only_works_does() {
    let server = SmtpServer::start();
    let database = postgres::server().database();
    let (front, back) = (home_on(&server, &database), home_on(&server, &database));
    let answering = front.daemon(["--role", "server"]);
    done(front.muista().args(["add", "Buy cat food"]));
    done(front.muista().args(["remind", "1", "in 1s"]));
    let ledger = Ledger::at(&database);
    // Not a wait for something: nothing may happen in this time.
    std::thread::sleep(Duration::from_secs(3));
    assert_eq!((ledger.count("occurrences"), server.connections()), (0, 0));

    let working = back.daemon(["--role", "worker"]);
    assert!(working.answers_no_commands());
    for (path, status) in [("/health", 200), ("/metrics", 401), ("/tasks", 404), ("/mcp", 404), ("/docs", 404)] {
        assert_eq!(request(working.http(), "GET", path).status, status, "{path}");
    }
    server.wait_for(1, PATIENCE);
    // From now on it hears at once of what is set by way of the other.
    let set = json(&front, &["remind", "1", "in 1s"]);
    server.wait_for(2, PATIENCE);
    let late = since(instant(&set["nextTriggerAt"]));
    assert!(late < Duration::from_secs(1), "{late:?} late");
    ledger.settle(PATIENCE);
    ledger.all_sent(2, &server, 0);
    for daemon in [answering, working] {
        assert_eq!(daemon.terminate().code(), Some(0));
    }
}
