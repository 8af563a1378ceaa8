//! `/notifications`.

use serde_json::json;

use crate::support::{on_both, problem, refused};

#[test]
fn notifications_are_listed_and_shown() {
    on_both(|api| {
        assert_eq!(api.got("/notifications"), json!({"items": [], "nextCursor": null}));
        for filter in ["status=FAILED", "channel=email", "limit=200", "status=sent&channel=SMS"] {
            assert_eq!(
                api.get(&format!("/notifications?{filter}")).status,
                if filter.contains("sent") { 422 } else { 200 }
            );
        }
        problem(&api.get("/notifications?task=7"), 404, "NOT_FOUND");
        refused(&api.get("/notifications?status=lost"), "status");
        refused(&api.get("/notifications?color=red"), "color");
        let nowhere = "/notifications/0199c0de-0000-7000-8000-000000000007";
        problem(&api.get(nowhere), 404, "NOT_FOUND");
        problem(&api.post(&format!("{nowhere}/retry"), &json!({})), 404, "NOT_FOUND");
        problem(&api.get("/notifications/7"), 404, "NOT_FOUND");
    });
}

#[test]
fn a_channel_is_tried() {
    on_both(|api| {
        let begun = api.post("/notifications/test", &json!({"channel": "desktop"}));
        assert_eq!(begun.status, 202, "{}", begun.text());
        assert_eq!(api.got(begun.header("location"))["id"], begun.json()["id"]);
        let listed = api.got("/notifications?channel=desktop");
        assert_eq!(listed["items"][0]["id"], begun.json()["id"]);
        problem(&api.post("/notifications/test", &json!({"channel": "email"})), 409, "CONFLICT");
        refused(&api.post("/notifications/test", &json!({"channel": "pigeon"})), "channel");
        refused(&api.post("/notifications/test", &json!({})), "channel");
    });
}
