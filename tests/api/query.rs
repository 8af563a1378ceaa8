//! The query language over a fixed set of forty tasks: each query gives the same tasks by REST, over MCP and in the terminal.

use serde_json::{Value, json};

use crate::mcp::call;
use crate::support::{Api, expect, on_both, refused};

/// Makes the tasks, which get the numbers 1 to 40.
fn fill(api: &Api) {
    for task in [
        json!({"title": "Buy cat food", "tags": ["home", "shop"], "project": "home", "priority": "HIGH",
            "category": "Shopping", "dueDate": "2031-03-01"}),
        json!({"title": "Feed the cat", "tags": ["home"], "project": "home.kitchen", "dueDate": "2031-03-02", "note": "dry food"}),
        json!({"title": "Write report", "tags": ["work"], "project": "acme", "priority": "HIGH", "category": "Work",
            "dueDate": "2031-03-03"}),
        json!({"title": "Review report", "tags": ["work", "later"], "project": "acme", "priority": "LOW",
            "category": "Work", "dependsOn": ["3"]}),
        json!({"title": "Call Ann", "tags": ["phone"], "dueDate": "yesterday"}),
        json!({"title": "Call Bob", "tags": ["phone", "later"]}),
        json!({"title": "Plan trip", "project": "travel", "category": "Travel", "description": "train or plane"}),
        json!({"title": "Book hotel", "project": "travel", "parentId": "7", "reminder": {"at": "2031-05-01 12:00"}}),
        json!({"title": "Book train", "project": "travel", "parentId": "7"}),
        json!({"title": "Pay rent", "priority": "HIGH", "category": "Finance", "dueDate": "2031-03-01", "every": "every month"}),
    ] {
        api.made("/tasks", &task);
    }
    expect(api.post("/tasks/6/comments", &json!({"text": "no answer"})), 201);
    for n in 11..=40 {
        let tags: Vec<&str> = [(n % 2 == 0, "even"), (n % 3 == 0, "third")]
            .into_iter()
            .filter_map(|(has, tag)| has.then_some(tag))
            .collect();
        let priority = ["LOW", "MEDIUM", "HIGH"][n % 3];
        let mut task = json!({"title": format!("Item {n}"), "tags": tags, "priority": priority});
        if n % 4 > 0 {
            task["project"] = json!(format!("p{}", n % 4));
        }
        if n % 5 > 0 {
            task["dueDate"] = json!(format!("2031-04-{:02}", n - 10));
        }
        api.made("/tasks", &task);
    }
    for n in [9, 14, 21, 28, 35] {
        api.patched(&format!("/tasks/{n}"), &json!({"completed": true}));
    }
}

/// Queries, and the numbers of the tasks that each gives.
const QUERIES: &[(&str, &str)] = &[
    ("", "1 2 3 4 5 6 7 8 10 11 12 13 15 16 17 18 19 20 22 23 24 25 26 27 29 30 31 32 33 34 36 37 38 39 40"),
    (
        "status:all",
        "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40",
    ),
    ("is:done", "9 14 21 28 35"),
    ("+home", "1 2"),
    ("-even -third", "1 2 3 4 5 6 7 8 10 11 13 17 19 23 25 29 31 37"),
    ("+even +third", "12 18 24 30 36"),
    ("+even or +third", "12 15 16 18 20 22 24 26 27 30 32 33 34 36 38 39 40"),
    ("(+even or +third) -project:p2", "12 15 16 20 24 27 32 33 36 39 40"),
    ("+even and not (+third or project:p2)", "16 20 32 40"),
    ("-(+even or +third) number>10", "11 13 17 19 23 25 29 31 37"),
    ("tag:home,phone", "1 2 5 6"),
    ("-tag:home,phone number<=10", "3 4 7 8 10"),
    ("tag:none number<10", "7 8"),
    ("has:tag number<10", "1 2 3 4 5 6"),
    ("tag:nosuch", ""),
    ("-tag:nosuch number<3", "1 2"),
    ("project:home", "1 2"),
    ("project:home!", "1"),
    ("project:HOME.kitchen", "2"),
    ("project:home,acme", "1 2 3 4"),
    ("-project:home number<5", "3 4"),
    ("project:none number<20", "5 6 10 12 16"),
    ("project:", "5 6 10 12 16 20 24 32 36 40"),
    ("has:project number<5", "1 2 3 4"),
    ("project:nosuch or number:1", "1"),
    ("@work", "3 4"),
    ("@work @finance", "3 4 10"),
    ("-category:personal,work", "1 7 10"),
    ("!high number<20", "1 3 10 11 17"),
    ("priority>=medium number<8", "1 2 3 5 6 7"),
    ("priority<medium", "4 12 15 18 24 27 30 33 36 39"),
    ("priority!=low number:1..6", "1 2 3 5 6"),
    ("pri:H +even", "20 26 32 38"),
    ("due:none", "4 6 7 8 15 20 25 30 40"),
    ("has:due number<10", "1 2 3 5"),
    ("due:2031-03-01", "1 10"),
    ("due<2031-04-05 due>=2031-03-02", "2 3 11 12 13"),
    ("due>2031-04-05 due<=2031-04-09", "16 17 18 19"),
    ("due:2031-03-01..2031-03-02", "1 2 10"),
    ("due.before:2031-03-02 -is:overdue", "1 10"),
    ("due.after:2031-04-25", "36 37 38 39"),
    ("is:overdue", "5"),
    ("+OVERDUE or +phone", "5 6"),
    ("-due>=2031-01-01 number<10", "4 5 6 7 8"),
    ("due:2031-03-01,2031-03-03", "1 3 10"),
    ("is:blocked", "4"),
    ("is:blocking", "3"),
    ("is:ready @work", "3"),
    ("is:recurring", "10"),
    ("is:subtask status:all", "8 9"),
    ("has:subtasks", "7"),
    ("parent:7", "8"),
    ("parent:7 (is:done or is:open)", "8 9"),
    ("is:done +even", "14 28"),
    ("is:done or +home", "1 2 9 14 21 28 35"),
    ("not is:open number<20", "9 14"),
    ("completed:today number>=30", "35"),
    ("completed:none number<4", "1 2 3"),
    ("created:today number<3", "1 2"),
    ("created<today", ""),
    ("has:note", "2"),
    ("has:description or has:comment", "6 7"),
    ("has:reminder", "8"),
    ("cat", "1 2"),
    ("cat FOOD", "1 2"),
    ("\"cat food\"", "1"),
    ("food -cat", "1 2"),
    ("food not text:buy", "2"),
    ("\"train or plane\"", "7"),
    ("report or (call -later)", "3 4 5"),
    ("number:1,3,38..40", "1 3 38 39 40"),
];

