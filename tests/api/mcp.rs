//! `/mcp` as it stands on the wire: who may come in, what is refused and how, and what a token's scopes and limits mean to a
//! client of MCP. Whether the official SDKs understand it is checked in `tests/mcp`.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_common::rest::{self, Answer};

use crate::support::{Api, Client, expect, on_both, on_both_with, problem};

const ACCEPT: (&str, &str) = ("Accept", "application/json, text/event-stream");
const VERSION: (&str, &str) = ("MCP-Protocol-Version", "2025-11-25");

fn request(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
}

/// Sends a request of the protocol with further headers.
fn send(client: &Client, headers: &[(&str, &str)], method: &str, params: Value) -> Answer {
    let headers = [&[ACCEPT, VERSION], headers].concat();
    client.request("POST", "/mcp", &headers, Some(&request(method, params)))
}

/// What a request brings, which must succeed.
#[track_caller]
pub(crate) fn result(client: &Client, method: &str, params: Value) -> Value {
    let answer = expect(send(client, &[], method, params), 200);
    assert!(answer["error"].is_null(), "{answer}");
    answer["result"].clone()
}

/// The code of the error that a request brings, and its message.
#[track_caller]
fn error(client: &Client, method: &str, params: Value) -> (i64, String) {
    let error = send(client, &[], method, params).json()["error"].take();
    (error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned())
}

/// What a tool answers: its facts, or what it says went wrong.
#[track_caller]
pub(crate) fn call(client: &Client, tool: &str, arguments: Value) -> Result<Value, String> {
    let mut result = result(client, "tools/call", json!({"name": tool, "arguments": arguments}));
    match result["isError"].as_bool() {
        Some(true) => Err(result["content"][0]["text"].as_str().unwrap().to_owned()),
        _ => Ok(result["structuredContent"].take()),
    }
}

fn tools(client: &Client) -> Vec<String> {
    let tools = result(client, "tools/list", json!({}))["tools"].take();
    tools.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
}

pub(crate) fn key(api: &Api, new: Value) -> Client {
    api.shown(&api.key(&new))
}

/// Checks that an answer is refused in the protocol's own form, with this status; the error.
#[track_caller]
fn refusal(answer: &Answer, status: u16, code: &str) -> Value {
    assert_eq!((answer.status, answer.header("content-type")), (status, "application/json"), "{}", answer.text());
    let told = answer.json();
    assert_eq!((&told["jsonrpc"], &told["error"]["data"]["code"]), (&json!("2.0"), &json!(code)), "{told}");
    assert!(told.get("id").is_some() && told["error"]["code"].is_i64(), "{told}");
    assert_eq!(told["error"]["data"]["requestId"].as_str(), Some(answer.header("x-request-id")));
    told["error"].clone()
}

#[test]
fn nobody_comes_in_without_a_token() {
    on_both(|api| {
        let body = request("tools/list", json!({})).to_string();
        let ask = |headers: &[(&str, &str)]| {
            let all = [&[ACCEPT, ("Content-Type", "application/json")], headers].concat();
            rest::send(api.daemon.http(), "POST", "/mcp", &all, body.as_bytes())
        };
        for headers in [&[] as &[_], &[("Authorization", "Bearer muista_guessed")], &[("Authorization", "Basic YTpi")]]
        {
            let answer = ask(headers);
            let error = refusal(&answer, 401, "UNAUTHENTICATED");
            assert!(error["message"].as_str().unwrap().contains("token"), "{error}");
            // It names no place that would hand out tokens: there is none.
            assert!(answer.header("www-authenticate").starts_with("Bearer realm=\"muista\""));
            assert!(!answer.header("www-authenticate").contains("resource_metadata"));
        }
        let places = ["oauth-protected-resource", "oauth-protected-resource/mcp", "oauth-authorization-server"];
        for place in places.map(|place| format!("/.well-known/{place}")).iter().chain([&"/register".to_owned()]) {
            problem(&rest::send(api.daemon.http(), "GET", place, &[], b""), 404, "NOT_FOUND");
        }
    });
}

#[test]
fn there_are_no_sessions() {
    on_both(|api| {
        for method in ["GET", "DELETE", "PUT"] {
            let answer = api.request(method, "/mcp", &[ACCEPT], None);
            problem(&answer, 405, "METHOD_NOT_ALLOWED");
            assert_eq!(answer.header("allow"), "POST");
        }
        let begun = api.request("POST", "/mcp", &[ACCEPT], Some(&request("initialize", initialize("2025-06-18"))));
        assert_eq!((begun.status, begun.header("mcp-session-id")), (200, ""));
        assert_eq!(begun.header("content-type"), "application/json");
        assert_eq!(begun.json()["result"]["protocolVersion"], "2025-06-18");
        assert_eq!(tools(api).len(), 16);
    });
}

