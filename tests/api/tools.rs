//! What the tools of `/mcp` do at their edges: which task a title names, lists that go on, results that have to be cut, and
//! changes of which a part cannot be made.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use crate::mcp::{call, key, result};
use crate::support::{Api, Client, expect, on_both};

const NOBODY: &str = "0199c0de-0000-7000-8000-000000000007";

/// Registers scripts, and makes a job of each.
fn jobs(api: &Api, scripts: &[(&str, &str)]) {
    let folder = api.sandbox.config_file().parent().unwrap().join("scripts");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    for (name, script) in scripts {
        fs::write(folder.join(name), script).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        api.made("/jobs", &json!({"name": name, "script": name}));
    }
}

fn titled(api: &Client, titles: &[&str]) {
    titles.iter().for_each(|title| drop(api.made("/tasks", &json!({"title": title}))));
}

fn open(api: &Client) -> usize {
    api.got("/tasks")["items"].as_array().unwrap().len()
}

/// The number of the task that a name leads to.
#[track_caller]
fn number(client: &Client, name: &str) -> Value {
    call(client, "get_task", json!({"task": name})).unwrap()["task"]["number"].take()
}

#[test]
fn a_list_by_title_goes_on_whatever_the_texts() {
    on_both(|api| {
        for at in 0..45 {
            let (title, note) = (format!("{}{at}", "Ж".repeat(900)), "note ".repeat(1_000));
            api.made(
                "/tasks",
                &json!({"title": if at % 2 == 0 { title } else { format!("Short {at}") }, "note": note}),
            );
        }
        let (mut seen, mut cursor) = (Vec::new(), Value::Null);
        loop {
            let page = json!({"sort": "title,-created", "limit": 20, "cursor": cursor});
            let answer = result(api, "tools/call", json!({"name": "list_tasks", "arguments": page}));
            assert!(answer.to_string().chars().count() <= 10_000, "{answer}");
            let facts = &answer["structuredContent"];
            seen.extend(facts["tasks"].as_array().unwrap().iter().map(|task| task["number"].as_i64().unwrap()));
            cursor = facts["nextCursor"].clone();
            if cursor.is_null() {
                break;
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, (1..=45).collect::<Vec<_>>());
        let told = call(api, "list_tasks", json!({"cursor": "7b22"})).unwrap_err();
        assert!(told.starts_with("INVALID (cursor)"), "{told}");
    });
}

#[test]
fn an_open_task_is_named_by_its_title() {
    on_both(|api| {
        // What was done long ago does not stand before what is to be done, and a note is no title.
        titled(api, &["Water plants"; 60]);
        let done: Vec<_> = (1..=60).collect();
        call(api, "complete_tasks", json!({"tasks": done})).unwrap();
        api.made("/tasks", &json!({"title": "Water plants", "note": "in\nthe hall", "dueDate": "in 3 years"}));
        api.made("/tasks", &json!({"title": "Holiday", "note": "who will water plants?"}));
        assert_eq!((number(api, "water PLANTS"), number(api, "plants")), (json!(61), json!(61)));
        // The whole title goes before a part, and a part that several have names none.
        titled(api, &["Call Ann", "Call Anna", "Twin 100%", "Twin 100%", "Twin 100x"]);
        assert_eq!(number(api, "call ann"), 63);
        for (name, many) in [("call", "several"), ("twin 100%", "2")] {
            let told = call(api, "update_task", json!({"tasks": [name], "note": "x"})).unwrap_err();
            assert!(told.starts_with("CONFLICT") && told.contains(&format!("one of {many} tasks")), "{told}");
        }
        // What reads as another kind of name.
        titled(api, &["#errand", "errand", "#3", "2099", "cafebabe"]);
        for (name, task) in [("#errand", 68), ("errand", 69), ("#3", 70), ("#63", 63), ("2099", 71), ("CAFEBABE", 72)] {
            assert_eq!(number(api, name), task, "{name}");
        }
        assert!(call(api, "get_task", json!({"task": "2098"})).unwrap_err().starts_with("NOT_FOUND: no task 2098"));
        // Nothing is deleted by a part of its title.
        let told = call(api, "delete_items", json!({"tasks": ["plants"]})).unwrap_err();
        assert!(told.contains("a part of the title of task 61 “Water plants”"), "{told}");
        let gone = call(api, "delete_items", json!({"tasks": ["water plants"]})).unwrap();
        assert_eq!(gone["tasks"], json!([{"number": 61, "title": "Water plants"}]));
    });
}

#[test]
fn what_cannot_be_deleted_whole_is_not_begun() {
    on_both(|api| {
        titled(api, &["Buy milk"]);
        jobs(api, &[("backup", "#!/bin/sh\n")]);
        let zoe = key(api, json!({"name": "zoe", "scopes": ["tasks:read", "tasks:write", "jobs:read"]}));
        let told = call(&zoe, "delete_items", json!({"tasks": ["1"], "jobs": ["backup"]})).unwrap_err();
        assert!(told.starts_with("FORBIDDEN") && told.contains("jobs:write"), "{told}");
        for more in [json!({"reminders": [NOBODY]}), json!({"jobs": ["nothing"]}), json!({"tasks": ["1", "99"]})] {
            let mut items = json!({"tasks": ["1"]});
            more.as_object().unwrap().iter().for_each(|(kind, names)| items[kind] = names.clone());
            assert!(call(api, "delete_items", items).unwrap_err().starts_with("NOT_FOUND"), "{more}");
        }
        assert_eq!(open(api), 1);
        let set = call(api, "set_reminder", json!({"task": "1", "at": "tomorrow"})).unwrap();
        let items = json!({"tasks": ["1", "Buy milk"], "reminders": [set["reminders"][0]["id"]], "jobs": ["backup"]});
        assert_eq!(call(api, "delete_items", items).unwrap()["deleted"], 3);
    });
}

#[test]
fn each_task_is_made_for_itself() {
    on_both(|api| {
        let tasks = json!([{"title": "a"}, {"due": "friday"}, {"title": "c", "colour": 1}, 7, {"title": "e"}]);
        let made = call(api, "create_tasks", json!({"tasks": tasks})).unwrap();
        assert_eq!((&made["created"], &made["failed"]), (&json!(2), &json!(3)));
        assert_eq!((&made["results"][0]["number"], &made["results"][4]["number"]), (&json!(1), &json!(2)));
        for (at, field) in [(1, "(title)"), (2, "(colour)"), (3, "(tasks)")] {
            let told = made["results"][at]["error"].as_str().unwrap();
            assert!(told.contains(field) && !told.contains("nothing was changed"), "{told}");
        }
        let none =
            call(api, "create_tasks", json!({"tasks": [{"title": ""}, {"title": "b", "due": "Bob's"}]})).unwrap_err();
        assert!(none.contains("1. INVALID (title)") && none.contains("2. INVALID (due)"), "{none}");
        assert!(none.contains("Bob's"), "{none}");
        let long =
            call(api, "create_tasks", json!({"tasks": vec![json!({"title": "x".repeat(9_000)}); 25]})).unwrap_err();
        assert!(long.chars().count() < 10_000 && long.contains("25. INVALID"), "{long}");
    });
}

#[test]
fn what_clients_write_in_their_own_way_is_taken_as_meant() {
    on_both(|api| {
        let text = json!([{"title": "A", "due": "tomorrow", "tags": "[\"home\"]", "every": null}]).to_string();
        let made = call(api, "create_tasks", json!({"tasks": text})).unwrap();
        assert_eq!((&made["created"], &made["results"][0]["title"]), (&json!(1), &json!("A")));
        assert_eq!(made["results"][0]["tags"], json!(["home"]));
        let made = call(api, "create_tasks", json!({"tasks": ["{\"title\": \"B\"}", "C"]})).unwrap();
        assert_eq!((&made["results"][0]["title"], &made["results"][1]["title"]), (&json!("B"), &json!("C")));
        for (tool, arguments) in [
            ("complete_tasks", json!({"tasks": "[\"A\", 2]", "reopen": null})),
            ("list_reminders", json!({"task": null, "all": null, "limit": null, "cursor": null})),
            ("set_reminder", json!({"task": "C", "at": "tomorrow 9:00", "add": null, "channels": null, "nag": null})),
            ("update_task", json!({"tasks": "[3]", "add_tags": "[\"x\"]", "priority": "high", "note": null})),
            ("delete_items", json!({"tasks": "[1]", "reminders": null, "jobs": "[]"})),
        ] {
            call(api, tool, arguments.clone()).unwrap_or_else(|told| panic!("{tool} {arguments}: {told}"));
        }
        assert_eq!(open(api), 1);
        for (tool, arguments, field, says) in [
            ("create_tasks", json!({"tasks": "[{\"title\": \"A\""}), "tasks", "a list is expected"),
            ("create_tasks", json!({"tasks": ["{\"title\""]}), "tasks", "an object is expected"),
            ("create_tasks", json!({"tasks": [{"title": "x", "parent": ""}]}), "parent", "parent is empty"),
            ("create_tasks", json!({"tasks": [{"title": "x", "remind": ""}]}), "remind", "remind is empty"),
            ("create_tasks", json!({"tasks": [{"title": "x", "every": ""}]}), "every", "every is empty"),
            ("create_tasks", json!({"tasks": [{"title": "x", "remind": "whenever"}]}), "remind", "whenever"),
            ("create_tasks", json!({"tasks": [{"title": "x", "parent": "nobody"}]}), "parent", "nobody"),
            ("create_tasks", json!({"tasks": [{"title": "x", "depends_on": ["nobody"]}]}), "depends_on", "nobody"),
            ("update_task", json!({"tasks": ["3"], "tags": ["x"]}), "tags", "did you mean `add_tags`?"),
            ("update_task", json!({"tasks": ["3"], "priority": "soon"}), "priority", "choose one of LOW, MEDIUM, HIGH"),
            ("list_tasks", json!({"status": "overdue"}), "status", "did you mean `due` \"overdue\"?"),
        ] {
            let told = call(api, tool, arguments.clone()).unwrap_err();
            assert!(told.contains(&format!(" ({field}): ")) && told.contains(says), "{tool} {arguments}: {told}");
        }
        assert_eq!(open(api), 1);
    });
}

/// `null` is as good as nothing, for each argument of each tool.
#[test]
fn null_is_left_out_everywhere() {
    on_both(|api| {
        for tool in result(api, "tools/list", json!({}))["tools"].as_array().unwrap() {
            let schema = &tool["inputSchema"];
            let required: Vec<_> = schema["required"].as_array().cloned().unwrap_or_default();
            let names = schema["properties"].as_object().unwrap().keys();
            let nulls: Value = names
                .filter(|name| !required.contains(&json!(name)))
                .map(|name| (name.clone(), Value::Null))
                .collect::<serde_json::Map<_, _>>()
                .into();
            let name = tool["name"].as_str().unwrap();
            let told = |arguments: &Value| match call(api, name, arguments.clone()) {
                Ok(facts) => facts["now"].is_string().to_string(),
                Err(told) => told,
            };
            assert_eq!(told(&nulls), told(&json!({})), "{name}");
        }
    });
}

#[test]
fn several_tasks_do_not_get_one_title() {
    on_both(|api| {
        titled(api, &["a", "b"]);
        let told = call(api, "update_task", json!({"tasks": ["1", "2"], "title": "c"})).unwrap_err();
        assert!(told.starts_with("INVALID (title)") && told.contains("once for each task"), "{told}");
        assert_eq!(api.got("/tasks/2")["title"], "b");
        assert_eq!(call(api, "update_task", json!({"tasks": ["2"], "title": "c"})).unwrap()["tasks"][0]["title"], "c");
    });
}

#[test]
fn an_agenda_is_of_the_whole_span() {
    on_both(|api| {
        for at in 0..30 {
            let reminder = json!({"at": format!("in {} minutes", at + 1)});
            api.made("/tasks", &json!({"title": format!("Soon {at}"), "reminder": reminder}));
        }
        api.made("/tasks", &json!({"title": "Much later", "reminder": {"at": "in 40 days 12:00"}}));
        let agenda = call(api, "get_agenda", json!({"day": "in 40 days"})).unwrap();
        assert_eq!(agenda["reminders"][0]["taskTitle"], "Much later");
        let agenda = call(api, "get_agenda", json!({"day": "today..tomorrow"})).unwrap();
        assert_eq!(
            (&agenda["total"]["reminders"], &agenda["reminders"][0]["taskTitle"]),
            (&json!(30), &json!("Soon 0"))
        );
    });
}

#[test]
fn a_task_with_much_on_it_fits_into_a_result() {
    on_both(|api| {
        titled(api, &["Long talk"]);
        for at in 0..80 {
            api.made("/tasks/1/comments", &json!({"text": format!("{at} {}", "word ".repeat(40))}));
        }
        let answer = result(api, "tools/call", json!({"name": "get_task", "arguments": {"task": "1"}}));
        assert!(answer.to_string().chars().count() <= 10_000, "{answer}");
        let facts = &answer["structuredContent"];
        let told = facts["task"]["comments"].as_array().unwrap().len();
        assert!(told > 5 && facts["leftOut"] == json!({"task.comments": 80 - told}), "{facts}");
    });
}

/// Deletes a task as a client of the newer protocol does that can ask its user.
fn deletes(api: &Client, task: &str, more: &Value) -> Value {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
    });
    let mut params = json!({"name": "delete_items", "arguments": {"tasks": [task]}, "_meta": meta});
    more.as_object().unwrap().iter().for_each(|(name, value)| params[name] = value.clone());
    let headers = [
        ("Accept", "application/json, text/event-stream"),
        ("MCP-Protocol-Version", "2026-07-28"),
        ("Mcp-Method", "tools/call"),
        ("Mcp-Name", "delete_items"),
    ];
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    expect(api.request("POST", "/mcp", &headers, Some(&request)), 200)["result"].take()
}

