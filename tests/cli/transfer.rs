//! `import` and `export`: what another program's file becomes, and that nothing is lost on the way out and in again.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use test_common::sandbox::Sandbox;

use crate::support::{all, home, home_with, listed, muista, run, run_with_input, shell, task};

/// A home with `tasks.json`, as `task export` wrote it.
fn home_with_fixture() -> Sandbox {
    let home = home();
    fs::write(home.path().join("tasks.json"), include_str!("../fixtures/taskwarrior.json")).unwrap();
    home
}

/// All tasks as our own export has them.
fn exported(home: &Sandbox) -> Value {
    muista(home, ["export"]).json()
}

/// What the comments say.
fn texts(comments: &Value) -> Vec<&Value> {
    comments.as_array().unwrap().iter().map(|comment| &comment["text"]).collect()
}

#[test]
fn a_taskwarrior_export_is_taken_over() {
    let home = home_with_fixture();
    let report = muista(&home, ["import", "tasks.json", "--format", "taskwarrior", "--json"]).json();
    for (key, value) in
        [("read", 8), ("deletedThere", 2), ("templates", 1), ("created", 8), ("updated", 0), ("unchanged", 0)]
    {
        assert_eq!(report[key], value, "{key}: {report:#}");
    }
    let notices = report["notices"].clone();
    let cat = task(&home, "b0929c44-7a64-481d-bfe9-0bba2d744f7c");
    assert_eq!((&cat["title"], &cat["priority"]), (&json!("Buy cat food"), &json!("HIGH")));
    assert_eq!((&cat["project"], &cat["tags"]), (&json!("home"), &json!(["cat", "shopping"])));
    assert_eq!(cat["comments"][0]["text"], "The kind with salmon");
    let report = task(&home, "2fa2e4df-c490-43fb-ad14-cd80b1444dc5");
    assert_eq!(report["dependencies"].as_array().unwrap().len(), 2);
    let sauna = task(&home, "44e03bfb-619f-4022-883a-6a547e5c044c");
    let note = sauna["note"].as_str().unwrap();
    assert_eq!(note, "Taskwarrior:\nscheduled: 20271224T220000Z");
    let values = json!({"client": "Åke & Söner", "points": 3.5, "reviewdate": "20271225T220000Z"});
    assert_eq!(sauna["fields"], values);
    assert_eq!(
        listed(&home, &["points>3", "client:Åke & Söner", "reviewdate:20271225T220000Z", "status:all"])
            .split(' ')
            .count(),
        1
    );
    let made: Vec<String> = report_notices(&notices, "made the field");
    assert_eq!(
        made,
        ["made the field client (text)", "made the field points (number)", "made the field reviewdate (text)"]
    );
    let back = muista(&home, ["export", "--format", "taskwarrior", "points:3.5"]).json();
    assert_eq!((&back[0]["client"], &back[0]["points"]), (&values["client"], &values["points"]));
    assert_eq!((&back[0]["reviewdate"], &back[0]["scheduled"]), (&values["reviewdate"], &json!("20271224T220000Z")));
    assert_eq!((&sauna["estimate"], sauna["startDate"].is_string()), (&json!("PT2H"), true));
    assert_eq!(task(&home, "37dbfdae-28cb-4abb-a622-dc5a7b51849e")["completed"], true);
    muista(&home, ["show", "be2f70cf-17a8-4631-b40a-6f691c67c2a0"]).refused(3, "be2f70cf", "");
}

/// Returns the notices of an import that begin so.
fn report_notices(notices: &Value, begin: &str) -> Vec<String> {
    let all = notices.as_array().unwrap().iter().map(|notice| notice.as_str().unwrap().to_owned());
    all.filter(|notice| notice.starts_with(begin)).collect()
}

#[test]
fn an_import_again_changes_nothing() {
    let home = home_with_fixture();
    let first = muista(&home, ["import", "tasks.json"]).ok();
    assert!(first.starts_with("Imported 8 tasks: 8 created, 0 updated, 0 unchanged"), "{first}");
    let before = all(&home);
    let again = muista(&home, ["import", "tasks.json"]).ok();
    assert!(again.starts_with("Imported 8 tasks: 0 created, 0 updated, 8 unchanged"), "{again}");
    assert_eq!(all(&home), before);
    // An import is one change.
    muista(&home, ["undo"]).ok();
    assert_eq!(listed(&home, &["--status", "all"]), "");
}