fn initialize(version: &str) -> Value {
    json!({"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}})
}

#[test]
fn only_known_pages_and_hosts_are_answered() {
    on_both_with(&[("MUISTA_WEB_ORIGINS", "https://tasks.example")], |api| {
        let status = |headers: &[(&str, &str)]| send(api, headers, "ping", json!({})).status;
        let own = format!("http://{}", api.daemon.http());
        assert_eq!(status(&[]), 200);
        assert_eq!(status(&[("Origin", &own)]), 200);
        assert_eq!(status(&[("Origin", "https://tasks.example")]), 200);
        for origin in ["http://evil.example", "null", "http://127.0.0.1:1", "https://tasks.example.evil.example"] {
            assert_eq!(status(&[("Origin", origin)]), 403, "{origin}");
        }
        let rebound = [("Host", "evil.example"), ("Origin", "http://evil.example")];
        problem(&send(api, &rebound, "ping", json!({})), 421, "WRONG_HOST");
    });
}

#[test]
fn what_is_not_the_protocol_is_refused() {
    on_both(|api| {
        let post = |body: &[u8]| api.raw("POST", "/mcp", &[ACCEPT, VERSION], body);
        assert_eq!(post(&vec![b' '; 2 << 20]).status, 413);
        for body in ["{", "[]", "\"x\"", "{\"jsonrpc\":\"2.0\",\"id\":1}", "\u{fffd}"] {
            let answer = post(body.as_bytes());
            assert!((400..500).contains(&answer.status), "{body}: {} {}", answer.status, answer.text());
        }
        let json = request("ping", json!({})).to_string();
        let plain = api.raw("POST", "/mcp", &[ACCEPT, ("Content-Type", "text/plain")], json.as_bytes());
        assert_eq!(plain.status, 415);
        let picky = api.raw("POST", "/mcp", &[("Accept", "text/html")], json.as_bytes());
        assert_eq!(picky.status, 406);
        for list in ["tools/list", "prompts/list", "resources/list", "resources/templates/list"] {
            let (code, message) = error(api, list, json!({"cursor": "\u{1b}x"}));
            assert_eq!((code, message.as_str()), (-32602, "unknown cursor: \\u{1b}x"), "{list}");
        }
        assert_eq!(error(api, "tools/call", json!({"name": "drop_tables"})).0, -32602);
        for params in [json!({"name": 5}), json!({"name": "list_tasks", "arguments": "{}"})] {
            let (code, message) = error(api, "tools/call", params);
            assert!(code == -32602 && message.contains("`arguments` is an object"), "{code} {message}");
        }
        assert_eq!(error(api, "tasks/obliterate", json!({})).0, -32601);
    });
}

#[test]
fn a_token_shows_the_tools_that_it_may_use() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "Buy milk"}));
        let reader = key(api, json!({"name": "reader", "scopes": ["tasks:read"]}));
        assert_eq!(tools(&reader), ["get_agenda", "list_tasks", "get_task", "list_reminders"]);
        assert_eq!(call(&reader, "list_tasks", json!({})).unwrap()["tasks"][0]["title"], "Buy milk");
        for (tool, arguments) in [
            ("complete_tasks", json!({"tasks": ["1"]})),
            ("delete_items", json!({"tasks": ["1"]})),
            ("list_jobs", json!({})),
            ("run_job", json!({"job": "backup"})),
        ] {
            let told = call(&reader, tool, arguments).unwrap_err();
            assert!(told.starts_with("FORBIDDEN: ") && told.contains("do not try again"), "{told}");
        }
        assert!(error(&reader, "resources/read", json!({"uri": "muista://jobs/backup"})).1.starts_with("FORBIDDEN"));
        assert_eq!(api.got("/tasks/1")["completed"], false);
        let writer = key(api, json!({"name": "writer", "scopes": ["tasks:write"]}));
        assert!(call(&writer, "delete_items", json!({"jobs": ["backup"]})).is_err());
    });
}

#[test]
fn an_agent_is_held_to_its_rate() {
    on_both(|api| {
        let zoe = key(api, json!({"name": "zoe", "role": "agent"}));
        let work = || send(&zoe, &[], "tools/call", json!({"name": "list_jobs", "arguments": {}}));
        let at_once = |many: usize, ask: &(dyn Fn() -> Answer + Sync)| -> Vec<Answer> {
            thread::scope(|scope| {
                let asked: Vec<_> = (0..many).map(|_| scope.spawn(ask)).collect();
                asked.into_iter().map(|answer| answer.join().unwrap()).collect()
            })
        };
        // More calls than five wait for their turn.
        let begun = Instant::now();
        assert!((0..8).all(|_| work().status == 200));
        assert!(begun.elapsed() >= Duration::from_millis(500), "{:?}", begun.elapsed());
        let answers = at_once(30, &work);
        let late = answers.iter().find(|answer| answer.status == 429).unwrap();
        let error = refusal(late, 429, "RATE_LIMITED");
        assert_eq!((&late.json()["id"], &error["data"]["retryAfter"]), (&json!(1), &json!(1)));
        assert!(error["message"].as_str().unwrap().contains("more than 5 requests in a second"), "{error}");
        assert_eq!((late.header("retry-after"), late.header("ratelimit-limit")), ("1", "5"));
        assert!(answers.iter().any(|answer| answer.status == 200));
    });
}

