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

/// What a reference in the document leads to, or the value itself.
fn found<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => document.pointer(place.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("no {place}")),
        None => value,
    }
}

fn references(value: &Value) -> Vec<&Value> {
    let inner = match value {
        Value::Object(fields) => fields.values().flat_map(references).collect(),
        Value::Array(items) => items.iter().flat_map(references).collect::<Vec<_>>(),
        _ => Vec::new(),
    };
    if value["$ref"].is_string() { [inner, vec![value]].concat() } else { inner }
}

#[test]
fn each_operation_says_which_headers_it_heeds() {
    let document = document();
    for reference in references(&document) {
        assert!(found(&document, reference).is_object(), "{reference}");
    }
    let takes = |path: &str, method: &str| -> Vec<&str> {
        let operation = &document["paths"][path][method];
        let all = operation["parameters"].as_array().unwrap().iter().map(|one| found(&document, one));
        all.filter(|one| one["in"] == "header" || one["name"] == "tz")
            .map(|one| one["name"].as_str().unwrap())
            .collect()
    };
    for (path, method, wanted) in [
        ("/tasks", "post", &["tz", "Idempotency-Key", "X-Request-Id"] as &[_]),
        ("/tasks/{taskId}", "get", &["tz", "If-None-Match", "X-Request-Id"]),
        ("/tasks/{taskId}", "patch", &["tz", "If-Match", "X-Request-Id"]),
        ("/projects/{projectId}/members/{userId}", "delete", &["If-Match", "X-Request-Id"]),
        ("/users/me", "patch", &["tz", "If-Match", "X-Request-Id"]),
        ("/jobs", "get", &["tz", "X-Request-Id"]),
        ("/tags/{name}", "patch", &["X-Request-Id"]),
        ("/health", "get", &["X-Request-Id"]),
    ] {
        assert_eq!(takes(path, method), wanted, "{method} {path}");
    }
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let (taken, may) = (takes(path, method), |status: &str| operation["responses"][status].is_object());
            assert_eq!(taken.contains(&"Idempotency-Key"), method == "post", "{method} {path}");
            assert_eq!(taken.contains(&"If-None-Match"), may("304"), "{method} {path}");
            assert!(!taken.contains(&"If-Match") || may("412"), "{method} {path}");
        }
    }
}

#[test]
fn an_answer_has_the_headers_that_the_document_says() {
    let document = document();
    on_both(|api| {
        let task = api.post("/tasks", &json!({"title": "a"}));
        let tag = task.header("etag").to_owned();
        let same = [("If-None-Match", api.get("/tasks/1").header("etag").to_owned())];
        let same = [("If-None-Match", same[0].1.as_str())];
        for (path, method, answer) in [
            ("/tasks", "post", task),
            ("/tasks", "get", api.get("/tasks")),
            ("/tasks/{taskId}", "get", api.get("/tasks/1")),
            ("/tasks/{taskId}", "get", api.request("GET", "/tasks/1", &same, None)),
            ("/tasks/{taskId}", "get", api.get("/tasks/99")),
            ("/tasks/{taskId}", "patch", api.request("PATCH", "/tasks/1", &[("If-Match", &tag)], Some(&json!({})))),
            ("/users/me", "get", api.get("/users/me")),
            ("/users/me", "patch", api.patch("/users/me", &json!({"name": "Eva"}))),
            ("/api-keys", "post", api.post("/api-keys", &json!({"name": "phone"}))),
            ("/api-keys/{keyId}", "get", api.get("/api-keys/phone")),
            ("/health", "get", api.get("/health")),
        ] {
            let responses = &document["paths"][path][method]["responses"];
            let response = found(&document, &responses[answer.status.to_string()]);
            let headers = response["headers"].as_object().unwrap_or_else(|| panic!("{path}: {}", answer.text()));
            for (name, header) in headers {
                assert!(found(&document, header)["schema"].is_object(), "{header}");
                let sent = answer.header(&name.to_ascii_lowercase());
                assert!(!sent.is_empty(), "{method} {path} {}: no {name}", answer.status);
            }
        }
    });
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
