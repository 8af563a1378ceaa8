//! Two daemons on one PostgreSQL database: they share the work, and neither a daemon that was frozen nor a server that
//! crashed makes anything fire, or be recorded, twice.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use test_common::postgres::{self, Server};
use test_common::smtp::SmtpServer;

use crate::ledger::{HELD, IN_FLIGHT, Ledger, by_message, home_on, in_seconds, json};
use crate::support::{PATIENCE, done};

/// Longer than a lease lasts.
const FROZEN: Duration = Duration::from_secs(40);

/// Takes three quarters of a minute.
#[test]
fn a_daemon_that_was_frozen_neither_fires_nor_records_what_others_have_taken_over() {
    const COUNT: usize = 1500;
    let server = SmtpServer::start();
    let database = postgres::server().database();
    let ledger = Ledger::at(&database);
    let (one, other) = (home_on(&server, &database), home_on(&server, &database));
    done(one.muista().args(["add", "Buy cat food"]));
    ledger.remind(COUNT, in_seconds(-1));
    let frozen = one.daemon([""; 0]);
    server.wait_for(100, PATIENCE);
    frozen.signal(Signal::STOP);
    let working = other.daemon([""; 0]);
    std::thread::sleep(FROZEN);
    let before = server.mails();
    frozen.signal(Signal::CONT);
    ledger.settle(PATIENCE);
    let rescued = ledger.count("notifications WHERE rescues > 0");
    assert!(rescued > 0 && rescued <= HELD, "{rescued} were taken over");
    assert_eq!(ledger.count("notifications WHERE rescues > 1"), 0);
    for daemon in [frozen, working] {
        assert_eq!(daemon.terminate().code(), Some(0));
    }
    ledger.all_sent(COUNT, &server, rescued);
    // What the frozen daemon had not begun to send it does not send any more.
    let (known, after) = (by_message(&before), by_message(&server.mails()[before.len()..]));
    let again = after.keys().filter(|id| known.contains_key(*id)).count();
    assert!(again <= IN_FLIGHT, "{again} were sent by a daemon that had lost them");
}

/// The server's process ends, all connections with it, and it replays its log: as after `pg_ctl restart -m immediate`.
#[test]
fn a_database_that_restarts_under_load_stops_neither_daemon() {
    const COUNT: usize = 2000;
    let server = SmtpServer::start();
    let postgres = Server::start().unwrap();
    let database = postgres.database();
    let ledger = Ledger::at(&database);
    // The tests' server answers before it has written; this database must not.
    let name = database.url.split('?').next().unwrap().rsplit('/').next().unwrap();
    ledger.execute(&format!("ALTER DATABASE {name} SET synchronous_commit = on"));
    let (one, other) = (home_on(&server, &database), home_on(&server, &database));
    done(one.muista().args(["add", "Buy cat food"]));
    ledger.remind(COUNT, in_seconds(-1));
    let daemons = [one.daemon([""; 0]), other.daemon([""; 0])];
    for mails in [200, 900] {
        server.wait_for(mails, PATIENCE);
        let others = "backend_type = 'client backend' AND pid <> pg_backend_pid()";
        let backend = ledger.text(&format!("SELECT max(pid) FROM pg_stat_activity WHERE {others}"));
        kill_process(Pid::from_raw(backend.parse().unwrap()).unwrap(), Signal::KILL).unwrap();
        ledger.answers();
    }
    ledger.settle(PATIENCE);
    ledger.all_sent(COUNT, &server, 0);
    // What is set from now on is heard of and told in time.
    let task = json(&one, &["add", "Buy sand"])["number"].to_string();
    for home in [&one, &other] {
        done(home.muista().args(["remind", &task, "in 1s"]));
    }
    server.wait_for(COUNT + 2, Duration::from_secs(10));
    ledger.settle(PATIENCE);
    ledger.all_sent(COUNT + 2, &server, 0);
    for daemon in daemons {
        assert_eq!(daemon.terminate().code(), Some(0));
    }
}
