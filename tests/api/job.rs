//! `/jobs`, `/runs` and `/scripts`.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Api, expect, on_both, problem, refused};

/// Puts a script into the daemon's folder.
pub(crate) fn script(api: &Api, name: &str, text: &str) {
    let folder = api.sandbox.config_file().parent().unwrap().join("scripts");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The run once it is over.
fn over(api: &Api, place: &str) -> Value {
    let end = Instant::now() + Duration::from_secs(60);
    loop {
        let run = api.got(place);
        if !matches!(run["status"].as_str(), Some("pending" | "running")) || Instant::now() > end {
            return run;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_page_of_jobs_is_as_long_as_it_is_asked_to_be() {
    on_both(|api| {
        script(api, "hello", "echo hello");
        for number in 0..120 {
            api.made("/jobs", &json!({"name": format!("job{number:03}"), "script": "hello"}));
        }
        let page = |query: &str| {
            let page = api.got(&format!("/jobs{query}"));
            let names = page["items"].as_array().unwrap().iter().map(|job| job["name"].as_str().unwrap().to_owned());
            (names.collect::<Vec<_>>(), page["nextCursor"].as_str().map(str::to_owned))
        };
        let (all, end) = page("?limit=200");
        let wanted: Vec<_> = (0..120).map(|number| format!("job{number:03}")).collect();
        assert_eq!((all, end), (wanted.clone(), None));
        assert_eq!(page("").0, wanted[..50]);
        let (first, next) = page("?limit=110");
        assert_eq!(first, wanted[..110]);
        assert_eq!(page(&format!("?cursor={}", next.unwrap())), (wanted[110..].to_vec(), None));
    });
}

#[test]
fn a_job_is_made_shown_changed_and_deleted() {
    on_both(|api| {
        script(api, "hello", "echo hello");
        let new = json!({
            "name": "hello", "script": "hello", "schedule": "every 30 minutes", "timezone": "Europe/Helsinki", "maxRetries": 1
        });
        let made = api.post("/jobs", &new);
        assert_eq!(made.status, 201, "{}", made.text());
        let job = made.json();
        assert_eq!(made.header("location"), format!("/jobs/{}", job["id"].as_str().unwrap()));
        assert_eq!(
            (&job["type"], &job["status"], &job["maxRetries"]),
            (&json!("script"), &json!("pending"), &json!(1))
        );
        assert_eq!(job["next"].as_array().unwrap().len(), 5);
        assert_eq!(api.got("/jobs/hello")["id"], job["id"]);
        assert_eq!(api.got(made.header("location"))["name"], "hello");
        problem(&api.post("/jobs", &new), 409, "CONFLICT");

        let stale = [("If-Match", made.header("etag"))];
        let paused =
            api.request("PATCH", "/jobs/hello", &stale, Some(&json!({"enabled": false, "schedule": "0 8 * * 1"})));
        assert_eq!((paused.status, &paused.json()["nextRunAt"]), (200, &json!(null)), "{}", paused.text());
        let answer = api.request("PATCH", "/jobs/hello", &stale, Some(&json!({"enabled": true})));
        problem(&answer, 412, "PRECONDITION_FAILED");
        let cleared = api.patched("/jobs/hello", &json!({"schedule": null, "name": "greet", "enabled": true}));
        assert_eq!((&cleared["schedule"], &cleared["name"]), (&json!(null), &json!("greet")));

        problem(&api.request("DELETE", "/jobs/greet", &stale, None), 412, "PRECONDITION_FAILED");
        assert_eq!(api.delete("/jobs/greet").status, 204);
        problem(&api.get("/jobs/greet"), 404, "NOT_FOUND");
    });
}

#[test]
fn jobs_run_what_is_registered_and_sane() {
    on_both(|api| {
        script(api, "hello", "echo hello");
        let job = |field: &str, value: Value| {
            let mut job = json!({"name": "hello", "script": "hello"});
            job[field] = value;
            api.post("/jobs", &job)
        };
        for (field, bad) in [
            ("schedule", json!("whenever")),
            ("schedule", json!("0 0 31 2 *")),
            ("schedule", json!("")),
            ("timezone", json!("Mars/Base")),
            ("timeoutSeconds", json!(0)),
            ("maxRetries", json!(21)),
            ("overlap", json!("panic")),
            ("name", json!("two words")),
            ("type", json!("reminder")),
            ("path", json!("/bin/sh")),
            ("endAt", json!("tomorrow")),
        ] {
            refused(&job(field, bad), field);
        }
        problem(&job("script", json!("../../bin/sh")), 404, "NOT_FOUND");
        problem(&job("script", json!("nothing")), 404, "NOT_FOUND");
        problem(&job("taskId", json!("7")), 404, "NOT_FOUND");
        let scripts = api.got("/scripts");
        assert_eq!(scripts["items"][0]["name"], "hello");
        let reader = api.shown(&api.key(&json!({"name": "reader", "role": "user"})));
        assert_eq!(reader.got("/scripts")["items"][0]["path"], "hello");
    });
}

#[test]
fn a_job_runs_when_asked_to_and_its_log_is_read() {
    on_both(|api| {
        script(api, "hello", "echo hello; echo oops >&2; exit 3");
        api.made("/jobs", &json!({"name": "hello", "script": "hello", "maxRetries": 0}));
        let begun = api.post("/jobs/hello/trigger", &json!({}));
        assert_eq!((begun.status, &begun.json()["triggeredBy"]), (202, &json!("manual")), "{}", begun.text());
        let place = begun.header("location");
        let run = over(api, place);
        assert_eq!((&run["status"], &run["exitCode"]), (&json!("failed"), &json!(3)));
        let log = api.got(&format!("{place}/log"));
        let text = |stream: &str| -> String {
            let pieces = log["items"].as_array().unwrap().iter();
            pieces.filter(|piece| piece["stream"] == stream).filter_map(|piece| piece["text"].as_str()).collect()
        };
        assert_eq!((text("stdout").as_str(), text("stderr").as_str()), ("hello\n", "oops\n"));
        let last = log["items"].as_array().unwrap().last().unwrap()["seq"].clone();
        assert_eq!(api.got(&format!("{place}/log?after={last}"))["items"], json!([]));
        let plain = api.request("GET", &format!("{place}/log"), &[("Accept", "text/plain")], None);
        assert_eq!(plain.header("content-type"), "text/plain; charset=utf-8");
        assert!(plain.text().contains("hello\n") && plain.text().contains("oops\n"), "{}", plain.text());

        for list in ["/runs", "/runs?job=hello&status=failed", "/jobs/hello/runs", "/jobs/hello/runs?limit=1"] {
            assert_eq!(api.got(list)["items"][0]["id"], run["id"], "{list}");
        }
        assert_eq!(api.got("/runs?status=completed")["items"], json!([]));
        assert_eq!(api.got("/jobs/hello")["runs"][0]["id"], run["id"]);
        problem(&api.post(&format!("{place}/cancel"), &json!({})), 409, "CONFLICT");
        refused(&api.get("/runs?status=lost"), "status");
        refused(&api.get(&format!("{place}/log?after=-1")), "after");
        problem(&api.post("/jobs/hello/trigger", &json!({"params": {"city": "Turku"}})), 422, "INVALID");
        problem(&api.post("/jobs/nothing/trigger", &json!({})), 404, "NOT_FOUND");
    });
}

#[test]
fn a_run_tells_which_attempt_it_is_and_when_the_next_begins_by_every_way_in() {
    on_both(|api| {
        script(api, "flaky", "exit 1");
        let new = json!({"name": "flaky", "script": "flaky", "schedule": "0 7 1 1 *", "timezone": "UTC",
            "maxRetries": 2, "retryDelaySeconds": 600});
        api.made("/jobs", &new);
        let begun = api.post("/jobs/flaky/trigger", &json!({}));
        let run = over(api, begun.header("location"));
        let attempt = |run: &Value| (run["attempt"].clone(), run["maxAttempts"].clone(), run["nextRetryAt"].clone());
        let (failed, waits) = (attempt(&run), run["nextRetryAt"].clone());
        assert_eq!(failed, (json!(1), json!(3), waits.clone()));
        assert!(waits.as_str().is_some_and(|at| at.ends_with('Z')), "{run}");
        let both = [(json!(2), json!(3), waits.clone()), failed];
        let of = |items: &Value| items.as_array().unwrap().iter().map(attempt).collect::<Vec<_>>();
        for list in ["/runs", "/jobs/flaky/runs"] {
            assert_eq!(of(&api.got(list)["items"]), both, "{list}");
        }
        assert_eq!(of(&api.got("/jobs/flaky")["runs"]), both);
        let muista = |args: &[&str]| -> Value {
            let output = api
                .sandbox
                .muista()
                .arg("--socket")
                .arg(api.daemon.socket())
                .args(args)
                .env("MUISTA_TIMEZONE", "UTC")
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            serde_json::from_slice(&output.stdout).unwrap()
        };
        // The terminal writes the same instant with its zone's offset.
        let utc = json!(waits.as_str().unwrap().replace('Z', "+00:00"));
        let in_utc = both.clone().map(|(attempt, most, _)| (attempt, most, utc.clone()));
        assert_eq!(of(&muista(&["job", "runs", "flaky", "--json"])), in_utc);
        let id = run["id"].as_str().unwrap();
        assert_eq!(attempt(&muista(&["run", "show", id, "--json"])), in_utc[1]);
    });
}

#[test]
fn all_instants_of_jobs_and_runs_are_told_in_one_zone() {
    on_both(|api| {
        script(api, "hello", "echo hello");
        let new = json!({"name": "hello", "script": "hello", "schedule": "every 1 s", "timezone": "Europe/Helsinki"});
        api.made("/jobs", &new);
        let place = || api.got("/jobs/hello/runs?tz=Asia/Kolkata")["items"].take();
        let end = Instant::now() + Duration::from_secs(60);
        let runs = loop {
            let runs = place();
            if runs.as_array().is_some_and(|runs| !runs.is_empty()) || Instant::now() > end {
                break runs;
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        let output = |args: &[&str]| {
            let output = api
                .sandbox
                .muista()
                .arg("--socket")
                .arg(api.daemon.socket())
                .args(args)
                .env("MUISTA_TIMEZONE", "Asia/Kolkata")
                .output()
                .unwrap();
            String::from_utf8(output.stdout).unwrap()
        };
        let texts = [
            ("REST, runs", runs.to_string()),
            ("REST, the job", api.got("/jobs/hello?tz=Asia/Kolkata").to_string()),
            ("terminal, the job", output(&["job", "show", "hello", "--json"])),
            ("terminal, runs", output(&["job", "runs", "hello", "--json"])),
        ];
        for (what, text) in texts {
            let instants = text.matches("+05:30\"").count();
            assert!(instants > 0 && !text.contains("Z\"") && !text.contains("+00:00"), "{what}: {text}");
            assert!(text.contains("\"scheduledFor\":\"2"), "{what}: {text}");
        }
    });
}

#[test]
fn a_run_is_cancelled() {
    on_both(|api| {
        script(api, "sleep", "exec sleep 600");
        api.made("/jobs", &json!({"name": "sleep", "script": "sleep"}));
        let begun = api.post("/jobs/sleep/trigger", &json!({}));
        let place = begun.header("location");
        let again = api.post("/jobs/sleep/trigger", &json!({}));
        problem(&again, 409, "CONFLICT");
        let answer = api.post(&format!("{place}/cancel"), &json!({}));
        assert!(matches!(answer.status, 200 | 202), "{}", answer.text());
        assert_eq!(over(api, place)["status"], "cancelled");
    });
}

#[test]
fn a_request_to_run_that_is_repeated_runs_once() {
    on_both(|api| {
        script(api, "hello", "echo hello");
        api.made("/jobs", &json!({"name": "hello", "script": "hello", "overlap": "allow"}));
        let headers = [("Idempotency-Key", "once")];
        let ask = || api.request("POST", "/jobs/hello/trigger", &headers, Some(&json!({})));
        let first = expect(ask(), 202);
        assert_eq!(expect(ask(), 202)["id"], first["id"]);
        assert_eq!(api.got("/runs")["items"].as_array().unwrap().len(), 1);
    });
}
