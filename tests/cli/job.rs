//! Jobs on the command line without a daemon: what they are, what is refused, and what is said of a daemon that is not
//! there.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;
use test_common::sandbox::Sandbox;

use crate::support::{Ran, arguments, home as bare, muista, on_terminal, redacted};

/// A home with a script.
fn home() -> Sandbox {
    let home = bare();
    let folder = home.path().join("scripts");
    fs::create_dir(&folder).unwrap();
    let script = folder.join("weather");
    fs::write(&script, "#!/bin/sh\necho rain\n").unwrap();
    for path in [&folder, &script] {
        fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
    }
    home.with_env("MUISTA_SCRIPTS_DIR", folder.to_str().unwrap())
}

fn job(home: &Sandbox, line: &str) -> Ran {
    muista(home, [vec!["job".to_owned()], arguments(line)].concat())
}

/// What is said where no daemon runs.
const NO_DAEMON: &str =
    "Reminders and jobs need the daemon, which is not running. Start it with: muista daemon start\n";

#[test]
fn a_new_job_says_when_it_runs() {
    let home = home();
    muista(&home, ["ls", "-q"]).ok();
    let added = job(&home, "add weather --script weather --cron '0 7 1 1 *' --tz Europe/Helsinki");
    assert_eq!(added.stderr, NO_DAEMON);
    let said = added.ok();
    assert!(said.starts_with("Added job weather, next: "), "{said}");
    assert!(said.ends_with(" 07:00 (Europe/Helsinki)\n"), "{said}");
    assert_eq!(said.matches(" 1 Jan ").count(), 5, "{said}");
    let asked = job(&home, "add a --script weather");
    assert_eq!(
        (asked.stderr.as_str(), asked.stdout.as_str()),
        ("", "Added job a; it runs when asked to: muista job run a\n")
    );
    let paused = job(&home, "add b --script weather --every 15min --paused");
    assert_eq!(
        (paused.stderr.as_str(), paused.stdout.as_str()),
        ("", "Added job b; it runs on schedule once it is resumed\n")
    );
    assert_eq!(job(&home, "add c --script weather --at 'in 2 hours' --quiet").stderr, "");
}

#[test]
fn seconds_that_run_are_warned_of() {
    let home = home();
    muista(&home, ["ls", "-q"]).ok();
    let added = job(&home, "add hourly --script weather --cron '* */15 * * * *'");
    assert_eq!(added.code, 0);
    let (warning, notice) = added.stderr.split_once('\n').unwrap();
    assert!(warning.starts_with("this runs up to 60 times a minute"), "{warning}");
    assert!(warning.contains("`*/15 * * * *`"), "{warning}");
    assert_eq!(notice, NO_DAEMON);
    assert_eq!(added.stdout.matches(", ").count(), 5, "{added:#?}");
}

#[test]
fn what_no_job_can_be_is_refused() {
    let home = home();
    job(&home, "add there --script weather").ok();
    for (flags, code, error, hint) in [
        ("--cron '0 0 31 2 *'", 2, "never fires", "31 in February"),
        ("--cron '0 7 * *'", 2, "4 fields", "0 9 * * 1-5"),
        ("--every P0D", 2, "P0D", "P1D"),
        ("--every PT-5M", 2, "PT-5M", "PT30M"),
        ("--every '0 days'", 2, "0", "every 3 days"),
        ("--every 'every! 2 days'", 2, "completion", "!"),
        ("--every frobnicate", 2, "frobnicate", "daily"),
        ("--at yesterday", 2, "is past", "muista job run a"),
        ("--cron '0 7 * * *' --tz Europe/Helsink", 2, "Europe/Helsink", "Europe/Helsinki"),
        ("--cron '0 7 * * *' --until yesterday", 2, "before its end", "later"),
        ("--at tomorrow --until 'next week'", 2, "repeats", "--cron"),
        ("--cron '0 7 * * *' --every daily", 2, "cannot be used with", "--help"),
        ("--timeout 0s", 2, "0", ""),
        ("--timeout 8d", 2, "691200", "604800"),
        ("--timeout 1.5s", 2, "whole seconds", "90s"),
        ("--timeout soon", 2, "soon", "15min"),
        ("--retries 21", 2, "21", ""),
        ("--retry-delay 2d", 2, "172800", ""),
        ("--overlap both", 2, "both", "forbid, queue, allow, replace"),
        ("--missed none", 2, "none", "latest, all, skip"),
        ("--on-failure mail", 2, "mail", ""),
        ("--channel pigeon", 2, "pigeon", "email"),
        ("--param city", 2, "`city`", "--param city=Helsinki"),
        ("--param a=1 --param a=2", 2, "second value", "--param"),
        ("--param city=Oulu", 2, "no parameter “city”", "it takes"),
        ("--task 99", 3, "no task 99", "muista ls"),
    ] {
        job(&home, &format!("add a --script weather {flags}")).refused(code, error, hint);
    }
    job(&home, "add a --script wether").refused(3, "no script “wether”", "did you mean “weather”?");
    job(&home, "add 'two words' --script weather").refused(2, "“two words” is not a job's name", "one word");
    job(&home, "add THERE --script weather").refused(4, "there is a job THERE already", "muista job ls");
    assert_eq!(job(&home, "ls -o ids").ok(), "there\n");
    // What is there is kept, whatever else is said of it.
    let kept = job(&home, "add there --script weather --retries 7 --if-missing --json").json();
    assert_eq!((&kept["name"], &kept["maxRetries"]), (&serde_json::json!("there"), &serde_json::json!(3)));
    job(&home, "add new --script weather --if-missing").ok();
    assert_eq!(job(&home, "ls -o ids").ok(), "new\nthere\n");
}

