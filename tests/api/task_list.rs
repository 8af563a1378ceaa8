//! `GET /tasks`: filters, order, pages.

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::support::{Api, on_both, on_both_with, problem, refused};

fn titles(api: &Api, query: &str) -> Vec<String> {
    let page = api.got(&format!("/tasks{query}"));
    let mut titles: Vec<String> = page["items"].as_array().unwrap().iter().map(title).collect();
    titles.sort();
    titles
}

fn title(task: &Value) -> String {
    task["title"].as_str().unwrap().to_owned()
}

#[test]
fn filters_combine() {
    on_both_with(&[("MUISTA_TIMEZONE", "Europe/Helsinki")], |api| {
        for task in [
            json!({"title": "work", "category": "Work", "priority": "HIGH", "dueDate": "today", "tags": ["a", "b"]}),
            json!({"title": "home", "project": "home", "dueDate": "in 3 days", "tags": ["a"]}),
            json!({"title": "late", "dueDate": "2020-01-01", "note": "a cat"}),
            json!({"title": "told", "reminder": {"at": "2099-01-01 12:00"}}),
            json!({"title": "done", "category": "Work"}),
            json!({"title": "part", "parentId": "1"}),
        ] {
            api.made("/tasks", &task);
        }
        api.patched("/tasks/5", &json!({"completed": true}));
        for (query, expected) in [
            ("", vec!["home", "late", "part", "told", "work"]),
            ("?status=done", vec!["done"]),
            ("?category=Work&status=all", vec!["done", "work"]),
            ("?category=Work&category=Study", vec!["work"]),
            ("?due=today", vec!["work"]),
            ("?due=upcoming", vec!["home", "work"]),
            ("?due=overdue", vec!["late"]),
            ("?due=none", vec!["part", "told"]),
            ("?due=2019-12-31..2020-01-02", vec!["late"]),
            ("?priority=HIGH", vec!["work"]),
            ("?project=home", vec!["home"]),
            ("?project=none&due=today", vec!["work"]),
            ("?tag=a", vec!["home", "work"]),
            ("?tag=a&tag=b", vec!["work"]),
            ("?tag=a&noTag=b", vec!["home"]),
            ("?tag=none&due=overdue", vec!["late"]),
            ("?hasReminder=true", vec!["told"]),
            ("?hasReminder=false&due=none", vec!["part"]),
            ("?script=true", vec![]),
            ("?parent=1", vec!["part"]),
            ("?search=CAT", vec!["late"]),
            ("?search=a%20cat&search=late", vec!["late"]),
        ] {
            assert_eq!(titles(api, query), expected, "{query}");
        }
        let page = api.got("/tasks?sort=-title&limit=2&total=true");
        let two: Vec<String> = page["items"].as_array().unwrap().iter().map(title).collect();
        assert_eq!((two.join(" ").as_str(), &page["total"]), ("work told", &5.into()));
        assert!(api.got("/tasks")["total"].is_null());
    });
}

#[test]
fn a_parameter_that_is_not_understood_is_refused() {
    on_both(|api| {
        for (query, field) in [
            ("colour=red", "colour"),
            ("status=maybe", "status"),
            ("status=", "status"),
            ("due=whenever", "due"),
            ("category=Fun", "category"),
            ("hasReminder=perhaps", "hasReminder"),
            ("sort=size", "sort"),
            ("limit=0", "limit"),
            ("limit=201", "limit"),
            ("limit=many", "limit"),
            ("limit=1&limit=2", "limit"),
            ("tag=a%E2%80%8Bb", "tag"),
            ("tz=Nowhere", "tz"),
        ] {
            refused(&api.get(&format!("/tasks?{query}")), field);
        }
        for cursor in ["7b7d", "xyz"] {
            let problem = problem(&api.get(&format!("/tasks?cursor={cursor}")), 404, "NOT_FOUND");
            assert_eq!(problem["errors"][0]["field"], "cursor", "{problem}");
        }
        problem(&api.get("/tasks?search=%ff"), 400, "MALFORMED");
        problem(&api.get("/tasks?parent=99"), 404, "NOT_FOUND");
        api.made("/tasks", &json!({"title": "a"}));
        refused(&api.get("/tasks/1?colour=red"), "colour");
        let told = refused(&api.get("/tasks?limit=few"), "limit");
        assert_eq!(told, "“few” stands where a whole number is expected");
        let told = refused(&api.get("/tasks?total=maybe"), "total");
        assert_eq!(told, "the text “maybe” stands where true or false is expected");
        refused(&api.post("/tasks?colour=red", &json!({"title": "a"})), "colour");
        refused(&api.delete("/tasks/1?colour=red"), "colour");
        for empty in ["search", "due", "limit", "cursor"] {
            refused(&api.get(&format!("/tasks?{empty}=")), empty);
        }
        let search = format!("/tasks?search={}", "x".repeat(1001));
        refused(&api.get(&search), "search");
    });
}

#[test]
fn a_walk_through_pages_meets_every_task_once() {
    on_both(|api| {
        for number in 0..120 {
            let task = json!({"title": format!("task {number}"), "dueDate": format!("2030-01-{:02}", number % 28 + 1)});
            api.made("/tasks", &task);
        }
        for query in
            ["limit=50", "limit=7&sort=-priority,title", "limit=120", "sort=due,-number", "limit=119&total=true"]
        {
            let mut seen = HashSet::new();
            let mut path = format!("/tasks?{query}");
            loop {
                let page = api.got(&path);
                for task in page["items"].as_array().unwrap() {
                    assert!(seen.insert(task["number"].as_i64().unwrap()), "{query}: {task} came twice");
                }
                let Some(cursor) = page["nextCursor"].as_str() else { break };
                path = format!("/tasks?{query}&cursor={cursor}");
            }
            assert_eq!(seen.len(), 120, "{query}");
        }
    });
}
