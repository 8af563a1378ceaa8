//! Backups while 64 clients write, and `kill -9` of the daemon and of the backup: every backup that was finished restores,
//! and has every task that was acknowledged before it began.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use muista_core::error::ErrorKind;
use rustix::process::Signal;
use serde_json::Value;
use test_common::postgres;
use test_common::sandbox::{Daemon, Sandbox};
use tokio::task::JoinSet;

use crate::support::{add, all, by_number, dial, done, run, sqlite_is_whole};

const CLIENTS: usize = 64;

/// How many rounds there are where nobody asks for more.
const ROUNDS: usize = 3;

fn rounds() -> usize {
    std::env::var("MUISTA_TEST_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS)
}

/// Acknowledged adds: number and title.
type Acknowledged = Arc<Mutex<Vec<(i64, String)>>>;

/// A backup that was finished, and how much had been acknowledged when it was begun.
struct Made {
    file: PathBuf,
    acknowledged: usize,
}

/// Has clients add until the daemon is gone.
async fn write(daemon: &Daemon, round: usize, acknowledged: &Acknowledged) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let (client, acknowledged) = (dial(daemon.socket()).await, Arc::clone(acknowledged));
        clients.spawn(async move {
            for turn in 0.. {
                match add(&client, &format!("round {round} client {number} add {turn}")).await {
                    Ok(task) => acknowledged.lock().unwrap().push((task.number, task.title)),
                    Err(lost) => {
                        assert_eq!(lost.kind, ErrorKind::Unavailable, "{lost}");
                        return;
                    }
                }
            }
        });
    }
    clients
}

/// Makes backups one after the other, until `until`; returns those that were finished and the one that was not.
fn back_up(sandbox: &Sandbox, flags: &[&str], acknowledged: &Acknowledged, until: Instant) -> (Vec<Made>, Child) {
    let mut made = Vec::new();
    loop {
        let before = acknowledged.lock().unwrap().len();
        let mut command = sandbox.muista();
        command.args(["backup", "--json"]).args(flags).stdout(Stdio::piped()).stderr(Stdio::null());
        let child = command.spawn().unwrap();
        if Instant::now() >= until {
            return (made, child);
        }
        let output = child.wait_with_output().unwrap();
        if output.status.success() {
            let told: Value = serde_json::from_slice(&output.stdout).unwrap();
            made.push(Made { file: told["file"].as_str().unwrap().into(), acknowledged: before });
        }
    }
}

/// Somewhere in the middle of a backup, another place each time.
fn a_while() -> Duration {
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Duration::from_millis(u64::from(clock.subsec_micros() % 40))
}

/// Restores a backup into a new SQLite file, and looks for what was acknowledged.
async fn restores(made: &Made, acknowledged: &Acknowledged) {
    let sandbox = Sandbox::new();
    let check = run(sandbox.muista().args(["backup", "--drill"]).arg(&made.file));
    assert_eq!(check.code, Some(0), "{check:?}");
    done(sandbox.muista().arg("restore").arg(&made.file));
    let daemon = sandbox.daemon([] as [&str; 0]);
    let kept = by_number(&all(&dial(daemon.socket()).await).await);
    for (number, title) in acknowledged.lock().unwrap().iter().take(made.acknowledged) {
        assert_eq!(kept.get(number), Some(title), "{}: task {number} is lost", made.file.display());
    }
    daemon.kill9();
    sqlite_is_whole(&sandbox.data_dir().join("muista.db"));
}

fn half_written(folder: &Path) -> usize {
    folder.read_dir().map_or(0, |files| {
        files.filter(|file| file.as_ref().unwrap().file_name().to_str().unwrap().ends_with(".part")).count()
    })
}

async fn survives(sandbox: &Sandbox, args: &[&str]) {
    let acknowledged = Acknowledged::default();
    let folder = sandbox.data_dir().join("backups");
    let (mut finished, mut known) = (0, HashSet::new());
    for round in 0..rounds() {
        let daemon = sandbox.daemon(args);
        let clients = write(&daemon, round, &acknowledged).await;
        let until = Instant::now() + Duration::from_millis(700);
        let (made, mut half) = tokio::task::block_in_place(|| back_up(sandbox, args, &acknowledged, until));
        std::thread::sleep(a_while());
        daemon.signal(Signal::KILL);
        half.kill().unwrap();
        half.wait().unwrap();
        daemon.wait();
        clients.join_all().await;
        let listed = done(sandbox.muista().args(["backup", "ls", "--json"]).args(args)).json();
        let listed = listed.as_array().unwrap().iter().map(|backup| PathBuf::from(backup["file"].as_str().unwrap()));
        let mut new: HashSet<PathBuf> = listed.filter(|file| known.insert(file.clone())).collect();
        finished += new.len();
        for made in &made {
            assert!(new.remove(&made.file), "round {round}: {} is not listed", made.file.display());
            restores(made, &acknowledged).await;
        }
        // One may have been finished just before its command was killed.
        for file in new {
            restores(&Made { file, acknowledged: 0 }, &acknowledged).await;
        }
    }
    eprintln!("{finished} backups of {} rounds restore", rounds());
    assert!(finished > 0, "no backup was finished");
    done(sandbox.muista().arg("backup").args(args));
    assert_eq!(half_written(&folder), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_sqlite_every_finished_backup_has_what_was_acknowledged() {
    survives(&Sandbox::new(), &[]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_every_finished_backup_has_what_was_acknowledged() {
    let database = postgres::server().database();
    let sandbox = Sandbox::new().with_env("MUISTA_DATABASE_URL", &database.url);
    survives(&sandbox, &[]).await;
}

/// A daemon is in the way of a restore, and says so.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restore_waits_for_no_daemon() {
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon([] as [&str; 0]);
    add(&dial(daemon.socket()).await, "one").await.unwrap();
    let made = done(sandbox.muista().args(["backup", "--json"])).json();
    let mut restore: Command = sandbox.muista();
    restore.args(["restore", made["file"].as_str().unwrap(), "--yes"]);
    run(&mut restore).refused(4, &["the daemon (pid", "muista daemon stop"]);
    daemon.terminate();
    done(&mut restore);
}
