//! Two daemons on one PostgreSQL database: they share the work, and neither a daemon that was frozen nor a server that
//! crashed makes anything fire, or be recorded, twice.

use std::collections::HashSet;
use std::fs::{DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use test_common::postgres::{self, Server};
use test_common::sandbox::Sandbox;
use test_common::smtp::{Act, SmtpServer};

use crate::ledger::{HELD, IN_FLIGHT, Ledger, by_message, home_on, in_seconds, json};
use crate::support::{PATIENCE, done};

/// Longer than a lease lasts.
const FROZEN: Duration = Duration::from_secs(40);
/// Longer than the daemons' first attempts to reach a database again.
const AWAY: Duration = Duration::from_secs(5);

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
    // So that as many messages are under way as there can be, and as many wait behind them.
    server.will([Act::Later; IN_FLIGHT]);
    let frozen = one.daemon([""; 0]);
    server.wait_for(IN_FLIGHT, PATIENCE);
    frozen.signal(Signal::STOP);
    let working = other.daemon([""; 0]);
    std::thread::sleep(FROZEN);
    let before = server.mails();
    // Those under way are answered when it goes on, which makes room for those that waited.
    server.answer();
    frozen.signal(Signal::CONT);
    ledger.settle(PATIENCE);
    assert_eq!(ledger.count("notifications WHERE rescues = 1"), HELD, "what it held was taken over");
    assert_eq!(ledger.count("notifications WHERE rescues > 1"), 0);
    for daemon in [frozen, working] {
        assert_eq!(daemon.terminate().code(), Some(0));
    }
    ledger.all_sent(COUNT, &server, IN_FLIGHT);
    let (known, after) = (by_message(&before), by_message(&server.mails()[before.len()..]));
    let again = after.keys().filter(|id| known.contains_key(*id)).count();
    assert_eq!(again, 0, "a daemon sent what it had lost");
}

/// Gives a daemon the script `note`.
fn script(home: &Sandbox, text: &str) {
    let folder = home.config_file().parent().unwrap().join("scripts");
    DirBuilder::new().recursive(true).mode(0o700).create(&folder).unwrap();
    let file = folder.join("note");
    std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&file, Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn daemons_share_what_falls_due_and_one_goes_on_alone() {
    let server = SmtpServer::start();
    let database = postgres::server().database();
    let ledger = Ledger::at(&database);
    let homes = [home_on(&server, &database), home_on(&server, &database)];
    let notes = homes[0].path().join("notes");
    for (number, home) in homes.iter().enumerate() {
        script(home, &format!("echo \"{number} $MUISTA_RUN_ID\" >> {}", notes.display()));
    }
    let job = ["--script", "note", "--every", "PT1S", "--retries", "0", "--overlap", "allow", "--missed", "all"];
    done(homes[0].muista().args(["job", "add", "note"]).args(job));
    let mut daemons: Vec<_> = homes.iter().map(|home| home.daemon([""; 0])).collect();
    let written = || std::fs::read_to_string(&notes).unwrap_or_default();
    let until = |count: usize| {
        let deadline = Instant::now() + PATIENCE;
        while written().lines().count() < count {
            assert!(Instant::now() < deadline, "{}", written());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until(5);
    assert_eq!(daemons.pop().unwrap().terminate().code(), Some(0));
    let together = written();
    until(together.lines().count() + 3);
    done(homes[0].muista().args(["job", "pause", "note"]));
    let over = "runs WHERE finished_at IS NULL";
    let deadline = Instant::now() + PATIENCE;
    while ledger.count(over) > 0 {
        assert!(Instant::now() < deadline);
        std::thread::sleep(Duration::from_millis(50));
    }
    let runs = ledger.count("runs WHERE status = 'completed' AND attempt = 1");
    assert_eq!((ledger.count("runs"), ledger.count("occurrences")), (runs, runs));
    let written = written();
    let ids: HashSet<&str> = written.lines().map(|line| line.split_once(' ').unwrap().1).collect();
    assert_eq!((ids.len(), written.lines().count()), (runs, runs), "each ran once: {written}");
    // One occurrence a second, none left out.
    let apart = "SELECT CAST(extract(epoch FROM max(scheduled_for) - min(scheduled_for)) AS int) FROM occurrences";
    let times = "SELECT string_agg(CAST(scheduled_for AS text), ', ' ORDER BY scheduled_for) FROM occurrences";
    assert_eq!(ledger.text(apart), (runs - 1).to_string(), "{}", ledger.text(times));
    assert!(written[together.len()..].lines().all(|line| line.starts_with("0 ")), "{written}");
    assert_eq!(daemons.pop().unwrap().terminate().code(), Some(0));
}

/// The server's process ends, all connections with it, and it replays its log: as after `pg_ctl restart -m immediate`. Later
/// it takes no connections for a while.
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
    server.wait_for(1300, PATIENCE);
    let maintenance = Ledger::Postgres(database.url.replace(&format!("/{name}?"), "/postgres?"));
    maintenance.execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
    maintenance.execute(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"));
    std::thread::sleep(AWAY);
    maintenance.execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
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