#[test]
fn a_dry_run_changes_nothing() {
    let home = home_with_fixture();
    let told = muista(&home, ["import", "tasks.json", "--dry-run"]).ok();
    assert!(told.starts_with("8 tasks can be imported. Nothing was changed.\n"), "{told}");
    assert!(!home.data_dir().exists());
}

#[test]
fn a_pipe_is_imported_too() {
    let home = home();
    let input = include_str!("../fixtures/taskwarrior.json");
    let ran = run_with_input(home.muista().args(["import", "-", "--quiet"]), input);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    assert_eq!(exported(&home).as_array().unwrap().len(), 8);
}

#[test]
fn one_bad_task_keeps_all_out() {
    let home = home_with(&["mine"]);
    let before = all(&home);
    let good = r#"{"uuid":"b0929c44-7a64-481d-bfe9-0bba2d744f7c","description":"a","entry":"20261121T093907Z","status":"pending"}"#;
    for (second, named) in [
        (good.replace("20261121T093907Z", "yesterday").replace("b092", "b093"), "yesterday"),
        (good.replace("\"a\"", "\"\"").replace("b092", "b093"), "title"),
        (good.replace("pending", "dreaming").replace("b092", "b093"), "dreaming"),
        (good.replace("b0929c44", "zzz"), "zzz"),
        ("{\"uuid\": ".to_owned(), ""),
        ("7".to_owned(), ""),
    ] {
        fs::write(home.path().join("bad.json"), format!("[\n{good},\n{second}\n]\n")).unwrap();
        let ran = muista(&home, ["import", "bad.json", "--format", "taskwarrior"]);
        ran.refused(2, "bad.json", "");
        assert!(ran.stderr.contains(named), "{named}: {ran:?}");
        assert_eq!(all(&home), before, "{second}");
    }
    for (text, named) in [("", "empty"), ("BEGIN:VCALENDAR", "not JSON")] {
        fs::write(home.path().join("bad.json"), text).unwrap();
        muista(&home, ["import", "bad.json"]).refused(2, named, "");
    }
}

#[test]
fn all_there_is_goes_out_and_in_again() {
    let home = home_with_fixture();
    muista(&home, ["import", "tasks.json", "--quiet"]).ok();
    shell(
        &home,
        "muista add 'Own ünïcode 猫' +x @work !low 'due:tomorrow 18:00' project:p --description d --note n; \
         muista add Part --parent 9 --depends 1; muista done 9",
    )
    .ok();
    let out = muista(&home, ["export", "--file", "out.json"]);
    assert_eq!((out.stdout.as_str(), out.stderr.as_str()), ("", "Exported 10 tasks to out.json.\n"));
    let other = crate::support::home();
    fs::copy(home.path().join("out.json"), other.path().join("out.json")).unwrap();
    muista(&other, ["import", "out.json", "--format", "json", "--quiet"]).ok();
    let (there, here) = (exported(&other), exported(&home));
    for (there, here) in there.as_array().unwrap().iter().zip(here.as_array().unwrap()) {
        for (key, value) in here.as_object().unwrap() {
            match key.as_str() {
                // A place of its own has its own projects, series and versions.
                "projectId" | "seriesId" | "version" => {}
                "comments" => assert_eq!(texts(&there[key]), texts(value), "comments of {here:#}"),
                _ => assert_eq!(&there[key], value, "{key} of {here:#}"),
            }
        }
    }
    assert_eq!(there.as_array().unwrap().len(), 10);
    let again = muista(&other, ["import", "out.json"]).ok();
    assert!(again.contains(" 10 unchanged"), "{again}");
}

