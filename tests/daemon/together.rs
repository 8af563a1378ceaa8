//! Several processes on one SQLite file: two of commands without a daemon, and a daemon. Nobody is locked out, and no
//! change undoes another.

use std::path::{Path, PathBuf};

use muista_core::model::{Change, TaskPatch, Text};
use test_common::sandbox::Sandbox;

use crate::support::{add, all, by_number, dial, done, sqlite_is_whole};

/// How many adds, and how many edits, each process of commands makes.
const ROUNDS: usize = 50;
/// How many of each the daemon's client makes.
const DAEMON_ROUNDS: usize = 150;
/// How many tasks all of them change in turn, each round the next.
const SHARED: usize = 4;

/// Runs commands without the daemon: each adds a task, and changes its own field and adds a tag of its own to a shared one.
fn commands(sandbox: &Sandbox, name: &str, field: &str) {
    let nowhere: PathBuf = sandbox.path().join("nowhere.sock");
    let muista = || {
        let mut command = sandbox.muista();
        command.env("MUISTA_SOCKET", &nowhere);
        command
    };
    for round in 0..ROUNDS {
        let added = done(muista().args(["add", "--json", "-v", &format!("{name} {round}")]));
        assert!(added.stderr.contains("in this process"), "{added:?}");
        done(muista().args([
            "edit",
            &shared(round),
            field,
            &format!("{name} {round}"),
            "--add-tag",
            &format!("{name}{round}"),
        ]));
    }
}

/// The daemon's client: adds, and changes the note and the tags of a shared task.
async fn calls(socket: &Path) {
    let client = dial(socket).await;
    for round in 0..DAEMON_ROUNDS {
        add(&client, &format!("daemon {round}")).await.unwrap();
        let patch = TaskPatch {
            note: Text::parse("note", &format!("daemon {round}")).unwrap().map_or(Change::Keep, Change::Set),
            add_tags: vec![format!("daemon{round}").parse().unwrap()],
            ..TaskPatch::default()
        };
        client.edit_tasks(vec![shared(round).parse().unwrap()], patch).await.unwrap();
    }
}

/// The number of the task that is changed in this round.
fn shared(round: usize) -> String {
    (1 + round % SHARED).to_string()
}

/// What was written last into the field of shared task `number`.
fn last(name: &str, rounds: usize, number: i64) -> String {
    let round = (0..rounds).rev().find(|round| shared(*round) == number.to_string()).unwrap();
    format!("{name} {round}")
}

#[tokio::test]
async fn commands_and_a_daemon_share_one_file() {
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon([""; 0]);
    let client = dial(daemon.socket()).await;
    for number in 0..SHARED {
        add(&client, &format!("shared {number}")).await.unwrap();
    }
    let socket = daemon.socket();
    std::thread::scope(|scope| {
        scope.spawn(|| commands(&sandbox, "ann", "--title"));
        scope.spawn(|| commands(&sandbox, "bob", "--description"));
        scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(calls(socket));
        });
    });

    let tasks = all(&client).await;
    let adds = 2 * ROUNDS + DAEMON_ROUNDS;
    assert_eq!(by_number(&tasks).len(), SHARED + adds);
    let (mut tags, mut changes) = (0, 0);
    for task in tasks.iter().filter(|task| task.number <= i64::try_from(SHARED).unwrap()) {
        assert_eq!(task.title, last("ann", ROUNDS, task.number));
        assert_eq!(task.description, Some(last("bob", ROUNDS, task.number)));
        assert_eq!(task.note, Some(last("daemon", DAEMON_ROUNDS, task.number)));
        tags += task.tags.len();
        changes += usize::try_from(task.version - 1).unwrap();
    }
    assert_eq!((tags, changes), (adds, adds), "an edit was lost");
    assert_eq!(daemon.terminate().code(), Some(0));
    sqlite_is_whole(&sandbox.data_dir().join("muista.db"));
}
