//! The README's `console` blocks, run in order in an empty home. Blocks of other kinds need a daemon, a network or another
//! program; they are not run. Those of REST are in a document of their own, with a test beside REST's.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::fs;
use std::path::Path;

use test_common::console::{Shell, steps};
use test_common::sandbox::Sandbox;

#[test]
fn the_tour_of_the_readme_is_true() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).unwrap();
    let steps = steps(&readme);
    assert!(steps.len() >= 20, "{steps:?}");
    let sandbox = Sandbox::new();
    let mut shell = Shell::start(sandbox.shell());
    for step in &steps {
        let (status, output) = shell.run(&step.command);
        assert!(step.is_true(status, &output), "README.md:{}: {}\n{status}\n{output}", step.line, step.command);
    }
}