#[test]
fn an_export_is_filtered_and_written_whole_or_not_at_all() {
    let home = home_with_fixture();
    muista(&home, ["import", "tasks.json", "--quiet"]).ok();
    let cat = muista(&home, ["export", "+cat", "--format", "taskwarrior"]).json();
    assert_eq!(cat.as_array().unwrap().len(), 1);
    assert_eq!((&cat[0]["description"], &cat[0]["status"]), (&json!("Buy cat food"), &json!("pending")));
    assert_eq!(cat[0]["uuid"], "b0929c44-7a64-481d-bfe9-0bba2d744f7c");
    let csv = muista(&home, ["export", "--status", "done", "--format", "csv"]).ok();
    let (header, rows) = csv.split_once('\n').unwrap();
    assert!(header.starts_with("id,number,title,") && rows.contains(",Old annual check,"), "{csv}");
    assert!(!rows.contains("Buy cat food"), "{csv}");
    fs::write(home.path().join("kept"), "before").unwrap();
    muista(&home, ["export", "--file", "kept", "--due", "whenever"]).refused(2, "whenever", "");
    muista(&home, ["export", "--file", "kept", "--parent", "99"]).refused(3, "99", "");
    assert_eq!(fs::read_to_string(home.path().join("kept")).unwrap(), "before");
    muista(&home, ["export", "--file", "nowhere/out.json"]).refused(1, "nowhere", "");
}

/// Lines of our own JSON, a task each, with a note of so many characters.
fn many(tasks: usize, note: usize) -> String {
    let note = "n".repeat(note);
    let line = |n: usize| {
        let id = format!("00000000-0000-4000-8000-{n:012}");
        json!({ "id": id, "title": format!("Task {n}"), "createdAt": "2026-11-21T09:39:07Z", "note": note })
    };
    (0..tasks).map(|n| format!("{}\n", line(n))).collect()
}

#[test]
fn a_bad_value_at_the_end_of_a_large_file_keeps_all_out() {
    let home = home_with(&["mine"]);
    let before = all(&home);
    let bad = many(1, 0).replace("Task 0", "").replace("8000-000000000000", "8000-999999999999");
    for (end, named) in
        [(bad.as_str(), "8000-999999999999"), ("{\"id\": ", "cut off"), ("{\"title\":\"x\"}", "“x” has no id")]
    {
        fs::write(home.path().join("large.json"), many(1500, 0) + end).unwrap();
        for flags in [&["--dry-run"][..], &[]] {
            let ran = muista(&home, [&["import", "large.json"], flags].concat());
            ran.refused(2, "large.json", "");
            assert!(ran.stderr.contains(named), "{named}: {ran:?}");
            assert_eq!(all(&home), before);
        }
    }
}

#[test]
fn an_import_that_is_killed_leaves_nothing_behind_and_can_be_made_again() {
    let home = home();
    let (spool, data) = (home.path().join("tmp"), home.data_dir());
    fs::create_dir(&spool).unwrap();
    fs::write(home.path().join("large.json"), many(3000, 3000)).unwrap();
    muista(&home, ["ls"]).ok();
    let log = || fs::metadata(data.join("muista.db-wal")).map_or(0, |log| log.len());
    let mut import = home.muista();
    import.args(["import", "large.json", "--quiet"]).env("TMPDIR", &spool).stdin(Stdio::null());
    let mut running = import.spawn().unwrap();
    // It is in the middle once much of it is written and it has not ended.
    while log() < 4_000_000 && running.try_wait().unwrap().is_none() {}
    running.kill().unwrap();
    running.wait().unwrap();
    let left = exported(&home).as_array().unwrap().len();
    assert!(left == 0 || left == 3000, "{left}");
    let names = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        entries.filter(|name| !name.to_string_lossy().starts_with("muista.")).collect::<Vec<_>>()
    };
    assert_eq!((names(&spool), names(&data)), (Vec::new(), Vec::new()));
    assert!(muista(&home, ["import", "large.json"]).ok().starts_with("Imported 3000 tasks: "));
    assert_eq!(exported(&home).as_array().unwrap().len(), 3000);
}

#[test]
fn where_nothing_can_be_kept_meanwhile_that_is_said() {
    let home = home_with_fixture();
    let mut import = home.muista();
    let ran = run(import.args(["import", "tasks.json"]).env("TMPDIR", "/proc/nowhere"));
    ran.refused(5, "/proc/nowhere", "nothing was changed");
    assert!(!home.data_dir().exists());
}