#[test]
fn an_agreement_counts_for_what_was_asked() {
    on_both(|api| {
        titled(api, &["Buy milk", "Bob's papers"]);
        let asked = deletes(api, "1", &json!({}));
        let question = |answer: &Value| answer["inputRequests"]["confirm"]["params"]["message"].clone();
        assert_eq!(question(&asked), "Delete task 1 “Buy milk”?");
        let agreed = json!({"confirm": {"action": "accept", "content": {"confirm": true}}});
        let answer = json!({"inputResponses": agreed, "requestState": asked["requestState"]});
        // What the user said of one task says nothing of another, and nothing by itself.
        assert_eq!(question(&deletes(api, "2", &answer)), "Delete task 2 “Bob's papers”?");
        assert_eq!(question(&deletes(api, "1", &json!({"inputResponses": agreed}))), "Delete task 1 “Buy milk”?");
        assert_eq!(open(api), 2);
        assert_eq!(deletes(api, "1", &answer)["structuredContent"]["deleted"], 1);
        assert_eq!(open(api), 1);
    });
}

#[test]
fn who_runs_a_job_learns_whether_it_ended() {
    on_both(|api| {
        jobs(api, &[("slow", "#!/bin/sh\nsleep 3\n"), ("quick", "#!/bin/sh\n")]);
        let zoe = key(api, json!({"name": "zoe", "scopes": ["jobs:run"]}));
        let run = call(&zoe, "run_job", json!({"job": "quick", "wait_seconds": 5})).unwrap();
        assert!(run["notices"][0].as_str().unwrap().contains("jobs:read"), "{run}");
        let run = call(api, "run_job", json!({"job": "slow", "wait_seconds": 1})).unwrap();
        assert!(run["notices"][0].as_str().unwrap().contains("get_run"), "{run}");
        let told = call(api, "run_job", json!({"job": "slow"})).unwrap_err();
        assert!(told.starts_with("CONFLICT") && told.contains("stop it with cancel_run"), "{told}");
    });
}

