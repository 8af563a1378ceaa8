//! Which tasks a verb is for: ranges, lists and conditions where IDs stand, and what is asked about them.

use serde_json::json;

use crate::support::{home, home_with, listed, muista, on_terminal, run_with_input, shell, task};

#[test]
fn ranges_and_lists_name_tasks() {
    let home = home_with(&["a", "b", "c", "d", "e", "f", "g"]);
    muista(&home, ["rm", "4", "-q"]).ok();
    assert_eq!(muista(&home, ["done", "3-5"]).ok(), "Done 3  c\nDone 5  e\n");
    assert_eq!(muista(&home, ["undone", "3,5"]).ok(), "Reopened 3  c\nReopened 5  e\n");
    muista(&home, ["edit", "1-2,7", "--priority", "low"]).ok();
    assert_eq!(listed(&home, &["!low"]), "1 2 7");
    muista(&home, ["done", "1,4"]).refused(3, "4", "");
    muista(&home, ["done", "40-50"]).refused(3, "no task in 40-50", "muista ls");
    muista(&home, ["done", "5-3"]).refused(2, "backwards", "3-5");
    muista(&home, ["rm", "1-5000"]).refused(2, "more than 1000", "shorter");
    assert_eq!(listed(&home, &["--sort", "number"]), "1 2 3 5 6 7");
}

#[test]
fn conditions_select_tasks() {
    let home = home();
    shell(
        &home,
        "muista add Milk +errand due:today; muista add Bread +errand +later; muista add Report @work; \
         muista add Old project:old; muista done 4",
    )
    .ok();
    assert_eq!(muista(&home, ["done", "+errand", "-later"]).ok(), "Done 1  Milk\n");
    assert_eq!(muista(&home, ["undone", "+errand"]).ok(), "Reopened 1  Milk\n");
    assert_eq!(muista(&home, ["edit", "+errand", "--priority", "high"]).ok(), "Changed 1  Milk\nChanged 2  Bread\n");
    assert_eq!(muista(&home, ["rm", "project:old", "status:done"]).ok(), "Deleted 4  Old\n");
    muista(&home, ["done", "+nothing", "due:today"]).refused(3, "no task matches “+nothing due:today”", "muista ls");
    muista(&home, ["done", "3", "+errand"]).refused(2, "“3” names a task", "either");
    muista(&home, ["done", "@nowhere"]).refused(2, "nowhere", "Personal");
    muista(&home, ["done", "milk"]).refused(2, "“milk” is not a task", "number");
    assert_eq!(listed(&home, &["--sort", "number"]), "1 2 3");
}

#[test]
fn many_that_match_are_asked_about() {
    let home = home();
    shell(&home, "for n in 1 2 3 4 5 6 7; do muista add -q Task $n +x; done; muista add -q other").ok();
    // A script has to say that it means it.
    muista(&home, ["done", "+x"]).refused(2, "7 tasks match", "--yes");
    muista(&home, ["rm", "1-1000"]).refused(2, "8 tasks match", "--yes");
    // An option that the verb lacks is no tag that is left out.
    muista(&home, ["done", "-Pwork", "--yes"]).refused(2, "-P", "");
    // Nor does a variable that is empty mean all tasks.
    muista(&home, ["rm", "text:\"\"", "--yes"]).refused(2, "text has no value", "text:cat");
    muista(&home, ["done", "8"]).ok();
    assert_eq!(muista(&home, ["rm", "-is:overdue", "number:7..8"]).ok(), "Deleted 7  Task 7\n");
    muista(&home, ["undo"]).ok();
    muista(&home, ["undone", "8"]).ok();
    let piped = run_with_input(home.muista().args(["rm", "+x"]), "y\n");
    piped.refused(2, "7 tasks match", "--yes");
    let asked = on_terminal(&home, 80, "done +x", "n\n");
    assert_eq!(asked.code, 1, "{asked:?}");
    for shown in ["1  Task 1\n", "5  Task 5\n", "and 2 more\n", "Mark done 7 tasks? [y/N]"] {
        assert!(asked.stdout.contains(shown), "{shown:?}: {asked:?}");
    }
    assert_eq!(listed(&home, &["--sort", "number"]), "1 2 3 4 5 6 7 8");
    let deleted = on_terminal(&home, 80, "rm +x", "n\n").stdout;
    assert!(deleted.contains("1  Task 1\n") && deleted.contains("Delete these 7 tasks? [y/N]"), "{deleted}");
    assert_eq!(on_terminal(&home, 80, "done +x", "y\n").code, 0);
    assert_eq!(listed(&home, &[]), "8");
    assert_eq!(muista(&home, ["undone", "+x", "--yes"]).ok().lines().count(), 7);
}

