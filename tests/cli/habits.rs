//! What people type out of habit: verbs of other programs, a verb that lacks its own verb, and what help shows.

use crate::support::{home, home_with, listed, muista, task};

#[test]
fn verbs_of_other_programs_work() {
    let home = home_with(&["Buy cat food", "Call Anna"]);
    assert_eq!(muista(&home, ["new", "Paint", "project:house", "+art"]).ok(), "Added 3  Paint\n");
    assert_eq!(muista(&home, ["modify", "1", "priority:high"]).ok(), "Changed 1  Buy cat food\n");
    assert_eq!(muista(&home, ["search", "cat", "-o", "ids"]).ok(), "1\n");
    assert_eq!(muista(&home, ["complete", "1"]).ok(), "Done 1  Buy cat food\n");
    assert_eq!(muista(&home, ["delete", "2"]).ok(), "Deleted 2  Call Anna\n");
    assert_eq!(muista(&home, ["info", "3"]).ok(), muista(&home, ["show", "3"]).ok());
    muista(&home, ["annotate", "3", "needs", "two", "coats"]).ok();
    assert_eq!(task(&home, "3")["comments"][0]["text"], "needs two coats");
    assert_eq!(muista(&home, ["tags", "-o", "ids"]).ok(), "art\n");
    assert_eq!(muista(&home, ["projects", "-o", "ids"]).ok(), "house\n");
    assert_eq!(muista(&home, ["version"]).ok(), format!("muista {}\n", env!("CARGO_PKG_VERSION")));
    assert_eq!(listed(&home, &[]), "3");
    // They are no part of the help.
    let help = muista(&home, ["--help"]).ok();
    assert!(!help.contains("modify") && !help.contains("annotate"), "{help}");
}

#[test]
fn a_verb_that_muista_lacks_names_what_to_type() {
    let home = home();
    for (verb, hint) in [
        ("append", "muista edit 7 --title"),
        ("prepend", "muista edit 7 --title"),
        ("summary", "muista stats"),
        ("sync", "muista login"),
        ("completed", "muista ls status:done"),
        ("waiting", "muista ls is:waiting"),
        ("newest", "muista ls --sort -created"),
        ("burndown.daily", "muista burndown --days"),
        ("ghistory.monthly", "muista stats"),
        ("diagnostics", "muista doctor"),
        ("udas", "muista field"),
        ("calc", "muista date"),
        ("purge", "muista rm 7"),
        ("rc.verbose=nothing", "muista config set"),
    ] {
        muista(&home, [verb, "1"]).refused(2, verb, hint);
        muista(&home, ["--data-dir", "elsewhere", verb]).refused(2, verb, hint);
    }
    let own = muista(&home, ["daemon", "sync"]);
    assert!(own.code == 2 && !own.stderr.contains("muista login"), "{own:?}");
    assert!(!home.data_dir().exists());
}

#[test]
fn tasks_may_stand_before_the_verb() {
    let home = home_with(&["Buy milk", "Call Anna", "Paint"]);
    assert_eq!(muista(&home, ["2", "modify", "+home", "pri:H"]).ok(), "Changed 2  Call Anna\n");
    assert_eq!(muista(&home, ["+home", "list", "-o", "ids"]).ok(), "2\n");
    assert_eq!(muista(&home, ["1-2", "-o", "ids"]).ok(), "1\n2\n");
    assert_eq!(muista(&home, ["1,3", "-o", "ids"]).ok(), "1\n3\n");
    assert_eq!(muista(&home, ["/milk/", "-o", "ids"]).ok(), "1\n");
    assert_eq!(listed(&home, &["/anna/"]), "2");
    assert_eq!(muista(&home, ["3", "info"]).ok(), muista(&home, ["show", "3"]).ok());
    muista(&home, ["3", "append", "x"]).refused(2, "append", "muista edit 7 --title");
    muista(&home, ["context", "define", "home", "+home"]).refused(2, "", "muista view add work project:work");
    muista(&home, ["log", "Did", "something"]).refused(2, "", "muista add");
    assert_eq!(muista(&home, ["1", "3", "done"]).ok(), "Done 1  Buy milk\nDone 3  Paint\n");
    assert_eq!(listed(&home, &[]), "2");
}

#[test]
fn a_verb_without_its_own_lists_them() {
    let home = home();
    for (verb, own) in [("daemon", "start"), ("notify", "test"), ("run", "cancel"), ("job", "add")] {
        let ran = muista(&home, [verb]);
        if ran.code == 0 {
            // Alone it lists.
            continue;
        }
        assert_eq!((ran.code, ran.stderr.as_str()), (2, ""), "{ran:?}");
        assert!(ran.stdout.contains(&format!("Usage: muista {verb}")), "{ran:?}");
        assert!(ran.stdout.lines().any(|line| line.trim_start().starts_with(own)), "{ran:?}");
    }
    assert_eq!(muista(&home, ["daemon"]).code, 2);
    // Nothing but JSON is on stdout where that is asked for.
    muista(&home, ["daemon", "--json"]).refused(2, "subcommand", "");
}

#[test]
fn help_shows_verbs_in_groups_and_the_globals_once() {
    let home = home();
    for flag in ["--help", "-h"] {
        let help = muista(&home, [flag]).ok();
        let groups = ["Tasks:", "Reminders:", "Jobs:", "Organize:", "Data:", "Daemon and accounts:", "Setup:"];
        let places: Vec<usize> = groups.iter().map(|group| help.find(group).unwrap()).collect();
        assert!(places.is_sorted(), "{help}");
        assert!(help.contains("  snooze         Postpone a reminder\n"), "{help}");
        assert!(help.contains("--data-dir <DIR>") && help.contains("Exit status:"), "{help}");
    }
    for line in [&["ls", "--help"][..], &["help", "ls"], &["tag", "rename", "-h"], &["daemon", "--help"]] {
        let help = muista(&home, line).ok();
        assert!(!help.contains("--data-dir") && !help.contains("--no-tag <TAG>\n          [hid"), "{help}");
        assert_eq!(help.matches("Global options: see muista --help").count(), 1, "{help}");
    }
}
