//! `/templates`.

use serde_json::json;

use crate::support::{on_both, problem, refused};

#[test]
fn templates_are_kept_used_and_deleted() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "Release {{version}}", "dueOn": "2031-01-10", "tags": ["x"]}));
        api.made("/tasks/1/subtasks", &json!({"title": "Build", "dueOn": "2031-01-08"}));
        let template = api.made("/templates", &json!({"name": "Release", "from": "1"}));
        assert_eq!(
            (&template["placeholders"], &template["tasks"][1]["due"]["days"]),
            (&json!(["version"]), &json!(-2))
        );
        let body = json!({"values": {"version": "1.4"}, "dueOn": "2031-03-14"});
        let made = api.post("/templates/release/tasks", &body);
        assert_eq!(made.status, 201, "{made:?}");
        let tasks = api.got("/tasks?q=created:today%20due%3E2031-02-01&sort=number");
        assert_eq!(
            (&tasks["items"][0]["title"], &tasks["items"][1]["dueOn"]),
            (&"Release 1.4".into(), &"2031-03-12".into())
        );
        assert_eq!(tasks["items"][1]["parentId"], tasks["items"][0]["id"]);
        refused(&api.post("/templates/release/tasks", &json!({})), "values.version");
        refused(&api.post("/templates/release/tasks", &json!({"values": {"version": "1", "x": "2"}})), "values.x");
        problem(&api.post("/templates/nowhere/tasks", &json!({})), 404, "NOT_FOUND");
        problem(&api.post("/templates", &json!({"name": "release", "from": "1"})), 409, "CONFLICT");
        assert_eq!(api.got("/templates")["items"].as_array().unwrap().len(), 1);
        assert_eq!(api.delete("/templates/RELEASE").status, 204);
        problem(&api.get("/templates/release"), 404, "NOT_FOUND");
    });
}