#[test]
fn the_time_spent_comes_along() {
    let home = home();
    let file = |entries: Value| {
        let task = json!({"id": "0199c0de-0000-7000-8000-000000000007", "title": "a", "createdAt": "2026-11-01T10:00:00Z",
            "timeEntries": entries});
        fs::write(home.path().join("in.json"), json!([task]).to_string()).unwrap();
    };
    let hour = json!({"beganAt": "2026-11-02T10:00:00Z", "endedAt": "2026-11-02T11:00:00Z"});
    file(json!([hour, {"beganAt": "2026-11-03T10:00:00Z", "endedAt": null}]));
    let imported = muista(&home, ["import", "in.json"]);
    assert!(imported.stderr.contains("work that goes on, left out"), "{imported:?}");
    muista(&home, ["import", "in.json"]).ok();
    let out = exported(&home);
    assert_eq!((&out[0]["timeSpent"], out[0]["timeEntries"].as_array().unwrap().len()), (&json!("PT1H"), 1));
    assert_eq!(muista(&home, ["timesheet", "2026-11-02", "--json"]).json()["total"], "PT1H");
    // There it is what it is here.
    let other = crate::support::home();
    fs::write(other.path().join("out.json"), out.to_string()).unwrap();
    muista(&other, ["import", "out.json"]).ok();
    let there = exported(&other);
    assert_eq!(there[0]["timeSpent"], "PT1H");
    for key in ["beganAt", "endedAt"] {
        assert_eq!(there[0]["timeEntries"][0][key], out[0]["timeEntries"][0][key]);
    }
    for (entry, told) in [
        (json!({"beganAt": "2026-11-02T10:00:00Z", "endedAt": "2026-11-02T09:00:00Z"}), "is before it began"),
        (json!({"beganAt": "soon", "endedAt": "2026-11-02T09:00:00Z"}), "is not an instant"),
    ] {
        file(json!([entry]));
        muista(&home, ["import", "in.json"]).refused(2, told, "");
    }
}

/// What Taskwarrior is told, in a folder `tw` of its own, by the shell. Every form of `recur` is among it.
const TOLD_TASKWARRIOR: &str = r#"
    printf 'confirmation=off\nverbose=nothing\nuda.effort.type=numeric\nuda.client.type=string\n' > tw.rc
    mkdir tw back && export TASKRC="$PWD/tw.rc" TASKDATA="$PWD/tw"
    for every in daily weekdays weekly biweekly monthly bimonthly quarterly semiannual annual biannual 3d 2w P1M 10hours; do
        task add "every $every" due:2099-12-10T09:00 recur:"$every" || exit 1
    done
    task add ends due:2099-12-10T09:00 recur:weekly until:2100-01-10T09:00 &&
    task add waits wait:2099-01-05 due:2099-01-20 && task add planned scheduled:2099-12-05 && task add finished &&
    task add after depends:"$(task waits uuids)" effort:3.5 client:'Acme & Co' +home pri:H project:house.garden &&
    task after annotate called && task finished done && task planned start || exit 1
    task list >/dev/null 2>&1
    task export > tw.json
"#;

