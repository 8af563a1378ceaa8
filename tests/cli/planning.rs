//! When tasks are worked on: start, deadline, estimate and place by hand; the time spent; and why a task stands as it does.

use serde_json::{Value, json};

use crate::support::{home, home_with, listed, muista, shell, task};

#[test]
fn what_waits_is_hidden_and_told() {
    let home = home_with(&["plain"]);
    let added = shell(&home, "muista add Taxes due:9998-04-30 start:due-2w deadline:9998-05-31 estimate:1h 30min");
    let told = "(due 30 Apr 9998, waits until 16 Apr 9998, deadline 31 May 9998, takes 1h 30min)";
    assert_eq!(added.ok(), format!("Added 2  Taxes  {told}\n"));
    let listing = muista(&home, ["ls"]);
    assert!(!listing.stdout.contains("Taxes"), "{listing:?}");
    assert!(listing.stderr.contains("1 task is waiting; see it with --status waiting."), "{listing:?}");
    assert_eq!(muista(&home, ["ls", "--quiet"]).stderr, "");
    for words in
        [&["is:waiting"][..], &["--status", "waiting"], &["status:waiting"], &["start>2027-01-01", "status:all"]]
    {
        assert_eq!(listed(&home, words), "2", "{words:?}");
    }
    assert_eq!(listed(&home, &["--status", "all"]), "2 1");
    assert_eq!(listed(&home, &["estimate<2h", "has:deadline", "status:all"]), "2");
    let shown = muista(&home, ["show", "2"]).ok();
    for line in ["Start       16 Apr 9998, waiting", "Deadline    31 May 9998", "Estimate    1h 30min"] {
        assert!(shown.contains(line), "{line} in {shown}");
    }
    let why = muista(&home, ["why", "2"]).ok();
    assert!(why.contains("it waits until 16 Apr 9998"), "{why}");

    assert_eq!(muista(&home, ["edit", "2", "start:none", "estimate:", "position:-1"]).ok(), "Changed 2  Taxes\n");
    let edited = task(&home, "2");
    assert_eq!((&edited["startOn"], &edited["estimate"]), (&Value::Null, &Value::Null));
    assert_eq!((&edited["deadlineOn"], &edited["position"]), (&json!("9998-05-31"), &json!(-1)));
    assert_eq!(listed(&home, &["--sort", "position"]), "2 1");
    let log = muista(&home, ["log", "2"]).ok();
    assert!(log.contains("start       9998-04-16 → none") && log.contains("estimate    PT1H30M → none"), "{log}");
    muista(&home, ["undo"]).ok();
    assert_eq!(task(&home, "2")["startOn"], "9998-04-16");
    assert!(muista(&home, ["why", "1"]).ok().contains("Urgency   2.0 = priority +2.0"));
}

#[test]
fn what_cannot_be_read_is_refused() {
    let home = home_with(&["a"]);
    for (args, told, hint) in [
        (&["add", "x", "--start", "whenever"][..], "whenever", ""),
        (&["add", "x", "--start", "due-2w"], "counts from the due", "--start monday"),
        (&["add", "x", "--deadline", "whenever"], "whenever", ""),
        (&["add", "x", "--estimate", "1mo"], "months", "30min"),
        (&["edit", "1", "--position", "first"], "first", "--position 2"),
        (&["ls", "estimate<soon"], "soon", ""),
    ] {
        muista(&home, args).refused(2, told, hint);
    }
    assert_eq!(listed(&home, &["--status", "all"]), "1");
}

#[test]
fn plans_survive_a_file() {
    let home = home();
    shell(&home, "muista add Taxes due:9998-04-30 start:due-2w deadline:9998-05-31 estimate:30min position:3").ok();
    let before = task(&home, "1");
    for format in ["json", "taskwarrior"] {
        let line = format!("muista export --format {format} > tasks.json; muista rm 1 --yes; muista import tasks.json");
        shell(&home, &line).ok();
        let id = before["id"].as_str().unwrap();
        let after = task(&home, id);
        for key in ["startDate", "startOn", "deadlineDate", "deadlineOn", "estimate", "position"] {
            assert_eq!(after[key], before[key], "{key} through {format}");
        }
        shell(&home, "muista undo --steps 2").ok();
    }
    let csv = muista(&home, ["export", "--format", "csv"]).ok();
    assert!(csv.contains(",9998-04-16,") && csv.contains(",PT30M,3,"), "{csv}");
}

#[test]
fn work_is_started_and_stopped() {
    let home = home_with(&["a", "b"]);
    assert_eq!(muista(&home, ["start", "1"]).ok(), "Active 1  a\n");
    let second = muista(&home, ["start", "2", "--json"]);
    assert!(second.stderr.contains("stopped 1  “a”"), "{second:?}");
    assert!(second.json()["activeSince"].is_string());
    assert_eq!(listed(&home, &["+ACTIVE"]), "2");
    assert!(muista(&home, ["show", "2"]).ok().contains("active since"));
    assert!(muista(&home, ["stop"]).ok().starts_with("Stopped 2  b  (time spent "));
    muista(&home, ["stop"]).refused(4, "no task is active", "muista start");
    muista(&home, ["done", "2"]).ok();
    muista(&home, ["start", "2"]).refused(4, "task 2 is done", "muista undone 2");
    muista(&home, ["start", "9"]).refused(3, "task 9", "");
}
