//! What the documents show to be pasted: each command does what is said of it, and can be pasted into bash, zsh and fish.
//! Blocks that need a network, a server or another program are not run; that they can be read is checked all the same. The walk
//! through REST has a test of its own.

use std::fs;
use std::path::Path;
use std::process::Command;

use test_common::console::{Block, Shell, blocks, matches};
use test_common::sandbox::Sandbox;

use crate::support::run;
use crate::terminal::{Terminal, has};

/// The documents, and how many commands of each are run at least, so that a search that finds nothing does not pass.
const DOCUMENTS: &[(&str, usize)] = &[
    ("README.md", 25),
    ("docs/AGENTS.md", 1),
    ("docs/JOBS.md", 12),
    ("docs/QUERY.md", 3),
    ("docs/REMINDERS.md", 12),
    ("docs/SERVER.md", 6),
    ("docs/SETTINGS.md", 5),
    ("docs/TASKS.md", 50),
];

/// The shells, with how each is started and how it names the status of the last command.
const SHELLS: &[(&str, &str, &str)] = &[
    ("bash", "bash --norc --noprofile -i", "$?"),
    ("zsh", "zsh -f -i", "$?"),
    ("fish", "fish --no-config -i", "$status"),
];

fn read(document: &str) -> Vec<Block> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(document);
    blocks(&fs::read_to_string(path).unwrap())
}

/// A home whose daemon, should there be one, ends with it.
struct Home(Sandbox);

impl Home {
    fn new() -> Self {
        // Another daemon may serve at the usual address.
        Self(Sandbox::new().with_env("MUISTA_HTTP", "127.0.0.1:0").with_env("EDITOR", "true"))
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = self.0.muista().args(["daemon", "stop", "--quiet"]).output();
    }
}

#[test]
fn what_the_documents_show_is_true() {
    for (document, least) in DOCUMENTS {
        let home = Home::new();
        let mut shell = Shell::start(home.0.shell());
        let mut commands = 0;
        for block in read(document).iter().filter(|block| block.not_run.is_none()) {
            let mut printed = String::new();
            for (at, command) in block.commands.iter().enumerate() {
                let (status, output) = shell.run(command);
                assert_eq!(status, block.status, "{document}:{}: {command}\n{output}", block.line + at);
                printed.push_str(&output);
                commands += 1;
            }
            let is_true = block.shown.is_empty() || matches(&block.shown, &printed);
            assert!(is_true, "{document}:{}: {}\n{printed}", block.line, block.shown);
        }
        assert!(commands >= *least, "{document}: only {commands} commands");
    }
}

/// Pastes every command of the documents into a shell on a terminal, in order.
fn paste_into(shell: usize) {
    let (name, command, status) = SHELLS[shell];
    if !has(name) {
        return;
    }
    for (document, _) in DOCUMENTS {
        let home = Home::new();
        let mut terminal = Terminal::start(&home.0, command);
        for block in read(document).iter().filter(|block| block.not_run.is_none()) {
            for (at, line) in block.commands.iter().enumerate() {
                let (ended, shown) = terminal.paste(line, status);
                assert_eq!(ended, block.status, "{name}: {document}:{}: {line}\n{shown}", block.line + at);
            }
        }
    }
}

#[test]
fn the_documents_can_be_pasted_into_bash() {
    paste_into(0);
}

#[test]
fn the_documents_can_be_pasted_into_zsh() {
    paste_into(1);
}

#[test]
fn the_documents_can_be_pasted_into_fish() {
    paste_into(2);
}

#[test]
fn no_block_holds_what_some_shell_reads_otherwise() {
    for (document, _) in DOCUMENTS {
        for block in read(document) {
            for (at, line) in block.commands.iter().enumerate() {
                let place = format!("{document}:{}: {line}", block.line + at);
                assert!(!line.starts_with("$ ") && !line.starts_with(' ') && !line.ends_with('\\'), "{place}");
                assert!(!line.contains(" #") && !line.starts_with('#'), "zsh runs comments: {place}");
                let double_quoted: Vec<_> =
                    line.split('\'').step_by(2).flat_map(|it| it.split('"').skip(1).step_by(2)).collect();
                let expands = double_quoted.iter().any(|text| text.contains('!') && !text.contains("! "));
                assert!(!expands, "bash and zsh expand `!`: {place}");
                for (name, command, _) in SHELLS {
                    let only_reads = if *name == "fish" { "--no-execute" } else { "-n" };
                    let started = command.split(' ').next().unwrap();
                    if Command::new(started).arg("--version").output().is_ok() {
                        let ran = run(Command::new(started).args([only_reads, "-c", line]));
                        assert_eq!((ran.code, &*ran.stderr), (0, ""), "{name}: {place}");
                    }
                }
            }
        }
    }
}
