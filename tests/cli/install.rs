//! `muista daemon install`, and the files of `packaging`: what is written, what is not replaced, and what systemd and
//! Docker themselves say of it, where they are there.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use test_common::sandbox::Sandbox;

use crate::support::{home, muista, run};

fn unit(home: &Sandbox) -> PathBuf {
    home.path().join("config/systemd/user/muistad.service")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The program that a unit starts, with its arguments.
#[track_caller]
fn started(unit: &str) -> &str {
    unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap()
}

#[test]
fn a_unit_is_written_with_the_daemons_place_and_says_how_to_start_it() {
    let home = home();
    let told = muista(&home, ["daemon", "install"]).ok();
    let path = unit(&home);
    assert!(told.contains(&format!("Wrote {}", path.display())), "{told}");
    assert!(told.contains("systemctl --user daemon-reload && systemctl --user enable --now muistad"), "{told}");
    let text = fs::read_to_string(&path).unwrap();
    let program = home.muistad().get_program().to_str().unwrap().to_owned();
    assert_eq!(started(&text), program);
    // But for that line it is the one of the repository.
    let ours = fs::read_to_string(repository().join("packaging/systemd/user/muistad.service")).unwrap();
    assert_eq!(text, ours.replace("/usr/bin/muistad", &program));
    assert_eq!(muista(&home, ["daemon", "install", "--print"]).ok(), text);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
    muista(&home, ["daemon", "install"]).ok();
}

#[test]
fn a_unit_that_was_changed_is_left_alone() {
    let home = home();
    muista(&home, ["daemon", "install"]).ok();
    fs::write(unit(&home), "[Service]\nExecStart=/mine\n").unwrap();
    muista(&home, ["daemon", "install"]).refused(4, "reads otherwise", "--yes");
    assert_eq!(fs::read_to_string(unit(&home)).unwrap(), "[Service]\nExecStart=/mine\n");
    let told = muista(&home, ["daemon", "install", "--yes", "--json"]).json();
    assert_eq!(told["started"], false, "{told}");
    assert!(!fs::read_to_string(unit(&home)).unwrap().contains("/mine"));
}

#[test]
fn what_the_command_works_on_the_daemon_works_on_too() {
    let home = home();
    let printed = muista(&home, ["daemon", "install", "--print", "--data-dir", "100% mine"]).ok();
    let folder = home.path().join("100%% mine");
    assert!(started(&printed).ends_with(&format!("--data-dir \"{}\"", folder.display())), "{printed}");
    let file = home.path().join("other.toml");
    fs::write(&file, "data_dir = \"/data\"\n").unwrap();
    let home = home.with_env("MUISTA_CONFIG", &file).with_env("MUISTA_SOCKET", "/run/x.sock");
    let printed = muista(&home, ["daemon", "install", "--print"]).ok();
    assert!(started(&printed).ends_with(&format!("--config {} --socket /run/x.sock", file.display())), "{printed}");
    // What the file says it says to the daemon too.
    assert!(!started(&printed).contains("--data-dir"), "{printed}");
}

#[test]
fn systemd_finds_nothing_wrong_with_the_units() {
    let home = home();
    for flags in [&["daemon", "install", "--print"][..], &["daemon", "install", "--print", "--system"]] {
        let system = flags.contains(&"--system");
        let mut text = muista(&home, flags).ok();
        if system {
            // The user is made when the unit is installed.
            text = text.replace("User=muista\n", "User=root\n").replace("Group=muista\n", "Group=root\n");
        }
        let folder = home.path().join(if system { "system" } else { "user" });
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("muistad.service");
        fs::write(&path, text).unwrap();
        let mut verify = Command::new("systemd-analyze");
        verify.arg(if system { "--system" } else { "--user" }).arg("verify").arg(&path);
        verify.env("XDG_RUNTIME_DIR", home.path().join("run")).env("SYSTEMD_LOG_LEVEL", "warning");
        if Command::new("systemd-analyze").arg("--version").output().is_err() {
            eprintln!("systemd is not there; the units were not verified");
            return;
        }
        let ran = run(&mut verify);
        assert_eq!((ran.code, ran.stderr.contains("muistad.service")), (0, false), "{flags:?}: {ran:?}");
    }
}

#[test]
fn docker_can_read_the_composition() {
    let file = repository().join("docker-compose.yml");
    let mut compose = Command::new("docker");
    compose.args(["compose", "--file"]).arg(&file).args(["config", "--quiet"]).env("POSTGRES_PASSWORD", "x");
    let there = Command::new("docker").args(["compose", "version"]).output();
    if there.is_ok_and(|output| output.status.success()) {
        run(&mut compose).ok();
    } else {
        eprintln!("Docker Compose is not there; its file was only searched");
    }
    // Every variable that is handed to the daemon is a setting, and every one of the example is in the file.
    let text = fs::read_to_string(&file).unwrap();
    let known = |name: &str| muista_core::config::KEYS.iter().any(|key| key.environment == name);
    let named = text.lines().filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name);
    let named: Vec<_> = named.filter(|name| name.starts_with("MUISTA_")).collect();
    assert!(named.len() >= 8 && named.iter().all(|name| known(name)), "{named:?}");
    let example = fs::read_to_string(repository().join(".env.example")).unwrap();
    for line in example.lines().map(|line| line.trim_start_matches('#')) {
        let Some((name, _)) = line.split_once('=').filter(|(name, _)| !name.contains(' ')) else { continue };
        assert!(text.contains(&format!("${{{name}:")), "{name}");
    }
}
