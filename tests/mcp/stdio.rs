//! `muista mcp` as a client's program starts it: what it writes on standard output is the protocol and nothing else, garbage
//! does not end it, a daemon that dies does not either, and it ends when its client goes.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::{Value, json};
use test_common::sandbox::Sandbox;

/// A started `muista mcp`.
struct Server {
    child: Child,
    answers: BufReader<ChildStdout>,
}

impl Server {
    fn start(sandbox: &Sandbox) -> Self {
        Self::start_with(sandbox, &[])
    }

    /// One with further flags.
    fn start_with(sandbox: &Sandbox, flags: &[&str]) -> Self {
        let mut command = sandbox.muista();
        command
            .args(["mcp", "--name", "zoe"])
            .args(flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let answers = BufReader::new(child.stdout.take().unwrap());
        Self { child, answers }
    }

    /// One that a client has greeted.
    fn greeted(sandbox: &Sandbox) -> Self {
        Self::greeted_by(sandbox, &json!({}))
    }

    /// One that a client with these capabilities has greeted.
    fn greeted_by(sandbox: &Sandbox, able: &Value) -> Self {
        Self::start(sandbox).welcomed(able)
    }

    /// The same, once a client with these capabilities has greeted it.
    fn welcomed(mut self, able: &Value) -> Self {
        let server = &mut self;
        let client = json!({"name": "test", "version": "1"});
        let hello = json!({"protocolVersion": "2025-06-18", "capabilities": able, "clientInfo": client});
        assert_eq!(server.ask(0, "initialize", &hello)["result"]["serverInfo"]["name"], "muista");
        server.write(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
        self
    }

    fn write(&mut self, line: &[u8]) {
        let stdin = self.child.stdin.as_mut().unwrap();
        stdin.write_all(line).unwrap();
        stdin.write_all(b"\n").unwrap();
        stdin.flush().unwrap();
    }

    /// The next line, which has to be a message.
    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let message: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        message
    }

    /// The answer to a request; what comes before it belongs to what was written before.
    fn ask(&mut self, id: u32, method: &str, params: &Value) -> Value {
        self.write(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string().as_bytes());
        loop {
            let answer = self.read();
            if answer["id"] == id {
                return answer;
            }
        }
    }

    /// What a tool answers.
    #[track_caller]
    fn call(&mut self, id: u32, tool: &str, arguments: Value) -> Value {
        let mut answer = self.ask(id, "tools/call", &json!({"name": tool, "arguments": arguments}));
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        answer["result"]["structuredContent"].take()
    }

    /// The client goes; returns what came after that, and what the program said to the user.
    fn left(mut self) -> (String, String) {
        drop(self.child.stdin.take());
        let (mut printed, mut told) = (String::new(), String::new());
        self.answers.read_to_string(&mut printed).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert!(self.child.wait().unwrap().success(), "{told}");
        (printed, told)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only for a child that has been waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn it_ends_when_its_client_goes() {
    let sandbox = Sandbox::new();
    let _daemon = sandbox.daemon([] as [&str; 0]);
    assert_eq!(Server::start(&sandbox).left(), Default::default());
    let mut server = Server::greeted(&sandbox);
    // What was asked before is still done and answered.
    let last = json!({"name": "create_tasks", "arguments": {"tasks": [{"title": "Last words"}]}});
    server.write(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": last}).to_string().as_bytes());
    let (printed, told) = server.left();
    assert!(printed.contains("\"created\":1") && told.is_empty(), "{printed}\n{told}");
}

#[test]
fn garbage_does_not_end_it() {
    let sandbox = Sandbox::new();
    let _daemon = sandbox.daemon([] as [&str; 0]);
    let mut server = Server::greeted(&sandbox);
    for garbage in [b"hello" as &[_], b"", b"\xff\xfe{", b"[]", b"{\"jsonrpc\":\"1.0\"}", &[b'['; 100_000]] {
        server.write(garbage);
        assert_eq!(server.call(7, "list_tasks", json!({}))["total"], 0);
    }
    assert_eq!(server.left(), Default::default());
}

#[test]
fn a_daemon_may_die_and_come_again() {
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon([] as [&str; 0]);
    let mut server = Server::greeted(&sandbox);
    server.call(1, "create_tasks", json!({"tasks": [{"title": "One"}]}));
    daemon.kill9();
    assert_eq!(server.call(2, "list_tasks", json!({}))["total"], 1);
    let daemon = sandbox.daemon([] as [&str; 0]);
    server.call(3, "create_tasks", json!({"tasks": [{"title": "Two"}]}));
    daemon.kill9();
    let daemon = sandbox.daemon([] as [&str; 0]);
    assert_eq!(server.call(4, "list_tasks", json!({}))["total"], 2);
    assert_eq!(server.left(), Default::default());
    drop(daemon);
}

#[test]
fn a_daemon_that_comes_later_is_found() {
    let sandbox = Sandbox::new().with_env("MUISTA_EMAIL_HOST", "127.0.0.1").with_env("MUISTA_EMAIL_TO", "a@b.example");
    let mut server = Server::greeted(&sandbox);
    let remind = json!({"tasks": [{"title": "One", "remind": "tomorrow"}]});
    let told = |facts: Value| facts["results"][0]["notices"].to_string();
    assert!(told(server.call(1, "create_tasks", remind.clone())).contains("no daemon is running"));
    let daemon = sandbox.daemon([] as [&str; 0]);
    assert_eq!(told(server.call(2, "create_tasks", remind.clone())), "null");
    daemon.kill9();
    assert!(told(server.call(3, "create_tasks", remind.clone())).contains("no daemon is running"));
    let daemon = sandbox.daemon([] as [&str; 0]);
    assert_eq!(told(server.call(4, "create_tasks", remind)), "null");
    assert_eq!(server.call(5, "list_tasks", json!({}))["total"], 4);
    // There was no database before.
    let (printed, told) = server.left();
    assert!(printed.is_empty() && told.starts_with("Made a new database") && told.lines().count() == 1, "{told}");
    drop(daemon);
}

#[test]
fn what_the_client_gave_up_is_not_deleted_whatever_is_answered_later() {
    let sandbox = Sandbox::new();
    let _daemon = sandbox.daemon([] as [&str; 0]);
    let mut server = Server::greeted_by(&sandbox, &json!({"elicitation": {}}));
    server.call(1, "create_tasks", json!({"tasks": [{"title": "One"}, {"title": "Two"}]}));
    let asked = |server: &mut Server, id: u32, task: &str| {
        let call = json!({"name": "delete_items", "arguments": {"tasks": [task]}});
        server
            .write(json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": call}).to_string().as_bytes());
        let question = server.read();
        assert_eq!(question["method"], "elicitation/create", "{question}");
        question["id"].clone()
    };
    let agreed = |id: Value| {
        json!({"jsonrpc": "2.0", "id": id, "result": {"action": "accept", "content": {"confirm": true}}}).to_string()
    };
    let question = asked(&mut server, 2, "1");
    let given_up = json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 2}});
    server.write(given_up.to_string().as_bytes());
    server.write(agreed(question).as_bytes());
    assert_eq!(server.call(3, "list_tasks", json!({}))["total"], 2);
    let question = asked(&mut server, 4, "2");
    server.write(agreed(question).as_bytes());
    let gone = server.read();
    assert_eq!((&gone["id"], &gone["result"]["structuredContent"]["deleted"]), (&json!(4), &json!(1)), "{gone}");
    assert_eq!(server.call(5, "list_tasks", json!({}))["tasks"][0]["title"], "One");
}

#[test]
fn sets_of_tools_are_asked_for_as_it_is_started() {
    let sandbox = Sandbox::new();
    let started = |flags: &[&str]| Server::start_with(&sandbox, flags).welcomed(&json!({}));
    let names = |server: &mut Server| -> Vec<String> {
        let tools = server.ask(1, "tools/list", &json!({}))["result"]["tools"].take();
        tools.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap().to_owned()).collect()
    };
    let planning = ["plan_tasks", "start_work", "stop_work", "explain_task"];
    assert_eq!(names(&mut started(&["--tools", "planning"])), planning);
    let mut usual = started(&[]);
    assert_eq!(names(&mut usual).len(), 16);
    let unasked = usual.ask(2, "tools/call", &json!({"name": "start_work", "arguments": {"task": "1"}}));
    let told = unasked["error"]["message"].as_str().unwrap();
    assert!(told.contains("start muista mcp --tools default,planning"), "{told}");

    let mut both = started(&["--tools", "default,planning"]);
    assert_eq!(names(&mut both).len(), 20);
    let new = json!({"tasks": [{"title": "Paint the fence", "estimate": "PT3H", "deadline": "2027-05-01", "start": "2026-01-02"}]});
    let made = both.call(2, "create_tasks", new)["results"][0].take();
    assert_eq!((&made["estimate"], &made["deadlineOn"]), (&json!("PT3H"), &json!("2027-05-01")));
    // As clients write it that leave out by null, and send lists as text.
    let plan =
        json!({"tasks": "[\"1\"]", "where": null, "due": null, "position": 7, "estimate": "none", "start": "none"});
    let planned = both.call(3, "plan_tasks", plan)["tasks"][0].take();
    assert_eq!(
        (&planned["position"], &planned["estimate"], &planned["startOn"]),
        (&json!(7), &Value::Null, &Value::Null)
    );
    assert!(both.call(4, "start_work", json!({"task": 1, "keep": null}))["task"]["activeSince"].is_string());
    let explained = both.call(5, "explain_task", json!({"task": "fence"}));
    assert!(explained["urgency"].is_f64() && explained["why"].as_str().unwrap().contains("priority"), "{explained}");
    assert_eq!(both.call(6, "stop_work", json!({}))["tasks"][0]["number"], 1);
}

#[test]
fn a_set_that_there_is_not_is_refused() {
    let sandbox = Sandbox::new();
    for sets in ["people", "default,", "default;planning"] {
        let refused = sandbox.muista().args(["mcp", "--tools", sets]).output().unwrap();
        let told = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{told}");
        assert!(told.contains("there is no set of tools") && told.contains("default, planning"), "{told}");
    }
}
