//! A request that is sent again with the same `Idempotency-Key` is done once, whatever happens meanwhile.

use std::thread;

use serde_json::{Value, json};
use test_common::rest::{self, Answer, Connection};

use crate::support::{Api, on_both, problem};

fn add(api: &Api, key: &str, title: &str) -> Answer {
    api.request("POST", "/tasks", &[("Idempotency-Key", key)], Some(&json!({"title": title})))
}

fn tasks(api: &Api) -> Vec<Value> {
    api.got("/tasks")["items"].as_array().unwrap().clone()
}

#[test]
fn fifty_at_once_make_one_task() {
    on_both(|api| {
        let (address, bearer) = (api.daemon.http(), format!("Bearer {}", api.token));
        let headers =
            [("Authorization", &*bearer), ("Idempotency-Key", "one-key"), ("Content-Type", "application/json")];
        let body = json!({"title": "Feed the cat"}).to_string();
        let ask = || rest::send(address, "POST", "/tasks", &headers, body.as_bytes());
        let answers: Vec<_> = thread::scope(|scope| {
            let all: Vec<_> = (0..50).map(|_| scope.spawn(ask)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let first = &answers[0];
        for answer in &answers {
            assert_eq!((answer.status, answer.text()), (201, first.text()));
            assert_eq!(answer.header("location"), first.header("location"));
            assert_eq!(answer.header("etag"), first.header("etag"));
        }
        assert_eq!(tasks(api).len(), 1);
    });
}

#[test]
fn a_repeat_after_a_crash_gets_the_first_answer() {
    for api in [Api::sqlite(&[]), Api::postgres(&[])] {
        let first = add(&api, "before the crash", "Feed the cat");
        assert_eq!(first.status, 201, "{}", first.text());
        let api = api.killed_and_started();
        let again = add(&api, "before the crash", "Feed the cat");
        assert_eq!((again.status, again.text()), (201, first.text()));
        assert_eq!(tasks(&api).len(), 1);
    }
}

/// A daemon that is killed while requests are under way has done each wholly or not at all, and a repeat tells which.
#[test]
fn repeats_after_a_crash_in_the_midst_make_each_task_once() {
    for api in [Api::sqlite(&[]), Api::postgres(&[])] {
        let address = api.daemon.http();
        let send = |number: usize| {
            let body = json!({"title": format!("Task {number}")}).to_string();
            let head = format!(
                "POST /tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
                 Idempotency-Key: key-{number}\r\nContent-Length: {}\r\n\r\n{body}",
                api.token,
                body.len()
            );
            let mut connection = Connection::open(address);
            connection.say(head);
            connection
        };
        let mut connections: Vec<_> = (0..40).map(send).collect();
        let first = connections[0].answer();
        assert_eq!(first.map(|answer| answer.status), Some(201));
        let api = api.killed_and_started();
        for number in 0..40 {
            let answer = add(&api, &format!("key-{number}"), &format!("Task {number}"));
            assert_eq!(answer.status, 201, "{}", answer.text());
        }
        let mut titles: Vec<_> = tasks(&api).iter().map(|task| task["title"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles.dedup();
        assert_eq!((titles.len(), tasks(&api).len()), (40, 40));
    }
}

#[test]
fn a_key_is_for_one_request() {
    on_both(|api| {
        assert_eq!(add(api, "k", "One").status, 201);
        problem(&add(api, "k", "Another"), 422, "INVALID");
        let long = "k".repeat(256);
        problem(&add(api, &long, "One"), 422, "INVALID");
        assert_eq!(tasks(api).len(), 1);
    });
}
