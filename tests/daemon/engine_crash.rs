//! `kill -9` while many reminders fall due: each fires once, each message is delivered and recorded once, and only what
//! was being delivered, or was not recorded yet, at that moment may come twice.

use test_common::postgres;
use test_common::sandbox::Sandbox;
use test_common::smtp::SmtpServer;

use crate::ledger::{HELD, Ledger, home, home_on, in_seconds};
use crate::support::{PATIENCE, done, sqlite_is_whole};

/// Kills a daemon after so many mails, and the next after so many more; then lets one end the work.
fn survives(home: &Sandbox, ledger: &Ledger, server: &SmtpServer, count: usize, kills: &[usize]) {
    done(home.muista().args(["add", "Buy cat food"]));
    ledger.remind(count, in_seconds(-1));
    for mails in kills {
        let daemon = home.daemon([""; 0]);
        server.wait_for(*mails, PATIENCE);
        daemon.kill9();
        let left = ledger.count("reminders WHERE next_trigger_at IS NOT NULL")
            + ledger.count("notifications WHERE status = 'PENDING'");
        assert!(left > 0, "it was killed too late for this test");
        assert_eq!(
            ledger.count("reminders WHERE next_trigger_at IS NULL"),
            ledger.count("occurrences"),
            "what has fired has moved on"
        );
        assert_eq!(ledger.count("occurrences"), ledger.count("notifications"), "what has fired is to be told");
    }
    ledger.end_leases();
    let daemon = home.daemon([""; 0]);
    ledger.settle(PATIENCE);
    ledger.all_sent(count, server, kills.len() * HELD);
    assert_eq!(daemon.terminate().code(), Some(0));
}

#[test]
fn on_sqlite_a_kill_in_the_middle_of_many_loses_none_and_doubles_none() {
    let server = SmtpServer::start();
    let home = home(&server);
    survives(&home, &Ledger::of(&home), &server, 10_000, &[1, 700, 2500]);
    sqlite_is_whole(&home.data_dir().join("muista.db"));
}

#[test]
fn on_postgresql_a_kill_in_the_middle_of_many_loses_none_and_doubles_none() {
    let server = SmtpServer::start();
    let database = postgres::server().database();
    survives(&home_on(&server, &database), &Ledger::at(&database), &server, 1500, &[1, 400]);
}
