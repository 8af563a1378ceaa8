//! The SQLite file under a running daemon: replaced, removed, overwritten, and copied. What was acknowledged is never lost,
//! and the daemon says what happened instead of writing where nobody looks.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use test_common::sandbox::{Daemon, Sandbox};

use crate::support::{PATIENCE, done, request, run, sqlite_is_whole, sqlite_text};

/// A daemon on a file that has these tasks.
fn with(sandbox: &Sandbox, titles: &[&str]) -> (Daemon, PathBuf) {
    let daemon = sandbox.daemon([""; 0]);
    for title in titles {
        done(sandbox.muista().args(["add", title]));
    }
    let file = sandbox.data_dir().join("muista.db");
    (daemon, file)
}

fn titles(file: &Path) -> String {
    sqlite_text(
        file,
        "SELECT coalesce(group_concat(title), '') AS value FROM (SELECT title FROM tasks ORDER BY number)",
    )
}

/// What the daemon saved of the old file.
fn saved(sandbox: &Sandbox) -> PathBuf {
    let found = fs::read_dir(sandbox.data_dir()).unwrap().map(|entry| entry.unwrap().path());
    let mut saved = found.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("muista-saved-"));
    let path = saved.next().unwrap();
    assert_eq!(saved.next(), None, "it is saved once");
    path
}

/// What was well a moment ago is not told on once a write was refused.
#[test]
fn health_tells_of_it_at_once() {
    let sandbox = Sandbox::new();
    let (daemon, file) = with(&sandbox, &["a"]);
    let older = sandbox.path().join("older.db");
    copied_whole(&file, &older);
    assert_eq!(request(daemon.http(), "GET", "/health").status, 200);
    fs::rename(&older, &file).unwrap();
    run(sandbox.muista().args(["add", "lost"])).refused(5, &["replaced"]);
    let answer = request(daemon.http(), "GET", "/health");
    assert_eq!((answer.status, &answer.json()["reason"]), (503, &"DATABASE_REPLACED".into()), "{answer:?}");
}

/// Everything that is asked says so; what runs goes on to answer that it lives.
fn is_told(sandbox: &Sandbox, daemon: &Daemon, what: &str) {
    for args in [&["add", "lost"][..], &["ls"], &["done", "1"], &["daemon", "status"]] {
        run(sandbox.muista().args(args)).refused(5, &["muista.db", what, "daemon restart"]);
    }
    for path in ["/health", "/health/ready"] {
        let answer = request(daemon.http(), "GET", path);
        assert_eq!((answer.status, &answer.json()["reason"]), (503, &"DATABASE_REPLACED".into()), "{path}: {answer:?}");
    }
    assert_eq!(request(daemon.http(), "GET", "/health/live").status, 200);
    let checked = run(sandbox.muista().args(["doctor", "--json"]));
    let checks = checked.json();
    let failed: Vec<_> = checks.as_array().unwrap().iter().filter(|check| check["status"] == "fail").collect();
    assert!(failed.iter().any(|check| check["name"] == "database"), "{checks:#}");
    assert!(failed.iter().all(|check| check["found"].as_str().unwrap().contains(what)), "{checks:#}");
    assert!(failed.iter().all(|check| check["remedy"].is_string()), "{checks:#}");
}

#[test]
fn a_file_that_is_replaced_loses_nothing_acknowledged() {
    let sandbox = Sandbox::new();
    let (daemon, file) = with(&sandbox, &["a"]);
    let (older, aside) = (sandbox.path().join("older.db"), sandbox.data_dir().join(".tmp"));
    copied_whole(&file, &older);
    done(sandbox.muista().args(["add", "b"]));
    // As tools do that keep folders alike.
    fs::copy(&older, &aside).unwrap();
    fs::rename(&aside, &file).unwrap();
    is_told(&sandbox, &daemon, "replaced");
    assert_eq!(daemon.terminate().code(), Some(0));

    let saved = saved(&sandbox);
    assert_eq!((titles(&file), titles(&saved)), ("a".to_owned(), "a,b".to_owned()));
    sqlite_is_whole(&file);
    sqlite_is_whole(&saved);
    assert_eq!(mode(&saved), 0o600);
    let _daemon = sandbox.daemon([""; 0]);
    done(sandbox.muista().args(["add", "c"]));
    assert_eq!(done(sandbox.muista().args(["ls", "-o", "ids"])).stdout.lines().count(), 2);
}