#[test]
fn remedies_are_ones_that_an_agent_has() {
    on_both(|api| {
        titled(api, &["Once"]);
        let weekly = api.made("/tasks", &json!({"title": "Weekly", "every": "every friday"}));
        assert_eq!(weekly["number"], 2);
        for (tool, arguments, remedy) in [
            ("update_task", json!({"tasks": ["1"], "due": "friday", "scope": "all"}), "leave out `scope`"),
            ("update_task", json!({"tasks": ["2"], "due": "none"}), "give `every` \"none\""),
            ("set_reminder", json!({"task": "1", "at": "1h before"}), "give the task a `due`"),
            ("get_task", json!({"task": "99"}), "list_tasks shows what there is"),
            ("get_job", json!({"job": "nothing"}), "list_jobs shows what there is"),
            ("get_run", json!({"run": NOBODY}), "list_runs shows what there is"),
            ("list_tasks", json!({"tags": ["two,words"]}), "without commas"),
        ] {
            let told = call(api, tool, arguments.clone()).unwrap_err();
            assert!(told.contains(remedy), "{tool} {arguments}: {told}");
            assert!(!told.contains("--") && !told.contains("muista "), "{told}");
        }
        let long = call(api, "update_task", json!({"tasks": ["1"], "priority": "x".repeat(50_000)})).unwrap_err();
        assert!(long.chars().count() < 2_000, "{}", long.len());
    });
}

