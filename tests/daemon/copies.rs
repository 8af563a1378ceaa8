//! Copies of the SQLite file that other tools made, and Debian's `sqlite3`, which is older than the SQLite within Muista:
//! it finds the file whole and dumps it, and what it made works.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use test_common::sandbox::Sandbox;

use crate::support::{done, run, sqlite_text};

/// The shell of the system, where there is one; says so where there is none.
fn shell() -> Option<PathBuf> {
    let found =
        std::env::split_paths(&std::env::var_os("PATH")?).map(|dir| dir.join("sqlite3")).find(|it| it.is_file());
    if found.is_none() {
        eprintln!("skipped: no sqlite3 is installed");
    }
    found
}

/// What the shell prints for a statement or a command of its own.
fn ask(shell: &Path, file: &Path, what: &str) -> String {
    done(Command::new(shell).arg("-bail").arg(file).arg(what)).stdout
}

/// A home with something in every table that a command can fill, the values that may be missing left out.
fn filled() -> Sandbox {
    let sandbox = Sandbox::new();
    for args in [
        &["add", "a", "--tag", "t", "--project", "p", "--due", "tomorrow", "--remind", "1h", "--every", "daily"][..],
        &["add", "b 'quoted' \u{1f408}", "--note", "one\ntwo", "--parent", "1"],
        &["comment", "1", "hello"],
        &["done", "2"],
        &["rm", "2", "--yes"],
        &["token", "create", "--name", "k"],
    ] {
        done(sandbox.muista().args(args));
    }
    // A message that was sent before messages had a text.
    sqlite_text(
        &sandbox.data_dir().join("muista.db"),
        "INSERT INTO notifications (id, user_id, recipient, channel, status, sent_at, created_at)
            SELECT zeroblob(16), id, 'me', 'email', 'SENT', 1, 1 FROM users RETURNING 'done' AS value",
    );
    sandbox
}

fn counts(shell: &Path, file: &Path) -> Vec<(String, String)> {
    let tables = ask(shell, file, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
    tables.lines().map(|table| (table.to_owned(), ask(shell, file, &format!("SELECT count(*) FROM {table}")))).collect()
}

#[test]
fn an_older_sqlite_checks_and_dumps_the_file() {
    let Some(shell) = shell() else { return };
    let sandbox = filled();
    let (file, copy) = (sandbox.data_dir().join("muista.db"), sandbox.path().join("copy/muista.db"));
    assert_eq!(ask(&shell, &file, "PRAGMA integrity_check"), "ok\n");
    let dump = ask(&shell, &file, ".dump");
    std::fs::create_dir(copy.parent().unwrap()).unwrap();
    let mut child = Command::new(&shell).arg("-bail").arg(&copy).stdin(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), dump.as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(counts(&shell, &copy), counts(&shell, &file), "rows of every table");
    assert_eq!(ask(&shell, &copy, "PRAGMA user_version; PRAGMA journal_mode"), "0\ndelete\n", "what a dump loses");
    works_as_a_database(&sandbox, &shell, &copy);
}

#[test]
fn a_copy_by_vacuum_into_is_put_right_when_it_is_opened() {
    let Some(shell) = shell() else { return };
    let sandbox = filled();
    let (file, copy) = (sandbox.data_dir().join("muista.db"), sandbox.path().join("copy/muista.db"));
    std::fs::create_dir(copy.parent().unwrap()).unwrap();
    ask(&shell, &file, &format!("VACUUM INTO '{}'", copy.display()));
    assert_eq!(ask(&shell, &copy, "PRAGMA journal_mode"), "delete\n");
    works_as_a_database(&sandbox, &shell, &copy);
}

/// It is found fit, and is like any other from then on.
fn works_as_a_database(sandbox: &Sandbox, shell: &Path, copy: &Path) {
    let muista = || {
        let mut command = sandbox.muista();
        command.arg("--data-dir").arg(copy.parent().unwrap());
        command
    };
    let tasks = |json: &str| serde_json::from_str::<serde_json::Value>(json).unwrap();
    let usual = tasks(&done(sandbox.muista().args(["ls", "--status", "all", "--json"])).stdout);
    assert_eq!(tasks(&done(muista().args(["ls", "--status", "all", "--json"])).stdout), usual);
    done(muista().arg("doctor"));
    let added = tasks(&done(muista().args(["add", "new", "--json"])).stdout);
    assert_eq!(added["number"], 3, "numbers go on where they were");
    let version = sqlite_text(copy, "SELECT CAST(user_version AS TEXT) AS value FROM pragma_user_version");
    assert_eq!(ask(shell, copy, "PRAGMA journal_mode; PRAGMA user_version"), format!("wal\n{version}\n"));
    assert_ne!(version, "0");
    assert_eq!(run(muista().args(["undo", "--yes"])).code, Some(0));
}
