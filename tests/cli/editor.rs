//! `muista edit` in an editor, played by a small shell script.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::json;
use test_common::sandbox::Sandbox;

use crate::support::{Ran, all, home_with, muista, run, shell, task};

/// Edits task 1 with an editor that runs these lines of shell on the file `$1`.
fn edit(home: &Sandbox, lines: &str, args: &[&str]) -> Ran {
    let editor = home.path().join("my editor");
    fs::write(&editor, format!("#!/bin/sh\n{lines}\n")).unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();
    let program = home.muista().get_program().to_owned();
    let variable = format!("'{}' --wait", editor.display());
    // The first argument shows that the variable may hold some.
    let mut command = home.muista();
    command.args(["edit", "1"]).args(args).env("EDITOR", variable).env("MUISTA", program);
    // Not a setting: `MUISTA` alone does not begin with `MUISTA_`.
    run(&mut command)
}

#[test]
fn what_was_written_is_stored() {
    let home = home_with(&["Buy cat food"]);
    let script = r#"[ "$1" = --wait ] || exit 9
        sed -i 's/^title = .*/title = "Buy dog food"/; s/^priority = .*/priority = "high"/
            s/^tags = .*/tags = ["dog", "home"]/; s/^due = .*/due = "9999-12-01"/; s/^note = .*/note = "soon"/
            s/^position = .*/position = "7"/' "$2""#;
    let ran = edit(&home, script, &[]);
    assert_eq!((ran.stdout.as_str(), ran.code), ("Changed 1  Buy dog food\n", 0), "{ran:?}");
    let task = task(&home, "1");
    assert_eq!((&task["title"], &task["tags"]), (&json!("Buy dog food"), &json!(["dog", "home"])));
    assert_eq!((&task["priority"], &task["dueOn"]), (&json!("HIGH"), &json!("9999-12-01")));
    assert_eq!((&task["note"], &task["position"]), (&json!("soon"), &json!(7)));
}