#[test]
fn days_and_names_are_completed() {
    on_both(|api| {
        let complete = |reference: Value, name: &str, begun: &str| {
            let asked = json!({"ref": reference, "argument": {"name": name, "value": begun}});
            result(api, "completion/complete", asked)["completion"].take()
        };
        let day = complete(json!({"type": "ref/prompt", "name": "plan_day"}), "day", "Sat");
        assert_eq!((&day["values"], &day["total"]), (&json!(["saturday"]), &json!(1)));
        titled(api, &["Task"; 201]);
        let task = complete(json!({"type": "ref/resource", "uri": "muista://tasks/{id}"}), "id", "Task");
        assert_eq!((&task["total"], &task["hasMore"]), (&Value::Null, &json!(true)));
    });
}

#[test]
fn a_selection_is_changed_alike_and_undone_by_its_change() {
    on_both(|api| {
        for at in 0..8 {
            let due = if at < 7 { "3 days ago" } else { "in 3 days" };
            api.made("/tasks", &json!({"title": format!("Task {at}"), "dueDate": due, "tags": ["old"]}));
        }
        let changes = json!({"where": {"due": "overdue", "tags": "[\"old\"]"}, "except": ["Task 3"], "due": "friday"});
        let moved = call(api, "update_task", changes).unwrap();
        assert_eq!((&moved["changed"], moved["tasks"].as_array().unwrap().len()), (&json!(6), 6));
        assert_eq!(moved["tasks"][0], json!({"number": 1, "title": "Task 0"}));
        assert!(moved["dueOn"].is_string(), "{moved}");
        let overdue = |api: &Api| call(api, "list_tasks", json!({"due": "overdue"})).unwrap()["total"].take();
        assert_eq!(overdue(api), 1);
        let back = call(api, "update_task", json!({"undo": moved["changeId"]})).unwrap();
        assert_eq!((&back["undone"], overdue(api)), (&json!(6), json!(7)));
        let done = call(api, "complete_tasks", json!({"where": {"due": "overdue"}})).unwrap();
        assert_eq!((&done["changed"], open(api)), (&json!(7), 1));
        for (tool, arguments, says) in [
            ("update_task", json!({"where": {}, "due": "friday"}), "INVALID (where)"),
            ("update_task", json!({"where": {"due": "soon"}, "due": "friday"}), "INVALID (where.due)"),
            ("update_task", json!({"where": {"colour": "red"}, "due": "friday"}), "INVALID (where.colour)"),
            ("update_task", json!({"where": {"search": "x"}, "tasks": ["1"], "due": "friday"}), "INVALID (where)"),
            ("update_task", json!({"where": {"due": "overdue"}, "due": "friday"}), "NOT_FOUND (where)"),
            ("update_task", json!({"tasks": ["8"], "except": ["8"], "due": "friday"}), "INVALID (except)"),
            ("update_task", json!({"undo": "yesterday"}), "INVALID (undo)"),
            ("update_task", json!({"undo": NOBODY}), "NOT_FOUND (undo)"),
            ("complete_tasks", json!({}), "INVALID (tasks)"),
        ] {
            let told = call(api, tool, arguments.clone()).unwrap_err();
            assert!(told.starts_with(says), "{tool} {arguments}: {told}");
        }
    });
}

