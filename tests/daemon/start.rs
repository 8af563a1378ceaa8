//! Starting: the ready line, the modes of what is made, and who may start beside whom.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use test_common::postgres;
use test_common::sandbox::Sandbox;

use crate::support::{add, all, dial, done, fails_to_start};

const ANY_PORT: [&str; 2] = ["--http", "127.0.0.1:0"];

fn mode(path: &Path) -> u32 {
    std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn what_it_makes_is_the_users_alone() {
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon([""; 0]);
    assert_eq!(daemon.socket(), sandbox.path().join("run/muista/muistad.sock"));
    assert!(daemon.http().ip().is_loopback());
    assert_eq!(mode(daemon.socket()), 0o600);
    assert_eq!(mode(daemon.socket().parent().unwrap()), 0o700);
    assert_eq!(mode(&sandbox.data_dir()), 0o700);
    for file in std::fs::read_dir(sandbox.data_dir()).unwrap() {
        let path = file.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
}

#[test]
fn a_second_one_on_the_same_data_is_refused_and_told_the_first() {
    let sandbox = Sandbox::new();
    let first = sandbox.daemon([""; 0]);
    let pid = format!("(pid {})", first.pid());
    let elsewhere = sandbox.path().join("other.sock");
    let mut second = sandbox.muistad();
    let ended = fails_to_start(second.args(ANY_PORT).arg("--socket").arg(&elsewhere));
    ended.refused(4, &[&pid, &sandbox.data_dir().display().to_string()]);
    assert_eq!(ended.json()["ready"], false, "{ended:?}");
    assert!(!elsewhere.exists());
}

#[test]
fn a_socket_that_somebody_answers_is_left_to_them() {
    let sandbox = Sandbox::new();
    let first = sandbox.daemon([""; 0]);
    let mut second = sandbox.muistad();
    second.args(ANY_PORT).arg("--data-dir").arg(sandbox.path().join("other")).arg("--socket").arg(first.socket());
    fails_to_start(&mut second).refused(4, &["answers", &first.socket().display().to_string()]);
    done(sandbox.muista().args(["daemon", "status"]));
}

#[test]
fn a_socket_left_by_a_killed_daemon_is_taken_over() {
    let sandbox = Sandbox::new();
    let first = sandbox.daemon([""; 0]);
    let socket = first.socket().to_owned();
    first.kill9();
    assert!(socket.exists(), "nobody could remove it");
    let second = sandbox.daemon([""; 0]);
    assert_eq!(second.socket(), socket);
    let status = done(sandbox.muista().args(["daemon", "status", "--json"])).json();
    assert_eq!(status["pid"], second.pid());
}

/// Two daemons may share a PostgreSQL database, each with its own folder.
#[tokio::test]
async fn two_share_a_postgresql_database() {
    let database = postgres::server().database();
    let (one, two) = (Sandbox::new(), Sandbox::new());
    let first = one.daemon(["--database-url", &database.url]);
    let second = two.daemon(["--database-url", &database.url]);
    let (at_first, at_second) = (dial(first.socket()).await, dial(second.socket()).await);
    add(&at_first, "by the first").await.unwrap();
    add(&at_second, "by the second").await.unwrap();
    let mut seen: Vec<_> = all(&at_first).await.into_iter().map(|task| (task.number, task.title)).collect();
    seen.sort();
    assert_eq!(seen, [(1, "by the first".to_owned()), (2, "by the second".to_owned())]);
}

/// diesel's migrations take no lock of their own.
#[test]
fn many_first_starts_at_once_bring_up_one_postgresql_database() {
    let database = postgres::server().database();
    let sandboxes: Vec<Sandbox> = (0..4).map(|_| Sandbox::new()).collect();
    std::thread::scope(|scope| {
        for sandbox in &sandboxes {
            scope.spawn(|| {
                let daemon = sandbox.daemon(["--database-url", &database.url]);
                assert_eq!(daemon.terminate().code(), Some(0));
            });
        }
    });
}
