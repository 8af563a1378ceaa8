//! One sentence, read alike whichever way it comes in: by the terminal here and of another machine, REST, MCP over HTTP and
//! over standard input and output, and a message of an agent. The zone is the account's, wherever the daemon runs.

use std::io::Write as _;
use std::process::Stdio;

use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde_json::{Map, Value, json};

use crate::mcp::call;
use crate::support::{Api, expect, on_both_with};

/// What is said of a task, as the words are called in the terminal.
#[derive(Clone, Copy)]
struct Said {
    due: Option<&'static str>,
    every: Option<&'static str>,
    remind: Option<&'static str>,
}

const NOTHING: Said = Said { due: None, every: None, remind: None };

/// A way in, by which a task of this title is made.
type Way = (&'static str, fn(&Api, &str, Said));

const WAYS: [Way; 6] = [
    ("terminal", |api, title, said| terminal(api, &[], title, said)),
    ("remote", |api, title, said| {
        let address = format!("127.0.0.1:{}", api.daemon.rpc().port());
        terminal(api, &["--remote", &address], title, said);
    }),
    ("rest", |api, title, said| {
        api.made("/tasks", &document(title, said));
    }),
    ("agent", |api, title, said| {
        let message = json!({"intent": "createTask", "params": document(title, said)});
        expect(api.post("/agent/message", &message), 200);
    }),
    ("mcp over http", |api, title, said| {
        let made = call(api, "create_tasks", json!({"tasks": [arguments(title, said)]})).unwrap();
        assert_eq!(made["created"], 1, "{made}");
    }),
    ("mcp over stdio", |api, title, said| stdio(api, &arguments(title, said))),
];

fn muista(api: &Api, remote: bool) -> std::process::Command {
    let mut command = api.sandbox.muista();
    if remote {
        command.env("MUISTA_REMOTE_TOKEN", &api.token);
    } else {
        command.arg("--socket").arg(api.daemon.socket());
    }
    command
}

fn terminal(api: &Api, place: &[&str], title: &str, said: Said) {
    let mut command = muista(api, !place.is_empty());
    command.args(place).args(["add", title]);
    for (flag, words) in [("--due", said.due), ("--every", said.every), ("--remind", said.remind)] {
        if let Some(words) = words {
            command.args([flag, words]);
        }
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn stdio(api: &Api, task: &Value) {
    let mut command = muista(api, false);
    command.args(["mcp", "--name", "zoe"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let client = json!({"name": "test", "version": "1"});
    let hello = json!({"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client});
    let made = json!({"name": "create_tasks", "arguments": {"tasks": [task]}});
    let lines = [
        json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}),
        json!({"jsonrpc": "2.0", "method": "notifications/initialized"}),
        json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": made}),
    ];
    let mut stdin = child.stdin.take().unwrap();
    lines.iter().for_each(|line| writeln!(stdin, "{line}").unwrap());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("\\\"created\\\":1"), "{printed} {}", String::from_utf8_lossy(&output.stderr));
}

/// A task as REST and agents write it.
fn document(title: &str, said: Said) -> Value {
    let mut task = json!({"title": title});
    let mut put = |name: &str, value: Option<Value>| value.into_iter().for_each(|value| task[name] = value);
    put("dueDate", said.due.map(Value::from));
    put("every", said.every.map(Value::from));
    put("reminder", said.remind.map(|at| json!({"at": at})));
    task
}

/// A task as a tool of MCP takes it.
fn arguments(title: &str, said: Said) -> Value {
    let words = [("title", Some(title)), ("due", said.due), ("every", said.every), ("remind", said.remind)];
    words.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect::<Map<_, _>>().into()
}

/// Makes a task by each way; what `of` makes of each of them, by its title.
fn by_each_way<T>(api: &Api, sentence: &str, said: Said, of: impl Fn(&Value) -> T) -> Vec<(String, T)> {
    let titles = WAYS.map(|(way, make)| {
        let title = format!("{sentence} by {way}");
        make(api, &title, said);
        title
    });
    let tasks = api.got("/tasks?limit=200")["items"].take();
    let of_title = |title: &String| tasks.as_array().unwrap().iter().find(|task| task["title"] == **title).unwrap();
    titles.iter().map(|title| (title.clone(), of(of_title(title)))).collect()
}

fn instant(value: &Value) -> Timestamp {
    value.as_str().unwrap_or_else(|| panic!("{value} is no instant")).parse().unwrap()
}

/// Sets the account's zone, as its user does.
fn set_zone(api: &Api, zone: &str) {
    let output = muista(api, false).args(["user", "edit", "local", "--timezone", zone]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = muista(api, false).args(["whoami", "--json"]).output().unwrap();
    assert_eq!(serde_json::from_slice::<Value>(&told.stdout).unwrap()["timezone"], zone);
    assert_eq!(api.got("/users/me")["timezone"], zone);
}

/// Neither the daemon nor the terminal is where the account is.
const ELSEWHERE: [(&str, &str); 2] = [("TZ", "America/New_York"), ("MUISTA_RPC_LISTEN", "127.0.0.1:0")];

#[test]
fn a_sentence_means_one_instant_by_whichever_way_it_comes() {
    on_both_with(&ELSEWHERE, |api| {
        set_zone(api, "Europe/Helsinki");
        let zone = TimeZone::get("Europe/Helsinki").unwrap();
        let now = Timestamp::now().to_zoned(zone);
        let at =
            |day: &Zoned, hour| day.date().at(hour, 0, 0, 0).to_zoned(day.time_zone().clone()).unwrap().timestamp();
        let tomorrow = at(&now.tomorrow().unwrap(), 9);

        let today_counts = now.weekday() == Weekday::Tuesday && now.hour() < 7;
        let tuesday = if today_counts { now.clone() } else { now.nth_weekday(1, Weekday::Tuesday).unwrap() };
        for words in ["every tuesday at 7", "weekly on tuesday at 7:00"] {
            let said = Said { every: Some(words), ..NOTHING };
            for (title, due) in by_each_way(api, words, said, |task| instant(&task["dueDate"])) {
                assert_eq!(due, at(&tuesday, 7), "{title}");
            }
        }
        let said = Said { due: Some("tomorrow 9:00"), remind: Some("one hour before"), ..NOTHING };
        let reminders = |task: &Value| {
            let told = api.got(&format!("/tasks/{}/reminders", task["id"].as_str().unwrap()));
            (instant(&task["dueDate"]), instant(&told["items"][0]["nextTriggerAt"]))
        };
        for (title, (due, reminder)) in by_each_way(api, "tomorrow 9:00", said, reminders) {
            assert_eq!((due, reminder), (tomorrow, tomorrow - SignedDuration::from_hours(1)), "{title}");
        }
        // A series keeps its zone, whoever changes it.
        let tasks = api.got("/tasks?limit=200")["items"].take();
        for task in tasks.as_array().unwrap().iter().filter(|task| task["recurrence"] == "every tuesday at 7") {
            let number = task["number"].to_string();
            let moved = call(api, "update_task", json!({"tasks": [number], "every": "every tuesday at 8"})).unwrap();
            assert_eq!(instant(&moved["tasks"][0]["dueDate"]).to_zoned(now.time_zone().clone()).hour(), 8, "{moved}");
            assert!(moved["notices"][0].as_str().unwrap().contains("is due"), "{moved}");
        }
    });
}

#[test]
fn every_day_begins_today_also_just_after_midnight() {
    on_both_with(&ELSEWHERE, |api| {
        // A zone in which a day has just begun, and another has in most others.
        let hour = Timestamp::now().to_zoned(TimeZone::UTC).hour();
        let zone = if hour <= 12 { format!("Etc/GMT+{hour}") } else { format!("Etc/GMT-{}", 24 - hour) };
        set_zone(api, &zone);
        let today = Timestamp::now().in_tz(&zone).unwrap().date().to_string();
        let said = Said { every: Some("every day"), ..NOTHING };
        for (title, due) in by_each_way(api, "every day", said, |task| task["dueOn"].clone()) {
            assert_eq!(due, today, "{title} in {zone}");
        }
    });
}

#[test]
fn the_zone_of_the_configuration_is_the_accounts() {
    on_both_with(&[("TZ", "America/New_York"), ("MUISTA_TIMEZONE", "Asia/Tokyo")], |api| {
        assert_eq!(api.got("/users/me")["timezone"], "Asia/Tokyo");
        assert_eq!(call(api, "get_agenda", json!({})).unwrap()["timezone"], "Asia/Tokyo");
    });
    on_both_with(&[("TZ", "America/New_York")], |api| {
        assert_eq!(api.got("/users/me")["timezone"], Value::Null);
        let set = muista(api, false).args(["config", "set", "timezone", "Asia/Tokyo"]).output().unwrap();
        assert!(set.status.success(), "{set:?}");
        assert_eq!(api.got("/users/me")["timezone"], "Asia/Tokyo");
        assert_eq!(api.patched("/users/me", &json!({"timezone": "Europe/Helsinki"}))["timezone"], "Europe/Helsinki");
        assert_eq!(call(api, "get_agenda", json!({})).unwrap()["timezone"], "Europe/Helsinki");
    });
}
