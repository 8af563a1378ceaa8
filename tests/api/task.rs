//! `/tasks` and `/tasks/{id}/subtasks`: making, showing, changing and deleting.

use serde_json::{Value, json};

use crate::support::{Api, expect, on_both, on_both_with, problem, refused};

fn titles(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap()).collect()
}

#[test]
fn a_task_is_made_shown_and_deleted() {
    on_both(|api| {
        let made = api.post("/tasks", &json!({"title": "Feed the cat"}));
        assert_eq!(made.status, 201, "{}", made.text());
        let task = made.json();
        assert_eq!(made.header("location"), format!("/tasks/{}", task["id"].as_str().unwrap()));
        assert_eq!((&task["category"], &task["priority"]), (&"Personal".into(), &"MEDIUM".into()));
        assert_eq!(api.got(made.header("location")), task);
        assert_eq!(api.got("/tasks/1"), task);
        assert_eq!(api.got(&format!("/tasks/{}", &task["id"].as_str().unwrap()[..13])), task);
        assert_eq!(api.delete("/tasks/1").status, 204);
        problem(&api.get("/tasks/1"), 404, "NOT_FOUND");
        problem(&api.delete("/tasks/1"), 404, "NOT_FOUND");
        problem(&api.get("/tasks/nonsense"), 404, "NOT_FOUND");
        problem(&api.patch("/tasks/1", &json!({"title": "a"})), 404, "NOT_FOUND");
    });
}

#[test]
fn a_task_may_say_everything_at_once() {
    on_both_with(&[("MUISTA_TIMEZONE", "Europe/Helsinki")], |api| {
        api.made("/tasks", &json!({"title": "First"}));
        let made = api.post(
            "/tasks",
            &json!({
                "title": "  Buy cat food ", "description": "the grey bag", "note": "ask\nAnna", "category": "Shopping",
                "priority": "HIGH", "dueDate": "2030-07-23T18:00:00+03:00", "project": "home", "parentId": "1",
                "tags": ["cat", "errand"], "dependsOn": ["1"], "reminder": {"at": "30min before", "channel": "email"},
                "reminders": [{"every": "weekdays at 8:30"}]
            }),
        );
        let task = expect(made.clone(), 201);
        assert_eq!((&task["title"], &task["dueDate"]), (&"Buy cat food".into(), &"2030-07-23T15:00:00Z".into()));
        assert_eq!((&task["project"], &task["tags"]), (&"home".into(), &json!(["cat", "errand"])));
        assert_eq!(task["dependsOn"], json!([task["parentId"]]));
        assert!(made.all("muista-notice").iter().any(|notice| notice.contains("made the project home")));
        let reminders = api.got("/tasks/2/reminders");
        assert_eq!(reminders["items"].as_array().unwrap().len(), 2);
        assert_eq!(reminders["items"][1]["nextTriggerAt"], "2030-07-23T14:30:00Z");
        let local = api.got("/tasks/2?tz=Europe/Helsinki");
        assert_eq!(local["dueDate"], "2030-07-23T18:00:00+03:00");
        let date = api.made("/tasks?tz=America/New_York", &json!({"title": "On a date", "dueDate": "2030-01-01"}));
        assert_eq!((&date["dueOn"], &date["timezone"]), (&"2030-01-01".into(), &"America/New_York".into()));
        assert_eq!(date["dueDate"], "2030-01-01T23:59:59-05:00");
        let date = api.made("/tasks", &json!({"title": "In the account's zone", "dueOn": "2030-01-01"}));
        assert_eq!(date["dueDate"], "2030-01-01T21:59:59Z");
    });
}

