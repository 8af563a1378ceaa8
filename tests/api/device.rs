//! `/devices`.

use serde_json::{Value, json};

use crate::support::{expect, on_both, problem, refused};

fn phone() -> Value {
    json!({"deviceId": "phone", "os": "Android", "platform": "mobile", "endpoint": "https://push.example.org/1"})
}

#[test]
fn a_device_registers_once_however_often() {
    on_both(|api| {
        let made = api.post("/devices", &phone());
        assert_eq!(made.status, 201, "{}", made.text());
        let place = made.header("location");
        assert_eq!(api.got(place), made.json());
        let mut moved = phone();
        moved["endpoint"] = json!("https://push.example.org/2");
        let again = api.post("/devices", &moved);
        assert_eq!((again.status, &again.json()["id"]), (200, &made.json()["id"]));
        let stale = [("If-Match", made.header("etag"))];
        problem(&api.request("PATCH", place, &stale, Some(&json!({"os": "iOS"}))), 412, "PRECONDITION_FAILED");
        problem(&api.request("DELETE", place, &stale, None), 412, "PRECONDITION_FAILED");
        let fresh = [("If-Match", again.header("etag"))];
        let changed = expect(api.request("PATCH", place, &fresh, Some(&json!({"os": "iOS", "token": "c0ffee"}))), 200);
        assert_eq!((&changed["os"], &changed["token"]), (&json!("iOS"), &json!("c0ffee")));
        assert_eq!(api.patched(place, &json!({"token": null}))["token"], json!(null));
        assert_eq!(api.got("/devices")["items"].as_array().unwrap().len(), 1);
        assert_eq!(api.delete(place).status, 204);
        problem(&api.get(place), 404, "NOT_FOUND");
    });
}

#[test]
fn a_device_has_an_address_and_sane_texts() {
    on_both(|api| {
        for (field, bad) in [
            ("endpoint", json!("http://push.example.org/1")),
            ("endpoint", json!("javascript:alert(1)")),
            ("platform", json!("fridge")),
            ("os", json!("")),
            ("os", json!("a\nb")),
            ("deviceId", json!(null)),
            ("userAgent", json!("x".repeat(2049))),
            ("color", json!("red")),
        ] {
            let mut device = phone();
            device[field] = bad;
            refused(&api.post("/devices", &device), field);
        }
        refused(&api.get("/devices?limit=0"), "limit");
        refused(&api.get("/devices?limit=201"), "limit");
        problem(&api.get("/devices?cursor=00"), 404, "NOT_FOUND");
    });
}
