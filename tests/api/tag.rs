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
        refused(&api.patch("/tags/y", &json!({"name": "a,b"})), "name");
        refused(&api.patch("/tags/y", &json!({})), "name");
        problem(&api.get("/tags?cursor=zz"), 404, "NOT_FOUND");
        refused(&api.get("/tags?cursor="), "cursor");
        refused(&api.get("/tags?limit=0"), "limit");
        refused(&api.get("/tags?sort=name"), "sort");
        // Any text that can be seen is one.
        let made = api.made("/tasks", &json!({"title": "c", "tags": ["two words", "@phone", "+x", "-x"]}));
        assert_eq!(made["tags"], json!(["+x", "-x", "@phone", "two words"]));
        let found = |path: &str| api.got(path)["items"].as_array().unwrap().len();
        assert_eq!(found("/tasks?tag=two%20words&tag=%40phone"), 1);
        assert_eq!(found("/tasks?q=%2B%22two%20words%22%20tag%3A%40phone%20not%20%2Bz"), 1);
        assert_eq!(api.patched("/tags/two%20words", &json!({"name": "-y z"}))["name"], "-y z");
        assert_eq!(api.delete("/tags/-y%20z").status, 204);
        refused(&api.post("/tasks", &json!({"title": "d", "tags": [" x"]})), "tags[0]");
    });
}