#[test]
fn a_job_that_is_not_there_is_not_found() {
    let home = home();
    for verb in ["show", "edit --retries 1", "run", "pause", "resume", "cancel", "rm", "runs", "logs"] {
        let (verb, flags) = verb.split_once(' ').unwrap_or((verb, ""));
        job(&home, &format!("{verb} nix {flags}")).refused(3, "no job nix", "muista job ls");
    }
    let run = "01a1fe26-f8ac-75fc-96d9-f9827b863b6f";
    job(&home, &format!("logs {run}")).refused(3, "no run", "muista job runs");
    job(&home, &format!("cancel {run}")).refused(3, "no run", "muista job runs");
}

#[test]
fn jobs_are_listed_and_shown() {
    let home = home();
    assert!(job(&home, "ls").stderr.contains("muista job add"));
    muista(&home, ["add", "Watch the sky"]).ok();
    job(
        &home,
        "add weather --script weather --cron '0 7 1 1 *' --tz UTC --task 1 --on-failure task --on-failure notify \
        --channel email --timeout 90s --retries 0 --overlap queue --missed all -- --full 'a b'",
    )
    .ok();
    job(&home, "add asked --script weather").ok();
    job(&home, "add never --script weather --every daily --paused").ok();
    let table = job(&home, "ls").ok();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines[0].split_whitespace().collect::<Vec<_>>(), ["Name", "Schedule", "Next", "Status"]);
    assert_eq!(lines[1].split_whitespace().collect::<Vec<_>>(), ["asked", "pending"]);
    assert_eq!(lines[2].split_whitespace().collect::<Vec<_>>(), ["never", "daily", "paused"]);
    assert!(lines[3].starts_with("weather  0 7 1 1 *  ") && lines[3].ends_with("  pending"), "{table}");
    let page = redacted(&job(&home, "show weather").ok());
    let clockless = page.lines().filter(|line| !line.contains("  Next ") && !line.contains("  Added "));
    insta::assert_snapshot!(clockless.collect::<Vec<_>>().join("\n"), @r#"
    weather
      Script      weather --full "a b"
      Schedule    0 7 1 1 * (UTC)
      Status      pending
      Timeout     90s
      Retries     none
      Overlap     queue
      Missed      all
      On failure  notify by email (at most once each 1d, and when it succeeds again), create a task
      Task        <id>
      Id          <id>
    "#);
    let shown = job(&home, "show weather --json").json();
    for (key, value) in [
        ("name", json!("weather")),
        ("args", json!(["--full", "a b"])),
        ("timeoutSeconds", json!(90)),
        ("maxRetries", json!(0)),
        ("overlap", json!("queue")),
        ("missed", json!("all")),
        ("notifyOnFailure", json!(true)),
        ("taskOnFailure", json!(true)),
        ("notifyOnSuccess", json!(false)),
        ("channels", json!(["email"])),
        ("schedule", json!("0 7 1 1 *")),
        ("recurrenceType", json!("CRON")),
        ("timezone", json!("UTC")),
        ("runs", json!([])),
    ] {
        assert_eq!(shown[key], value, "{key}");
    }
    assert_eq!(shown["next"].as_array().unwrap().len(), 5);
    let csv = job(&home, "ls -o csv").ok();
    assert!(csv.starts_with("id,ownerId,taskId,name,type,script,args,params,status,schedule,"), "{csv}");
    let script = muista(&home, ["script", "ls", "--json"]).json();
    assert_eq!((script[0]["name"].as_str(), script[0]["params"].as_array().map(Vec::len)), (Some("weather"), Some(0)));
    assert_eq!(muista(&home, ["script", "-o", "ids"]).ok(), "weather\n");
}

