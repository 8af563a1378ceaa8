//! `/tasks`.

use serde_json::json;

use crate::support::{on_both, problem, refused};

#[test]
fn a_task_is_made_shown_and_deleted() {
    on_both(|api| {
        let made = api.post("/tasks", &json!({"title": "Feed the cat"}));
        assert_eq!(made.status, 201, "{}", made.text());
        let task = made.json();
        assert_eq!(made.header("location"), format!("/tasks/{}", task["id"].as_str().unwrap()));
        assert_eq!(api.got(made.header("location")), task);
        assert_eq!(api.got("/tasks/1"), task);
        assert_eq!(api.delete("/tasks/1").status, 204);
        problem(&api.get("/tasks/1"), 404, "NOT_FOUND");
        problem(&api.delete("/tasks/1"), 404, "NOT_FOUND");
    });
}

#[test]
fn a_task_without_a_title_is_refused() {
    on_both(|api| {
        for body in [json!({}), json!({"title": ""}), json!({"title": null}), json!({"title": 7})] {
            refused(&api.post("/tasks", &body), "title");
        }
    });
}
