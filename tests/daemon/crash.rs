//! `kill -9` under load: what was acknowledged is there afterwards, whole, and no number is given twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use muista_core::error::ErrorKind;
use test_common::postgres;
use test_common::sandbox::{Daemon, Sandbox};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::support::{add, all, by_number, dial, sqlite_is_whole};

const CLIENTS: usize = 64;

/// Acknowledged adds: number and title.
type Acknowledged = Vec<(i64, String)>;

/// Counts answers, and tells when enough have come.
struct Fuse {
    left: AtomicUsize,
    burnt: Notify,
}

/// Has 64 clients add until the daemon is gone, which is killed after so many answers. Each answer is kept.
async fn add_until_killed(daemon: Daemon, round: usize, answers: usize) -> Acknowledged {
    let fuse = Arc::new(Fuse { left: AtomicUsize::new(answers), burnt: Notify::new() });
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let client = dial(daemon.socket()).await;
        let fuse = Arc::clone(&fuse);
        clients.spawn(async move {
            let mut acknowledged = Acknowledged::new();
            loop {
                let title = format!("round {round} client {number} add {}", acknowledged.len());
                match add(&client, &title).await {
                    Ok(task) => acknowledged.push((task.number, task.title)),
                    Err(lost) => {
                        assert_eq!(lost.kind, ErrorKind::Unavailable, "{lost}");
                        return acknowledged;
                    }
                }
                if fuse.left.fetch_sub(1, Ordering::Relaxed) == 1 {
                    fuse.burnt.notify_one();
                }
            }
        });
    }
    fuse.burnt.notified().await;
    tokio::task::spawn_blocking(|| daemon.kill9()).await.unwrap();
    clients.join_all().await.into_iter().flatten().collect()
}

/// Somewhere in the middle of a group of commits, another place each time.
fn anywhere() -> usize {
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    200 + clock.subsec_micros() as usize % 700
}

/// Kills a daemon so many times; then everything acknowledged must be there under its number.
async fn survives(sandbox: &Sandbox, args: &[&str], rounds: usize) {
    let mut acknowledged = Acknowledged::new();
    for round in 0..rounds {
        let answers = anywhere();
        acknowledged.extend(add_until_killed(sandbox.daemon(args), round, answers).await);
        assert!(acknowledged.len() >= answers);

        let daemon = sandbox.daemon(args);
        let kept = by_number(&all(&dial(daemon.socket()).await).await);
        for (number, title) in &acknowledged {
            assert_eq!(kept.get(number), Some(title), "round {round}, {answers} answers: task {number} is lost");
        }
        let titles: std::collections::HashSet<&String> = kept.values().collect();
        assert_eq!(titles.len(), kept.len(), "round {round}: an add was made twice");
        daemon.kill9();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_nothing_acknowledged_is_lost() {
    let sandbox = Sandbox::new();
    survives(&sandbox, &[], 4).await;
    sqlite_is_whole(&sandbox.data_dir().join("muista.db"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_nothing_acknowledged_is_lost() {
    let sandbox = Sandbox::new();
    let database = postgres::server().database();
    survives(&sandbox, &["--database-url", &database.url], 2).await;
}