#[test]
fn a_job_is_changed_paused_resumed_and_deleted() {
    let home = home();
    job(&home, "add weather --script weather --every 'day at 3:00' -- a b").ok();
    let field = |name: &str| job(&home, "show weather --json").json()[name].clone();
    assert_eq!(field("words"), "day at 3:00");
    assert!(
        job(&home, "edit weather --cron '0 8 * * *' --retries 5 --on-success notify")
            .ok()
            .starts_with("Changed job weather, next: ")
    );
    assert_eq!(
        (field("schedule"), field("maxRetries"), field("notifyOnSuccess")),
        (json!("0 8 * * *"), json!(5), json!(true))
    );
    assert_eq!(field("args"), json!(["a", "b"]));
    job(&home, "edit weather --no-args --on-success none --at none").ok();
    assert_eq!((field("args"), field("notifyOnSuccess"), field("schedule")), (json!([]), json!(false), json!(null)));
    job(&home, "edit weather").refused(2, "nothing is said", "--cron");
    job(&home, "edit weather --cron '0 8 * * *'").ok();
    assert_eq!(job(&home, "pause weather").ok(), "Paused job weather; it runs on schedule once it is resumed\n");
    assert_eq!(field("nextRunAt"), json!(null));
    assert!(job(&home, "resume weather").ok().starts_with("Resumed job weather, next: "));
    job(&home, "edit weather --name rain").ok();
    let log = muista(&home, ["log", "--limit", "1"]).ok();
    assert!(log.contains("changed job rain") && log.contains("weather → rain"), "{log}");
    assert_eq!(job(&home, "rm rain").ok(), "Deleted job rain\n");
    assert!(muista(&home, ["undo"]).ok().contains("deleted job rain"));
    assert_eq!(job(&home, "ls -o ids").ok(), "rain\n");
}

#[test]
fn rm_asks_on_a_terminal() {
    let home = home();
    job(&home, "add weather --script weather").ok();
    let asked = on_terminal(&home, 80, "job rm WEATHER", "n\n");
    assert!(asked.stdout.contains("Delete the job weather and its runs? [y/N]"), "{asked:#?}");
    assert_eq!(job(&home, "ls -o ids").ok(), "weather\n");
    on_terminal(&home, 80, "job rm weather", "y\n");
    assert_eq!(job(&home, "ls -o ids").ok(), "");
}

#[test]
fn a_run_waits_for_a_daemon_and_can_be_taken_back() {
    let home = home();
    job(&home, "add weather --script weather").ok();
    job(&home, "run weather --wait").refused(5, "no daemon is running", "muista daemon start");
    assert_eq!(job(&home, "runs weather -o ids").ok(), "");
    let asked = job(&home, "run weather");
    assert_eq!(asked.stderr, NO_DAEMON);
    let said = asked.ok();
    let short = job(&home, "runs -o ids").ok()[24..30].to_owned();
    assert_eq!(said, format!("Run {short} of weather waits\n"));
    job(&home, "run weather").refused(4, "waits for its turn already", "muista job cancel weather");
    let logs = job(&home, "logs weather");
    assert_eq!(
        (logs.stdout.as_str(), logs.stderr.as_str()),
        ("", "The run of weather waits to begin (pending: waits for a daemon to start it).\n")
    );
    assert_eq!(job(&home, "logs weather --json").ok(), "[]\n");
    insta::assert_snapshot!(job(&home, "runs").ok().replace(&short, "<id>"), @r"
    Job      Status   By      Why                             Run
    weather  pending  manual  waits for a daemon to start it  <id>
    ");
    assert_eq!(job(&home, "cancel weather").ok(), format!("Took back the run {short} of weather\n"));
    job(&home, "cancel weather").refused(4, "no run of the job weather", "muista job runs weather");
    assert_eq!(job(&home, "runs --status cancelled -o ids").ok().lines().count(), 1);
    assert_eq!(job(&home, "runs --status failed --json").ok(), "[]\n");
    job(&home, "runs --status gone").refused(2, "gone", "pending, running");
}
