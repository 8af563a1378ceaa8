//! When tasks are worked on, over HTTP: start, deadline and estimate, the time spent, and why a task stands as it does.

use serde_json::{Value, json};

use crate::support::{expect, on_both, problem};

#[test]
fn a_task_waits_has_a_deadline_and_an_estimate() {
    on_both(|api| {
        let made = api.made(
            "/tasks",
            &json!({"title": "Taxes", "dueOn": "9998-04-30", "startDate": "due-2w", "deadlineOn": "9998-05-31",
                "estimate": "15min", "position": 2}),
        );
        assert_eq!((&made["startOn"], &made["deadlineOn"]), (&json!("9998-04-16"), &json!("9998-05-31")));
        assert_eq!((&made["estimate"], &made["position"]), (&json!("PT15M"), &json!(2)));
        assert_eq!(api.got("/tasks")["items"], json!([]));
        assert_eq!(api.got("/tasks?status=waiting&sort=estimate")["items"][0]["number"], 1);
        let why = api.got("/tasks/1/why");
        assert_eq!((&why["hidden"], &why["urgency"]), (&json!("waiting"), &Value::Null));
        let patched = expect(api.patch("/tasks/1", &json!({"startDate": null, "dueOn": "9998-06-30"})), 200);
        assert_eq!((&patched["startDate"], &patched["deadlineOn"]), (&Value::Null, &json!("9998-05-31")));
        assert_eq!(api.got("/tasks?q=estimate%3C30min")["items"][0]["number"], 1);
        assert_eq!(api.got("/tasks/1/why")["hidden"], Value::Null);
        for (field, value) in [
            ("startDate", json!("whenever")),
            ("estimate", json!("1mo")),
            ("estimate", json!("0min")),
            ("estimate", json!("PT0S")),
            ("deadlineOn", json!("may")),
            ("position", json!(1.5)),
        ] {
            let refused = api.patch("/tasks/1", &json!({field: value}));
            let told = problem(&refused, 422, "INVALID");
            assert!(told.to_string().contains(field), "{told}");
        }
    });
}

#[test]
fn work_is_started_and_stopped() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "a"}));
        api.made("/tasks", &json!({"title": "b"}));
        let started = expect(api.request("POST", "/tasks/1/start", &[], None), 200);
        assert!(started["activeSince"].is_string(), "{started}");
        let other = api.request("POST", "/tasks/2/start", &[], None);
        assert!(other.all("muista-notice").iter().any(|notice| notice.contains("stopped 1")), "{}", other.text());
        expect(api.request("POST", "/tasks/1/start?keep=true", &[], None), 200);
        assert_eq!(api.got("/tasks?q=is:active")["items"].as_array().unwrap().len(), 2);
        let stopped = expect(api.request("POST", "/tasks/2/stop", &[], None), 200);
        assert!(stopped["timeSpent"].as_str().is_some_and(|spent| spent.starts_with("PT")), "{stopped}");
        problem(&api.request("POST", "/tasks/2/stop", &[], None), 409, "CONFLICT");
        problem(&api.request("POST", "/tasks/7/start", &[], None), 404, "NOT_FOUND");
        expect(api.patch("/tasks/1", &json!({"completed": true})), 200);
        assert_eq!(api.got("/tasks/1")["activeSince"], Value::Null);
        problem(&api.request("POST", "/tasks/1/start", &[], None), 409, "CONFLICT");
        // What a body asks for would not be done.
        for (path, body) in [("/tasks/2/start", json!({"keep": true})), ("/tasks/2/stop", json!({"all": true}))] {
            let field = body.as_object().unwrap().keys().next().unwrap().clone();
            let told = problem(&api.post(path, &body), 422, "INVALID");
            assert!(told.to_string().contains(&field), "{told}");
        }
        assert_eq!(api.got("/tasks/2")["activeSince"], Value::Null);
        expect(api.post("/tasks/2/start", &json!({})), 200);
    });
}
