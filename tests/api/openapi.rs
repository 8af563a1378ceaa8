//! `/openapi.json`: the committed copy in `docs/` is what the daemon serves (`UPDATE=1` writes it anew), and what its
//! schemas say of every body holds.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Api, on_both, problem, refused};

/// The document but for the names of time zones, which are those of the machine.
fn document() -> Value {
    let mut document = Api::sqlite(&[]).got("/openapi.json");
    let zones = document["components"]["schemas"]["TimeZone"]["enum"].take();
    assert!(zones.as_array().is_some_and(|zones| zones.contains(&json!("Europe/Helsinki"))), "{zones}");
    document["components"]["schemas"]["TimeZone"]["enum"] = json!(["Europe/Helsinki", "UTC", "…"]);
    document
}

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let served = format!("{:#}\n", document());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &served).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    let place = committed.lines().zip(served.lines()).position(|(old, new)| old != new);
    assert!(committed == served, "line {place:?}: UPDATE=1 cargo test -p muistad --test api openapi");
}

#[test]
fn each_operation_has_a_name_of_its_own_and_says_who_may_use_it() {
    let document = document();
    let mut names = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap().to_owned();
            assert!(name.contains('_') && !names.contains(&name), "{method} {path}: {name}");
            assert!(operation["security"].is_array() && operation["summary"].is_string(), "{method} {path}");
            names.push(name);
        }
    }
    assert!(names.len() > 80, "{}", names.len());
}

#[test]
fn a_body_is_an_object_and_nothing_else() {
    on_both(|api| {
        for body in ["[\"Buy cat food\"]", "\"Buy cat food\"", "null", "7", ""] {
            let answer = api.raw("POST", "/tasks", &[], body.as_bytes());
            problem(&answer, 422, "INVALID");
        }
        let nested = json!({"title": "a", "dueDate": "tomorrow", "reminders": [["30min before"]]});
        refused(&api.post("/tasks", &nested), "reminders[0]");
        assert_eq!(api.got("/tasks")["items"], json!([]));
        api.made("/tasks", &json!({"title": "a"}));
        problem(&api.raw("PATCH", "/tasks/1", &[], b""), 422, "INVALID");
        assert_eq!(api.raw("POST", "/undo", &[], b"null").status, 200);
        problem(&api.get("/tasks/1"), 404, "NOT_FOUND");
    });
}

#[test]
fn whole_numbers_may_be_written_as_json_writes_them() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "a"}));
        let edit = |body: &str| api.raw("PATCH", "/tasks/1", &[], body.as_bytes());
        assert_eq!(edit("{\"title\": \"b\", \"version\": 1.0}").json()["version"], 2);
        assert_eq!(edit("{\"title\": \"c\", \"version\": 2e0}").json()["version"], 3);
        for wrong in ["2.5", "null", "\"3\"", "1e30", "[3]"] {
            refused(&edit(&format!("{{\"title\": \"d\", \"version\": {wrong}}}")), "version");
        }
        assert_eq!(api.got("/tasks/1")["title"], "c");
    });
}
