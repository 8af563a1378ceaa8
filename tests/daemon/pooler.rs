//! A daemon behind pgbouncer: in transaction mode, and with fewer connections than it would like. They need pgbouncer,
//! which not every machine has.

use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use muista_core::error::Result;
use muista_core::model::Task;
use muista_core::rpc::Client;
use test_common::pgbouncer::Pooler;
use test_common::postgres::{Database, Server};
use test_common::sandbox::Sandbox;
use test_common::smtp::SmtpServer;

use crate::ledger::home_on;
use crate::support::{PATIENCE, add, all, dial, done, fails_to_start, request};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs pgbouncer"]
async fn transaction_mode_is_recognised_and_everything_works() {
    let server = Server::start().unwrap();
    let pooler = Pooler::start(&server, "transaction", 3).unwrap();
    let database = pooler.before(&server.database());
    let url = database.url.clone();
    let mail = SmtpServer::start();
    let sandbox = home_on(&mail, &database);
    let daemon = sandbox.daemon([""; 0]);
    done(sandbox.muista().args(["add", "Buy cat food"]));
    done(sandbox.muista().args(["remind", "1", "in 2s", "--channel", "email"]));
    let client = dial(daemon.socket()).await;
    // As many as came to 500 before.
    for round in 0..12 {
        let writes = (0..50).map(|n| added(&client, format!("{round} {n}")));
        let reads = (0..50).map(|_| client.list_tags());
        let (writes, reads) = futures::join!(futures::future::join_all(writes), futures::future::join_all(reads));
        for result in writes {
            result.unwrap();
        }
        for result in reads {
            result.unwrap();
        }
    }
    assert_eq!(all(&client).await.len(), 601);
    let mails = mail.wait_for(1, PATIENCE);
    assert_eq!(mails[0].header("Subject").unwrap(), "Reminder: Buy cat food");
    assert_eq!(request(daemon.http(), "GET", "/health/ready").status, 200);
    // A second daemon hears of what the first did, by looking.
    let other = Sandbox::new().with_env("MUISTA_DATABASE_URL", &url);
    let second = other.daemon([""; 0]);
    let theirs = dial(second.socket()).await;
    add(&theirs, "theirs").await.unwrap();
    assert_eq!(all(&client).await.len(), 602);
}

/// A pooler that is put between later shows when the connections end: what others do is then looked for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs pgbouncer"]
async fn a_pooler_that_comes_between_later_is_recognised() {
    let server = Server::start().unwrap();
    let pooler = Pooler::start(&server, "transaction", 3).unwrap();
    let database = server.database();
    let mail = SmtpServer::start();
    // The same address leads past the pooler first.
    let way = tempfile::tempdir().unwrap();
    let socket = way.path().join(".s.PGSQL.5432");
    symlink(server.socket_folder().join(".s.PGSQL.5432"), &socket).unwrap();
    let url = format!("postgres://postgres@/{}?host={}", database.name(), way.path().display());
    let sandbox = home_on(&mail, &Database { url });
    let daemon = sandbox.daemon([""; 0]);
    done(sandbox.muista().args(["add", "Buy cat food"]));

    std::fs::remove_file(&socket).unwrap();
    symlink(pooler.socket(), &socket).unwrap();
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
        AND pid <> pg_backend_pid() AND application_name = 'muista'";
    server.run(database.name(), end);
    let began = Instant::now();
    while !daemon.stderr().contains("lends the database's servers by the transaction") {
        assert!(began.elapsed() < PATIENCE, "{}", daemon.stderr());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Another daemon, which only answers, makes a reminder; the first hears of it sooner than it looks by itself.
    let other = Sandbox::new().with_env("MUISTA_DATABASE_URL", &database.url);
    let _second = other.daemon(["--role", "server"]);
    let made = Instant::now();
    done(other.muista().args(["remind", "1", "in 1s", "--channel", "email"]));
    mail.wait_for(1, PATIENCE);
    assert!(made.elapsed() < Duration::from_secs(15), "{:?}", made.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs pgbouncer"]
async fn fewer_connections_than_wanted_are_shared() {
    let server = Server::start().unwrap();
    for size in [2, 3] {
        let pooler = Pooler::start(&server, "session", size).unwrap();
        let url = pooler.before(&server.database()).url;
        let sandbox = Sandbox::new();
        let daemon = sandbox.daemon(["--database-url", &url]);
        let client = dial(daemon.socket()).await;
        let began = Instant::now();
        for round in 0..5 {
            let writes = (0..32).map(|n| added(&client, format!("{round} {n}")));
            let reads = (0..32).map(|_| client.list_tags());
            let (writes, reads) = futures::join!(futures::future::join_all(writes), futures::future::join_all(reads));
            let failed = writes.into_iter().filter_map(Result::err).chain(reads.into_iter().filter_map(Result::err));
            assert_eq!(failed.map(|error| error.message).collect::<Vec<_>>(), Vec::<String>::new(), "{size}");
        }
        assert!(began.elapsed() < Duration::from_secs(25), "{size}: {:?}", began.elapsed());
        assert_eq!(all(&client).await.len(), 160);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs pgbouncer"]
async fn one_connection_is_enough() {
    let server = Server::start().unwrap();
    let url = server.database().url;
    let sandbox = Sandbox::new().with_env("MUISTA_DATABASE_CONNECTIONS", "1");
    let daemon = sandbox.daemon(["--database-url", &url]);
    let client = dial(daemon.socket()).await;
    let adds = (0..64).map(|n| added(&client, n.to_string()));
    for added in futures::future::join_all(adds).await {
        added.unwrap();
    }
    let name = url.split('?').next().unwrap().rsplit('/').next().unwrap();
    server.run(
        "postgres",
        &format!("DO $$ BEGIN ASSERT (SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}') = 1; END $$"),
    );
    assert_eq!(all(&client).await.len(), 64);
}

#[test]
#[ignore = "needs pgbouncer"]
fn statement_mode_is_refused_in_words() {
    let server = Server::start().unwrap();
    let pooler = Pooler::start(&server, "statement", 3).unwrap();
    let url = pooler.before(&server.database()).url;
    let sandbox = Sandbox::new();
    fails_to_start(sandbox.muistad().args(["--http", "127.0.0.1:0", "--database-url", &url])).refused(5, &["pooler"]);
}

async fn added(client: &Client, title: String) -> Result<Task> {
    add(client, &title).await
}