#[test]
fn each_change_tells_by_what_it_is_undone() {
    on_both(|api| {
        jobs(api, &[("backup", "#!/bin/sh\n")]);
        let changes = [
            call(api, "create_tasks", json!({"tasks": ["A", "B"]})).unwrap()["results"][0].take(),
            call(api, "set_reminder", json!({"task": "A", "at": "tomorrow 9:00"})).unwrap(),
            call(api, "complete_tasks", json!({"tasks": ["B"]})).unwrap(),
            call(api, "save_job", json!({"name": "backup", "enabled": false})).unwrap(),
            call(api, "delete_items", json!({"tasks": ["B"]})).unwrap(),
        ];
        for change in changes.iter().rev() {
            assert!(change["changeId"].is_string(), "{change}");
            let undone = call(api, "update_task", json!({"undo": change["changeId"]})).unwrap();
            assert!(undone["undone"].as_u64() > Some(0), "{change} {undone}");
        }
        assert_eq!(open(api), 1);
    });
}

#[test]
fn what_waits_is_told_by_number_and_what_is_urgent_with_why() {
    on_both(|api| {
        titled(api, &["Read", "Sign", "Rest"]);
        api.patched("/tasks/2", &json!({"dependsOn": ["1"]}));
        api.patched("/tasks/3", &json!({"priority": "HIGH"}));
        let blocked = |blocked: bool| call(api, "list_tasks", json!({"blocked": blocked, "sort": "number"})).unwrap();
        assert_eq!((&blocked(true)["tasks"][0]["number"], &blocked(true)["total"]), (&json!(2), &json!(1)));
        assert_eq!(blocked(true)["tasks"][0]["dependsOn"], json!([1]));
        assert_eq!(blocked(false)["total"], 2);
        assert_eq!(call(api, "get_task", json!({"task": "1"})).unwrap()["task"]["dependents"][0]["number"], 2);
        let urgent = call(api, "list_tasks", json!({"sort": "urgency", "limit": 1})).unwrap();
        assert_eq!((&urgent["tasks"][0]["number"], &urgent["tasks"][0]["why"]), (&json!(3), &json!("priority 6")));
        call(api, "complete_tasks", json!({"tasks": ["1"]})).unwrap();
        assert_eq!(blocked(true)["total"], 0);
    });
}