#[test]
fn what_makes_no_task_is_refused_by_its_field() {
    on_both(|api| {
        for title in
            [json!({}), json!({"title": ""}), json!({"title": null}), json!({"title": 7}), json!({"title": "a\nb"})]
        {
            refused(&api.post("/tasks", &title), "title");
        }
        for (name, value) in [
            ("colour", json!("red")),
            ("category", json!("work at home")),
            ("priority", json!("URGENT")),
            ("dueDate", json!("whenever")),
            ("dueOn", json!("friday")),
            ("every", json!("every 0 days")),
            ("note", json!("a\u{1b}[31m")),
            ("parentId", json!("x")),
            ("title", json!("x".repeat(1001))),
            ("description", json!("x".repeat(65_537))),
        ] {
            let mut body = json!({"title": "a"});
            body[name] = value;
            refused(&api.post("/tasks", &body), name);
        }
        refused(&api.post("/tasks", &json!({"title": "a", "tags": ["b,c"]})), "tags[0]");
        refused(&api.post("/tasks", &json!({"title": "a", "reminder": {"at": "soon"}})), "reminder.at");
        refused(&api.post("/tasks", &json!({"title": "a", "reminder": {"colour": "red"}})), "reminder.colour");
        problem(&api.post("/tasks", &json!({"title": "a", "parentId": "99"})), 404, "NOT_FOUND");
        let told = refused(&api.post("/tasks", &json!({"title": 5})), "title");
        assert_eq!(told, "5 stands where a text is expected");
        refused(&api.post("/tasks", &json!([])), "body");
        let tags: Vec<String> = (0..101).map(|number| format!("t{number}")).collect();
        refused(&api.post("/tasks", &json!({"title": "a", "tags": tags})), "tags");
        problem(&api.raw("POST", "/tasks", &[], b"{\"title\": \"a\""), 400, "MALFORMED");
        problem(&api.raw("POST", "/tasks", &[], b"{\"title\": \"\xff\"}"), 400, "MALFORMED");
        problem(&api.raw("POST", "/tasks", &[("Content-Type", "text/plain")], b"{}"), 415, "UNSUPPORTED_MEDIA_TYPE");
        problem(&api.raw("POST", "/tasks", &[], &vec![b' '; (1 << 20) + 1]), 413, "TOO_LARGE");
        assert_eq!(api.got("/tasks?status=all")["items"], json!([]), "nothing was made");
    });
}

#[test]
fn a_patch_changes_what_it_names_and_nothing_else() {
    on_both(|api| {
        api.made(
            "/tasks",
            &json!({"title": "a", "note": "n", "dueDate": "2030-01-01", "tags": ["x"], "project": "home"}),
        );
        let task = api.patched("/tasks/1", &json!({"title": "b", "priority": "LOW", "addTags": ["y"]}));
        assert_eq!((&task["title"], &task["note"], &task["tags"]), (&"b".into(), &"n".into(), &json!(["x", "y"])));
        let task = api.patched("/tasks/1", &json!({"note": null, "dueDate": null, "project": null, "tags": null}));
        assert_eq!((&task["note"], &task["dueDate"], &task["dueOn"]), (&Value::Null, &Value::Null, &Value::Null));
        assert_eq!((&task["project"], &task["tags"], &task["version"]), (&Value::Null, &json!([]), &3.into()));
        assert_eq!(api.patched("/tasks/1", &json!({})), task, "an empty patch");
        refused(&api.patch("/tasks/1", &json!({"title": null})), "title");
        refused(&api.patch("/tasks/1", &json!({"completed": "yes"})), "completed");
        refused(&api.patch("/tasks/1", &json!({"id": "7"})), "id");
        let circle = problem(&api.patch("/tasks/1", &json!({"parentId": "1"})), 409, "CONFLICT");
        assert_eq!(circle["errors"][0]["field"], "parent");
        let reminded = json!({"dueDate": "2030-01-01 12:00", "reminder": {"at": "1h before"}});
        api.patched("/tasks/1", &reminded);
        assert_eq!(api.got("/tasks/1/reminders")["items"][0]["nextTriggerAt"], "2030-01-01T11:00:00Z");
        api.patched("/tasks/1", &json!({"reminder": null}));
        assert_eq!(api.got("/tasks/1/reminders")["items"], json!([]));
    });
}

#[test]
fn completed_completes_and_reopens() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "a", "every": "every day", "dueDate": "2030-01-01"}));
        let done = api.patch("/tasks/1", &json!({"completed": true, "note": "done well"}));
        assert!(done.header("muista-notice").starts_with("next: 2"), "{done:?}");
        let done = done.json();
        assert_eq!((&done["completed"], &done["note"]), (&true.into(), &"done well".into()));
        assert!(done["completedAt"].is_string());
        assert_eq!(api.got("/tasks/2")["dueOn"], "2030-01-02");
        let open = api.patched("/tasks/1", &json!({"completed": false}));
        assert_eq!((&open["completed"], &open["completedAt"]), (&false.into(), &Value::Null));
        api.made("/tasks", &json!({"title": "b", "dueDate": "2030-01-01"}));
        api.patched("/tasks/3", &json!({"completed": true}));
        let again = api.patched("/tasks/3", &json!({"completed": false, "every": "every week"}));
        assert_eq!((&again["completed"], &again["recurrence"]), (&false.into(), &"every week".into()));
    });
}

