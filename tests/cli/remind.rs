//! Reminders from the command line: setting, listing, snoozing and deleting them, what is refused, and what is said
//! where no daemon runs.

use serde_json::Value;

use crate::support::{arguments, home, home_with, listed, muista, task};
use test_common::sandbox::Sandbox;

const NOTICE: &str = "Reminders and jobs need the daemon, which is not running. Start it with: muista daemon start\n";

/// Runs a line of arguments.
fn line(home: &Sandbox, line: &str) -> crate::support::Ran {
    muista(home, arguments(line))
}

/// A home whose mail goes to somebody, with a task that is due tomorrow at noon.
fn with_task() -> Sandbox {
    let home = home().with_env("MUISTA_EMAIL_TO", "me@example.org");
    line(&home, "add 'Buy cat food' --due 'tomorrow 12:00'").ok();
    home
}

/// All reminders.
fn reminders(home: &Sandbox) -> Vec<Value> {
    line(home, "reminder ls --all --json").json().as_array().unwrap().clone()
}

#[test]
fn a_reminder_is_confirmed_in_words_and_needs_a_daemon() {
    let home = with_task();
    let set = line(&home, "remind 1 tomorrow 9:00");
    assert_eq!((set.stderr.as_str(), set.code), (NOTICE, 0));
    assert_eq!(set.stdout, "Reminder set for 1  Buy cat food: tomorrow at 9:00 by email\n");
    for (when, expected) in [
        ("tomorrow", "tomorrow at 9:00 by email"),
        ("30min before", "tomorrow at 11:30 by email, 30min before due"),
        ("at due --channel desktop", "tomorrow at 12:00 by desktop, at due"),
        ("tomorrow 18:00 --every P3D", "tomorrow at 18:00 by email, then P3D"),
        ("--every 'every day at 8:00'", "tomorrow at 8:00 by email, then every day at 8:00"),
    ] {
        let said = line(&home, &format!("remind 1 {when}")).ok();
        assert_eq!(said, format!("Reminder set for 1  Buy cat food: {expected}\n"));
    }
    assert_eq!(line(&home, "remind 1 tomorrow --quiet").stderr, "");
    assert_eq!(listed(&home, &["--has-reminder"]), "1");
    let page = line(&home, "show 1").ok();
    assert!(page.contains("  Reminds     tomorrow at 11:30 by email, 30min before due\n"), "{page}");
    assert_eq!(task(&home, "1")["reminders"].as_array().unwrap().len(), 7);
}

#[test]
fn a_reminder_is_one_object_with_all_that_was_said() {
    let home = with_task();
    let flags =
        "--channel email --channel ntfy --nag 15min --note 'the grey bag' --until '31 dec 9998' --tz UTC --json";
    let set = line(&home, &format!("remind 1 tomorrow 9:00 {flags}"));
    assert!(set.stderr.contains("ntfy has no recipient"), "{set:#?}");
    let made = set.json();
    assert_eq!(made["channels"], serde_json::json!(["email", "ntfy"]));
    assert_eq!((&made["nag"], &made["note"]), (&"PT15M".into(), &"the grey bag".into()));
    assert_eq!((&made["timezone"], &made["recurrenceType"]), (&"UTC".into(), &"ONCE".into()));
    assert!(made["schedule"].as_str().unwrap().ends_with("T09:00:00Z"), "{made}");
    assert_eq!((&made["taskNumber"], &made["taskTitle"]), (&1.into(), &"Buy cat food".into()));
}

#[test]
fn a_task_is_added_with_its_reminders() {
    let home = home().with_env("MUISTA_EMAIL_TO", "me@example.org");
    muista(&home, ["ls", "-q"]).ok();
    let added = line(&home, "add Call --due 'tomorrow 12:00' remind:1h --remind tomorrow --channel email");
    assert_eq!(added.stderr, NOTICE, "once");
    let lines: Vec<&str> = added.stdout.lines().collect();
    assert_eq!(lines[0], "Added 1  Call  (due tomorrow 12:00)");
    assert!(lines.contains(&"Reminder set for 1  Call: tomorrow at 11:00 by email, 1h before due"), "{lines:?}");
    assert!(lines.contains(&"Reminder set for 1  Call: tomorrow at 9:00 by email"), "{lines:?}");
    let said = line(&home, "add Later remind:1h").ok();
    assert!(said.contains("Reminder set for 2  Later: today at "), "from now: {said}");
    let odd = line(&home, "add Odd remind:whenever");
    assert!(odd.stderr.contains("stays in the title"), "{odd:#?}");
    assert_eq!(odd.stdout, "Added 3  Odd remind:whenever\n");
    line(&home, "add x --channel email").refused(2, "no reminder", "--remind");
    line(&home, "add x --remind '1h before'").refused(4, "no due", "--due");
}

