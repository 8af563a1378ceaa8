//! Short ids: what tables show of an id, and that the verbs take it.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;
use test_common::sandbox::Sandbox;

use crate::support::{home, home_with, muista, shell};

/// Returns the last column of a table, without its header.
#[track_caller]
fn last_column(home: &Sandbox, line: &str) -> Vec<String> {
    let table = shell(home, &format!("muista {line}")).ok();
    table.lines().skip(1).filter_map(|row| row.split_whitespace().next_back()).map(str::to_owned).collect()
}

/// Returns the ids that a list gives to programs.
#[track_caller]
fn ids(home: &Sandbox, line: &str) -> Vec<String> {
    shell(home, &format!("muista {line} -o ids")).ok().lines().map(str::to_owned).collect()
}

#[test]
fn a_reminder_and_a_comment_go_by_what_the_table_shows() {
    let home = home_with(&["a"]);
    shell(&home, "muista remind -q 1 tomorrow --channel email; muista remind -q 1 'in 2 days' --channel email").ok();
    let (shown, whole) = (last_column(&home, "reminder ls"), ids(&home, "reminder ls"));
    assert_eq!(shown.len(), 2);
    for (short, id) in shown.iter().zip(&whole) {
        assert!(id.len() == 36 && short.len() >= 4 && id[24..].starts_with(short), "{short} {id}");
    }
    shell(&home, &format!("muista reminder rm {}", shown[0].to_uppercase())).ok();
    assert_eq!(ids(&home, "reminder ls"), whole[1..]);
    let gone = shell(&home, &format!("muista reminder rm {}", shown[0]));
    gone.refused(3, &format!("no reminder {}", shown[0]), "muista reminder ls --all");
    for bad in ["3f2", "x", "1234567890abcx"] {
        shell(&home, &format!("muista reminder rm {bad}")).refused(2, "is not an id", "4 or more characters");
    }

    shell(&home, "muista comment 1 well; muista comment 1 done").ok();
    let shown = last_column(&home, "comment 1");
    let deleted = shell(&home, &format!("muista comment --delete {}", shown[0])).ok();
    assert!(deleted.starts_with(&format!("Deleted the comment {}", shown[0])), "{deleted}");
    assert_eq!(last_column(&home, "comment 1"), shown[1..]);
    // An id of one kind is none of another's.
    shell(&home, &format!("muista reminder rm {}", shown[1])).refused(3, "no reminder", "");
}

#[test]
fn a_file_a_device_and_a_key_do_too() {
    let home = home_with(&["a"]);
    let file = home.path().join("bill.txt");
    std::fs::write(&file, "12.50").unwrap();
    muista(&home, ["attach", "1", file.to_str().unwrap()]).ok();
    let short = ids(&home, "attach 1")[0][24..28].to_owned();
    assert!(shell(&home, "muista attach 1").ok().contains(&short));
    assert_eq!(shell(&home, &format!("muista attach --get {short} --to -")).ok(), "12.50");
    assert!(shell(&home, &format!("muista attach --rm {short}")).ok().starts_with("Removed bill.txt"));

    shell(&home, "muista device add phone --os A --platform mobile --endpoint https://push.example.org/1").ok();
    let short = ids(&home, "device")[0][24..29].to_owned();
    assert!(shell(&home, "muista device").ok().contains(&short[..4]));
    assert_eq!(shell(&home, &format!("muista device rm {short}")).ok(), "Removed the device phone\n");

    shell(&home, "muista token create --name laptop -q").ok();
    let short = last_column(&home, "token").remove(0);
    assert_eq!(short.len(), 4);
    // A key of that name goes first.
    shell(&home, &format!("muista token create --name {short} -q")).ok();
    assert_eq!(shell(&home, &format!("muista token revoke {short}")).ok(), format!("Revoked the key {short}\n"));
    assert_eq!(shell(&home, &format!("muista token revoke {short}")).ok(), "Revoked the key laptop\n");
}

#[test]
fn a_run_goes_by_it_where_no_job_has_that_name() {
    let home = home();
    let folder = home.path().join("scripts");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("weather"), "#!/bin/sh\n").unwrap();
    for path in [&folder, &folder.join("weather")] {
        std::fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
    let home = home.with_env("MUISTA_SCRIPTS_DIR", folder.to_str().unwrap());
    shell(&home, "muista job add weather --script weather; muista job run weather --quiet").ok();
    let short = last_column(&home, "run ls").remove(0);
    assert!(short.len() >= 6 && ids(&home, "run ls")[0][24..].starts_with(&short), "{short}");
    let run: Value = muista(&home, ["run", "show", &short, "--json"]).json();
    assert_eq!((&run["jobName"], &run["status"]), (&"weather".into(), &"pending".into()));
    shell(&home, &format!("muista job add {short} --script weather")).ok();
    shell(&home, &format!("muista run show {short}")).refused(3, "run", "");
    shell(&home, &format!("muista job rm {short} --yes")).ok();
    let stopped = shell(&home, &format!("muista job cancel {short}")).ok();
    assert_eq!(stopped, format!("Took back the run {} of weather\n", &short[..6]));
    shell(&home, "muista run show abcdef012345").refused(3, "no run abcdef012345", "muista run ls");
}

#[test]
fn a_change_is_shown_and_undone_by_its_short_id() {
    let home = home_with(&["a", "b"]);
    shell(&home, "muista edit 2 --parent 1 && muista add c && muista edit 3 --depends 1 --depends 2").ok();
    let log = shell(&home, "muista log").ok();
    assert!(log.contains("parent      none → 1\n") && log.contains("dependsOn   none → 1,2\n"), "{log}");
    assert!(!log.split_whitespace().any(|word| word.len() >= 36), "{log}");
    let change = log.lines().find_map(|line| line.trim().strip_prefix("change ")).unwrap();
    let short = change.split(' ').next().unwrap().to_owned();
    assert_eq!(short.len(), 6);
    assert_eq!(shell(&home, &format!("muista undo {short}")).ok(), "Undid: changed task 3  c\n");
    shell(&home, "muista undo 000000").refused(3, "no change 000000", "muista log");
    shell(&home, "muista undo xyz").refused(2, "is not an id", "muista log");
}

#[test]
fn tasks_whose_ids_begin_alike_are_told() {
    let home = home();
    for end in ["1", "2"] {
        let id = format!("0199c0de-0000-7000-8000-00000000000{end}");
        muista(&home, ["add", "--id", &id, "--", &format!("task {end}")]).ok();
    }
    shell(&home, "muista show 0199c0de").refused(2, "begin with “0199c0de”: 1 “task 1”, 2 “task 2”", "number");
    shell(&home, "muista show 0199c0df").refused(3, "0199c0df", "");
}
