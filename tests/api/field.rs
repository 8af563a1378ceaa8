//! `/fields`, and their values on tasks.

use serde_json::json;

use crate::support::{on_both, problem, refused};

#[test]
fn fields_are_made_set_asked_for_and_deleted() {
    on_both(|api| {
        let field = api.made("/fields", &json!({"name": "Effort", "type": "number"}));
        assert_eq!((&field["type"], &field["choices"], &field["version"]), (&json!("number"), &json!([]), &json!(1)));
        api.made("/fields", &json!({"name": "size", "type": "choice", "choices": ["small", "large"]}));
        let made = api.made("/tasks", &json!({"title": "a", "fields": {"effort": 3, "SIZE": "Large"}}));
        assert_eq!(made["fields"], json!({"Effort": 3, "size": "large"}));
        api.made("/tasks", &json!({"title": "b", "fields": {"effort": "2.5"}}));
        assert_eq!(api.made("/tasks", &json!({"title": "c"})).get("fields"), None);
        let numbers = |path: &str| {
            let page = api.got(path);
            page["items"].as_array().unwrap().iter().map(|task| task["number"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(numbers("/tasks?q=effort%3E2.6"), [1]);
        assert_eq!(numbers("/tasks?q=effort:none"), [3]);
        assert_eq!(numbers("/tasks?sort=effort"), [2, 1, 3]);
        let patched = api.patched("/tasks/1", &json!({"fields": {"effort": null}}));
        assert_eq!(patched["fields"], json!({"size": "large"}));
        for (fields, field) in [
            (json!({"efort": 3}), "fields"),
            (json!({"effort": "many"}), "fields.Effort"),
            (json!({"size": "huge"}), "fields.size"),
            (json!({"effort": 1e16}), "fields.Effort"),
        ] {
            refused(&api.patch("/tasks/1", &json!({"fields": fields})), field);
        }
        problem(&api.patch("/tasks/1", &json!({"fields": {"effort": true}})), 422, "INVALID");
        refused(&api.get("/tasks?q=efort%3E2"), "q");
        refused(&api.get("/tasks?sort=efort"), "sort");
        refused(&api.post("/fields", &json!({"name": "due", "type": "text"})), "name");
        refused(&api.post("/fields", &json!({"name": "x", "type": "choice"})), "choices");
        problem(&api.post("/fields", &json!({"name": "effort", "type": "text"})), 409, "CONFLICT");
        let renamed = api.patched("/fields/effort", &json!({"name": "points"}));
        assert_eq!(
            (&renamed["name"], &renamed["tasks"], &renamed["version"]),
            (&json!("points"), &json!(1), &json!(2))
        );
        assert_eq!(api.got("/tasks/2")["fields"], json!({"points": 2.5}));
        assert_eq!(api.got("/fields")["items"].as_array().unwrap().len(), 2);
        assert_eq!(api.got("/fields/SIZE")["tasks"], 1);
        assert_eq!(api.delete("/fields/points").status, 204);
        problem(&api.get("/fields/points"), 404, "NOT_FOUND");
        assert_eq!(api.got("/tasks/2").get("fields"), None);
    });
}
