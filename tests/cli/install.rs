//! `muista daemon install`, and the files of `packaging`: what is written, what is not replaced, and what systemd and
//! Docker themselves say of it, where they are there.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};
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

/// The first part of a path within the repository.
fn first(path: &Path) -> String {
    let mut parts: Vec<_> = Vec::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(name) => parts.push(name.to_str().unwrap().to_owned()),
            _ => {}
        }
    }
    parts.swap_remove(0)
}

/// What stands between quotation marks, in the lines that say `what`.
fn quoted<'a>(text: &'a str, what: &str) -> Vec<&'a str> {
    let lines = text.lines().filter(|line| line.contains(what));
    lines.flat_map(|line| line.split('"').skip(1).step_by(2)).collect()
}

/// What the sources below a folder include from outside of it.
fn included(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(repository().join(folder)).unwrap() {
        let path = folder.join(entry.unwrap().file_name());
        if repository().join(&path).is_dir() {
            included(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(repository().join(&path)).unwrap();
            for what in ["include_str!(\"", "include_bytes!(\""] {
                found.extend(quoted(&text, what).iter().map(|name| first(&folder.join(name))));
            }
            let krate = path.components().next().unwrap();
            let migrations = quoted(&text, "embed_migrations!(\"");
            found.extend(migrations.iter().map(|name| first(&Path::new(&krate).join(name))));
        }
    }
}

#[test]
fn docker_is_sent_all_that_the_build_needs() {
    let read = |path: &str| fs::read_to_string(repository().join(path)).unwrap();
    let mut needed: BTreeSet<_> = [".cargo", "Cargo.toml", "Cargo.lock"].map(str::to_owned).into();
    let manifest = read("Cargo.toml");
    let members: Vec<_> = quoted(&manifest, "members = [");
    assert!(members.contains(&"muista-agent") && members.len() >= 5, "{members:?}");
    for member in members {
        let folder = Path::new(member);
        needed.insert(first(folder));
        let manifest = read(&format!("{member}/Cargo.toml"));
        needed.extend(quoted(&manifest, "path = \"..").iter().map(|path| first(&folder.join(path))));
        included(&folder.join("src"), &mut needed);
    }
    assert!(needed.contains("migrations") && needed.contains("packaging"), "{needed:?}");
    for line in read("Dockerfile").lines() {
        let words: Vec<_> = line.split_whitespace().collect();
        let named: &[&str] = match words.as_slice() {
            ["COPY", first, .., _] if first.starts_with("--from") => &[],
            ["COPY", sources @ .., _] => sources,
            ["RUN", "rm", files @ ..] => files,
            _ => &[],
        };
        needed.extend(named.iter().filter(|name| !matches!(**name, "." | "\\")).map(|name| first(Path::new(name))));
    }
    assert!(needed.contains("rust-toolchain.toml"), "{needed:?}");
    let ignore = read(".dockerignore");
    let rules: Vec<_> = ignore.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(rules[0], "*", "what is not named stays here");
    let left_out: Vec<_> = needed.iter().filter(|name| !rules.contains(&format!("!{name}").as_str())).collect();
    assert!(left_out.is_empty(), "{left_out:?}");
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
