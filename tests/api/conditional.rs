//! `If-Match` and `If-None-Match` (RFC 9110 §13): what is changed only where it is as the client saw it, and what is not
//! sent again.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use serde_json::{Value, json};
use test_common::postgres;
use test_common::rest::Answer;

use crate::job::script;
use crate::project::another;
use crate::support::{Api, expect, on_both, problem, refused};

/// A resource of each kind that heeds `If-Match`, with a change of it.
fn resources(api: &Api) -> Vec<(String, Value)> {
    script(api, "hello", "echo hello");
    another(api, "eva");
    let made = |path: &str, new: Value| api.made(path, &new)["id"].as_str().unwrap().to_owned();
    let phone =
        json!({"deviceId": "phone", "os": "iOS", "platform": "mobile", "endpoint": "https://push.example.org/1"});
    made("/projects", json!({"name": "home"}));
    api.made("/projects/home/members", &json!({"user": "eva"}));
    vec![
        (format!("/tasks/{}", made("/tasks", json!({"title": "a"}))), json!({"title": "b"})),
        (format!("/jobs/{}", made("/jobs", json!({"name": "hello", "script": "hello"}))), json!({"enabled": false})),
        (format!("/devices/{}", made("/devices", phone)), json!({"os": "Android"})),
        ("/projects/home/members/eva".to_owned(), json!({"role": "ADMIN"})),
        ("/projects/home".to_owned(), json!({"note": "n"})),
    ]
}

fn patch(api: &Api, path: &str, wanted: &str, changes: &Value) -> Answer {
    api.request("PATCH", path, &[("If-Match", wanted)], Some(changes))
}

#[test]
fn a_change_is_made_where_one_of_the_tags_is_that_of_the_resource() {
    on_both(|api| {
        for (path, changes) in resources(api) {
            let before = api.get(&path);
            let tag = before.header("etag");
            for other in ["\"77-0\"", "\"77-0\", \"78-0\"", "W/\"77-0\"", "\"x\"", "\"1.7-0\""] {
                problem(&patch(api, &path, other, &changes), 412, "PRECONDITION_FAILED");
                problem(&api.request("DELETE", &path, &[("If-Match", other)], None), 412, "PRECONDITION_FAILED");
            }
            assert_eq!(api.get(&path).body, before.body, "{path}");
            let changed = patch(api, &path, &format!("\"77-0\", {tag}, \"78-0\""), &changes);
            assert_eq!(changed.status, 200, "{path}: {}", changed.text());
            problem(&patch(api, &path, tag, &changes), 412, "PRECONDITION_FAILED");
            problem(&api.request("DELETE", &path, &[("If-Match", tag)], None), 412, "PRECONDITION_FAILED");
            let now = format!("{tag}, {}", api.get(&path).header("etag"));
            assert_eq!(api.request("DELETE", &path, &[("If-Match", &now)], None).status, 204, "{path}");
        }
    });
}

/// A restore that a daemon has not heard of yet: what was seen before it is not what would be changed.
#[test]
fn a_tag_from_before_a_restore_matches_nothing_also_while_the_daemon_runs() {
    on_both(|api| {
        for (path, changes) in resources(api) {
            let tag = api.get(&path).header("etag").to_owned();
            let before = api.get(&path).body;
            restored(api);
            let told = problem(&patch(api, &path, &tag, &changes), 412, "PRECONDITION_FAILED");
            assert!(told["detail"].as_str().unwrap().contains("restored"), "{path}: {told}");
            assert_eq!(api.get(&path).body, before, "{path}");
            let now = api.get(&path).header("etag").to_owned();
            assert_ne!(now, tag, "{path}");
            assert_eq!(patch(api, &path, &now, &changes).status, 200, "{path}");
        }
    });
}

/// Leaves what a restore leaves.
fn restored(api: &Api) {
    let epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_micros();
    let row =
        |time: &str| format!("INSERT INTO restores (epoch, backup_at, restored_at) VALUES ({epoch}, {time}, {time})");
    match api.args.last() {
        Some(url) => {
            let database = postgres::Database { url: url.clone() };
            postgres::server().run(database.name(), &row("now()"));
        }
        None => {
            let file = api.sandbox.data_dir().join("muista.db");
            let mut conn = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
            conn.batch_execute(&format!("PRAGMA busy_timeout = 10000; {}", row("0"))).unwrap();
        }
    }
}

/// What a proxy that compresses answers makes of a tag says the same version; one that says none is told so.
#[test]
fn a_tag_that_was_changed_on_the_way_matches_its_version() {
    on_both(|api| {
        for (path, changes) in resources(api) {
            let tag = api.get(&path).header("etag").to_owned();
            let packed = tag.replace("\"", "").to_owned();
            let weak = patch(api, &path, &format!("W/{tag}"), &changes);
            assert_eq!(weak.status, 200, "{path}: {}", weak.text());
            problem(&patch(api, &path, &format!("W/{tag}"), &changes), 412, "PRECONDITION_FAILED");
            let known = [("If-None-Match", format!("W/{}", weak.header("etag")))];
            let known = known.each_ref().map(|(name, value)| (*name, value.as_str()));
            assert_eq!(api.request("GET", &path, &known, None).status, 304, "{path}");
            let old = problem(&patch(api, &path, &format!("\"{packed}-gzip\""), &changes), 412, "PRECONDITION_FAILED");
            assert!(old["detail"].as_str().unwrap().contains("changed"), "{old}");
            for (foreign, said) in [("\"x\"", "proxy"), ("\"1.7-0\"", "restored")] {
                let told = problem(&patch(api, &path, foreign, &changes), 412, "PRECONDITION_FAILED");
                assert!(told["detail"].as_str().unwrap().contains(said), "{foreign}: {told}");
            }
        }
    });
}

#[test]
fn a_precondition_that_cannot_be_read_is_no_permission() {
    on_both(|api| {
        for (path, changes) in resources(api) {
            let before = api.get(&path);
            problem(&patch(api, &path, "\"1-ä\"", &changes), 400, "MALFORMED");
            problem(&api.request("DELETE", &path, &[("If-Match", "ä")], None), 400, "MALFORMED");
            for no_tag in ["1", "\"1", "\"1\", 2", ","] {
                refused(&patch(api, &path, no_tag, &changes), "If-Match");
            }
            assert_eq!(api.get(&path).body, before.body, "{path}");
        }
    });
}

#[test]
fn what_was_changed_is_always_told() {
    on_both(|api| {
        let known = [("If-None-Match", "*")];
        let mut all = resources(api);
        all.push(("/users/me".to_owned(), json!({"name": "Eva Virtanen"})));
        all.push(("/users/eva".to_owned(), json!({"name": "Eva Virtanen"})));
        for (path, changes) in all {
            assert_eq!(api.request("GET", &path, &known, None).status, 304, "{path}");
            assert_eq!(api.request("HEAD", &path, &known, None).status, 304, "{path}");
            let told = expect(api.request("PATCH", &path, &known, Some(&changes)), 200);
            assert!(told["id"].is_string(), "{path}: {told}");
        }
        let phone =
            json!({"deviceId": "phone", "os": "iOS", "platform": "mobile", "endpoint": "https://push.example.org/2"});
        assert_eq!(expect(api.request("POST", "/devices", &known, Some(&phone)), 200)["os"], "iOS");
    });
}
