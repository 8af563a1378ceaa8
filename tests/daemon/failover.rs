//! A primary server that fails and a standby that is promoted in its place: the daemon finds it by itself, and nothing
//! that was acknowledged is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use muista_core::error::ErrorKind;
use muista_core::rpc::Client;
use test_common::postgres::Server;
use test_common::sandbox::Sandbox;

use crate::support::{add, all, by_number, dial, request};

/// How long a daemon may take to be back once there is a primary again.
const BACK: Duration = Duration::from_secs(15);

/// Adds tasks one after the other until it is told to stop; returns the titles of those that were acknowledged.
async fn load(client: Client, name: String, stop: Arc<AtomicBool>) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        match add(&client, &format!("{name} {number}")).await {
            Ok(task) => acknowledged.push(task.title),
            Err(error) => {
                assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_standby_promoted_under_load_is_found() {
    let primary = Server::start().unwrap();
    let url = primary.database().url;
    let name = url.split('?').next().unwrap().rsplit('/').next().unwrap().to_owned();
    let standby = primary.standby().unwrap();
    // What is acknowledged is on the standby as well.
    primary.run("postgres", &format!("ALTER DATABASE {name} SET synchronous_commit = on"));
    primary.run("postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary.run("postgres", "SELECT pg_reload_conf()");

    // The one that follows first: it is not the one that takes writes.
    let both = format!("postgres://postgres@/{name}?host={}&host={}", standby.host(), primary.host());
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon(["--database-url", &both]);
    let client = dial(daemon.socket()).await;
    add(&client, "before").await.unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let loads: Vec<_> =
        (0..4).map(|n| tokio::spawn(load(client.clone(), format!("load {n}"), Arc::clone(&stop)))).collect();
    let count = |client: Client| async move { all(&client).await.len() };
    while count(client.clone()).await < 100 {}

    drop(primary);
    standby.run("postgres", "ALTER SYSTEM SET synchronous_standby_names = ''");
    standby.promote();
    standby.run("postgres", "SELECT pg_reload_conf()");
    let promoted = Instant::now();
    while let Err(error) = add(&client, "after").await {
        assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
        assert!(promoted.elapsed() < BACK, "it does not come back: {error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    while request(daemon.http(), "GET", "/health/ready").status != 200 {
        assert!(promoted.elapsed() < BACK, "it is never ready again");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    stop.store(true, Ordering::Relaxed);
    let mut acknowledged = vec!["before".to_owned(), "after".to_owned()];
    for load in loads {
        acknowledged.extend(load.await.unwrap());
    }
    let kept = by_number(&all(&client).await);
    for title in &acknowledged {
        assert_eq!(kept.values().filter(|kept| *kept == title).count(), 1, "{title}");
    }
}