#[test]
fn a_snooze_takes_conditions_before_the_time() {
    let home = home();
    shell(&home, "muista add a +x remind:1h; muista add b remind:1h").ok();
    let snoozed = muista(&home, ["snooze", "+x", "3h", "--json"]).json();
    assert_eq!(snoozed.as_array().unwrap().len(), 1);
    assert_eq!(snoozed[0]["taskNumber"], 1);
    assert_eq!(muista(&home, ["snooze", "1-2", "4h", "--json"]).json().as_array().unwrap().len(), 2);
}

#[test]
fn edit_takes_words() {
    let home = home_with(&["a", "b"]);
    muista(&home, ["edit", "1", "+home", "project:house", "note:x", "-q"]).ok();
    let line = ["edit", "1", "due:tomorrow", "9:00", "+urgent", "-home", "project:none", "priority:high", "--json"];
    let edited = &muista(&home, line).json()[0];
    assert_eq!((&edited["tags"], &edited["project"]), (&json!(["urgent"]), &json!(null)));
    assert_eq!((&edited["priority"], &edited["title"], &edited["note"]), (&json!("HIGH"), &json!("a"), &json!("x")));
    assert!(edited["dueDate"].as_str().unwrap().contains("T09:00:00"), "{edited}");
    let emptied = &muista(&home, ["edit", "1", "due:", "note:none", "tags:c,d", "priority:", "--json"]).json()[0];
    assert_eq!(
        (&emptied["dueDate"], &emptied["note"], &emptied["priority"]),
        (&json!(null), &json!(null), &json!("MEDIUM"))
    );
    assert_eq!(emptied["tags"], json!(["c", "d"]));
    // A flag overrides a word.
    assert_eq!(muista(&home, ["edit", "2", "pri:high", "-p", "low", "--json"]).json()[0]["priority"], "LOW");
    // A value may still stand right after its short flag.
    assert_eq!(muista(&home, ["edit", "2", "-phigh", "--json"]).json()[0]["priority"], "HIGH");
}

#[test]
fn a_word_that_edit_cannot_use_changes_nothing() {
    let home = home_with(&["a"]);
    muista(&home, ["edit", "1", "Buy", "milk"]).refused(2, "“Buy milk”", "--title \"Buy milk\"");
    muista(&home, ["edit", "1", "+x", "due:whenever"]).refused(2, "due:whenever", "");
    muista(&home, ["edit", "1", "until:mon"]).refused(2, "until:mon", "");
    muista(&home, ["edit", "1", "tags:a", "+b"]).refused(2, "tags", "+a -b");
    muista(&home, ["edit", "+home"]).refused(2, "no flag", "muista edit 7 +home");
    assert_eq!(task(&home, "1")["tags"], json!([]));
}

#[test]
fn an_editor_for_terminals_is_never_started_without_one() {
    let home = home_with(&["a"]);
    muista(&home, ["edit", "1"]).refused(2, "terminal", "muista edit 1 due:friday");
    let home = home.with_env("EDITOR", "/usr/bin/vim -u NONE");
    muista(&home, ["edit", "1"]).refused(2, "vim", "--title");
}

#[test]
fn a_task_alone_is_shown() {
    let home = home_with(&["Buy cat food"]);
    assert_eq!(muista(&home, ["1"]).ok(), muista(&home, ["show", "1"]).ok());
    assert_eq!(muista(&home, ["--json", "1"]).json()["title"], "Buy cat food");
    assert_eq!(muista(&home, ["1", "-o", "ids"]).ok(), "1\n");
    muista(&home, ["9"]).refused(3, "9", "");
}
