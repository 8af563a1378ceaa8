//! `/agent/message`: each intent, each documented error in its exact shape, what an agent may do in a second and in a day,
//! messages that come again, and by which name an agent is recorded.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use test_common::rest::{self, Answer};

use crate::support::{Api, Client, expect, on_both, on_both_with, problem};

const NOBODY: &str = "0199c0de-0000-7000-8000-000000000007";

/// Sends a message; again where there were too many.
fn send(client: &Client, message: &Value) -> Answer {
    loop {
        let answer = client.post("/agent/message", message);
        if answer.header("ratelimit-remaining") != "0" || answer.status != 429 {
            return answer;
        }
        thread::sleep(Duration::from_secs(answer.header("retry-after").parse().unwrap()));
    }
}

/// What an intent brings, which must succeed.
#[track_caller]
fn done(client: &Client, intent: &str, params: &Value) -> Value {
    let answer = expect(send(client, &json!({"context": {"agent": "zoe"}, "intent": intent, "params": params})), 200);
    assert_eq!((answer.as_object().unwrap().len(), &answer["status"]), (2, &json!("success")), "{answer}");
    answer["data"].clone()
}

/// Checks that an answer is a refusal of this status, code and details; returns its message.
#[track_caller]
fn refused(answer: &Answer, status: u16, code: &str, details: Value) -> String {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    let body = answer.json();
    let message = body["message"].as_str().unwrap().to_owned();
    assert_eq!(body, json!({"status": "error", "errorCode": code, "message": message, "details": details}));
    message
}

fn zoe(api: &Api) -> Client {
    api.shown(&api.key(&json!({"name": "zoe", "role": "agent"})))
}

fn titles(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap()).collect()
}

#[test]
fn each_intent_does_what_it_says() {
    on_both_with(&[("MUISTA_EMAIL_HOST", "127.0.0.1"), ("MUISTA_EMAIL_TO", "a@example.org")], |api| {
        let zoe = zoe(api);
        let cat = json!({"title": "Buy cat food", "dueDate": "tomorrow 18:00", "category": "Shopping", "tags": ["cat"],
            "reminder": {"at": "30min before"}});
        let made = done(&zoe, "createTask", &cat);
        assert_eq!((&made["taskId"], &made["task"]["number"]), (&made["task"]["id"], &json!(1)));
        assert_eq!(api.got("/tasks/1/reminders")["items"].as_array().unwrap().len(), 1);
        done(&zoe, "createTask", &json!({"title": "Call mom", "reminders": [{"at": "in 2 hours"}]}));
        done(&zoe, "createTask", &json!({"title": "Pay rent", "dueDate": "yesterday", "category": "Finance"}));
        done(&zoe, "createTask", &json!({"title": "Some day"}));

        assert_eq!(titles(&done(&zoe, "askUpcoming", &json!({}))), ["Buy cat food", "Call mom"]);
        assert_eq!(titles(&done(&zoe, "askUpcoming", &json!({"due": "tomorrow", "tag": "cat"}))), ["Buy cat food"]);
        assert_eq!(titles(&done(&zoe, "askUpcoming", &json!({"hasReminder": false}))), [""; 0]);
        assert_eq!(titles(&done(&zoe, "askUpcoming", &json!({"due": null}))), ["Buy cat food", "Call mom"]);
        assert_eq!(titles(&done(&zoe, "askOverdue", &json!({"due": null}))), ["Pay rent"]);
        let first = done(&zoe, "askUpcoming", &json!({"limit": 1.0, "total": true}));
        assert_eq!((titles(&first), &first["total"]), (vec!["Buy cat food"], &json!(2)));
        let rest = done(&zoe, "askUpcoming", &json!({"limit": 1, "cursor": first["nextCursor"]}));
        assert_eq!((titles(&rest), &rest["nextCursor"]), (vec!["Call mom"], &Value::Null));
        assert_eq!(titles(&done(&zoe, "askOverdue", &Value::Null)), ["Pay rent"]);
        let of = |category: Value| done(&zoe, "askByCategory", &json!({"category": category}));
        assert_eq!(titles(&of(json!("Shopping"))), ["Buy cat food"]);
        assert_eq!(titles(&of(json!(["Shopping", "Finance"]))), ["Pay rent", "Buy cat food"]);

        let changed = done(&zoe, "updateTask", &json!({"taskId": 3, "dueDate": "next friday", "priority": "HIGH"}));
        assert_eq!((&changed["task"]["priority"], &changed["task"]["version"]), (&json!("HIGH"), &json!(2)));
        assert_eq!(titles(&done(&zoe, "askOverdue", &json!({}))), [""; 0]);
        done(&zoe, "updateTask", &json!({"taskId": made["taskId"], "completed": true}));
        let gone = done(&zoe, "deleteTask", &json!({"taskId": "3"}));
        assert_eq!((&gone["taskId"], &gone["deleted"]), (&changed["taskId"], &json!([changed["taskId"]])));
        problem(&api.get("/tasks/3"), 404, "NOT_FOUND");
    });
}

