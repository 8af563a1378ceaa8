//! `/reminders` and the reminders of a task.

use serde_json::{Value, json};

use crate::support::{on_both, problem, refused};

#[test]
fn reminders_are_added_shown_and_deleted() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "a", "dueDate": "2030-01-01 12:00"}));
        let made = api.post("/tasks/1/reminders", &json!({"at": "30min before", "note": "n", "nag": "15min"}));
        assert_eq!(made.status, 201, "{}", made.text());
        let first = made.json();
        assert_eq!(
            (&first["nextTriggerAt"], &first["recurrenceType"]),
            (&"2030-01-01T11:30:00Z".into(), &"RELATIVE".into())
        );
        let shown = api.get(made.header("location"));
        assert_eq!(shown.json(), first);
        assert_eq!(shown.header("etag"), made.header("etag"));
        let seed = json!({"schedule": "0 9 * * *", "recurrenceType": "CRON", "startAt": "2030-02-01T00:00:00Z",
            "endAt": "2031-01-01T00:00:00Z", "timezone": "Europe/Helsinki", "channel": "SMS"});
        let second = api.made("/tasks/1/reminders", &seed);
        assert_eq!((&second["nextTriggerAt"], &second["channels"]), (&"2030-02-01T07:00:00Z".into(), &json!(["SMS"])));
        let listed = |path: &str| api.got(path)["items"].as_array().unwrap().len();
        assert_eq!((listed("/reminders"), listed("/tasks/1/reminders"), listed("/reminders?task=1")), (2, 2, 2));
        let page = api.got("/reminders?limit=1");
        let next = format!("/reminders?limit=1&cursor={}", page["nextCursor"].as_str().unwrap());
        assert_eq!(api.got(&next)["items"], json!([second]));
        let place = made.header("location");
        problem(&api.request("DELETE", place, &[("If-Match", "\"9-0\"")], None), 412, "PRECONDITION_FAILED");
        assert_eq!(api.delete(place).status, 204);
        problem(&api.get(place), 404, "NOT_FOUND");
        problem(&api.delete(place), 404, "NOT_FOUND");
        problem(&api.get("/reminders/7"), 404, "NOT_FOUND");
    });
}

#[test]
fn a_task_has_the_reminder_that_is_set() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "a"}));
        problem(&api.request("POST", "/tasks/1/reminder", &[], None), 409, "CONFLICT");
        api.made("/tasks/1/reminder", &json!({"at": "2030-01-01 12:00"}));
        let set =
            api.made("/tasks/1/reminder", &json!({"every": "every monday at 9:00", "channels": ["email", "desktop"]}));
        assert_eq!(api.got("/tasks/1/reminders")["items"], json!([set]));
        let again = api.request("POST", "/tasks/1/reminder", &[], None);
        assert_eq!((again.status, again.json()), (200, set), "it is active");
        assert_eq!(api.delete("/tasks/1/reminder").status, 204);
        assert_eq!(api.got("/tasks/1/reminders")["items"], json!([]));
        let none = api.delete("/tasks/1/reminder");
        assert_eq!((none.status, none.header("muista-notice")), (204, "task 1 has no reminders"));
        problem(&api.post("/tasks/9/reminder", &json!({"at": "tomorrow"})), 404, "NOT_FOUND");
        problem(&api.delete("/tasks/9/reminder"), 404, "NOT_FOUND");
    });
}

#[test]
fn a_reminder_that_makes_no_sense_is_refused() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "a"}));
        for (body, field) in [
            (json!({}), "at"),
            (json!({"at": "soon"}), "at"),
            (json!({"at": ["tomorrow"]}), "at"),
            (json!({"schedule": "0 0 31 2 *"}), "schedule"),
            (json!({"schedule": "* * * *"}), "schedule"),
            (json!({"interval": "P0D"}), "interval"),
            (json!({"at": "tomorrow", "channel": "pigeon"}), "channel"),
            (json!({"at": "tomorrow", "timezone": "Mars"}), "timezone"),
            (json!({"at": "tomorrow", "colour": "red"}), "colour"),
            (json!({"every": "daily", "endAt": "2020-01-01"}), "endAt"),
        ] {
            refused(&api.post("/tasks/1/reminders", &body), field);
        }
        let no_due = problem(&api.post("/tasks/1/reminder", &json!({"at": "1h before"})), 409, "CONFLICT");
        assert_eq!(no_due["errors"][0]["field"], "at");
        let within = json!({"title": "b", "reminder": {"at": "1h before"}});
        assert_eq!(problem(&api.post("/tasks", &within), 409, "CONFLICT")["errors"][0]["field"], "reminder.at");
        let several =
            json!({"title": "b", "reminders": [{"at": "tomorrow"}, {"every": "daily", "endAt": "2020-01-01"}]});
        refused(&api.post("/tasks", &several), "reminders[1].endAt");
        let patch = json!({"reminder": {"at": "1h before"}});
        assert_eq!(problem(&api.patch("/tasks/1", &patch), 409, "CONFLICT")["errors"][0]["field"], "reminder.at");
        assert_eq!(api.got("/reminders?all=true")["items"], json!([]));
    });
}

#[test]
fn what_was_told_is_put_off_and_acknowledged() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "a", "reminder": {"at": "2030-01-01 12:00"}}));
        let snoozed = api.post("/tasks/1/snooze", &json!({"until": "2030-01-02 12:00"}));
        assert_eq!((snoozed.status, &snoozed.json()["nextTriggerAt"]), (200, &"2030-01-02T12:00:00Z".into()));
        refused(&api.post("/tasks/1/snooze", &json!({"until": "yesterday"})), "until");
        refused(&api.post("/tasks/1/snooze", &json!({"until": "soon"})), "until");
        refused(&api.post("/tasks/1/snooze", &json!({})), "until");
        problem(&api.post("/tasks/9/snooze", &json!({"until": "tomorrow"})), 404, "NOT_FOUND");
        let acked = api.request("POST", "/tasks/1/ack", &[], None);
        assert_eq!((acked.status, acked.json()), (200, json!({"items": []})));
        assert!(acked.header("muista-notice").contains("task 1 has no unacknowledged reminder"));
    });
}

#[test]
fn an_admin_fires_what_is_due() {
    // Nothing fires by itself in a daemon that only answers.
    on_both_role_server(|api| {
        api.made("/tasks", &json!({"title": "a", "reminder": {"at": "2020-01-01 12:00"}}));
        api.made("/tasks", &json!({"title": "b", "reminder": {"at": "2099-01-01 12:00"}}));
        let key = [("Idempotency-Key", "fire")];
        let fired = |headers: &[(&str, &str)]| api.request("POST", "/reminders/trigger", headers, None).json();
        assert_eq!(
            (fired(&key), fired(&key), fired(&[])),
            (json!({"fired": 1}), json!({"fired": 1}), json!({"fired": 0}))
        );
        let told = api.got("/tasks/1/reminders")["items"][0].clone();
        assert!(told["lastTriggeredAt"].is_string() && told["nextTriggerAt"].is_null(), "{told}");
        problem(&api.request("POST", "/tasks/1/reminder", &[], None), 409, "CONFLICT");
        let acked: Value = api.request("POST", "/tasks/1/ack", &[], None).json();
        assert_eq!(acked["items"].as_array().unwrap().len(), 1);
    });
}

fn on_both_role_server(test: impl Fn(&crate::support::Api)) {
    crate::support::on_both_with(&[("MUISTA_ROLE", "server")], test);
}