#[test]
fn what_taskwarrior_wrote_itself_comes_over_and_goes_back() {
    let version = std::process::Command::new("task").arg("--version").stdin(Stdio::null()).output();
    if !version.is_ok_and(|version| version.stdout.starts_with(b"2.6")) {
        eprintln!("Taskwarrior 2.6 is missing; nothing was taken over from it");
        return;
    }
    let home = home();
    shell(&home, TOLD_TASKWARRIOR).ok();
    let report = muista(&home, ["import", "tw.json", "--format", "taskwarrior", "--json"]).json();
    assert_eq!((&report["created"], &report["templates"]), (&json!(19), &json!(15)), "{report:#}");
    let tasks = muista(&home, ["ls", "--json", "status:all", "is:waiting or not is:waiting"]).json();
    let of = |title: &str| tasks.as_array().unwrap().iter().find(|task| task["title"] == title).cloned().unwrap();
    for (recur, words) in [
        ("daily", "daily"),
        ("weekdays", "weekdays"),
        ("weekly", "weekly"),
        ("biweekly", "every 2 weeks"),
        ("monthly", "monthly"),
        ("bimonthly", "every 2 months"),
        ("quarterly", "every 3 months"),
        ("semiannual", "every 6 months"),
        ("annual", "yearly"),
        ("biannual", "every 2 years"),
        ("3d", "every 3 days"),
        ("2w", "every 2 weeks"),
        ("P1M", "P1M"),
        ("10hours", "every 10 hours"),
    ] {
        let task = of(&format!("every {recur}"));
        assert_eq!((&task["recurrence"], task["note"].is_null()), (&json!(words), true), "{task:#}");
    }
    assert!(of("ends")["recurrence"].as_str().unwrap().starts_with("weekly until 2100-01-"), "{:#}", of("ends"));
    assert!(
        of("waits")["startDate"].is_string() && of("planned")["note"].as_str().unwrap().contains("scheduled: 2099")
    );
    assert_eq!(of("finished")["completed"], true);
    let after = of("after");
    assert_eq!((&after["dependsOn"], &after["tags"]), (&json!([of("waits")["id"]]), &json!(["home"])));
    assert_eq!(after["fields"], json!({"client": "Acme & Co", "effort": 3.5}));
    // And back, into a Taskwarrior that has nothing yet.
    let back = "muista export --format taskwarrior --file back.json &&
        export TASKRC=\"$PWD/tw.rc\" TASKDATA=\"$PWD/back\" && task import back.json >/dev/null && task export";
    let back: Value = serde_json::from_str(&shell(&home, back).ok()).unwrap();
    // A recurring task and its template are two there.
    assert_eq!(back.as_array().unwrap().len(), 19 + 15, "{back:#}");
    let after = back.as_array().unwrap().iter().find(|task| task["description"] == "after").unwrap();
    assert_eq!(
        (&after["effort"], &after["client"], &after["priority"]),
        (&json!(3.5), &json!("Acme & Co"), &json!("H"))
    );
    assert_eq!(after["annotations"][0]["description"], "called");
    let scheduled = back.as_array().unwrap().iter().find(|task| task["description"] == "planned").unwrap();
    assert!(scheduled["scheduled"].is_string() && scheduled["start"].is_string(), "{scheduled:#}");
    // Taken over once more, nothing changes here.
    let again = muista(&home, ["import", "back.json", "--format", "taskwarrior", "--json"]).json();
    assert_eq!(
        (&again["created"], &again["updated"], &again["unchanged"]),
        (&json!(0), &json!(0), &json!(19)),
        "{again:#}"
    );
}

/// Runs Taskwarrior 2.6 in a folder `tw` of its own, by the shell; none where it is missing.
fn taskwarrior(home: &Sandbox, line: &str) -> Option<String> {
    let version = std::process::Command::new("task").arg("--version").stdin(Stdio::null()).output();
    if !version.is_ok_and(|version| version.stdout.starts_with(b"2.6")) {
        eprintln!("Taskwarrior 2.6 is missing; nothing was tried with it");
        return None;
    }
    let settings = "printf 'confirmation=off\nverbose=nothing\n' > tw.rc; mkdir -p tw; \
        export TASKRC=\"$PWD/tw.rc\" TASKDATA=\"$PWD/tw\"; ";
    Some(shell(home, &format!("{settings}{line}")).ok())
}

/// What `task export` says of the tasks of a status, by their titles.
fn of_status(export: &str, status: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(export).unwrap();
    let mut some: Vec<Value> =
        all.as_array().unwrap().iter().filter(|task| task["status"] == status).cloned().collect();
    some.sort_by_key(|task| task["description"].to_string());
    some
}

/// How tasks recur: the words here, and Taskwarrior's.
const RECURRING: &[(&str, &str)] = &[
    ("daily", "daily"),
    ("every weekday", "weekdays"),
    ("weekly", "weekly"),
    ("every 2 weeks", "biweekly"),
    ("every 3 days", "P3D"),
    ("every 3 weeks", "P21D"),
    ("monthly", "monthly"),
    ("P1M", "P1M"),
    ("every 3 months", "quarterly"),
    ("every 2 years", "biannual"),
    ("weekly until 2100-01-10", "weekly"),
    ("weekly for 5 times", "weekly"),
];