fn numbers(tasks: &Value) -> String {
    let mut numbers: Vec<i64> = tasks.as_array().unwrap().iter().map(|task| task["number"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn muista(api: &Api, words: &[&str]) -> Value {
    let output = api.sandbox.muista().arg("--socket").arg(api.daemon.socket()).args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_query_gives_the_same_tasks_everywhere() {
    on_both(|api| {
        fill(api);
        for (query, expected) in QUERIES {
            let q = if query.is_empty() { String::new() } else { format!("&q={}", encoded(query)) };
            let page = api.got(&format!("/tasks?limit=200&total=true{q}"));
            assert_eq!(numbers(&page["items"]), *expected, "REST: {query}");
            let count = expected.split_whitespace().count();
            assert_eq!(page["total"], count, "REST: {query}");
            let mut arguments = json!({"limit": 100});
            if !query.is_empty() {
                arguments["query"] = json!(query);
            }
            let found = call(api, "list_tasks", arguments).unwrap();
            assert_eq!(
                (numbers(&found["tasks"]), &found["total"]),
                ((*expected).to_owned(), &json!(count)),
                "MCP: {query}"
            );
            assert_eq!(numbers(&muista(api, &["query", query, "--json"])), *expected, "terminal: {query}");
            // As separate words the shell has taken the quotation marks off.
            if !query.is_empty() && !query.contains('"') {
                let words: Vec<&str> = ["ls", "--json"].into_iter().chain(query.split(' ')).collect();
                assert_eq!(numbers(&muista(api, &words)), *expected, "terminal, in words: {query}");
            }
        }
    });
}

#[test]
fn a_query_narrows_what_parameters_say() {
    on_both(|api| {
        fill(api);
        let found = |query: &str| numbers(&api.got(&format!("/tasks?limit=200&{query}"))["items"]);
        assert_eq!(found("tag=home&q=-project%3Ahome%21"), "2");
        assert_eq!(found("status=all&project=travel&q=number%3C9"), "7 8");
        assert_eq!(found("project=home"), "1 2");
        let next = muista(api, &["next", "(+home or +work)", "-later", "--json"]);
        assert_eq!(numbers(&next), "1 2 3");
        let exported = muista(api, &["export", "is:done", "+even"]);
        assert_eq!(numbers(&exported), "14 28");
    });
}

#[test]
fn a_query_that_is_wrong_says_where() {
    on_both(|api| {
        fill(api);
        for (query, told) in [
            ("+home or", "“or” at character 7 of the query: a condition is missing after it"),
            ("+home proyect:x", "there is no field “proyect” to filter by, in “proyect:x” at character 7 of the query"),
            ("priority:urgent", "“urgent” is not a priority"),
        ] {
            let refusal = refused(&api.get(&format!("/tasks?q={}", encoded(query))), "q");
            assert!(refusal.starts_with(told), "{refusal}");
            let refusal = call(api, "list_tasks", json!({"query": query})).unwrap_err();
            assert!(refusal.starts_with("INVALID (query)") && refusal.contains(told), "{refusal}");
            let output =
                api.sandbox.muista().arg("--socket").arg(api.daemon.socket()).args(["ls", query]).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{output:?}");
            assert!(String::from_utf8_lossy(&output.stderr).contains(told), "{output:?}");
        }
        let explained = muista(api, &["query", "+home due<2031-03-02", "--explain", "--json"]);
        assert_eq!(explained["matching"], 1, "{explained}");
        assert_eq!(explained["reading"], "is:open and tag:home and due:..2031-03-02T00:00:00Z", "{explained}");
        assert!(!explained["plan"].as_array().unwrap().is_empty(), "{explained}");
    });
}
