//! `/tags`.

use serde_json::json;

use crate::support::{on_both, problem, refused};

#[test]
fn tags_are_listed_renamed_and_deleted() {
    on_both(|api| {
        assert_eq!(api.got("/tags"), json!({"items": [], "nextCursor": null}));
        api.made("/tasks", &json!({"title": "a", "tags": ["x", "Über"]}));
        api.made("/tasks", &json!({"title": "b", "tags": ["x", "y"]}));
        let page = api.got("/tags?limit=2");
        let names: Vec<_> = page["items"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["x", "y"]);
        let next = api.got(&format!("/tags?limit=2&cursor={}", page["nextCursor"].as_str().unwrap()));
        assert_eq!((&next["items"][0]["name"], &next["nextCursor"]), (&"Über".into(), &json!(null)));
        let renamed = api.patched("/tags/%C3%9Cber", &json!({"name": "z"}));
        assert_eq!((&renamed["name"], &renamed["total"]), (&"z".into(), &1.into()));
        assert_eq!(api.patched("/tags/z", &json!({"name": "x"}))["total"], 2, "the two became one");
        assert_eq!(api.delete("/tags/X").status, 204);
        assert_eq!(api.got("/tasks/2")["tags"], json!(["y"]));
        problem(&api.delete("/tags/x"), 404, "NOT_FOUND");
        problem(&api.patch("/tags/x", &json!({"name": "y"})), 404, "NOT_FOUND");
        problem(&api.delete("/tags/a%20b"), 404, "NOT_FOUND");
        refused(&api.patch("/tags/y", &json!({"name": "a b"})), "name");
        refused(&api.patch("/tags/y", &json!({})), "name");
        problem(&api.get("/tags?cursor=zz"), 404, "NOT_FOUND");
        refused(&api.get("/tags?cursor="), "cursor");
        refused(&api.get("/tags?limit=0"), "limit");
        refused(&api.get("/tags?sort=name"), "sort");
    });
}
