//! The README's `console` blocks, run in order in an empty home: each command ends with the status that it is said to
//! end with (`# exit status N`, else 0), and where output is shown it prints just that. Blocks of other kinds need a
//! daemon, a network or another program; they are not run.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// One command of a block.
#[derive(Debug)]
struct Step {
    command: String,
    status: i32,
    /// Stdout and stderr together; none is shown where any is fine.
    output: String,
}

#[test]
fn the_tour_of_the_readme_is_true() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let steps = steps(&readme);
    assert!(steps.len() >= 20, "{steps:?}");
    let home = tempfile::tempdir().unwrap();
    for step in &steps {
        let (status, output) = run(&step.command, home.path());
        assert_eq!(status, step.status, "{}\n{output}", step.command);
        if !step.output.is_empty() {
            assert_eq!(output, step.output, "{}", step.command);
        }
    }
}

fn steps(readme: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for block in readme.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next()) {
        for line in block.lines() {
            match (line.strip_prefix("$ "), steps.last_mut()) {
                (Some(command), _) => steps.push(step(command)),
                (None, Some(step)) => step.output.push_str(&format!("{line}\n")),
                (None, None) => {}
            }
        }
    }
    steps
}

fn step(line: &str) -> Step {
    let (command, status) = line.split_once("  # exit status ").unwrap_or((line, "0"));
    Step { command: command.to_owned(), status: status.parse().unwrap(), output: String::new() }
}

/// Runs a shell command with nothing of the user's environment but where programs are.
fn run(command: &str, home: &Path) -> (i32, String) {
    let programs = Path::new(env!("CARGO_BIN_EXE_muista")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("/bin/sh")
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .env_clear()
        .envs([("PATH", path.as_str()), ("LANG", "C.UTF-8"), ("TZ", "UTC")])
        .env("HOME", home)
        .current_dir(home)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}