/// Nothing is asked between: what was added last is saved at the stop.
#[test]
fn a_file_that_is_removed_is_saved_at_the_stop() {
    let sandbox = Sandbox::new();
    let (daemon, file) = with(&sandbox, &["a", "b"]);
    fs::remove_file(&file).unwrap();
    assert_eq!(daemon.terminate().code(), Some(0));
    assert!(!file.exists());
    let saved = saved(&sandbox);
    assert_eq!(titles(&saved), "a,b");
    fs::rename(&saved, &file).unwrap();
    let daemon = sandbox.daemon([""; 0]);
    assert_eq!(done(sandbox.muista().args(["ls", "-o", "ids"])).stdout.lines().count(), 2);
    fs::remove_file(sandbox.data_dir().join("muista.db-wal")).unwrap();
    is_told(&sandbox, &daemon, "muista.db-wal was removed");
}

/// The old content is gone, so that nothing can be saved; the new one must not be spoilt as well.
#[test]
fn a_file_that_is_overwritten_is_left_as_it_is() {
    let sandbox = Sandbox::new();
    let (daemon, file) = with(&sandbox, &["a"]);
    let older = sandbox.path().join("older.db");
    copied_whole(&file, &older);
    let many: Vec<String> = (0..40).map(|number| format!("{number} {}", "x".repeat(900))).collect();
    for title in &many {
        done(sandbox.muista().args(["add", title]));
    }
    copied_whole(&file, &sandbox.path().join("newer.db"));
    done(sandbox.muista().args(["ls"]));
    // From here on the log waits a second before it is taken over.
    done(sandbox.muista().args(["add", "last"]));
    fs::write(&file, fs::read(&older).unwrap()).unwrap();
    is_told(&sandbox, &daemon, "overwritten");
    assert_eq!(daemon.terminate().code(), Some(0));
    assert_eq!(fs::read(&file).unwrap(), fs::read(&older).unwrap());
    assert_eq!(titles(&file), "a");
    let _daemon = sandbox.daemon([""; 0]);
    done(sandbox.muista().args(["add", "c"]));
}

/// Waits until nothing is in the log any more, and copies the file alone.
fn copied_whole(file: &Path, to: &Path) {
    let (log, began) = (file.with_file_name("muista.db-wal"), Instant::now());
    while fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
        assert!(began.elapsed() < PATIENCE, "the log is never taken over into the file");
        std::thread::yield_now();
    }
    fs::copy(file, to).unwrap();
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_file_that_is_copied_alone_has_the_newest_tasks() {
    let sandbox = Sandbox::new();
    let (daemon, file) = with(&sandbox, &["a", "b"]);
    let copy = sandbox.path().join("copy.db");
    copied_whole(&file, &copy);
    assert_eq!(titles(&copy), "a,b");
    sqlite_is_whole(&copy);
    // And it is not over with the first time.
    done(sandbox.muista().args(["add", "c"]));
    copied_whole(&file, &copy);
    assert_eq!(titles(&copy), "a,b,c");
    drop(daemon);
}

/// A log that was kept from an older state would undo what came after it.
#[test]
fn a_log_that_is_older_than_the_file_is_not_read() {
    let sandbox = Sandbox::new();
    let file = sandbox.data_dir().join("muista.db");
    let (log, kept) = (file.with_file_name("muista.db-wal"), sandbox.path().join("kept"));
    done(sandbox.muista().args(["add", "a"]));
    // What changes the file's size changes its first page.
    let grow = || {
        let mut conn = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        conn.batch_execute("CREATE TABLE more (x); INSERT INTO more VALUES (zeroblob(100000)); DROP TABLE more")
            .unwrap();
        conn
    };
    let conn = grow();
    fs::copy(&log, &kept).unwrap();
    drop(conn);
    drop(grow());
    done(sandbox.muista().args(["add", "b"]));
    fs::copy(&kept, &log).unwrap();
    run(sandbox.muista().arg("ls")).refused(5, &["muista.db-wal does not belong", "mv "]);
    assert!(run(sandbox.muista().arg("doctor")).stdout.contains("does not belong"));
    fs::remove_file(&log).unwrap();
    assert_eq!(titles(&file), "a,b");
    assert_eq!(done(sandbox.muista().args(["ls", "-o", "ids"])).stdout.lines().count(), 2);
}
