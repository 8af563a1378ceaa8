//! PostgreSQL going away under a running daemon: calls fail with a clear error meanwhile, and the daemon comes back by
//! itself.

use std::time::Instant;

use muista_core::error::ErrorKind;
use muista_core::rpc::Client;
use test_common::postgres::Server;
use test_common::rest;
use test_common::sandbox::Sandbox;

use crate::support::{PATIENCE, add, all, by_number, dial, request, run};

/// A connection past Muista to the database of the same server that `url` names.
async fn admin(url: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Ends every connection to the other databases that a client holds, and waits until they are gone.
const HANG_UP: &str = "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity
    WHERE datname LIKE 'test\\_%' AND pid <> pg_backend_pid()";

/// Adds until it works again; each failure until then must be of the kind that passes. Returns the titles added.
async fn add_until_it_works(client: &Client, name: &str) -> Vec<String> {
    let began = Instant::now();
    for attempt in 0.. {
        assert!(began.elapsed() < PATIENCE, "it does not come back");
        match add(client, &format!("{name} {attempt}")).await {
            Ok(task) => return vec![task.title],
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
                assert!(error.hint.is_some(), "{error}");
            }
        }
    }
    Vec::new()
}

/// Reads until it works again, as above.
async fn list_until_it_works(client: &Client) {
    let began = Instant::now();
    while let Err(error) = client.list_tags().await {
        assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
        assert!(began.elapsed() < PATIENCE, "it does not come back");
    }
}

/// The maintenance database of the server of `url`.
fn maintenance(url: &str) -> String {
    let (base, query) = url.split_once('?').unwrap();
    format!("{}/postgres?{query}", base.rsplit_once('/').unwrap().0)
}

#[tokio::test]
async fn connections_that_were_ended_are_replaced() {
    let server = Server::start().unwrap();
    let url = server.database().url;
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon(["--database-url", &url]);
    let client = dial(daemon.socket()).await;
    let admin = admin(&maintenance(&url)).await;
    let mut titles = Vec::new();
    for round in 0..3 {
        // So that all workers have a connection.
        futures::future::join_all((0..64).map(|_| client.list_tags())).await;
        admin.simple_query(HANG_UP).await.unwrap();
        // Neither has begun when its worker finds that the connection is gone, so that none need fail.
        for _ in 0..8 {
            client.list_tags().await.unwrap();
        }
        for number in 0..8 {
            titles.push(add(&client, &format!("round {round} {number}")).await.unwrap().title);
        }
    }
    let kept = by_number(&all(&client).await);
    for title in &titles {
        assert_eq!(kept.values().filter(|kept| *kept == title).count(), 1, "{title}");
    }
}

#[tokio::test]
async fn an_outage_is_told_and_survived() {
    let server = Server::start().unwrap();
    let url = server.database().url;
    let name = url.split('?').next().unwrap().rsplit('/').next().unwrap();
    let sandbox = Sandbox::new().with_env("MUISTA_DATABASE_URL", &url);
    let daemon = sandbox.daemon([""; 0]);
    let client = dial(daemon.socket()).await;
    add(&client, "before").await.unwrap();
    let token = run(sandbox.muista().args(["token", "create", "--name", "outage", "--quiet"])).stdout.trim().to_owned();

    let admin = admin(&maintenance(&url)).await;
    admin.simple_query(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await.unwrap();
    admin.simple_query(HANG_UP).await.unwrap();
    for _ in 0..6 {
        let error = add(&client, "meanwhile").await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
        let error = client.list_tags().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    }
    run(sandbox.muista().args(["add", "meanwhile"])).refused(5, &["database"]);
    let health = request(daemon.http(), "GET", "/health");
    assert_eq!((health.status, &health.json()["code"]), (503, &"UNAVAILABLE".into()));
    assert!(!health.body.contains("test_"), "what exactly is wrong stays within: {health:?}");
    for (path, status) in [("/health/live", 200), ("/health/ready", 503)] {
        assert_eq!(request(daemon.http(), "GET", path).status, status, "{path}");
    }
    let bearer = format!("Bearer {token}");
    let asked = || rest::send(daemon.http(), "GET", "/tasks", &[("Authorization", &bearer)], b"");
    let refused = asked();
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"), "{}", refused.text());
    assert!(!refused.text().contains("test_"), "{}", refused.text());

    admin.simple_query(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await.unwrap();
    add(&client, "after").await.unwrap();
    let titles: Vec<String> = all(&client).await.into_iter().map(|task| task.title).collect();
    assert_eq!(titles, ["before", "after"]);
    // Whichever worker is asked.
    for _ in 0..8 {
        assert_eq!(asked().status, 200);
    }
    // What was told a moment ago is told on for a second.
    let began = std::time::Instant::now();
    while request(daemon.http(), "GET", "/health").status != 200 {
        assert!(began.elapsed().as_secs() < 10, "it is never well again");
    }
    assert_eq!(request(daemon.http(), "GET", "/health/ready").status, 200);
}

/// A server whose process crashes ends all its connections and replays its log, as after `pg_ctl restart -m immediate`.
#[tokio::test]
async fn a_server_that_crashes_under_load_loses_nothing_acknowledged() {
    let server = Server::start().unwrap();
    let url = server.database().url;
    let name = url.split('?').next().unwrap().rsplit('/').next().unwrap();
    let admin = admin(&maintenance(&url)).await;
    // The tests' server answers before it has written; this database must not.
    admin.simple_query(&format!("ALTER DATABASE {name} SET synchronous_commit = on")).await.unwrap();
    let pid = admin.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get::<_, i32>(0);
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon(["--database-url", &url]);
    let mut acknowledged = Vec::new();
    let client = dial(daemon.socket()).await;
    for number in 0..50 {
        acknowledged.push(add(&client, &format!("before {number}")).await.unwrap().title);
    }

    let adds = (0..64).map(|number| {
        let client = client.clone();
        tokio::spawn(async move { add(&client, &format!("during {number}")).await })
    });
    let adds: Vec<_> = adds.collect();
    tokio::task::yield_now().await;
    let backend = rustix::process::Pid::from_raw(pid).unwrap();
    rustix::process::kill_process(backend, rustix::process::Signal::KILL).unwrap();
    for add in adds {
        match add.await.unwrap() {
            Ok(task) => acknowledged.push(task.title),
            Err(error) => assert_eq!(error.kind, ErrorKind::Unavailable, "{error}"),
        }
    }
    acknowledged.extend(add_until_it_works(&client, "after").await);
    for _ in 0..8 {
        list_until_it_works(&client).await;
    }
    let kept = by_number(&all(&client).await);
    for title in &acknowledged {
        assert_eq!(kept.values().filter(|kept| *kept == title).count(), 1, "{title}");
    }
}
