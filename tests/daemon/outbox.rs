//! Messages that do not get through at once: the mail server is away, refuses them, or is lost in the middle of one, and
//! the daemon is asked to stop while it delivers. Nothing is lost, and the ledger tells what happened.

use std::time::{Duration, Instant as Ticks};

use muista_core::time::Instant;
use rustix::process::Signal;
use serde_json::Value;
use test_common::postgres;
use test_common::sandbox::Sandbox;
use test_common::smtp::{Act, SmtpServer};

use crate::ledger::{Ledger, by_message, home, home_on, in_seconds, notifications, since, until};
use crate::support::{PATIENCE, done, run};

/// A home with one task.
fn with_task(server: &SmtpServer) -> Sandbox {
    let home = home(server);
    done(home.muista().args(["add", "Buy cat food"]));
    home
}

fn remind(home: &Sandbox) {
    done(home.muista().args(["remind", "1", "in 1s"]));
}

fn only(all: &[Value]) -> &Value {
    assert_eq!(all.len(), 1, "{all:#?}");
    &all[0]
}

fn text<'a>(one: &'a Value, field: &str) -> &'a str {
    one[field].as_str().unwrap_or_default()
}

/// Takes over half a minute, since a server that was found away is left alone for so long.
#[test]
fn a_mail_server_that_is_away_costs_no_message_and_no_attempt() {
    let mut server = SmtpServer::start();
    let home = with_task(&server);
    let ledger = Ledger::of(&home);
    server.stop();
    ledger.remind(30, in_seconds(-1));
    let daemon = home.daemon([""; 0]);
    let said = |all: &[Value]| all.iter().filter(|one| !one["errorMessage"].is_null()).count();
    let waiting = until(&home, PATIENCE, |all| all.len() == 30 && said(all) >= 5);
    for one in &waiting {
        assert_eq!(
            (text(one, "status"), &one["attempts"], &one["sentAt"]),
            ("PENDING", &0.into(), &Value::Null),
            "{one}"
        );
        let error = text(one, "errorMessage");
        assert!(error.is_empty() || error.contains("127.0.0.1") && error.contains("refused"), "{one}");
    }
    server.restart();
    let began = Ticks::now();
    server.wait_for(30, PATIENCE);
    assert!(began.elapsed() < Duration::from_secs(35), "{:?}", began.elapsed());
    ledger.settle(PATIENCE);
    ledger.all_sent(30, &server, 0);
    assert_eq!(daemon.terminate().code(), Some(0));
}

#[test]
fn a_message_that_is_refused_for_good_waits_for_its_user() {
    let server = SmtpServer::start();
    server.will([Act::RefuseRecipient(550)]);
    let home = with_task(&server);
    let daemon = home.daemon([""; 0]);
    remind(&home);
    let ended = until(&home, PATIENCE, |all| all.iter().any(|one| one["status"] != "PENDING"));
    let failed = only(&ended);
    assert_eq!((text(failed, "status"), &failed["attempts"]), ("FAILED", &1.into()));
    assert!(text(failed, "errorMessage").contains("no such user here"), "{failed}");
    assert_eq!((&failed["nextAttemptAt"], server.mails().len()), (&Value::Null, 0));

    done(home.muista().args(["notifications", "retry", text(failed, "id")]));
    let mails = server.wait_for(1, Duration::from_secs(5));
    assert_eq!(mails[0].message_id().unwrap(), format!("<{}@example.org>", text(failed, "id")));
    let after = until(&home, PATIENCE, |all| all[0]["status"] == "SENT");
    assert_eq!((&only(&after)["attempts"], &after[0]["errorMessage"]), (&1.into(), &Value::Null));
    run(home.muista().args(["notifications", "retry", text(failed, "id")])).refused(4, &["sent"]);
    assert_eq!(daemon.terminate().code(), Some(0));
    assert_eq!(server.mails().len(), 1);
}

