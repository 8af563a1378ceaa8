//! Fifteen errands as an agent runs them over MCP, one after the other: how many calls each takes, and how many tokens of
//! answers a model has to read. A token is taken to be four characters, which is about what models make of English and
//! JSON. The table in docs/AGENTS.md comes from here; UPDATE=1 writes it anew.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Api, on_both_with};

/// Fails the first time, and says why.
const BACKUP: &str = "#!/bin/sh\nif [ -e done ]; then echo 'saved 3 files'; exit 0; fi\n: >done\n\
    echo 'backup: no space left on /mnt/usb' >&2\nexit 28\n";
/// The most calls that all errands may take together, and the most tokens of answers.
const CALLS_MAX: usize = 20;
const TOKENS_MAX: usize = 5_000;
/// How many tokens an errand may differ from the table by: how urgent a task is has more digits at some times.
const TOLERANCE: usize = 15;

/// An agent with an errand to run.
struct Agent<'a> {
    api: &'a Api,
    calls: Vec<&'static str>,
    tokens: usize,
    /// What a later errand needs of an earlier one.
    change: Value,
}

impl Agent<'_> {
    /// Calls a tool, which must do what is asked; what it answers.
    #[track_caller]
    fn call(&mut self, tool: &'static str, arguments: Value) -> Value {
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments}});
        let headers = [("Accept", "application/json, text/event-stream"), ("MCP-Protocol-Version", "2025-06-18")];
        let answer = self.api.request("POST", "/mcp", &headers, Some(&request));
        let result = answer.json()["result"].clone();
        assert_eq!(result["isError"], false, "{tool}: {}", answer.text());
        let text = result["content"][0]["text"].as_str().unwrap();
        assert_eq!(text.parse::<Value>().unwrap(), result["structuredContent"], "{tool}");
        self.calls.push(tool);
        self.tokens += text.chars().count().div_ceil(4);
        result["structuredContent"].clone()
    }
}

/// The titles of the tasks in a list.
fn titles(tasks: &Value) -> Vec<&str> {
    tasks.as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap()).collect()
}

type Errand = (&'static str, fn(&mut Agent<'_>));

const ERRANDS: [Errand; 15] = [
    ("What is on today?", |agent| {
        let agenda = agent.call("get_agenda", json!({}));
        assert_eq!(titles(&agenda["overdue"]), ["File the taxes", "Return the books", "Renew the visa"]);
        assert_eq!(titles(&agenda["due"]), ["Water the plants"]);
        assert_eq!(titles(&agenda["undated"])[0], "Read the contract");
    }),
    ("Move everything overdue to Friday, but not the taxes", |agent| {
        let moved = agent
            .call("update_task", json!({"where": {"due": "overdue"}, "except": ["File the taxes"], "due": "friday"}));
        assert_eq!(titles(&moved["tasks"]), ["Return the books", "Renew the visa"]);
        assert_eq!(moved["tasks"][0]["dueOn"], moved["tasks"][1]["dueOn"]);
    }),
    (
        "Call the plumber tomorrow at 9, send the invoice by the end of the month, and water the cactus every second week",
        |agent| {
            let tasks = json!([
                {"title": "Call the plumber", "due": "tomorrow 9:00"}, {"title": "Send the invoice", "due": "end of month"},
                {"title": "Water the cactus", "every": "every 2 weeks"},
            ]);
            assert_eq!(agent.call("create_tasks", json!({"tasks": tasks}))["created"], 3);
        },
    ),
    ("Remind me one hour before the dentist", |agent| {
        let set = agent.call("set_reminder", json!({"task": "Dentist", "at": "one hour before"}));
        assert_eq!(set["reminders"][0]["schedule"], "-PT1H");
    }),
    ("I bought the cat food and paid the rent", |agent| {
        let done = agent.call("complete_tasks", json!({"tasks": ["buy cat food", "Pay the rent"]}));
        assert_eq!(titles(&done["tasks"]), ["Buy cat food", "Pay the rent"]);
    }),
    ("Milk is there twice: delete one", |agent| {
        let milk = agent.call("list_tasks", json!({"search": "buy milk"}));
        let gone = agent.call("delete_items", json!({"tasks": [milk["tasks"][1]["number"]]}));
        assert_eq!(gone["deleted"], 1);
    }),
    ("Why did the backup fail?", |agent| {
        let run = agent.call("get_run", json!({"run": "backup"}));
        assert_eq!((&run["run"]["status"], &run["run"]["exitCode"]), (&json!("failed"), &json!(28)));
        assert_eq!(run["run"]["attempt"], "1 of 1");
        assert!(run["log"].as_str().unwrap().contains("no space left"));
    }),
    ("Run it again", |agent| {
        let run = agent.call("run_job", json!({"job": "backup", "wait_seconds": 30}));
        assert_eq!((&run["run"]["status"], &run["log"]), (&json!("completed"), &json!("saved 3 files\n")));
    }),
    ("What did I finish in the last 7 days?", |agent| {
        let done = agent.call("list_tasks", json!({"completed": "last 7 days", "sort": "number"}));
        assert_eq!(titles(&done["tasks"]), ["Buy cat food", "Pay the rent"]);
    }),
    ("Tag what is tagged shop as errand instead", |agent| {
        let changes = json!({"where": {"tags": ["shop"]}, "add_tags": ["errand"], "remove_tags": ["shop"]});
        let changed = agent.call("update_task", changes);
        assert_eq!(changed["changed"], 6, "{changed}");
        agent.change = changed["changeId"].clone();
    }),
    ("No, undo that", |agent| {
        let change = agent.change.take();
        assert_eq!(agent.call("update_task", json!({"undo": change}))["undone"], 6);
    }),
    ("What are the five most urgent things, and why?", |agent| {
        let tasks = agent.call("list_tasks", json!({"sort": "urgency", "limit": 5}))["tasks"].take();
        assert_eq!((titles(&tasks).len(), titles(&tasks)[0]), (5, "File the taxes"));
        assert!(tasks[0]["why"].as_str().unwrap().contains("priority 6"), "{tasks}");
    }),
    ("Water the cactus on Mondays from now on", |agent| {
        let moved =
            agent.call("update_task", json!({"tasks": ["Water the cactus"], "every": "every monday", "due": "monday"}));
        assert_eq!(moved["tasks"][0]["recurrence"], "every monday");
    }),
    ("What waits for something else?", |agent| {
        let tasks = agent.call("list_tasks", json!({"blocked": true}))["tasks"].take();
        assert_eq!((titles(&tasks), &tasks[0]["dependsOn"]), (vec!["Sign the contract"], &json!([5])));
    }),
    ("Plan my week", |agent| {
        let agenda = agent.call("get_agenda", json!({"day": "next 7 days"}));
        assert_eq!(titles(&agenda["overdue"]), ["File the taxes"]);
        assert!(titles(&agenda["due"]).contains(&"Dentist"), "{agenda}");
    }),
];