#[test]
fn what_recurs_recurs_in_taskwarrior_and_comes_back() {
    let home = home();
    for (number, (words, _)) in RECURRING.iter().enumerate() {
        let title = format!("t{number:02}");
        muista(&home, ["add", "--due", "2099-12-10 9:00", "--every", words, "--tag", "two words", "--", &title]).ok();
    }
    shell(&home, "muista add plain --every 'every friday at 9:00'").ok();
    let told = muista(&home, ["export", "--format", "taskwarrior", "--file", "out.json"]).stderr;
    assert!(told.contains("tag with a blank") && told.contains("“two words” as “two_words”"), "{told}");
    let before = exported(&home);
    let Some(there) = taskwarrior(&home, "task import out.json >/dev/null && task list >/dev/null; task export") else {
        return;
    };
    let (templates, instances) = (of_status(&there, "recurring"), of_status(&there, "pending"));
    assert_eq!((templates.len(), instances.len()), (RECURRING.len(), RECURRING.len() + 1), "{there}");
    assert_eq!((&instances[0]["recur"], instances[0]["muistaevery"].is_string()), (&Value::Null, true));
    for ((template, instance), (words, recur)) in templates.iter().zip(&instances[1..]).zip(RECURRING) {
        assert_eq!(
            (&template["recur"], &template["mask"], &template["due"]),
            (&json!(recur), &json!("-"), &instance["due"])
        );
        assert_eq!((&instance["parent"], &instance["tags"]), (&template["uuid"], &json!(["two_words"])), "{words}");
        let ends = words.contains(" until ") || words.contains(" for ");
        assert_eq!(template["until"].is_string(), ends, "{template:#}");
    }
    // Taken over again, here and where nothing is yet, it is the same.
    let again = |home: &Sandbox| {
        fs::write(home.path().join("back.json"), &there).unwrap();
        muista(home, ["import", "back.json", "--json"]).json()
    };
    let report = again(&home);
    assert_eq!((&report["unchanged"], &report["created"]), (&json!(RECURRING.len() + 1), &json!(0)), "{report:#}");
    assert_eq!(exported(&home), before);
    let other = crate::support::home();
    assert_eq!(again(&other)["created"], json!(RECURRING.len() + 1));
    let (here, there) = (before.as_array().unwrap(), exported(&other));
    for (here, there) in here.iter().zip(there.as_array().unwrap()) {
        for key in ["title", "recurrence", "recurrenceEnd", "dueDate", "tags", "note", "fields"] {
            assert_eq!(there[key], here[key], "{key} of {here:#}");
        }
        let series = here["title"] != "plain";
        assert_eq!(there["seriesId"] == here["seriesId"], series, "{there:#}");
    }
}

#[test]
fn a_series_goes_on_there_and_here() {
    let home = home();
    shell(&home, "muista add Water --due 'yesterday 9:00' --every daily").ok();
    shell(&home, "muista export --format taskwarrior --file out.json").ok();
    let line = "task import out.json >/dev/null && task 2 done >/dev/null && task list >/dev/null; task export";
    let Some(there) = taskwarrior(&home, line) else { return };
    let pending = of_status(&there, "pending");
    assert!(!pending.is_empty(), "{there}");
    fs::write(home.path().join("back.json"), &there).unwrap();
    muista(&home, ["import", "back.json"]).ok();
    let tasks = muista(&home, ["ls", "status:all", "--json"]).json();
    let tasks = tasks.as_array().unwrap();
    assert_eq!(tasks.len(), pending.len() + 1, "{tasks:#?}");
    let series = &tasks[0]["seriesId"];
    assert!(series.is_string() && tasks.iter().all(|task| task["seriesId"] == *series), "{tasks:#?}");
    assert!(tasks.iter().all(|task| task["recurrence"] == "daily" && task["note"].is_null()), "{tasks:#?}");
    // Only behind the last of them comes another.
    let dues: std::collections::BTreeSet<_> = tasks.iter().map(|task| task["dueDate"].to_string()).collect();
    assert_eq!(dues.len(), tasks.len());
    muista(&home, ["done", "project:none", "--yes"]).ok();
    assert_eq!(listed(&home, &["is:open"]).split_whitespace().count(), 1);
}

#[test]
fn a_template_whose_instances_are_done_is_due_when_the_next_is_there() {
    let home = home();
    let line = "task add Water due:2099-12-10T09:00 recur:weekly && task list >/dev/null; task 2 done >/dev/null; \
        task export > tw.json; task 1 export";
    if taskwarrior(&home, line).is_none() {
        return;
    }
    muista(&home, ["import", "tw.json", "--quiet"]).ok();
    let tasks = exported(&home);
    let open: Vec<&Value> = tasks.as_array().unwrap().iter().filter(|task| task["completed"] == false).collect();
    assert_eq!((open.len(), &open[0]["dueDate"]), (1, &json!("2099-12-17T09:00:00Z")), "{tasks:#}");
}
