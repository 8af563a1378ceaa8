//! Tasks that repeat: how they are said, shown, edited and carried over.

use serde_json::json;

use crate::support::{home, home_with, listed, muista, run_with_input, shell, task};

/// How many days from one date to another.
fn days(from: &serde_json::Value, to: &serde_json::Value) -> i32 {
    let date = |value: &serde_json::Value| value["dueOn"].as_str().unwrap().parse::<jiff::civil::Date>().unwrap();
    date(from).until(date(to)).unwrap().get_days()
}

#[test]
fn done_makes_the_next() {
    let home = home();
    let added = muista(&home, ["add", "Water plants", "--due", "2099-11-27", "--every", "every friday"]);
    assert_eq!(added.ok(), "Added 1  Water plants  (due 27 Nov 2099, every friday)\n");
    insta::assert_snapshot!(muista(&home, ["ls"]).ok(), @r"
    #  Title         Due
    1  Water plants  27 Nov 2099 ↻
    ");
    let done = muista(&home, ["done", "1"]);
    assert_eq!(done.stdout, "Done 1  Water plants\n");
    assert_eq!(done.stderr, "next: 2  “Water plants”  (due Fri 4 Dec 2099)\n");
    let (first, second) = (task(&home, "1"), task(&home, "2"));
    assert_eq!((&first["recurrence"], &first["seriesNumber"]), (&json!("every friday"), &json!(1)));
    assert_eq!((&second["seriesNumber"], &second["seriesId"]), (&json!(2), &first["seriesId"]));
    assert_eq!((&second["dueOn"], &second["nextDue"]["on"]), (&json!("2099-12-04"), &json!("2099-12-11")));
    let shown = muista(&home, ["show", "2"]).ok();
    assert!(shown.contains("Repeats     every friday (next 11 Dec 2099)\n"), "{shown}");
    let again = muista(&home, ["done", "1"]);
    assert_eq!((again.code, again.stderr.as_str()), (0, "task 1 is done already\n"));
    assert_eq!(listed(&home, &[]), "2");
}

#[test]
fn the_word_every_may_be_left_out() {
    let home = home();
    for (line, title, words) in [
        ("muista add Water every:fri", "Water", "every fri"),
        ("muista add Water --every '2 weeks'", "Water", "every 2 weeks"),
        ("muista add Water --every daily", "Water", "daily"),
        ("muista add Water --every P1D", "Water", "P1D"),
        ("muista add Water --every '0 9 * * 1'", "Water", "0 9 * * 1"),
        ("muista add Water every:fri --every 'every! 2 months'", "Water", "every! 2 months"),
    ] {
        let added = shell(&home, &format!("{line} --json")).json();
        assert_eq!((&added["title"], &added["recurrence"]), (&json!(title), &json!(words)), "{line}");
        assert!(added["dueDate"].is_string(), "{line}");
    }
    let none = shell(&home, "muista add Water every:fri --every none --json").json();
    assert_eq!((&none["recurrence"], &none["dueDate"]), (&json!(null), &json!(null)));
    let plain = muista(&home, ["add", "Read every:page"]);
    assert_eq!(plain.stdout, "Added 8  Read every:page\n");
    assert!(plain.stderr.contains("“every:page” stays in the title"), "{plain:?}");
}

#[test]
fn what_is_no_recurrence_is_refused() {
    let home = home_with(&["a"]);
    for every in ["whenever", "every 0 days", "0 0 31 2 *", "1 2 3 4"] {
        muista(&home, ["add", "x", "--every", every]).refused(2, "", "");
        muista(&home, ["edit", "1", "--every", every]).refused(2, "", "");
    }
    muista(&home, ["add", "x", "--every", "every day until 2001-01-01"]).refused(2, "", "");
    muista(&home, ["edit", "1", "--title", "b", "--scope", "all"]).refused(4, "task 1 does not recur", "--every");
    muista(&home, ["edit", "1", "--title", "b", "--scope", "some"]).refused(2, "some", "");
    muista(&home, ["edit", "1", "--every", "fri"]).ok();
    muista(&home, ["edit", "1", "--due", "none"]).refused(4, "recurs", "--every none");
    muista(&home, ["edit", "1", "--every", "mon", "--scope", "this"]).refused(2, "one occurrence", "--scope");
    assert_eq!(listed(&home, &["--status", "all"]), "1");
}

#[test]
fn an_edit_says_which_are_meant() {
    let home = home();
    muista(&home, ["add", "Water", "--due", "2099-11-26", "--every", "every day"]).ok();
    muista(&home, ["done", "1"]).ok();
    muista(&home, ["edit", "2", "--title", "Once", "--scope", "this"]).ok();
    muista(&home, ["done", "2"]).ok();
    muista(&home, ["edit", "3", "--title", "All", "--scope", "all"]).ok();
    muista(&home, ["done", "3"]).ok();
    let titles = ["1", "2", "3", "4"].map(|id| task(&home, id)["title"].clone());
    assert_eq!(titles, ["All", "All", "All", "All"]);
    muista(&home, ["edit", "4", "--every", "every 3 days"]).ok();
    muista(&home, ["done", "4"]).ok();
    assert_eq!(days(&task(&home, "4"), &task(&home, "5")), 3);
    muista(&home, ["edit", "5", "--every", "none"]).ok();
    assert_eq!(muista(&home, ["done", "5"]).stderr, "");
    assert_eq!(listed(&home, &[]), "");
}

#[test]
fn undo_takes_the_next_one_back() {
    let home = home();
    muista(&home, ["add", "Water", "--due", "2099-11-26", "--every", "every day"]).ok();
    muista(&home, ["done", "1"]).ok();
    muista(&home, ["undo"]).ok();
    assert_eq!(listed(&home, &["--status", "all"]), "1");
    assert_eq!(task(&home, "1")["completed"], json!(false));
    muista(&home, ["redo"]).ok();
    assert_eq!(listed(&home, &[]), "2", "it is done again");
    muista(&home, ["undo", "--steps", "2"]).ok();
    assert_eq!(listed(&home, &["--status", "all"]), "");
    let log = muista(&home, ["log"]).ok();
    assert!(log.contains("added series every day"), "{log}");
}

#[test]
fn the_rule_goes_out_and_comes_back() {
    let home = home();
    muista(&home, ["add", "Water", "--due", "2099-11-26", "--every", "every day"]).ok();
    muista(&home, ["done", "1"]).ok();
    let csv = muista(&home, ["export", "--format", "csv"]).ok();
    assert!(csv.contains(",recurrence,") && csv.contains(",every day,"), "{csv}");
    for format in ["json", "taskwarrior"] {
        let exported = muista(&home, ["export", "--format", format]).ok();
        let other = crate::support::home();
        let ran = run_with_input(other.muista().args(["import", "-", "--format", format]), &exported);
        assert_eq!(ran.code, 0, "{ran:?}");
        let open = muista(&other, ["ls", "--json"]).json();
        assert_eq!(open[0]["recurrence"], json!("every day"), "{format}");
        let id = open[0]["id"].as_str().unwrap();
        muista(&other, ["done", id]).ok();
        assert_eq!(muista(&other, ["ls", "--json"]).json()[0]["dueOn"], json!("2099-11-28"), "{format}");
    }
}