/// What there is before the errands.
fn prepare(api: &Api) {
    for task in [
        json!({"title": "File the taxes", "dueDate": "20 days ago", "priority": "HIGH"}),
        json!({"title": "Return the books", "dueDate": "3 days ago", "project": "library"}),
        json!({"title": "Renew the visa", "dueDate": "yesterday"}),
        json!({"title": "Water the plants", "dueDate": "today"}),
        json!({"title": "Read the contract", "priority": "HIGH", "category": "Work"}),
        json!({"title": "Sign the contract", "dependsOn": ["5"]}),
        json!({"title": "Dentist", "dueDate": "in 2 days 14:00"}),
        json!({"title": "Buy cat food"}),
        json!({"title": "Pay the rent"}),
        json!({"title": "Buy milk", "tags": ["shop"]}),
        json!({"title": "Buy milk", "tags": ["shop"]}),
        json!({"title": "Buy bread", "tags": ["shop"]}),
        json!({"title": "Buy stamps", "tags": ["shop"]}),
        json!({"title": "Buy a bulb", "tags": ["shop"]}),
        json!({"title": "Buy paint", "tags": ["shop"]}),
        json!({"title": "Buy soap", "tags": ["shop"]}),
    ] {
        api.made("/tasks", &task);
    }
    let folder = api.sandbox.config_file().parent().unwrap().join("scripts");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("backup"), BACKUP).unwrap();
    fs::set_permissions(folder.join("backup"), fs::Permissions::from_mode(0o755)).unwrap();
    api.made("/jobs", &json!({"name": "backup", "script": "backup", "maxRetries": 0}));
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "run_job", "arguments": {"job": "backup", "wait_seconds": 30}}});
    let headers = [("Accept", "application/json, text/event-stream")];
    let failed = api.request("POST", "/mcp", &headers, Some(&request)).json();
    assert_eq!(failed["result"]["structuredContent"]["run"]["status"], "failed", "{failed}");
}

#[test]
fn fifteen_errands_take_few_calls_and_few_tokens() {
    // Without a recipient each answer about a reminder would say so.
    let variables = [
        ("MUISTA_TIMEZONE", "Europe/Helsinki"),
        ("MUISTA_EMAIL_HOST", "127.0.0.1"),
        ("MUISTA_EMAIL_TO", "a@example.org"),
    ];
    on_both_with(&variables, |api| {
        prepare(api);
        let mut agent = Agent { api, calls: Vec::new(), tokens: 0, change: Value::Null };
        let (mut lines, mut calls, mut tokens) = (Vec::new(), 0, 0);
        for (name, run) in ERRANDS {
            run(&mut agent);
            lines.push((format!("| {name} | `{}` |", agent.calls.join("`, `")), agent.tokens));
            calls += std::mem::take(&mut agent.calls).len();
            tokens += std::mem::take(&mut agent.tokens);
        }
        assert!(calls <= CALLS_MAX && tokens <= TOKENS_MAX, "{calls} calls, {tokens} tokens: {lines:?}");
        lines.push((format!("| All of them | {calls} calls |"), tokens));
        compare(&lines);
    });
}

/// Compares the table with the one in docs/AGENTS.md, or writes it there.
fn compare(lines: &[(String, usize)]) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/AGENTS.md");
    let document = fs::read_to_string(&file).unwrap();
    let (begin, end) = ("<!-- errands: tests/api/errand.rs -->\n", "<!-- /errands -->");
    let (before, rest) = document.split_once(begin).unwrap();
    let (there, after) = rest.split_once(end).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        let head = "| errand | calls | tokens |\n|---|---|---|\n";
        let table: String = lines.iter().map(|(line, tokens)| format!("{line} {tokens} |\n")).collect();
        fs::write(&file, format!("{before}{begin}{head}{table}{end}{after}")).unwrap();
        return;
    }
    let written: Vec<&str> = there.lines().skip(2).collect();
    assert_eq!(written.len(), lines.len(), "run it with UPDATE=1 to write the table anew");
    for (written, (line, tokens)) in written.iter().zip(lines) {
        let told = written.strip_prefix(line.as_str()).unwrap_or_else(|| panic!("{written} is not {line}; UPDATE=1"));
        let told: usize = told.trim_matches([' ', '|']).parse().unwrap();
        let most = TOLERANCE * if line.starts_with("| All of them") { lines.len() } else { 1 };
        assert!(told.abs_diff(*tokens) <= most, "{written}: {tokens}; UPDATE=1 writes the table anew");
    }
}
