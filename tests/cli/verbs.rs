//! Every verb on tasks, tags and projects, once for what it is for, and what it prints then.

use serde_json::{Value, json};

use crate::support::{all, home, home_with, listed, muista, on_terminal, redacted, run_with_input, shell, task};

#[test]
fn the_first_line_of_a_new_user() {
    let home = home();
    let added = muista(&home, ["add", "Buy cat food", "--due", "tomorrow"]);
    assert_eq!(added.ok(), "Added 1  Buy cat food  (due tomorrow)\n");
    insta::assert_snapshot!(muista(&home, ["ls"]).ok(), @r"
    #  Title         Due
    1  Buy cat food  tomorrow
    ");
    // Alone, it lists.
    assert_eq!(muista(&home, [] as [&str; 0]).ok(), muista(&home, ["ls"]).ok());
}

#[test]
fn an_added_task_is_one_object() {
    let home = home();
    let line = "muista add Paint --due 9999-12-01 --json --tag home -t art -c hobby -p high -P house -d text --note n";
    let printed = shell(&home, line).ok();
    assert_eq!(printed.lines().count(), 1, "{printed}");
    let task: Value = serde_json::from_str(&printed).unwrap();
    let keys: Vec<&str> = task.as_object().unwrap().keys().map(String::as_str).collect();
    let expected = "id number ownerId title description note category priority dueDate dueOn timezone startDate startOn \
                    deadlineDate deadlineOn estimate position timeSpent activeSince completed completedAt projectId project parentId tags dependsOn recurrence seriesId seriesNumber version \
                    createdAt updatedAt";
    assert_eq!(keys.join(" "), expected);
    let id = task["id"].as_str().unwrap();
    assert_eq!((id.len(), &id[14..15]), (36, "7"), "{id}");
    for (key, value) in [
        ("number", json!(1)),
        ("title", json!("Paint")),
        ("description", json!("text")),
        ("note", json!("n")),
        ("category", json!("Hobby")),
        ("priority", json!("HIGH")),
        ("dueOn", json!("9999-12-01")),
        ("completed", json!(false)),
        ("completedAt", json!(null)),
        ("project", json!("house")),
        ("parentId", json!(null)),
        ("tags", json!(["art", "home"])),
        ("dependsOn", json!([])),
    ] {
        assert_eq!(task[key], value, "{key}");
    }
    assert!(task["dueDate"].as_str().unwrap().starts_with("9999-12-01T23:59:59"), "{task}");
    assert_eq!(task["createdAt"], task["updatedAt"]);
}

#[test]
fn a_due_is_listed_until_its_day_is_over() {
    let home = home();
    for due in ["today", "tomorrow", "yesterday", "in 40 days", "none", "in 2 hours"] {
        muista(&home, ["add", due, "--due", due]).ok();
    }
    let array = muista(&home, ["ls", "--due", "today", "--json"]).json();
    let titles: Vec<_> = array.as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["in 2 hours", "today"]);
    assert_eq!(listed(&home, &["--due", "overdue"]), "3");
    assert_eq!(listed(&home, &["--due", "tomorrow"]), "2");
    assert_eq!(listed(&home, &["--due", "none"]), "5");
    assert_eq!(listed(&home, &["--due", "yesterday..tomorrow"]), "3 6 1 2");
    assert_eq!(muista(&home, ["ls", "--due", "1999-01-01", "--json"]).ok(), "[]\n");
}

#[test]
fn a_task_is_named_by_number_id_or_prefix() {
    let home = home_with(&["one", "two"]);
    let id = task(&home, "2")["id"].as_str().unwrap().to_owned();
    // Ids of one moment begin alike; the last digits are random.
    for name in ["2", &id, &id.to_uppercase(), &id[..35]] {
        assert_eq!(task(&home, name)["title"], "two", "{name}");
    }
}

#[test]
fn show_tells_all_there_is() {
    let home = home_with(&["Whole"]);
    shell(&home, "muista add Part --parent 1; muista add After --depends 1").ok();
    muista(&home, ["edit", "1", "--description", "first\nsecond", "--note", "a note", "--tag", "x"]).ok();
    let shown = muista(&home, ["show", "1"]).ok();
    for expected in ["1  Whole", "+x", "Subtask     2  Part", "  first\n  second\n", "a note"] {
        assert!(shown.contains(expected), "{expected:?} in {shown}");
    }
    assert!(muista(&home, ["show", "3"]).ok().contains("Waits for   1  Whole"));
    let detail = task(&home, "1");
    assert_eq!(detail["subtasks"][0]["title"], "Part");
    assert_eq!(task(&home, "2")["parent"]["title"], "Whole");
    assert_eq!(task(&home, "3")["dependencies"][0]["number"], 1);
    assert_eq!(detail["comments"], json!([]));
}

