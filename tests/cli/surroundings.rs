//! Files, folders and pipes that are not as they should be.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use serde_json::Value;
use test_common::sandbox::Sandbox;

use crate::support::{Ran, all, home, home_with, muista, run, shell};

/// A home with that many tasks, imported at once.
fn home_with_many(count: usize) -> Sandbox {
    let home = home();
    let line = |n| {
        format!(r#"{{"id":"00000000-0000-4000-8000-{n:012}","title":"Task {n}","createdAt":"2026-11-21T09:39:07Z"}}"#)
    };
    let lines: Vec<String> = (1..=count).map(line).collect();
    fs::write(home.path().join("many.json"), lines.join("\n")).unwrap();
    muista(&home, ["import", "many.json", "--quiet"]).ok();
    home
}

#[test]
fn a_reader_may_stop_early() {
    let home = home_with_many(3000);
    for line in [
        "muista ls --limit 3000 | head -1",
        "muista ls --json | head -1",
        "muista ls -o csv | head -1",
        "muista export | head -1",
        "muista log -o ndjson | head -1",
        "muista --help | head -1",
        "muista man --markdown | head -1",
    ] {
        // The status of a pipe is that of its end; a file tells that of its beginning.
        let line = line.replacen(" | ", "; echo $? >status; } | ", 1);
        let ran = shell(&home, &format!("{{ {line}"));
        assert_eq!((ran.stdout.lines().count(), ran.stderr.as_str()), (1, ""), "{line}: {ran:?}");
        let status = fs::read_to_string(home.path().join("status")).unwrap();
        assert_eq!(status, "0\n", "{line}");
    }
}

#[test]
fn a_full_disk_under_stdout_is_told() {
    let home = home_with(&["a"]);
    for args in [
        &["ls"][..],
        &["ls", "--json"],
        &["ls", "-o", "csv"],
        &["show", "1"],
        &["export"],
        &["date", "today"],
        &["config"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
        &["--version"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = home.muista().args(args).stdin(Stdio::null()).stdout(full).output().unwrap();
        let ran = Ran::of(output);
        assert_eq!(ran.code, 1, "{args:?}: {ran:?}");
        assert!(ran.stderr.starts_with("error: cannot write the output: No space left"), "{args:?}: {ran:?}");
    }
}

#[test]
fn a_data_folder_that_cannot_be_made_is_told() {
    let home = home();
    fs::write(home.path().join("file"), "mine").unwrap();
    for args in [&["add", "x"][..], &["ls"], &["import", "tasks.json"], &["undo"]] {
        fs::write(home.path().join("tasks.json"), "[]").unwrap();
        muista(&home, [args, &["--data-dir", "file/below"]].concat()).refused(5, "file/below", "--data-dir");
    }
    assert_eq!(fs::read_to_string(home.path().join("file")).unwrap(), "mine");
    assert!(!home.data_dir().exists());
}

#[test]
fn a_corrupt_database_is_told_and_left_alone() {
    let home = home_with(&["a"]);
    let database = home.data_dir().join("muista.db");
    let rubbish = "this is no database ".repeat(1000);
    for file in fs::read_dir(home.data_dir()).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    fs::write(&database, &rubbish).unwrap();
    for args in [&["ls"][..], &["add", "x"], &["done", "1"], &["log"], &["export"]] {
        let ran = muista(&home, args);
        ran.refused(5, "muista.db", "");
        assert_eq!(fs::read_to_string(&database).unwrap(), rubbish, "{args:?}");
    }
    let checked = muista(&home, ["doctor", "--json"]);
    assert_eq!(checked.code, 1, "{checked:?}");
    let checks: Value = serde_json::from_str(&checked.stdout).unwrap();
    let failed: Vec<&Value> = checks.as_array().unwrap().iter().filter(|check| check["status"] == "fail").collect();
    assert_eq!(failed.len(), 1, "{checks:#}");
    assert_eq!(failed[0]["name"], "database");
    assert!(failed[0]["remedy"].is_string(), "{checks:#}");
    assert!(checked.stderr.starts_with("error: 1 check failed\n"), "{checked:?}");
}

#[test]
fn a_damaged_page_is_told() {
    let home = home_with_many(500);
    let database = home.data_dir().join("muista.db");
    let mut bytes = fs::read(&database).unwrap();
    bytes[4096..].fill(0x5a);
    fs::write(&database, &bytes).unwrap();
    let ran = muista(&home, ["ls"]);
    ran.refused(5, "muista.db", "");
}

#[test]
fn a_setting_that_is_not_known_is_refused() {
    let home = home_with(&["a"]);
    let before = all(&home);
    fs::create_dir_all(home.config_file().parent().unwrap()).unwrap();
    fs::write(home.config_file(), "# mine\ntimezon = \"UTC\"\n").unwrap();
    for args in [&["add", "x"][..], &["ls"], &["config", "list"], &["daemon", "start"]] {
        let ran = muista(&home, args);
        ran.refused(2, "timezon", "timezone");
        assert!(ran.stderr.contains("config.toml"), "{ran:?}");
    }
    assert_eq!(muista(&home, ["doctor"]).code, 1);
    fs::write(home.config_file(), "timezone = \n").unwrap();
    muista(&home, ["ls"]).refused(2, "config.toml", "");
    fs::remove_file(home.config_file()).unwrap();
    assert_eq!(all(&home), before);
    muista(&home, ["ls", "--config", "nowhere.toml"]).refused(2, "nowhere.toml", "");
}

#[test]
fn a_variable_that_is_not_known_is_only_noted() {
    let home = home_with(&["a"]);
    let ran = run(home.muista().args(["ls", "-o", "ids"]).env("MUISTA_TIMEZON", "UTC"));
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "1\n"), "{ran:?}");
    assert!(ran.stderr.contains("MUISTA_TIMEZON") && ran.stderr.contains("MUISTA_TIMEZONE"), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    let quiet = run(home.muista().args(["ls", "-o", "ids", "--quiet"]).env("MUISTA_TIMEZON", "UTC"));
    assert_eq!(quiet.stderr, "");
    let bad = run(home.muista().arg("ls").env("MUISTA_TIMEZONE", "Nowhere/City"));
    bad.refused(2, "Nowhere/City", "");
}

#[test]
fn what_is_stored_is_for_its_owner_alone() {
    let home = home_with(&["a"]);
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(home.data_dir()), 0o700);
    assert_eq!(mode(home.data_dir().join("muista.db")), 0o600);
}

#[test]
fn a_database_that_does_not_answer_is_told() {
    let home = home();
    let url = "postgres://muista:secret@127.0.0.1:1/muista";
    let ran = run(home.muista().arg("ls").env("MUISTA_DATABASE_URL", url));
    ran.refused(5, "127.0.0.1", "");
    assert!(!ran.stderr.contains("secret"), "{ran:?}");
    run(home.muista().arg("ls").env("MUISTA_DATABASE_URL", "mysql://x")).refused(2, "mysql", "postgres");
}

#[test]
fn without_a_home_a_command_says_what_it_needs() {
    let home = home();
    let mut command = home.muista();
    for name in ["HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"] {
        command.env_remove(name);
    }
    run(command.arg("ls")).refused(2, "HOME", "--data-dir");
    // What needs none works.
    assert_eq!(run(command.args(["--data-dir", "here"])).code, 0);
}
