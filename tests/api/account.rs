//! `/users` and `/api-keys`.

use serde_json::json;

use crate::support::{on_both, problem, refused};

#[test]
fn one_changes_ones_own_account() {
    on_both(|api| {
        let me = api.get("/users/me");
        assert_eq!((me.status, &me.json()["username"]), (200, &json!("local")));
        let changed = api.patch("/users/me", &json!({"name": "Eva", "email": "Eva@Example.org"}));
        assert_eq!((&changed.json()["name"], &changed.json()["email"]), (&json!("Eva"), &json!("eva@example.org")));
        let stale = [("If-Match", me.header("etag"))];
        let answer = api.request("PATCH", "/users/me", &stale, Some(&json!({"name": null})));
        problem(&answer, 412, "PRECONDITION_FAILED");
        let fresh = [("If-Match", changed.header("etag"))];
        let answer = api.request("PATCH", "/users/me", &fresh, Some(&json!({"name": null})));
        assert_eq!((answer.status, &answer.json()["name"]), (200, &json!(null)));
        refused(&api.patch("/users/me", &json!({"role": "agent"})), "role");
        refused(&api.patch("/users/me", &json!({"email": "nobody"})), "email");
        refused(&api.patch("/users/me", &json!({"timezone": "Mars/Base"})), "timezone");
    });
}

#[test]
fn an_admin_manages_accounts() {
    on_both(|api| {
        let made = api.post("/users", &json!({"username": "Zoe", "role": "agent"}));
        assert_eq!(made.status, 201, "{}", made.text());
        assert_eq!(api.got(made.header("location")), made.json());
        assert_eq!(api.got("/users/zoe")["role"], "agent");
        problem(&api.post("/users", &json!({"username": "zoe"})), 409, "CONFLICT");
        problem(&api.get("/users/nobody"), 404, "NOT_FOUND");
        let changed = api.patched("/users/zoe", &json!({"role": "user", "disabled": true, "name": "Zoe"}));
        assert_eq!((&changed["role"], &changed["name"]), (&json!("user"), &json!("Zoe")));
        assert!(changed["disabledAt"].is_string());
        assert_eq!(api.patched("/users/zoe", &json!({"disabled": false}))["disabledAt"], json!(null));
        problem(&api.patch("/users/local", &json!({"disabled": true})), 409, "CONFLICT");
        let first = api.got("/users?limit=1");
        let next = format!("/users?limit=1&cursor={}", first["nextCursor"].as_str().unwrap());
        assert_eq!(
            (&first["items"][0]["username"], &api.got(&next)["items"][0]["username"]),
            (&json!("local"), &json!("zoe"))
        );
        refused(&api.post("/users", &json!({"username": "-"})), "username");
        refused(&api.post("/users", &json!({"username": "kim", "password": "short"})), "password");
    });
}

#[test]
fn a_key_is_shown_once_and_may_no_more_than_it_says() {
    on_both(|api| {
        let made = api.post("/api-keys", &json!({"name": "laptop", "scopes": ["tasks:read"], "ttlSeconds": 3600}));
        assert_eq!(made.status, 201, "{}", made.text());
        let made = made.json();
        let laptop = api.shown(made["key"].as_str().unwrap());
        laptop.got("/tasks");
        problem(&laptop.post("/tasks", &json!({"title": "x"})), 403, "FORBIDDEN");
        let keys = api.got("/api-keys");
        assert!(!keys.to_string().contains(made["key"].as_str().unwrap()));
        assert!(keys["items"].as_array().unwrap().iter().any(|key| key["name"] == "laptop"));
        refused(&api.post("/api-keys", &json!({"name": "x", "ttlSeconds": 0})), "ttlSeconds");
        assert_eq!(api.post("/api-keys", &json!({"name": "x", "scopes": ["tasks:fly"]})).status, 422);
        assert_eq!(api.delete("/api-keys/laptop").status, 204);
        problem(&laptop.get("/tasks"), 401, "UNAUTHENTICATED");
        problem(&api.delete("/api-keys/laptop"), 404, "NOT_FOUND");
    });
}
