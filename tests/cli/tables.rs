//! What a table shows: which columns where there is no room for all, marks, columns and keys by choice, TSV, and the pager.

use serde_json::json;

use crate::support::{home, home_with, muista, on_terminal, run, shell, shell_command};

#[test]
fn a_column_that_is_the_same_in_all_rows_goes_first_and_is_named() {
    let home = home().with_env("NO_COLOR", "1");
    shell(
        &home,
        "muista add 'Buy a very long title of a task' +errand due:today pri:high cat:work project:house; \
         muista add 'Another long title of a task' +home due:tomorrow pri:low cat:work project:garden",
    )
    .ok();
    let shown = on_terminal(&home, 200, "ls", "").ok();
    assert!(shown.contains("Category") && !shown.contains("Too narrow"), "{shown}");
    let shown = on_terminal(&home, 62, "ls", "").ok();
    assert!(shown.contains("+errand") && !shown.contains("  Work"), "{shown}");
    assert!(shown.ends_with("Too narrow for: Category\n"), "{shown}");
    let shown = on_terminal(&home, 40, "ls", "").ok();
    assert_eq!(shown.matches("Too narrow for: Category, ").count(), 1, "{shown}");
    assert!(!on_terminal(&home, 40, "ls --quiet", "").ok().contains("Too narrow"));
    // In a pipe there is room for all.
    assert_eq!(muista(&home, ["ls"]).stderr, "");
}

#[test]
fn a_list_of_reminders_keeps_their_ids() {
    let home = home_with(&["A task with a long title that takes its room"]);
    shell(&home, "muista remind -q 1 tomorrow 9:00 --channel email --note 'a long note' --nag 15min").ok();
    let id = muista(&home, ["reminder", "ls", "-o", "ids"]).ok();
    for columns in [60, 80] {
        let shown = on_terminal(&home, columns, "reminder ls", "").ok();
        assert!(shown.contains(&id[24..28]), "{columns}: {shown}");
    }
}

#[test]
fn nagging_and_the_end_of_a_reminder_are_shown() {
    let home = home_with(&["a"]);
    muista(&home, "remind 1 --every daily --until 2098-12-01 --nag 15min --channel email".split(' ')).ok();
    let shown = muista(&home, ["show", "1"]).ok();
    assert!(shown.contains(" until 1 Dec 2098 23:59, repeated every 15min until acknowledged"), "{shown}");
    let listed = muista(&home, ["reminder", "ls"]).ok();
    assert!(listed.contains("Nag") && listed.contains("15min") && listed.contains("until 1 Dec 2098"), "{listed}");
}

#[test]
fn marks_tell_what_there_is_beside_a_task() {
    let home = home_with(&["whole"]);
    shell(&home, "muista add part parent:1 note:x; muista add after depends:1; muista add both parent:1 depends:2")
        .ok();
    let rows = muista(&home, ["ls", "--columns", "number,marks,title", "--sort", "number"]).ok();
    let rows: Vec<Vec<&str>> = rows.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0], ["#", "Marks", "Title"]);
    assert_eq!(
        rows[1..],
        [vec!["1", "v", "whole"], vec!["2", "^~", "part"], vec!["3", "&", "after"], vec!["4", "^&", "both"]]
    );
    let help = muista(&home, ["ls", "--help"]).ok();
    assert!(help.contains("^ subtask, v open subtasks, & waits for an open task"), "{help}");
    // What is over is not marked any more, and machines get what they always got.
    let file = home.path().join("bill.txt");
    std::fs::write(&file, "12.50").unwrap();
    shell(&home, "muista done 2 --quiet; muista remind 3 tomorrow --channel email -q; muista comment 3 well -q; muista start 4 -q").ok();
    muista(&home, ["attach", "4", file.to_str().unwrap()]).ok();
    let marks = |args: &str| -> Vec<String> {
        let rows = shell(&home, &format!("muista ls --columns number,marks {args}")).ok();
        rows.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    assert_eq!(marks("--sort number"), ["1 v", "3 &*\"", "4 >^="]);
    assert_eq!(marks("--group priority --sort=-number"), ["", "Medium", "4 >^=", "3 &*\"", "1 v"]);
    let row = muista(&home, ["ls", "--json", "--limit", "1"]).json();
    assert!(row[0].get("marks").is_none() && row[0].get("reminders").is_none(), "{row}");
}

