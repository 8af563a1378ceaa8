//! `/audit`, `/undo` and `/redo`.

use serde_json::json;

use crate::support::{expect, on_both, problem, refused};

#[test]
fn every_change_is_recorded_and_can_be_undone() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "a"}));
        api.patched("/tasks/1", &json!({"title": "b"}));
        let newest = api.got("/audit?limit=1");
        let entry = &newest["items"][0];
        assert_eq!(
            (&entry["entity"], &entry["action"], &entry["origin"]),
            (&"Task".into(), &"UPDATE".into(), &"rest".into())
        );
        assert_eq!((&entry["before"]["title"], &entry["after"]["title"]), (&"a".into(), &"b".into()));
        let older = api.got(&format!("/audit?limit=1&cursor={}", newest["nextCursor"].as_str().unwrap()));
        assert_eq!((&older["items"][0]["action"], &older["items"][0]["entity"]), (&"CREATE".into(), &"Task".into()));
        assert_eq!(api.got("/audit?task=1")["items"].as_array().unwrap().len(), 2);
        let undone = expect(api.request("POST", "/undo", &[], None), 200);
        assert_eq!(undone["changes"], json!([entry["changeId"]]));
        assert_eq!(api.got("/tasks/1")["title"], "a");
        let redone = expect(api.request("POST", "/redo", &[], None), 200);
        assert_eq!(redone["changes"], json!([undone["changeId"]]));
        assert_eq!(api.got("/tasks/1")["title"], "b");
        assert_eq!(api.got("/audit?limit=1")["items"][0]["redo"], true);
        problem(&api.request("POST", "/redo", &[], None), 409, "CONFLICT");
        let undone = expect(api.request("POST", "/undo", &[], None), 200);
        expect(api.post("/undo", &json!({"changeId": undone["changeId"]})), 200);
        assert_eq!(api.got("/tasks/1")["title"], "b");
        expect(api.post("/undo", &json!({"steps": 2})), 200);
        problem(&api.get("/tasks/1"), 404, "NOT_FOUND");
        let zoe = api.shown(&api.key(&json!({"name": "zoe", "role": "agent"})));
        zoe.made("/tasks", &json!({"title": "c"}));
        zoe.made("/tasks", &json!({"title": "d"}));
        api.made("/tasks", &json!({"title": "e"}));
        let undone = expect(api.post("/undo", &json!({"actor": "zoe", "since": "today"})), 200);
        assert_eq!(
            (undone["changes"].as_array().unwrap().len(), &api.got("/tasks?total=true")["total"]),
            (2, &json!(1))
        );
        problem(&api.post("/undo", &json!({"actor": "zoe", "since": "today"})), 404, "NOT_FOUND");
        refused(&api.post("/undo", &json!({"actor": "zoe"})), "since");
        refused(&api.post("/undo", &json!({"actor": "zoe", "since": "none"})), "since");
        refused(&api.post("/undo", &json!({"actor": "zoe", "since": "ages ago"})), "since");
        refused(&api.post("/undo", &json!({"since": "today"})), "actor");
        refused(&api.post("/undo", &json!({"actor": "zoe", "since": "today", "steps": 1})), "actor");
        refused(&api.post("/undo", &json!({"steps": 0})), "steps");
        refused(&api.post("/undo", &json!({"steps": 1, "changeId": undone["changeId"]})), "changeId");
        problem(&api.post("/undo", &json!({"changeId": "0199c0de-0000-7000-8000-000000000007"})), 404, "NOT_FOUND");
        problem(&api.get("/audit?cursor=x"), 404, "NOT_FOUND");
        refused(&api.get("/audit?actor="), "actor");
        refused(&api.get("/audit?limit=500"), "limit");
    });
}

/// A list that is longer than what is read at once is the same as its parts one after the other.
#[test]
fn a_long_list_is_written_in_parts() {
    on_both(|api| {
        for number in 0..120 {
            api.made("/tasks", &json!({"title": format!("Task {number}")}));
        }
        let whole = api.get("/audit?limit=110&entity=Task");
        assert_eq!(whole.header("content-type"), "application/json");
        let whole = whole.json();
        let items = whole["items"].as_array().unwrap();
        assert_eq!((items.len(), &items[0]["after"]["title"]), (110, &"Task 119".into()));
        let rest = api.got(&format!("/audit?limit=110&entity=Task&cursor={}", whole["nextCursor"].as_str().unwrap()));
        assert_eq!((rest["items"].as_array().unwrap().len(), &rest["nextCursor"]), (10, &json!(null)));
        let mut parts = Vec::new();
        let mut path = "/audit?limit=40&entity=Task".to_owned();
        loop {
            let part = api.got(&path);
            parts.extend(part["items"].as_array().unwrap().clone());
            let Some(cursor) = part["nextCursor"].as_str() else { break };
            path = format!("/audit?limit=40&entity=Task&cursor={cursor}");
        }
        assert_eq!(parts, [items.clone(), rest["items"].as_array().unwrap().clone()].concat());
        let zoned = api.got("/audit?limit=110&entity=Task&tz=Europe/Helsinki");
        assert!(zoned["items"][109]["createdAt"].as_str().unwrap().ends_with("+02:00"), "{}", zoned["items"][109]);
    });
}
