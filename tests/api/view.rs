//! `/views`.

use serde_json::json;

use crate::support::{on_both, problem, refused};

#[test]
fn views_are_made_changed_used_and_deleted() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "a", "tags": ["work"], "priority": "LOW"}));
        api.made("/tasks", &json!({"title": "b", "tags": ["work"], "priority": "HIGH"}));
        api.made("/tasks", &json!({"title": "c"}));
        let view = api.made(
            "/views",
            &json!({"name": "Work", "query": "+work", "sort": "-priority", "columns": ["number", "title"], "group": "due"}),
        );
        assert_eq!(
            (&view["query"], &view["sort"], &view["version"]),
            (&"+work".into(), &"-priority".into(), &1.into())
        );
        let titles = |path: &str| {
            let page = api.got(path);
            let items = page["items"].as_array().unwrap();
            items.iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(titles("/views/work/tasks"), ["b", "a"]);
        assert_eq!(titles("/views/work/tasks?sort=number"), ["a", "b"]);
        assert_eq!(titles("/views/work/tasks?priority=LOW"), ["a"]);
        assert_eq!(titles("/tasks?q=not%20:work"), ["c"]);
        assert_eq!(titles("/views/work/tasks?sort=urgency"), ["b", "a"]);
        let first = api.got("/tasks?sort=urgency&limit=2&total=true");
        let next = format!("/tasks?sort=urgency&limit=2&cursor={}", first["nextCursor"].as_str().unwrap());
        assert_eq!((&first["items"][0]["title"], &first["total"], titles(&next).len()), (&"b".into(), &3.into(), 1));
        refused(&api.get("/tasks?sort=urgency,due"), "sort");
        let first = api.got("/views/work/tasks?limit=1");
        let next = format!("/views/work/tasks?limit=1&cursor={}", first["nextCursor"].as_str().unwrap());
        assert_eq!(titles(&next), ["a"]);
        let changed = api.patched("/views/work", &json!({"query": "not +work", "sort": null}));
        assert_eq!((&changed["sort"], &changed["group"]), (&json!(null), &"due".into()));
        assert_eq!(titles("/views/work/tasks"), ["c"]);
        assert_eq!(api.got("/views")["items"].as_array().unwrap().len(), 1);
        problem(&api.post("/views", &json!({"name": "WORK", "query": "+x"})), 409, "CONFLICT");
        refused(&api.post("/views", &json!({"name": "a b", "query": "+x"})), "name");
        refused(&api.post("/views", &json!({"name": "x", "query": ":nowhere"})), "query");
        refused(&api.post("/views", &json!({"name": "x", "query": "+x", "columns": ["titel"]})), "columns");
        refused(&api.get("/tasks?q=:nowhere"), "q");
        problem(&api.get("/views/nowhere/tasks"), 404, "NOT_FOUND");
        assert_eq!(api.delete("/views/WORK").status, 204);
        problem(&api.get("/views/work"), 404, "NOT_FOUND");
    });
}