#[test]
fn a_script_is_triggered_by_its_job_or_its_task() {
    on_both(|api| {
        let folder = api.sandbox.path().join("config/muista/scripts");
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(folder.join("weather"), "#!/bin/sh\necho sunny\n").unwrap();
        fs::set_permissions(folder.join("weather"), fs::Permissions::from_mode(0o700)).unwrap();
        let zoe = zoe(api);
        api.made("/tasks", &json!({"title": "Look outside"}));
        api.made("/jobs", &json!({"name": "weather", "script": "weather", "taskId": "1", "overlap": "queue"}));
        for params in [json!({"job": "weather"}), json!({"taskId": "1"}), json!({"taskId": 1}), json!({"taskId": 1.0})]
        {
            let run = done(&zoe, "triggerScript", &params);
            assert_eq!((&run["runId"], &run["run"]["jobName"]), (&run["run"]["id"], &json!("weather")));
            assert_eq!(api.got(&format!("/runs/{}", run["runId"].as_str().unwrap()))["id"], run["runId"]);
        }
        let trigger = |params: Value| send(&zoe, &json!({"intent": "triggerScript", "params": params}));
        let message = refused(&trigger(json!({})), 422, "INVALID_PARAMS", json!({"field": "job"}));
        assert_eq!(message, "Missing job for triggerScript");
        refused(&trigger(json!({"job": "weather", "taskId": "1"})), 422, "INVALID_PARAMS", json!({"field": "taskId"}));
        refused(&trigger(json!({"job": "climate"})), 404, "NOT_FOUND", json!({}));
        api.made("/tasks", &json!({"title": "b"}));
        refused(&trigger(json!({"taskId": "2"})), 404, "NOT_FOUND", json!({}));
    });
}

