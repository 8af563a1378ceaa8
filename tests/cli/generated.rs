//! The files of the repository that the command itself writes are as it writes them today. `UPDATE=1` writes them anew:
//! `UPDATE=1 cargo test -p muista-cli --test cli generated`.

use std::path::{Path, PathBuf};

use crate::support::{home, muista, run, zone};

/// Compares a file of the repository with what `muista` prints.
fn check(path: &str, args: &[&str]) {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    let printed = muista(&home(), args).ok();
    assert!(!printed.is_empty(), "{args:?}");
    if std::env::var_os("UPDATE").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, &printed).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == printed, "{} is not what {args:?} prints; UPDATE=1 writes it anew", path.display());
}

#[test]
fn the_reference_is_up_to_date() {
    check("docs/CLI.md", &["man", "--markdown"]);
}

#[test]
fn the_picture_shows_what_the_commands_print() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/terminal.py");
    if std::process::Command::new("python3").arg("--version").output().is_err() {
        eprintln!("Python is missing; the picture was not compared");
        return;
    }
    let mut python = std::process::Command::new("python3");
    // In that zone no midnight comes between the commands.
    python.arg(script).arg("--muista").arg(home().muista().get_program()).env("MUISTA_TIMEZONE", zone());
    if std::env::var_os("UPDATE").is_none_or(|value| value != "1") {
        python.arg("--check");
    }
    run(&mut python).ok();
}