#[test]
fn what_is_left_alone_changes_nothing() {
    let home = home_with(&["a"]);
    let before = all(&home);
    let ran = edit(&home, "touch \"$2\"", &[]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", "Nothing was changed.\n"));
    assert_eq!(all(&home), before);
    // With --json there is an array all the same.
    assert_eq!(edit(&home, "true", &["--json"]).ok(), "[]\n");
}

#[test]
fn what_cannot_be_read_is_kept_and_told() {
    let home = home_with(&["a"]);
    let before = all(&home);
    for (script, error) in [
        ("echo 'title = unquoted' > \"$2\"", "line 1"),
        ("echo 'colour = \"red\"' >> \"$2\"", "colour"),
        ("sed -i 's/^title = .*/title = \"\"/' \"$2\"", "title"),
        ("sed -i 's/^due = .*/due = \"whenever\"/' \"$2\"", "whenever"),
        ("sed -i 's/^priority = .*/priority = \"urgent\"/' \"$2\"", "urgent"),
    ] {
        let ran = edit(&home, script, &[]);
        ran.refused(2, error, "what you wrote is in /");
        let path = ran.stderr.lines().find_map(|line| line.split_once("what you wrote is in ")).unwrap().1;
        assert!(fs::read_to_string(path).unwrap().contains(" = "), "{ran:?}");
        fs::remove_file(path).unwrap();
    }
    assert_eq!(all(&home), before);
}

#[test]
fn an_editor_that_fails_changes_nothing() {
    let home = home_with(&["a"]);
    let before = all(&home);
    edit(&home, "sed -i 's/^title = .*/title = \"b\"/' \"$2\"; exit 3", &[]).refused(1, "exit status: 3", "EDITOR");
    let mut command = home.muista();
    run(command.args(["edit", "1"]).env("EDITOR", "no-such-editor")).refused(1, "no-such-editor", "EDITOR");
    edit(&home, "rm \"$2\"", &[]);
    assert_eq!(all(&home), before);
    muista(&home, ["edit", "99"]).refused(3, "99", "");
}

#[test]
fn a_change_meanwhile_is_not_overwritten() {
    let home = home_with(&["a"]);
    let script = "\"$MUISTA\" edit 1 --title theirs >/dev/null; sed -i 's/^title = .*/title = \"mine\"/' \"$2\"";
    let ran = edit(&home, script, &[]);
    ran.refused(4, "1", "what you wrote is in /");
    let path = ran.stderr.lines().find_map(|line| line.split_once("what you wrote is in ")).unwrap().1;
    assert!(fs::read_to_string(path).unwrap().contains("title = \"mine\""));
    fs::remove_file(path).unwrap();
    assert_eq!(task(&home, "1")["title"], "theirs");
}

#[test]
fn visual_goes_before_editor() {
    let home = home_with(&["a"]);
    let line = "VISUAL=\"sed -i s/Personal/Work/\" EDITOR=false muista edit 1";
    shell(&home, line).ok();
    assert_eq!(task(&home, "1")["category"], "Work");
}

#[test]
fn own_fields_are_shown_changed_and_cleared() {
    let home = home_with(&[]);
    shell(
        &home,
        "muista field add effort --type number; muista field add size --type choice --choice small --choice large; \
         muista field add größe --type text; muista field add reviewed --type date; muista field add took --type duration; \
         muista add Paint effort:3 size:large reviewed:2031-01-05 took:90min",
    )
    .ok();
    let shown = edit(&home, "sed -n '/Own field/,$p' \"$2\" >&2", &[]);
    insta::assert_snapshot!(shown.stderr, @r#"
    # Own field: a number, as in "3" or "-2.5"
    effort = "3"

    # Own field: one line
    "größe" = ""

    # Own field: a date, as in "friday"
    reviewed = "2031-01-05"

    # Own field: one of small, large
    size = "large"

    # Own field: a length of time, as in "1h 30min"
    took = "1h 30min"
    Nothing was changed.
    "#);
    let script = r#"sed -i 's/^effort = .*/effort = 2.5/; s/^size = .*/size = ""/; s/^"größe" = .*/"größe" = "M # 1"/
        s/^reviewed = .*/reviewed = 2031-02-01/; s/^took = .*/took = "none"/' "$2""#;
    edit(&home, script, &[]).ok();
    assert_eq!(task(&home, "1")["fields"], json!({"effort": 2.5, "größe": "M # 1", "reviewed": "2031-02-01"}));
}

#[test]
fn own_fields_that_cannot_be_read_are_kept_and_told() {
    let home = home_with(&[]);
    shell(&home, "muista field add effort --type number; muista field add size --type choice --choice small; muista add a effort:3")
        .ok();
    let before = all(&home);
    for (script, error, hint) in [
        ("sed -i 's/^effort = .*/effort = \"many\"/' \"$2\"", "effort: “many” is not a number", "as in effort:3"),
        ("sed -i 's/^size = .*/size = \"smal\"/' \"$2\"", "size: “smal” is none of its choices", "did you mean small"),
        ("sed -i 's/^effort = .*/effort = [\"3\"]/' \"$2\"", "effort is one text, not a list", "without brackets"),
        ("sed -i 's/^effort = .*/efort = 3/' \"$2\"", "unknown field `efort`", "name = "),
        ("sed -i 's/^effort = .*/effort = true/' \"$2\"", "effort is neither a text", "name = "),
    ] {
        let ran = edit(&home, script, &[]);
        ran.refused(2, error, hint);
        let path = ran.stderr.lines().find_map(|line| line.split_once("what you wrote is in ")).unwrap().1;
        assert!(fs::read_to_string(path).unwrap().contains("title = \"a\""), "{ran:?}");
        fs::remove_file(path).unwrap();
    }
    assert_eq!(all(&home), before);
}