#[test]
fn every_error_has_its_documented_shape() {
    on_both(|api| {
        let zoe = zoe(api);
        let answer = |message: Value| send(&zoe, &message);
        let create = |params: Value| answer(json!({"intent": "createTask", "params": params}));
        let message = refused(&create(json!({})), 422, "INVALID_PARAMS", json!({"field": "title"}));
        assert_eq!(message, "Missing title for createTask");
        refused(&create(json!({"title": ""})), 422, "INVALID_PARAMS", json!({"field": "title"}));
        refused(&create(json!({"title": "a", "colour": 7})), 422, "INVALID_PARAMS", json!({"field": "colour"}));
        refused(
            &create(json!({"title": "a", "dueDate": "soonish"})),
            422,
            "INVALID_PARAMS",
            json!({"field": "dueDate"}),
        );
        let nested = create(json!({"title": "a", "reminders": [{"at": "30min before"}, {"at": "x"}]}));
        refused(&nested, 422, "INVALID_PARAMS", json!({"field": "reminders[1].at"}));

        let known = json!({"known": ["createTask", "updateTask", "deleteTask", "askUpcoming", "askOverdue",
            "askByCategory", "triggerScript"]});
        let message = refused(&answer(json!({"intent": "dance"})), 422, "UNKNOWN_INTENT", known);
        assert!(message.contains("“dance”") && message.contains("askOverdue"), "{message}");
        let none = answer(json!({"params": {}}));
        assert_eq!(refused(&none, 422, "INVALID_PARAMS", json!({"field": "intent"})), "Missing intent for a message");
        refused(&answer(json!({"intent": 7})), 422, "INVALID_PARAMS", json!({"field": "intent"}));
        let agent = json!({"intent": "askOverdue", "context": {"agent": "zoe\u{202e}"}});
        refused(&answer(agent), 422, "INVALID_PARAMS", json!({"field": "context.agent"}));
        let due = json!({"intent": "askOverdue", "params": {"due": "today"}});
        refused(&answer(due), 422, "INVALID_PARAMS", json!({"field": "due"}));
        let category = answer(json!({"intent": "askByCategory"}));
        let message = refused(&category, 422, "INVALID_PARAMS", json!({"field": "category"}));
        assert_eq!(message, "Missing category for askByCategory");
        let none = json!({"intent": "askByCategory", "params": {"category": []}});
        refused(&answer(none), 422, "INVALID_PARAMS", json!({"field": "category"}));

        for params in [json!({"taskId": "7"}), json!({"taskId": NOBODY})] {
            refused(&answer(json!({"intent": "deleteTask", "params": params})), 404, "NOT_FOUND", json!({}));
        }
        let odd = answer(json!({"intent": "updateTask", "params": {"taskId": "task-xyz789"}}));
        refused(&odd, 404, "NOT_FOUND", json!({"field": "taskId"}));
        let missing = answer(json!({"intent": "updateTask", "params": {"title": "b"}}));
        refused(&missing, 422, "INVALID_PARAMS", json!({"field": "taskId"}));
        done(&zoe, "createTask", &json!({"title": "a"}));
        let stale = answer(json!({"intent": "updateTask", "params": {"taskId": "1", "title": "b", "version": 3}}));
        refused(&stale, 409, "INVALID_PARAMS", json!({"code": "CONFLICT"}));

        let other = json!({"intent": "askOverdue", "context": {"userId": NOBODY}});
        refused(&answer(other), 403, "FORBIDDEN", json!({"field": "context.userId"}));
        let own = api.got("/users/me")["id"].clone();
        expect(answer(json!({"intent": "askOverdue", "context": {"userId": own}})), 200);

        // What is sent raw is not sent again.
        thread::sleep(Duration::from_secs(1));
        let malformed = zoe.raw("POST", "/agent/message", &[], b"{\"intent\"");
        refused(&malformed, 400, "INVALID_PARAMS", json!({"code": "MALFORMED"}));
        thread::sleep(Duration::from_secs(1));
        let list = zoe.raw("POST", "/agent/message", &[], b"[]");
        assert_eq!((list.status, &list.json()["errorCode"]), (422, &json!("INVALID_PARAMS")));
        let text = zoe.raw("POST", "/agent/message", &[("Content-Type", "text/plain")], b"{}");
        refused(&text, 415, "INVALID_PARAMS", json!({"code": "UNSUPPORTED_MEDIA_TYPE"}));
        let large = vec![b' '; (1 << 20) + 1];
        refused(&zoe.raw("POST", "/agent/message", &[], &large), 413, "INVALID_PARAMS", json!({"code": "TOO_LARGE"}));
    });
}

#[test]
fn whoever_has_no_token_for_it_is_told_in_the_same_shape() {
    on_both(|api| {
        let body = json!({"intent": "createTask", "params": {"title": "a"}}).to_string();
        let ask = |headers: &[(&str, &str)]| {
            rest::send(api.daemon.http(), "POST", "/agent/message", headers, body.as_bytes())
        };
        let none = ask(&[("Content-Type", "application/json")]);
        refused(&none, 401, "FORBIDDEN", json!({"code": "UNAUTHENTICATED"}));
        assert_eq!(none.header("www-authenticate"), "Bearer realm=\"muista\"");
        for token in ["muista_garbage", "a.b.c"] {
            let bearer = format!("Bearer {token}");
            let wrong = ask(&[("Content-Type", "application/json"), ("Authorization", &bearer)]);
            refused(&wrong, 401, "FORBIDDEN", json!({"code": "UNAUTHENTICATED"}));
        }
        let reader = api.shown(&api.key(&json!({"name": "reader", "role": "agent", "scopes": ["tasks:read"]})));
        done(&reader, "askOverdue", &json!({}));
        for (intent, params, scope) in [
            ("createTask", json!({"title": "a"}), "tasks:write"),
            ("updateTask", json!({"taskId": "1", "title": "a"}), "tasks:write"),
            ("deleteTask", json!({"taskId": "1"}), "tasks:write"),
            ("triggerScript", json!({"job": "weather"}), "jobs:run"),
        ] {
            let answer = send(&reader, &json!({"intent": intent, "params": params}));
            let message = refused(&answer, 403, "FORBIDDEN", json!({}));
            assert!(message.contains(scope), "{message}");
        }
        let runner = api.shown(&api.key(&json!({"name": "runner", "role": "agent", "scopes": ["jobs:run"]})));
        for (intent, params) in
            [("askUpcoming", json!({})), ("askOverdue", json!({})), ("askByCategory", json!({"category": "Work"}))]
        {
            let answer = send(&runner, &json!({"intent": intent, "params": params}));
            assert!(refused(&answer, 403, "FORBIDDEN", json!({})).contains("tasks:read"));
        }
    });
}