#[test]
fn columns_and_keys_are_chosen() {
    let home = home();
    shell(&home, "muista add a +x note:soon; muista add b").ok();
    let table = muista(&home, ["ls", "--columns", "Title, number,note,category"]).ok();
    insta::assert_snapshot!(table, @r"
    Title  #  Note  Category
    a      1  soon  Personal
    b      2        Personal
    ");
    let picked = muista(&home, ["ls", "--json", "--fields", "title,number,tags"]).ok();
    assert_eq!(
        picked,
        "[\n{\"title\":\"a\",\"number\":1,\"tags\":[\"x\"]},\n{\"title\":\"b\",\"number\":2,\"tags\":[]}\n]\n"
    );
    assert_eq!(muista(&home, ["ls", "-o", "csv", "--fields", "number,title"]).ok(), "number,title\n1,a\n2,b\n");
    assert_eq!(muista(&home, ["ls", "-o", "ndjson", "--fields", "NUMBER"]).ok(), "{\"number\":1}\n{\"number\":2}\n");
    muista(&home, ["ls", "--columns", "titel"]).refused(2, "titel", "did you mean title?");
    muista(&home, ["ls", "--json", "--fields", "dueDat"]).refused(2, "dueDat", "dueDate");
    muista(&home, ["ls", "--fields", "title"]).refused(2, "--fields", "--columns");
    muista(&home, ["ls", "--json", "--columns", "title"]).refused(2, "--columns", "--fields");
}

#[test]
fn tsv_keeps_a_record_on_its_line() {
    let home = home_with(&["=1+1", r"back\slash"]);
    muista(&home, ["edit", "1", "--note", "two\nlines\tand a tab", "-q"]).ok();
    let tsv = muista(&home, ["ls", "-o", "tsv", "--fields", "number,title,note"]).ok();
    assert_eq!(tsv, "number\ttitle\tnote\n1\t'=1+1\ttwo\\nlines\\tand a tab\n2\tback\\\\slash\t\n");
    let raw = muista(&home, ["ls", "-o", "tsv", "--raw", "--fields", "title"]).ok();
    assert_eq!(raw, "title\n=1+1\nback\\\\slash\n");
}

#[test]
fn a_long_list_on_a_terminal_goes_to_the_pager() {
    let home = home();
    shell(&home, "n=0; while [ $n -lt 30 ]; do n=$((n + 1)); muista add -q Task $n || exit; done").ok();
    let paged = |home: &test_common::sandbox::Sandbox, line: &str| {
        on_terminal(home, 80, line, "").ok().lines().filter(|line| line.starts_with("P:")).count()
    };
    let home = home.with_env("PAGER", "sed s/^/P:/");
    assert_eq!(paged(&home, "ls"), 31);
    assert!(paged(&home, "log") > 24);
    // What fits the screen, what was asked for without, and what is for programs.
    for line in ["ls --limit 5", "ls --no-pager", "ls --json", "show 1"] {
        assert_eq!(paged(&home, line), 0, "{line}");
    }
    let home = home.with_env("MUISTA_PAGER", "no-such-pager");
    let shown = on_terminal(&home, 80, "ls", "").ok();
    assert!(shown.contains("Task 30") && !shown.contains("P:"), "{shown}");
    // A pipe is not a screen.
    let home = home.with_env("MUISTA_PAGER", "sed s/^/P:/");
    assert!(!run(&mut shell_command(&home, "muista ls | cat")).ok().contains("P:"));
    assert_eq!(muista(&home, ["ls"]).stderr, "");
}

#[test]
fn what_exists_already_is_kept_where_that_is_asked_for() {
    let home = home();
    muista(&home, ["project", "add", "house", "--description", "old"]).ok();
    assert_eq!(
        muista(&home, ["project", "add", "house", "--if-missing", "--description", "new"]).ok(),
        "Kept the project house\n"
    );
    let kept = muista(&home, ["project", "add", "house", "--if-missing", "--json"]).json();
    assert_eq!(kept["description"], json!("old"));
    assert_eq!(muista(&home, ["project", "add", "yard", "--if-missing"]).ok(), "Added the project yard\n");
    muista(&home, ["user", "add", "eva", "--if-missing", "-q"]).ok();
    assert_eq!(muista(&home, ["user", "add", "eva", "--if-missing"]).ok(), "Kept the account eva\n");
    muista(&home, ["user", "add", "eva"]).refused(4, "eva", "");
}