#[test]
fn reminders_are_listed_the_next_first() {
    let home = with_task();
    line(&home, "remind 1 30min before --note bag").ok();
    line(&home, "remind 1 tomorrow 9:00 --channel email").ok();
    let table = line(&home, "reminder ls").ok();
    let without_ids: Vec<String> = table.lines().map(|row| row[..row.len().min(75)].trim_end().to_owned()).collect();
    assert_eq!(without_ids.len(), 3, "{table}");
    assert!(without_ids[0].starts_with("#  Task          Next               How               By     Note"), "{table}");
    assert!(without_ids[1].starts_with("1  Buy cat food  tomorrow at 9:00                     email"), "{table}");
    assert!(without_ids[2].starts_with("1  Buy cat food  tomorrow at 11:30  30min before due"), "{table}");
    assert_eq!(line(&home, "reminder").ok(), table);
    assert_eq!(line(&home, "reminder ls 1 -o ids").ok().lines().count(), 2);
    assert!(line(&home, "reminder ls -o csv").ok().starts_with("id,taskId,taskNumber,taskTitle,"));
    line(&home, "done 1").ok();
    assert_eq!(line(&home, "reminder ls --json").ok(), "[]\n");
    assert!(line(&home, "reminder ls --all").ok().contains("not active"));
    line(&home, "undone 1").ok();
    assert_eq!(line(&home, "reminder ls -o ids").ok().lines().count(), 2);
}

#[test]
fn reminders_are_deleted_and_come_back() {
    let home = with_task();
    line(&home, "remind 1 tomorrow").ok();
    line(&home, "remind 1 at due").ok();
    let id = reminders(&home)[1]["id"].as_str().unwrap().to_owned();
    let gone = line(&home, &format!("reminder rm {id}")).ok();
    assert_eq!(gone, "Deleted the reminder for 1  Buy cat food: tomorrow at 12:00 by email, at due\n");
    line(&home, &format!("reminder rm {id}")).refused(3, &id, "reminder ls");
    assert_eq!(line(&home, "remind 1 --off").ok().lines().count(), 1);
    let none = line(&home, "remind 1 --off");
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", "task 1 has no reminders\n"));
    line(&home, "undo").ok();
    assert_eq!(reminders(&home).len(), 1);
    assert!(line(&home, "log").ok().contains("added reminder of task 1  Buy cat food"));
}

#[test]
fn snoozing_puts_off_what_comes_next() {
    let home = with_task();
    line(&home, "snooze 1").refused(4, "task 1 has no reminder", "muista remind 1");
    line(&home, "remind 1 in 5 minutes").ok();
    let snoozed = line(&home, "snooze 1");
    assert!(snoozed.stdout.starts_with("Snoozed 1  Buy cat food: today at "), "{snoozed:#?}");
    assert_eq!(snoozed.stderr, NOTICE);
    let said = line(&home, "snooze 1 tomorrow 8:30").ok();
    assert_eq!(said, "Snoozed 1  Buy cat food: tomorrow at 8:30 by email\n");
    line(&home, "snooze 1 1h").refused(4, "no reminder before then", "later");
    line(&home, "snooze 1 yesterday").refused(2, "past", "time to come");
    line(&home, "snooze tomorrow").refused(2, "no task", "muista snooze 7");
    let acknowledged = line(&home, "ack 1");
    assert_eq!((acknowledged.code, acknowledged.stdout.as_str()), (0, ""));
    assert_eq!(acknowledged.stderr, "task 1 has no unacknowledged reminder\n");
    assert_eq!(line(&home, "ack 1 --json").ok(), "[]\n");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let home = with_task();
    line(&home, "add 'no due'").ok();
    for (arguments, code, error, hint) in [
        ("remind 1 soon", 2, "soon", ""),
        ("remind 1 none", 2, "none", "--off"),
        ("remind 1", 2, "WHEN", ""),
        ("remind 1 tomorrow --off", 2, "--off", ""),
        ("remind 1 tomorrow --tz Europe/Helsinky", 2, "Helsinky", "Europe/Helsinki"),
        ("remind 1 --every P0D", 2, "P0D", ""),
        ("remind 1 --every=-P1D", 2, "-P1D", ""),
        ("remind 1 --every '0 0 31 2 *'", 2, "0 0 31 2 *", ""),
        ("remind 1 --every '* * * *'", 2, "* * * *", ""),
        ("remind 1 1h before --every P1D", 2, "cannot count from the due", "tomorrow 9:00"),
        ("remind 1 tomorrow --nag 10s", 2, "at least 1min", "15min"),
        ("remind 1 tomorrow --until yesterday", 2, "past", ""),
        ("remind 1 'in 3 days' --until tomorrow", 2, "never fire", ""),
        ("remind 1 tomorrow --channel pigeon", 2, "pigeon", "email"),
        ("remind 2 1h before", 4, "no due", "--due"),
        ("remind 9 tomorrow", 3, "task 9", ""),
        ("reminder rm x", 2, "x", ""),
        ("snooze 9 1h", 3, "task 9", ""),
        ("ack 9", 3, "task 9", ""),
    ] {
        line(&home, arguments).refused(code, error, hint);
    }
    assert_eq!(reminders(&home).len(), 0);
    let past = line(&home, "remind 1 yesterday");
    assert!(past.stderr.starts_with("that reminder time has already passed; it fires at once\n"), "{past:#?}");
}

#[test]
fn a_channel_is_tried_by_a_daemon_only() {
    let home = home_with(&["a"]);
    line(&home, "notify test --channel email").refused(5, "no daemon is running", "muista daemon start");
    let none = line(&home, "notifications");
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("", "No notifications.\n"));
    for flags in ["--failed", "--pending", "--channel sms", "1"] {
        assert_eq!(line(&home, &format!("notifications ls {flags} --json")).ok(), "[]\n");
    }
    line(&home, "notifications ls --failed --pending").refused(2, "--pending", "");
    let id = "0199c0de-0000-7000-8000-000000000007";
    line(&home, &format!("notifications retry {id}")).refused(3, id, "notifications ls");
}