#[test]
fn more_than_five_in_a_second_are_too_many() {
    on_both(|api| {
        let agents = [zoe(api), api.shown(&api.key(&json!({"name": "max", "role": "agent"})))];
        let ask = |n: usize| agents[n % 2].post("/agent/message", &json!({"intent": "askOverdue"}));
        let answers: Vec<Answer> = (0..30).map(ask).collect();
        assert!(answers[..5].iter().all(|answer| answer.status == 200));
        let slowed = answers.iter().find(|answer| answer.status == 429).unwrap();
        let message = refused(slowed, 429, "RATE_LIMITED", json!({"retryAfter": 1}));
        assert!(message.contains("more than 5 requests in a second"), "{message}");
        assert_eq!((slowed.header("retry-after"), slowed.header("ratelimit-limit")), ("1", "5"));
    });
}

#[test]
fn the_hundred_and_first_task_of_a_day_is_refused() {
    refuses_the_hundred_and_first(Api::sqlite(&[]));
}

#[test]
fn the_hundred_and_first_task_of_a_day_is_refused_on_postgres() {
    refuses_the_hundred_and_first(Api::postgres(&[]));
}

/// By REST and by messages, before and after the daemon was killed.
fn refuses_the_hundred_and_first(api: Api) {
    let token = api.key(&json!({"name": "zoe", "role": "agent"}));
    let zoe = api.shown(&token);
    for n in 0..99 {
        let task = json!({"title": format!("Task {n}")});
        let answer = loop {
            let answer = zoe.post("/tasks", &task);
            match answer.status {
                429 => thread::sleep(Duration::from_millis(150)),
                _ => break answer,
            }
        };
        assert_eq!(answer.status, 201, "{n}: {}", answer.text());
    }
    done(&zoe, "createTask", &json!({"title": "the hundredth"}));
    is_refused(&api, &token);
    let api = api.killed_and_started();
    is_refused(&api, &token);
    api.made("/tasks", &json!({"title": "by a person"}));
    assert_eq!(api.got("/tasks?total=true&limit=1")["total"], 101);
}

fn is_refused(api: &Api, token: &str) {
    let zoe = api.shown(token);
    let answer = send(&zoe, &json!({"intent": "createTask", "params": {"title": "one more"}}));
    let seconds: u32 = answer.header("retry-after").parse().unwrap();
    assert!((1..=24 * 3600).contains(&seconds), "{seconds}");
    let message = refused(&answer, 429, "DAILY_LIMIT", json!({"retryAfter": seconds}));
    assert!(message.contains("no more than 100 tasks a day"), "{message}");
    thread::sleep(Duration::from_secs(1));
    let answer = zoe.post("/tasks", &json!({"title": "one more"}));
    assert_eq!(problem(&answer, 429, "DAILY_LIMIT")["errors"], json!([]));
    assert!(answer.header("retry-after").parse::<u32>().unwrap() <= seconds);
    done(&zoe, "updateTask", &json!({"taskId": "1", "title": "changed"}));
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "create_tasks", "arguments": {"tasks": [{"title": "one more"}]}}});
    let answer = zoe.request("POST", "/mcp", &[("Accept", "application/json, text/event-stream")], Some(&call));
    let result = answer.json()["result"].clone();
    assert_eq!(result["isError"], true, "{}", answer.text());
    assert!(result["content"][0]["text"].as_str().unwrap().starts_with("DAILY_LIMIT: "), "{result}");
}