#[test]
fn a_message_that_may_have_been_taken_goes_again_under_its_name() {
    let server = SmtpServer::start();
    server.will([Act::DropAfterText]);
    let home = with_task(&server);
    let ledger = Ledger::of(&home);
    let daemon = home.daemon([""; 0]);
    remind(&home);
    let tried = until(&home, PATIENCE, |all| all.iter().any(|one| one["attempts"] == 1));
    let one = only(&tried);
    assert_eq!(text(one, "status"), "PENDING");
    assert!(!text(one, "errorMessage").is_empty(), "{one}");
    let next: Instant = text(one, "nextAttemptAt").parse().unwrap();
    assert!(next > in_seconds(50) && next <= in_seconds(72), "{next}");
    assert_eq!(server.mails().len(), 1);

    // Nobody waits a minute here. The daemon notices that somebody has written to the file.
    ledger.execute(&format!("UPDATE notifications SET next_attempt_at = {}", ledger.instant(in_seconds(0))));
    let mails = server.wait_for(2, Duration::from_secs(5));
    assert_eq!(mails[0].message_id(), mails[1].message_id());
    for header in ["Date", "Subject", "To"] {
        assert_eq!(mails[0].header(header), mails[1].header(header));
    }
    let after = until(&home, PATIENCE, |all| all[0]["status"] == "SENT");
    assert_eq!((&only(&after)["attempts"], &after[0]["rescues"]), (&2.into(), &0.into()));
    assert_eq!(daemon.terminate().code(), Some(0));
    assert_eq!(server.mails().len(), 2);
}

/// Has a daemon stop in the middle of many messages, and another one deliver the rest.
fn stopped(home: &Sandbox, ledger: &Ledger, server: &SmtpServer, count: usize) {
    done(home.muista().args(["add", "Buy cat food"]));
    ledger.remind(count, in_seconds(-1));
    let daemon = home.daemon([""; 0]);
    server.wait_for(count / 4, PATIENCE);
    let began = Ticks::now();
    assert_eq!(daemon.terminate().code(), Some(0));
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    let delivered = server.mails().len();
    assert!(delivered < count, "it was stopped too late for this test");
    assert_eq!(ledger.count("notifications WHERE status = 'SENT'"), delivered, "what was in flight is finished");
    assert_eq!(ledger.count("notifications WHERE lease_until IS NOT NULL"), 0, "the rest is handed back");
    assert_eq!(ledger.count("notifications WHERE rescues > 0 OR status = 'FAILED'"), 0);

    let daemon = home.daemon([""; 0]);
    ledger.settle(PATIENCE);
    ledger.all_sent(count, server, 0);
    assert_eq!(ledger.count("notifications WHERE rescues > 0"), 0);
    assert_eq!(daemon.terminate().code(), Some(0));
}

#[test]
fn on_sqlite_a_daemon_that_stops_finishes_what_is_in_flight_and_hands_back_the_rest() {
    let server = SmtpServer::start();
    let home = home(&server);
    stopped(&home, &Ledger::of(&home), &server, 1000);
}

#[test]
fn on_postgresql_a_daemon_that_stops_finishes_what_is_in_flight_and_hands_back_the_rest() {
    let server = SmtpServer::start();
    let database = postgres::server().database();
    stopped(&home_on(&server, &database), &Ledger::at(&database), &server, 500);
}

/// Takes over ten seconds, since what is in flight is given so long.
#[test]
fn a_mail_server_that_says_nothing_keeps_no_daemon_from_stopping() {
    let server = SmtpServer::start();
    server.will([Act::Hold]);
    let home = with_task(&server);
    let ledger = Ledger::of(&home);
    ledger.remind(1, in_seconds(-1));
    let daemon = home.daemon([""; 0]);
    server.wait_for(1, PATIENCE);
    let asked = in_seconds(0);
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.wait().code(), Some(0));
    assert!(since(asked) < Duration::from_secs(14), "{:?}", since(asked));
    let waiting = notifications(&home);
    assert_eq!((text(only(&waiting), "status"), &waiting[0]["attempts"]), ("PENDING", &0.into()));
    assert_eq!(ledger.count("notifications WHERE lease_until IS NOT NULL"), 0);

    let daemon = home.daemon([""; 0]);
    server.wait_for(2, Duration::from_secs(5));
    ledger.settle(PATIENCE);
    assert_eq!(by_message(&server.mails()).into_values().collect::<Vec<_>>(), [2]);
    ledger.all_sent(1, &server, 1);
    assert_eq!(daemon.terminate().code(), Some(0));
}