#[test]
fn edit_changes_and_empties_fields() {
    let home = home_with(&["a", "b"]);
    let line = "muista edit 1 2 --due tomorrow -c work -p low -P house -t x -t y -d text --note n";
    assert_eq!(shell(&home, line).ok(), "Changed 1  a\nChanged 2  b\n");
    let edited = muista(&home, "edit 1 --title A --remove-tag x --add-tag z --depends 2 --json".split(' ')).json();
    let edited = &edited.as_array().unwrap()[0];
    assert_eq!((&edited["title"], &edited["tags"]), (&json!("A"), &json!(["y", "z"])));
    assert_eq!((&edited["project"], &edited["priority"]), (&json!("house"), &json!("LOW")));
    assert_eq!(edited["dependsOn"].as_array().unwrap().len(), 1);
    let line = "edit 1 --due none --project none --tag none --description none --note none --depends none --json";
    let emptied = &muista(&home, line.split(' ')).json()[0];
    for key in ["dueDate", "dueOn", "project", "projectId", "description", "note"] {
        assert_eq!(emptied[key], Value::Null, "{key}");
    }
    assert_eq!((&emptied["tags"], &emptied["dependsOn"]), (&json!([]), &json!([])));
    assert_eq!(task(&home, "2")["project"], "house");
}

#[test]
fn done_and_undone_take_several() {
    let home = home_with(&["a", "b", "c"]);
    assert_eq!(muista(&home, ["done", "1", "3"]).ok(), "Done 1  a\nDone 3  c\n");
    assert_eq!(listed(&home, &[]), "2");
    assert_eq!(listed(&home, &["--status", "done", "--sort", "number"]), "1 3");
    assert!(task(&home, "1")["completedAt"].is_string());
    assert_eq!(muista(&home, ["undone", "1"]).ok().split(' ').nth(1), Some("1"));
    assert_eq!(task(&home, "1")["completedAt"], Value::Null);
    assert_eq!(listed(&home, &[]), "1 2");
}

#[test]
fn ids_can_be_piped_into_done() {
    let home = home_with(&["a", "b", "c", "d", "e"]);
    shell(&home, "muista edit 1 2 3 4 --add-tag home").ok();
    let ran = shell(&home, "muista ls +home -o ids | xargs \"$MUISTA\" done --quiet");
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str(), ran.code), ("", "", 0));
    assert_eq!(listed(&home, &[]), "5");
}

#[test]
fn rm_takes_the_parts_along_and_asks_nobody_who_is_not_there() {
    let home = home_with(&["whole", "other"]);
    shell(&home, "muista add part --parent 1").ok();
    let removed = muista(&home, ["rm", "1", "--json"]).json();
    let mut numbers: Vec<_> = removed.as_array().unwrap().iter().map(|task| &task["number"]).collect();
    numbers.sort_by_key(|number| number.as_i64());
    assert_eq!(numbers, [1, 3]);
    assert_eq!(listed(&home, &["--status", "all"]), "2");
    // A number is never used again.
    assert!(muista(&home, ["add", "new"]).ok().starts_with("Added 4 "));
}

#[test]
fn rm_asks_on_a_terminal() {
    let home = home_with(&["Keep me"]);
    let refused = on_terminal(&home, 80, "rm 1", "n\n");
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.stdout.contains("Delete 1  Keep me? [y/N] "), "{refused:?}");
    assert!(refused.stdout.contains("nothing was changed"), "{refused:?}");
    assert_eq!(listed(&home, &[]), "1");
    assert!(!on_terminal(&home, 80, "rm 1 --yes", "").stdout.contains("[y/N]"));
    assert_eq!(listed(&home, &[]), "");
    muista(&home, ["undo"]).ok();
    assert_eq!(on_terminal(&home, 80, "rm 1", "y\n").code, 0);
    assert_eq!(listed(&home, &[]), "");
}

#[test]
fn a_change_of_more_than_three_asks_on_a_terminal() {
    let home = home_with(&["a", "b", "c", "d"]);
    for verb in ["done", "edit --priority low"] {
        let asked = on_terminal(&home, 80, &format!("{verb} 1 2 3 4"), "\n");
        assert!(asked.code == 1 && asked.stdout.contains("4 tasks? [y/N]"), "{asked:?}");
    }
    assert_eq!(listed(&home, &[]), "1 2 3 4");
    assert!(!on_terminal(&home, 80, "done 1 2 3", "").stdout.contains("[y/N]"));
    assert_eq!(listed(&home, &[]), "4");
    // Without a terminal nobody is asked, even if something could be read.
    let ran = run_with_input(home.muista().args(["undone", "1", "2", "3", "4"]), "n\n");
    assert!(ran.code == 0 && !ran.stderr.contains("[y/N]"), "{ran:?}");
    assert_eq!(listed(&home, &[]), "1 2 3 4");
}

