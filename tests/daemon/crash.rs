//! `kill -9` under load: what was acknowledged is there afterwards, whole, and no number is given twice.

use std::os::unix::process::ExitStatusExt as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use muista_core::error::ErrorKind;
use rustix::process::{Pid, Signal, kill_process};
use test_common::postgres;
use test_common::sandbox::{Daemon, Sandbox};
use tokio::task::JoinSet;

use crate::support::{add, all, by_number, dial, sqlite_is_whole};

const CLIENTS: usize = 64;

/// Acknowledged adds: number and title.
type Acknowledged = Vec<(i64, String)>;

/// Counts answers, and kills the daemon at the last one: at that very moment, since the commit of an answer that came too
/// early would be over soon.
struct Fuse {
    left: AtomicUsize,
    daemon: Pid,
}

impl Fuse {
    fn answered(&self) {
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            kill_process(self.daemon, Signal::KILL).unwrap();
        }
    }
}

/// Has 64 clients add until the daemon is gone, which is killed after so many answers. Each answer is kept.
async fn add_until_killed(daemon: Daemon, round: usize, answers: usize) -> Acknowledged {
    let pid = i32::try_from(daemon.pid()).ok().and_then(Pid::from_raw).unwrap();
    let fuse = Arc::new(Fuse { left: AtomicUsize::new(answers), daemon: pid });
    // All are connected before the first adds, for the daemon may be gone soon after.
    let mut connected = Vec::with_capacity(CLIENTS);
    for _ in 0..CLIENTS {
        connected.push(dial(daemon.socket()).await);
    }
    let mut clients = JoinSet::new();
    for (number, client) in connected.into_iter().enumerate() {
        let fuse = Arc::clone(&fuse);
        clients.spawn(async move {
            let mut acknowledged = Acknowledged::new();
            loop {
                let title = format!("round {round} client {number} add {}", acknowledged.len());
                match add(&client, &title).await {
                    Ok(task) => {
                        fuse.answered();
                        acknowledged.push((task.number, task.title));
                    }
                    Err(lost) => {
                        assert_eq!(lost.kind, ErrorKind::Unavailable, "{lost}");
                        return acknowledged;
                    }
                }
            }
        });
    }
    let acknowledged = clients.join_all().await.into_iter().flatten().collect();
    assert_eq!(daemon.wait().signal(), Some(9));
    acknowledged
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
    survives(&sandbox, &[], 8).await;
    sqlite_is_whole(&sandbox.data_dir().join("muista.db"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_nothing_acknowledged_is_lost() {
    let sandbox = Sandbox::new();
    let database = postgres::server().database();
    survives(&sandbox, &["--database-url", &database.url], 2).await;
}
