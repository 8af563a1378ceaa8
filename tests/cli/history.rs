//! `undo` and `log`.

use serde_json::Value;
use test_common::sandbox::Sandbox;

use crate::support::{home, home_with, listed, muista, redacted, shell, task};

/// The id of the newest change.
fn last_change(home: &Sandbox) -> String {
    let log = muista(home, ["log", "--json"]).json();
    log[0]["changeId"].as_str().unwrap().to_owned()
}

#[test]
fn an_undo_reverts_a_command_and_can_be_undone() {
    let home = home_with(&["a", "b"]);
    muista(&home, ["done", "1", "2"]).ok();
    let done = listed(&home, &["--status", "done", "--sort", "number"]);
    assert_eq!(done, "1 2");
    let undone = muista(&home, ["undo"]).ok();
    assert_eq!(undone.lines().count(), 2, "{undone}");
    assert!(undone.lines().all(|line| line.starts_with("Undid: completed task ")), "{undone}");
    assert_eq!(listed(&home, &[]), "1 2");
    assert_eq!(task(&home, "1")["completedAt"], Value::Null);
    // The undo is the last change now.
    let change = last_change(&home);
    muista(&home, ["undo", &change]).ok();
    assert_eq!(listed(&home, &["--status", "done", "--sort", "number"]), "1 2");
}

#[test]
fn undo_goes_back_step_by_step() {
    let home = home_with(&["a"]);
    for title in ["b", "c", "d"] {
        muista(&home, ["edit", "1", "--title", title]).ok();
    }
    let undone = muista(&home, ["undo", "--steps", "2", "--json"]).json();
    assert_eq!(undone["changes"].as_array().unwrap().len(), 2, "{undone}");
    assert_eq!(task(&home, "1")["title"], "b");
    muista(&home, ["undo", "--steps", "2"]).ok();
    assert_eq!(listed(&home, &["--status", "all"]), "");
    muista(&home, ["undo", "--steps", "1"]).refused(3, "", "");
}

#[test]
fn undo_goes_further_back_and_redo_comes_forward() {
    let home = home_with(&["a"]);
    for title in ["b", "c"] {
        muista(&home, ["edit", "1", "--title", title]).ok();
    }
    muista(&home, ["undo"]).ok();
    muista(&home, ["undo"]).ok();
    assert_eq!(task(&home, "1")["title"], "a");
    assert_eq!(muista(&home, ["redo"]).ok(), "Redid: changed task 1  b\n");
    let redone = muista(&home, ["redo", "--json"]).json();
    assert_eq!(redone["changes"].as_array().unwrap().len(), 1, "{redone}");
    assert_eq!(task(&home, "1")["title"], "c");
    muista(&home, ["redo"]).refused(4, "nothing to redo", "muista log");
    let log = muista(&home, ["log", "1"]).ok();
    assert_eq!((log.matches(", undoing)").count(), log.matches(", redoing)").count()), (2, 2), "{log}");
    // A new change ends it.
    muista(&home, ["undo"]).ok();
    muista(&home, ["add", "x"]).ok();
    muista(&home, ["redo"]).refused(4, "nothing to redo", "");
}

#[test]
fn all_that_somebody_did_since_is_undone_at_once() {
    let home = home_with(&["a", "b"]);
    muista(&home, ["done", "1"]).ok();
    let undone = muista(&home, ["undo", "--actor", "local", "--since", "today"]).ok();
    assert_eq!(undone.lines().count(), 3, "{undone}");
    assert_eq!(listed(&home, &["--status", "all"]), "");
    muista(&home, ["undo", "--actor", "local", "--since", "today"]).refused(3, "undo", "muista log");
    muista(&home, ["undo", "--actor", "zoe", "--since", "yesterday"]).refused(3, "undo", "muista log");
    muista(&home, ["undo", "--actor", "zoe"]).refused(2, "--since", "");
    muista(&home, ["undo", "--since", "today"]).refused(2, "--actor", "");
    muista(&home, ["undo", "--actor", "zoe", "--since", "soonish"]).refused(2, "soonish", "");
    muista(&home, ["redo"]).ok();
    assert_eq!(listed(&home, &["--status", "all", "--sort", "number"]), "1 2");
}

#[test]
fn a_change_that_was_built_upon_is_not_undone() {
    let home = home_with(&["a"]);
    let added = last_change(&home);
    muista(&home, ["edit", "1", "--title", "b"]).ok();
    muista(&home, ["undo", &added]).refused(4, "", "");
    assert_eq!(task(&home, "1")["title"], "b");
}

#[test]
fn nothing_to_undo_is_told() {
    let home = home();
    muista(&home, ["undo"]).refused(3, "undo", "");
    assert_eq!(muista(&home, ["log"]).stderr, "Nothing was changed yet.\n");
    assert_eq!(muista(&home, ["log", "--json"]).ok(), "[]\n");
}

#[test]
fn what_was_deleted_comes_back_whole() {
    let home = home();
    shell(
        &home,
        "muista add Whole +x project:p due:tomorrow; muista add Part --parent 1; muista add After --depends 1",
    )
    .ok();
    muista(&home, ["rm", "1"]).ok();
    assert_eq!(listed(&home, &["--status", "all"]), "3");
    muista(&home, ["undo"]).ok();
    let whole = task(&home, "1");
    assert_eq!(
        (&whole["tags"][0], &whole["project"], &whole["subtasks"][0]["number"]),
        (&"x".into(), &"p".into(), &2.into())
    );
    assert_eq!(task(&home, "3")["dependencies"][0]["number"], 1);
}

#[test]
fn the_log_tells_what_changed() {
    let home = home_with(&["Buy cat food", "other"]);
    muista(&home, ["edit", "1", "--title", "Buy dog food", "--due", "9999-12-01"]).ok();
    muista(&home, ["done", "1"]).ok();
    let log = redacted(&muista(&home, ["log", "1"]).ok());
    let heads: Vec<&str> = log.lines().filter(|line| !line.is_empty() && !line.starts_with(' ')).collect();
    let told: Vec<&str> = heads.iter().map(|line| line.split_once("  ").unwrap().1).collect();
    assert_eq!(told, ["completed task 1  Buy dog food", "changed task 1  Buy dog food", "added task 1  Buy cat food"]);
    assert!(log.contains("title       Buy cat food → Buy dog food"), "{log}");
    let json = muista(&home, ["log", "--json"]).json();
    let entry = &json[0];
    let keys: Vec<&str> = entry.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = "seq id changeId entity recordId userId actor origin action before after undoes createdAt";
    assert_eq!(keys.join(" "), expected);
    assert_eq!((&entry["before"]["completed"], &entry["after"]["completed"]), (&false.into(), &true.into()));
    assert_eq!((&entry["actor"], &entry["origin"]), (&"local".into(), &"cli".into()));
    let limited = muista(&home, ["log", "--limit", "1"]);
    assert_eq!(limited.stderr, "There is more; see it with --limit.\n");
}