#[test]
fn next_ranks_by_urgency() {
    let home = home();
    shell(&home, "muista add plain; muista add late due:yesterday; muista add high !high; muista add low !low").ok();
    assert_eq!(muista(&home, ["next", "-o", "ids"]).ok(), "2\n3\n1\n4\n");
    assert_eq!(muista(&home, ["next", "!high", "--limit", "1", "-o", "ids"]).ok(), "3\n");
    let why = muista(&home, ["next", "--why"]).ok();
    assert!(why.lines().nth(1).unwrap().contains("due +"), "{why}");
    let ranked = muista(&home, ["next", "--json"]).json();
    let sum: f64 = ranked[0]["why"].as_array().unwrap().iter().map(|part| part["value"].as_f64().unwrap()).sum();
    assert!((ranked[0]["urgency"].as_f64().unwrap() - sum).abs() < 0.01, "{ranked}");
}

#[test]
fn tags_are_listed_renamed_and_removed() {
    let home = home();
    shell(&home, "muista add a +hoem +cat; muista add b +home; muista add c +cat; muista done 3").ok();
    insta::assert_snapshot!(muista(&home, ["tag"]).ok(), @r"
    Tag   Open  All
    cat      1    2
    hoem     1    1
    home     1    1
    ");
    assert_eq!(muista(&home, ["tag", "rename", "hoem", "home"]).ok(), "Renamed hoem to home\n");
    assert_eq!(task(&home, "1")["tags"], json!(["cat", "home"]));
    assert_eq!(muista(&home, ["tag", "rm", "cat"]).ok(), "Deleted the tag cat\n");
    assert_eq!(muista(&home, ["tag", "ls", "-o", "ids"]).ok(), "home\n");
    insta::assert_snapshot!(redacted(&muista(&home, ["tag", "--json"]).ok()), @r#"
    [
    {"id":"<id>","name":"home","open":2,"total":2}
    ]
    "#);
}

#[test]
fn projects_are_made_changed_and_removed() {
    let home = home();
    let added = muista(&home, ["project", "add", "house", "--description", "All of it", "--json"]).ok();
    insta::assert_snapshot!(redacted(&added), @r#"{"id":"<id>","ownerId":"<id>","name":"house","description":"All of it","note":null,"open":0,"total":0,"role":"OWNER","version":1,"createdAt":"<time>","updatedAt":"<time>"}"#);
    shell(&home, "muista add a project:house; muista add b project:garden; muista done 2").ok();
    insta::assert_snapshot!(muista(&home, ["project"]).ok(), @r"
    Project  Open  All  Description
    garden      0    1
    house       1    1  All of it
    ");
    let edited = muista(&home, ["project", "edit", "house", "--name", "home", "--description", "none"]);
    assert_eq!(edited.ok(), "Changed the project home\n");
    assert_eq!(task(&home, "1")["project"], "home");
    assert_eq!(muista(&home, ["project", "rm", "home"]).ok(), "Deleted the project home\n");
    // The tasks stay.
    assert_eq!(task(&home, "1")["project"], Value::Null);
    assert_eq!(muista(&home, ["project", "ls", "-o", "ids"]).ok(), "garden\n");
    assert!(all(&home).contains("\"title\":\"a\""));
}

#[test]
fn done_tells_what_it_unblocks_and_completes_subtasks_on_request() {
    let home = home_with(&["Buy paint"]);
    muista(&home, ["add", "Paint the wall", "--depends", "1"]).ok();
    muista(&home, ["add", "Mask the edges", "--parent", "2"]).ok();
    assert_eq!(muista(&home, ["done", "1"]).stderr, "unblocked: 2  “Paint the wall”\n");
    let done = muista(&home, ["done", "2", "--with-subtasks"]);
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("Done 2  Paint the wall\nDone 3  Mask the edges\n", ""));
}

#[test]
fn a_task_is_added_once_under_its_id() {
    let home = home();
    let add = |more: &str| shell(&home, &format!("muista add --id 0199c0de-0000-7000-8000-000000000007 {more}"));
    add("Rent +money pri:high").ok();
    let again = add("Rent +money pri:high --json");
    assert!(again.stderr.contains("task 1 has that id already"), "{again:?}");
    assert_eq!(again.json()["number"], 1);
    add("Rent pri:high").refused(4, "another task has the id 0199c0de", "choose another id");
    add("Rent --template x").refused(2, "--id", "");
    shell(&home, "muista add --id 7 Rent").refused(2, "7", "");
    assert_eq!(muista(&home, ["ls", "-o", "ids"]).ok(), "1\n");
}