/// A client that connects anew for each call has each of them done: what it asks to connect is not counted with them.
#[test]
fn what_a_client_asks_as_it_connects_does_not_use_up_its_calls() {
    on_both(|api| {
        let zoe = key(api, json!({"name": "zoe", "role": "agent"}));
        let connect_and_call = || {
            let begun = send(&zoe, &[], "initialize", initialize("2025-11-25")).status;
            let notified = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
            let told = zoe.request("POST", "/mcp", &[ACCEPT, VERSION], Some(&notified)).status;
            let listed = send(&zoe, &[], "tools/list", json!({})).status;
            (begun, told, listed, call(&zoe, "list_tasks", json!({})).is_ok())
        };
        let all: Vec<_> = thread::scope(|scope| {
            let asked: Vec<_> = (0..4).map(|_| scope.spawn(connect_and_call)).collect();
            asked.into_iter().map(|asked| asked.join().unwrap()).collect()
        });
        assert_eq!(all, [(200, 202, 200, true); 4]);
        // They have a limit of their own.
        let mut pings = (0..400).map(|_| send(&zoe, &[], "ping", json!({})));
        let late = pings.find(|answer| answer.status == 429).unwrap();
        assert_eq!(late.header("ratelimit-limit"), "50");
        refusal(&late, 429, "RATE_LIMITED");
    });
}

#[test]
fn an_agent_makes_a_hundred_tasks_a_day() {
    on_both(|api| {
        let zoe = key(api, json!({"name": "zoe", "role": "agent"}));
        for round in 0..4 {
            let tasks: Vec<_> = (0..25).map(|at| json!({"title": format!("Task {round} {at}")})).collect();
            let made = call(&zoe, "create_tasks", json!({"tasks": tasks})).unwrap();
            assert_eq!(made["created"], 25, "{made}");
        }
        let told = call(&zoe, "create_tasks", json!({"tasks": [{"title": "One more"}]})).unwrap_err();
        assert!(told.starts_with("DAILY_LIMIT: "), "{told}");
        let entries = api.got("/audit?actor=zoe&limit=200")["items"].take();
        assert_eq!((&entries[0]["origin"], entries.as_array().unwrap().len()), (&json!("mcp"), 100));
    });
}

#[test]
fn sets_of_tools_are_asked_for_in_the_address() {
    on_both(|api| {
        let ask = |address: &str, method: &str, params: Value| {
            api.request("POST", address, &[ACCEPT, VERSION], Some(&request(method, params)))
        };
        let names = |address: &str| -> Vec<String> {
            let tools = expect(ask(address, "tools/list", json!({})), 200)["result"]["tools"].take();
            tools.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names("/mcp?tools=planning"), ["plan_tasks", "start_work", "stop_work", "explain_task"]);
        assert_eq!(names("/mcp?tools=default").len(), 16);
        assert_eq!(names("/mcp?tools=default%2CPlanning").len(), 20);
        api.made("/tasks", &json!({"title": "Buy milk"}));
        api.made("/fields", &json!({"name": "effort", "type": "number"}));
        let plan = json!({"name": "plan_tasks", "arguments": {"tasks": ["1"], "fields": ["effort=3"]}});
        expect(ask("/mcp?tools=planning", "tools/call", plan), 200);
        assert_eq!(api.got("/tasks/1")["fields"], json!({"effort": 3}));
        let work = json!({"name": "start_work", "arguments": {"task": "1"}});
        let unasked = ask("/mcp", "tools/call", work.clone()).json()["error"]["message"].take();
        assert!(unasked.as_str().unwrap().contains("/mcp?tools=default,planning"), "{unasked}");
        assert!(api.got("/tasks/1")["activeSince"].is_null());
        let started = expect(ask("/mcp?tools=planning", "tools/call", work), 200)["result"]["structuredContent"].take();
        assert_eq!(started["task"]["number"], 1);
        assert!(api.got("/tasks/1")["activeSince"].is_string());
        for (address, says) in [
            ("/mcp?tools=people", "the sets are default, planning"),
            ("/mcp?tools=", "the parameter tools has no value"),
            ("/mcp?tool=planning", "tool"),
        ] {
            let refused = ask(address, "initialize", initialize("2025-06-18"));
            let error = refusal(&refused, 422, "INVALID");
            assert!(error["message"].as_str().unwrap().contains(says), "{error}");
        }
    });
}