#[test]
fn a_message_that_comes_again_is_done_once() {
    for api in [Api::sqlite(&[]), Api::postgres(&[])] {
        let token = api.key(&json!({"name": "zoe", "role": "agent"}));
        let message =
            |intent: &str, params: Value, id: &str| json!({"intent": intent, "params": params, "requestId": id});
        let create = message("createTask", json!({"title": "Feed the cat", "dueDate": "tomorrow"}), "a");
        let first = send(&api.shown(&token), &create);
        assert_eq!(first.status, 200, "{}", first.text());
        let update = message("updateTask", json!({"taskId": "1", "note": "twice"}), "b");
        let updated = send(&api.shown(&token), &update);
        // In another order, and with the same meaning.
        let turned = format!(
            "{{\"requestId\": \"a\", \"params\": {}, \"intent\": \"createTask\"}}",
            json!({"dueDate": "tomorrow", "title": "Feed the cat"})
        );
        let again = api.shown(&token).raw("POST", "/agent/message", &[], turned.as_bytes());
        assert_eq!((again.status, again.text()), (200, first.text()));

        let api = api.killed_and_started();
        let zoe = api.shown(&token);
        let again = send(&zoe, &create);
        assert_eq!((again.status, again.text()), (200, first.text()));
        assert_eq!(send(&zoe, &update).text(), updated.text());
        let delete = message("deleteTask", json!({"taskId": "1"}), "c");
        let gone = send(&zoe, &delete);
        assert_eq!((gone.status, send(&zoe, &delete).text()), (200, gone.text()));
        assert_eq!(send(&zoe, &create).text(), first.text());
        assert_eq!(api.got("/tasks")["items"], json!([]));

        let other = send(&zoe, &message("createTask", json!({"title": "Feed the dog"}), "a"));
        assert_eq!((other.status, &other.json()["requestId"]), (409, &json!("a")), "{}", other.text());
        assert_eq!(
            (&other.json()["errorCode"], &other.json()["details"]),
            (&json!("INVALID_PARAMS"), &json!({"field": "requestId", "code": "CONFLICT"}))
        );
        for wrong in ["", "ä", "a b", &"x".repeat(201)] {
            let answer = send(&zoe, &message("createTask", json!({"title": "a"}), wrong));
            assert_eq!(answer.json()["details"], json!({"field": "requestId"}), "{wrong}");
        }
        send(&zoe, &message("createTask", json!({"title": "a"}), &"x".repeat(200)));
        // Another agent counts for itself.
        let max = api.shown(&api.key(&json!({"name": "max", "role": "agent"})));
        assert_eq!(expect(send(&max, &create), 200)["data"]["task"]["title"], "Feed the cat");
        assert_eq!(api.got("/tasks")["items"].as_array().unwrap().len(), 2);
    }
}

#[test]
fn an_agent_is_recorded_by_its_name() {
    on_both(|api| {
        let zoe = zoe(api);
        done(&zoe, "createTask", &json!({"title": "by zoe"}));
        // A key goes by the name that its owner gave it.
        let claim = json!({"context": {"agent": "local"}, "intent": "createTask", "params": {"title": "by whom?"}});
        expect(send(&zoe, &claim), 200);
        let entries = api.got("/audit?actor=zoe")["items"].clone();
        let told: Vec<_> = entries
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| (entry["origin"].as_str(), entry["after"]["title"].as_str()))
            .collect();
        assert_eq!(told, [(Some("agent"), Some("by whom?")), (Some("agent"), Some("by zoe"))]);

        let muista = |args: &[&str]| {
            let output = api.sandbox.muista().args(args).output().unwrap();
            assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
            String::from_utf8(output.stdout).unwrap()
        };
        // Commands in the sandbox find the daemon by its socket.
        if api.args.is_empty() {
            api.made("/tasks", &json!({"title": "by a person"}));
            let log = muista(&["log", "--actor", "zoe", "--since", "today", "--json"]);
            assert_eq!(serde_json::from_str::<Value>(&log).unwrap().as_array().unwrap().len(), 2, "{log}");
            let undone = muista(&["undo", "--actor", "zoe", "--since", "today"]);
            assert_eq!(undone.lines().count(), 2, "{undone}");
            assert_eq!(titles(&api.got("/tasks")), ["by a person"]);
        }

        api.made("/users", &json!({"username": "eva", "password": "the cat of eva"}));
        let login = api.post("/auth/login", &json!({"username": "eva", "password": "the cat of eva"}));
        let eva = api.shown(expect(login, 200)["accessToken"].as_str().unwrap());
        eva.made("/api-keys", &json!({"name": "Max", "role": "agent"}));
        let create =
            |context: Value| send(&eva, &json!({"context": context, "intent": "createTask", "params": {"title": "a"}}));
        for (context, actor) in [(json!({"agent": "zoe"}), "zoe"), (json!({"agent": "EVA"}), "eva"), (json!({}), "eva")]
        {
            expect(create(context), 200);
            let newest = eva.got("/audit?limit=1")["items"][0].clone();
            assert_eq!((&newest["actor"], &newest["origin"]), (&json!(actor), &json!("agent")));
        }
        for taken in ["local", "Local", "muistad", "max"] {
            refused(&create(json!({"agent": taken})), 403, "FORBIDDEN", json!({"field": "context.agent"}));
        }
    });
}