#[test]
fn subtasks_are_completed_with_their_task_where_that_is_asked_for() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "whole"}));
        api.made("/tasks", &json!({"title": "part", "parentId": "1"}));
        let done = api.patched("/tasks/1", &json!({"completed": true, "withSubtasks": true}));
        assert_eq!((&done["number"], &done["completed"]), (&json!(1), &json!(true)));
        assert_eq!(api.got("/tasks/2")["completed"], true);
    });
}

#[test]
fn a_change_wants_the_version_that_was_seen() {
    on_both(|api| {
        let made = api.post("/tasks", &json!({"title": "a"}));
        let tag = made.header("etag");
        let shown = api.request("GET", "/tasks/1", &[("If-None-Match", tag)], None);
        assert_eq!((shown.status, shown.body.len(), shown.header("etag")), (304, 0, tag));
        let changed = api.request("PATCH", "/tasks/1", &[("If-Match", tag)], Some(&json!({"title": "b"})));
        assert_eq!(changed.status, 200, "{}", changed.text());
        assert_eq!(api.request("GET", "/tasks/1", &[("If-None-Match", tag)], None).status, 200);
        assert_eq!(api.request("GET", "/tasks/1", &[("If-None-Match", changed.header("etag"))], None).status, 304);
        for (method, body) in [("PATCH", Some(json!({"title": "c"}))), ("DELETE", None)] {
            let late = api.request(method, "/tasks/1", &[("If-Match", tag)], body.as_ref());
            problem(&late, 412, "PRECONDITION_FAILED");
        }
        problem(&api.patch("/tasks/1", &json!({"title": "c", "version": 1})), 409, "CONFLICT");
        problem(&api.patch("/tasks/1", &json!({"completed": false, "version": 1})), 409, "CONFLICT");
        refused(&api.request("DELETE", "/tasks/1", &[("If-Match", "7")], None), "If-Match");
        assert_eq!(api.got("/tasks/1")["title"], "b");
        let gone = api.request("DELETE", "/tasks/1", &[("If-Match", changed.header("etag"))], None);
        assert_eq!(gone.status, 204);
    });
}

#[test]
fn a_request_with_a_key_is_done_once() {
    let test = |api: Api| {
        let key = [("Idempotency-Key", "one")];
        let body = json!({"title": "a", "project": "home"});
        let first = api.request("POST", "/tasks", &key, Some(&body));
        let again = api.request("POST", "/tasks", &key, Some(&body));
        assert_eq!((first.status, again.status, first.json()), (201, 201, again.json()));
        assert_eq!(first.header("location"), again.header("location"));
        assert_eq!(first.header("muista-notice"), again.header("muista-notice"));
        problem(&api.request("POST", "/tasks", &key, Some(&json!({"title": "b"}))), 422, "INVALID");
        let api = api.killed_and_started();
        assert_eq!(api.request("POST", "/tasks", &key, Some(&body)).json(), first.json());
        assert_eq!(api.got("/tasks?total=true")["total"], 1);
    };
    test(Api::sqlite(&[]));
    test(Api::postgres(&[]));
}

#[test]
fn parts_are_made_and_listed_under_their_whole() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "whole"}));
        let part = api.made("/tasks/1/subtasks", &json!({"title": "part"}));
        assert_eq!(part["parentId"], api.got("/tasks/1")["id"]);
        api.made("/tasks/1/subtasks", &json!({"title": "done", "parentId": "1"}));
        api.patched("/tasks/3", &json!({"completed": true}));
        assert_eq!(titles(&api.got("/tasks/1/subtasks?sort=number")), ["part", "done"]);
        assert_eq!(titles(&api.got("/tasks/1/subtasks?status=open")), ["part"]);
        assert_eq!(titles(&api.got("/tasks/2/subtasks")), [""; 0]);
        problem(&api.post("/tasks/1/subtasks", &json!({"title": "a", "parentId": "2"})), 409, "CONFLICT");
        refused(&api.get("/tasks/1/subtasks?parent=2"), "parent");
        problem(&api.get("/tasks/99/subtasks"), 404, "NOT_FOUND");
        problem(&api.post("/tasks/99/subtasks", &json!({"title": "a"})), 404, "NOT_FOUND");
        assert_eq!(api.delete("/tasks/1").status, 204);
        problem(&api.get("/tasks/2"), 404, "NOT_FOUND");
    });
}