#[test]
fn overdue_is_one_thing() {
    on_both(|api| {
        for due in ["3 days ago", "yesterday 9:00", "1 minute ago", "in 1 hour", "today"] {
            api.made("/tasks", &json!({"title": due, "dueDate": due}));
        }
        let listed = call(api, "list_tasks", json!({"due": "overdue"})).unwrap();
        for day in ["today", "week", "yesterday..in 7 days"] {
            let agenda = call(api, "get_agenda", json!({"day": day})).unwrap();
            assert_eq!(agenda["overdue"], listed["tasks"], "{day}");
            let due = agenda["due"].as_array().cloned().unwrap_or_default();
            assert!(due.iter().all(|task| !listed["tasks"].as_array().unwrap().contains(task)), "{agenda}");
        }
        for at in 0..30 {
            api.made("/tasks", &json!({"title": format!("Late {at}"), "dueDate": "5 days ago"}));
        }
        let agenda = call(api, "get_agenda", json!({})).unwrap();
        let rest = call(api, "list_tasks", agenda["more"]["overdue"].clone()).unwrap();
        assert_eq!(agenda["overdue"].as_array().unwrap().len() + rest["tasks"].as_array().unwrap().len(), 33);
    });
}

#[test]
fn candidates_are_told_apart() {
    on_both(|api| {
        for at in 0..7 {
            api.made("/tasks", &json!({"title": "Twin", "dueOn": "2030-01-02", "project": format!("p{at}")}));
        }
        let told = call(api, "get_task", json!({"task": "twin"})).unwrap_err();
        assert!(
            told.contains("7 tasks: 7 “Twin” (due 2030-01-02, project p6)") && told.contains(" and 2 more"),
            "{told}"
        );
        for (uri, says) in [("muista://projects", "p3"), ("muista://tags", "tags")] {
            let text = result(api, "resources/read", json!({"uri": uri}))["contents"][0]["text"].take();
            assert!(text.as_str().unwrap().contains(says), "{text}");
        }
    });
}

#[test]
fn a_run_that_is_to_be_tried_again_is_told_with_its_output() {
    on_both(|api| {
        jobs(api, &[("flaky", "#!/bin/sh\necho no luck\nexit 1\n")]);
        api.patched("/jobs/flaky", &json!({"maxRetries": 2, "retryDelaySeconds": 600}));
        let run = call(api, "run_job", json!({"job": "flaky", "wait_seconds": 30})).unwrap();
        assert_eq!((&run["run"]["status"], &run["run"]["attempt"]), (&json!("failed"), &json!("1 of 3")), "{run}");
        let told = call(api, "get_run", json!({"run": "flaky"})).unwrap();
        assert!(told["run"]["nextRetryAt"].is_string() && told["log"] == "no luck\n", "{told}");
        let listed = call(api, "list_runs", json!({"job": "flaky"})).unwrap()["runs"].take();
        assert_eq!((&listed[0]["attempt"], &listed[1]["attempt"]), (&json!("2 of 3"), &json!("1 of 3")), "{listed}");
        assert_eq!(listed[1]["nextRetryAt"], told["run"]["nextRetryAt"]);
        assert_eq!(call(api, "get_job", json!({"job": "flaky"})).unwrap()["job"]["runs"], listed);
        let log =
            result(api, "resources/read", json!({"uri": "muista://runs/flaky/log"}))["contents"][0]["text"].take();
        let log = log.as_str().unwrap();
        assert!(log.starts_with("(attempt 1; attempt 2 waits until ") && log.ends_with("no luck\n"), "{log}");
    });
}
