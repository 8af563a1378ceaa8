//! Ten errands as an agent runs them over MCP: how many calls each takes, and how many bytes of answers a model has to
//! read. The table in docs/AGENTS.md comes from here; UPDATE=1 writes it anew.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Api, on_both_with};

/// Fails the first time, and says why.
const BACKUP: &str = "#!/bin/sh\nif [ -e done ]; then echo 'saved 3 files'; exit 0; fi\n: >done\n\
    echo 'backup: no space left on /mnt/usb' >&2\nexit 28\n";
/// The most calls that an errand may take.
const CALLS_MAX: usize = 3;

/// An agent with an errand to run.
struct Agent<'a> {
    api: &'a Api,
    calls: Vec<&'static str>,
    bytes: usize,
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
        self.bytes += text.len();
        result["structuredContent"].clone()
    }
}

/// The titles of the tasks in a list.
fn titles(tasks: &Value) -> Vec<&str> {
    tasks.as_array().unwrap().iter().map(|task| task["title"].as_str().unwrap()).collect()
}

fn numbers(tasks: &Value) -> Value {
    tasks.as_array().unwrap().iter().map(|task| task["number"].clone()).collect()
}

type Errand = (&'static str, fn(&mut Agent<'_>));

const ERRANDS: [Errand; 10] = [
    ("Plan today", |agent| {
        let agenda = agent.call("get_agenda", json!({}));
        assert_eq!(titles(&agenda["overdue"]), ["File the taxes", "Return the books"]);
        assert_eq!(titles(&agenda["due"]), ["Water the plants"]);
        assert_eq!(titles(&agenda["undated"])[0], "Read the contract");
    }),
    ("What is overdue?", |agent| {
        let late = agent.call("list_tasks", json!({"due": "overdue"}));
        assert_eq!((titles(&late["tasks"]).len(), &late["total"]), (2, &json!(2)));
    }),
    ("Add five tasks with dates in words", |agent| {
        let tasks = json!([
            {"title": "Call the plumber", "due": "tomorrow 9:00"}, {"title": "Send the invoice", "due": "end of month"},
            {"title": "Team lunch", "due": "next friday 12:00", "remind": "1h before"},
            {"title": "Water the cactus", "every": "every 2 weeks"}, {"title": "Renew the passport", "due": "in 3 months"},
        ]);
        assert_eq!(agent.call("create_tasks", json!({"tasks": tasks}))["created"], 5);
    }),
    ("Move everything overdue to Friday", |agent| {
        let late = agent.call("list_tasks", json!({"due": "overdue"}));
        let moved = agent.call("update_task", json!({"tasks": numbers(&late["tasks"]), "due": "friday"}));
        let dues: Vec<_> = moved["tasks"].as_array().unwrap().iter().map(|task| task["dueOn"].clone()).collect();
        assert!(dues.len() == 2 && dues[0] == dues[1] && dues[0].is_string(), "{moved}");
        assert!(moved["tasks"].to_string().contains("every month"), "a reschedule keeps the recurrence: {moved}");
    }),
    ("Remind me one hour before the dentist", |agent| {
        let set = agent.call("set_reminder", json!({"task": "Dentist", "at": "1 hour before"}));
        assert_eq!(set["reminders"][0]["schedule"], "-PT1H");
    }),
    ("Complete two by title", |agent| {
        let done = agent.call("complete_tasks", json!({"tasks": ["buy cat food", "Pay the rent"]}));
        assert_eq!(titles(&done["tasks"]), ["Buy cat food", "Pay the rent"]);
    }),
    ("What did I finish this week?", |agent| {
        let done = agent.call("list_tasks", json!({"completed": "this week", "sort": "number"}));
        assert_eq!(titles(&done["tasks"]), ["Buy cat food", "Pay the rent"]);
    }),
    ("Why did the backup job fail?", |agent| {
        let run = agent.call("get_run", json!({"run": "backup"}));
        assert_eq!((&run["run"]["status"], &run["run"]["exitCode"]), (&json!("failed"), &json!(28)));
        assert!(run["log"].as_str().unwrap().contains("no space left"));
    }),
    ("Run it again and wait", |agent| {
        let run = agent.call("run_job", json!({"job": "backup", "wait_seconds": 30}));
        assert_eq!(run["run"]["status"], "completed");
        assert_eq!(run["log"], "saved 3 files\n");
    }),
    ("Delete the duplicates", |agent| {
        let milk = agent.call("list_tasks", json!({"search": "buy milk", "sort": "number"}));
        let numbers = numbers(&milk["tasks"]);
        let gone = agent.call("delete_items", json!({"tasks": &numbers.as_array().unwrap()[1..]}));
        assert_eq!(gone["deleted"], 2);
    }),
];

/// What there is before the errands.
fn prepare(api: &Api) {
    for task in [
        json!({"title": "File the taxes", "dueDate": "3 days ago", "every": "every month", "priority": "HIGH"}),
        json!({"title": "Return the books", "dueDate": "yesterday", "project": "library"}),
        json!({"title": "Water the plants", "dueDate": "today"}),
        json!({"title": "Read the contract", "priority": "HIGH", "category": "Work"}),
        json!({"title": "Dentist", "dueDate": "in 2 days 14:00"}),
        json!({"title": "Buy cat food", "tags": ["shop"]}),
        json!({"title": "Pay the rent"}),
        json!({"title": "Buy milk"}),
        json!({"title": "Buy milk"}),
        json!({"title": "Buy milk", "tags": ["shop"]}),
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
fn ten_errands_take_few_calls_and_few_bytes() {
    // Without a recipient each answer about a reminder would say so.
    let variables = [
        ("MUISTA_TIMEZONE", "Europe/Helsinki"),
        ("MUISTA_EMAIL_HOST", "127.0.0.1"),
        ("MUISTA_EMAIL_TO", "a@example.org"),
    ];
    on_both_with(&variables, |api| {
        prepare(api);
        let mut table = "| errand | calls | bytes |\n|---|---|---|\n".to_owned();
        for (name, run) in ERRANDS {
            let mut agent = Agent { api, calls: Vec::new(), bytes: 0 };
            run(&mut agent);
            assert!(agent.calls.len() <= CALLS_MAX, "{name}: {:?}", agent.calls);
            table += &format!("| {name} | `{}` | {} |\n", agent.calls.join("`, `"), agent.bytes);
        }
        compare(&table);
    });
}

/// Compares the table with the one in docs/AGENTS.md, or writes it there.
fn compare(table: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/AGENTS.md");
    let document = fs::read_to_string(&file).unwrap();
    let (begin, end) = ("<!-- errands: tests/api/errand.rs -->\n", "<!-- /errands -->");
    let (before, rest) = document.split_once(begin).unwrap();
    let (there, after) = rest.split_once(end).unwrap();
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&file, format!("{before}{begin}{table}{end}{after}")).unwrap();
    } else {
        assert_eq!(there, table, "run it with UPDATE=1 to write the table anew");
    }
}
