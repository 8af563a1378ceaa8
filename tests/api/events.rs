//! `/events`: changes as they happen, over a real connection.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_common::rest::{Event, Events};

use crate::project::{another, revoke};
use crate::support::{Api, on_both, problem, refused};

/// The next event that says something.
fn next(events: &mut Events) -> Event {
    loop {
        let event = events.next_event().expect("the stream has not ended");
        if !event.data.is_empty() {
            return event;
        }
    }
}

fn title(event: &Event) -> Value {
    event.json()["after"]["title"].clone()
}

#[test]
fn changes_are_told_as_they_happen() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "before"}));
        let mut events = api.events("/events", &[]);
        assert_eq!(events.begin.status, 200);
        assert_eq!(events.begin.header("content-type"), "text/event-stream");
        assert_eq!(events.begin.header("cache-control"), "no-store");
        let begin = events.next_event().unwrap();
        assert!(!begin.id.is_empty() && begin.data.is_empty(), "{begin:?}");
        api.made("/tasks", &json!({"title": "a"}));
        api.patched("/tasks/2", &json!({"title": "b"}));
        api.delete("/tasks/2");
        // What came shortly before may have been held back by another transaction of the same server, and come now.
        let first = std::iter::repeat_with(|| next(&mut events)).find(|event| title(event) == "a").unwrap();
        let told = [first, next(&mut events), next(&mut events)];
        let kinds: Vec<&str> = told.iter().map(|event| event.event.as_str()).collect();
        assert_eq!(kinds, ["task.create", "task.update", "task.delete"]);
        assert_eq!((title(&told[0]), title(&told[1])), ("a".into(), "b".into()));
        let listed = api.got("/audit?limit=1")["items"][0].clone();
        assert_eq!(told[2].json(), listed);
        for (path, headers) in [
            ("/events", vec![("Last-Event-ID", told[0].id.as_str())]),
            (&*format!("/events?after={}", told[0].id), vec![]),
            ("/events?after=0", vec![("Last-Event-ID", told[0].id.as_str())]),
        ] {
            assert_eq!(next(&mut api.events(path, &headers)), told[1], "{path}");
        }
        let mut all = api.events("/events?after=0", &[("Accept-Encoding", "gzip, br, zstd")]);
        assert_eq!(all.begin.header("content-encoding"), "", "a packer would hold events back");
        // The first of all is the key that the tests use.
        assert_eq!(next(&mut all).event, "apikey.create");
        assert_eq!(title(&next(&mut all)), "before");
    });
}

#[test]
fn a_place_that_there_is_not_is_refused() {
    on_both(|api| {
        refused(&api.get("/events?after=soon"), "after");
        refused(&api.get("/events?after=999999999999.999999999999"), "after");
        refused(&api.request("GET", "/events", &[("Last-Event-ID", "x")], None), "after");
        problem(&api.request("GET", "/events", &[("Last-Event-ID", "ä")], None), 400, "MALFORMED");
        refused(&api.get("/events?colour=red"), "colour");
        let nobody = api.shown("muista_nonsense");
        problem(&nobody.get("/events"), 401, "UNAUTHENTICATED");
    });
}

#[test]
fn an_account_listens_so_often_and_no_more() {
    on_both(|api| {
        let mut streams: Vec<_> = (0..64).map(|_| api.events("/events", &[])).collect();
        assert!(streams.iter().all(|stream| stream.begin.status == 200));
        let over = api.get("/events");
        assert!(problem(&over, 429, "RATE_LIMITED")["detail"].as_str().unwrap().contains("64 streams"));
        assert_eq!(over.header("retry-after"), "10");
        let eva = format!("Bearer {}", another(api, "eva"));
        let hers = Events::open(api.daemon.http(), "/events", &[("Authorization", &eva)]);
        assert_eq!(hers.begin.status, 200, "others listen too");
        // A place is free once the daemon has heard that its stream was given up.
        streams.pop();
        let deadline = Instant::now() + Duration::from_secs(30);
        while api.events("/events", &[]).begin.status != 200 {
            assert!(Instant::now() < deadline, "a place is never free again");
            std::thread::yield_now();
        }
    });
}

#[test]
fn everyone_is_told_of_what_they_see_alone() {
    on_both(|api| {
        let eva = another(api, "eva");
        let eva_of = |path: &str| {
            let bearer = format!("Bearer {eva}");
            Events::open(api.daemon.http(), path, &[("Authorization", &bearer)])
        };
        let mut events = eva_of("/events");
        events.next_event().unwrap();
        api.made("/tasks", &json!({"title": "secret"}));
        api.made("/tasks", &json!({"title": "shared", "project": "home"}));
        api.made("/projects/home/members", &json!({"user": "eva"}));
        api.made("/tasks", &json!({"title": "told", "project": "home"}));
        let mut seen = Vec::new();
        while seen.last() != Some(&Value::from("told")) {
            let event = next(&mut events);
            assert!(!event.data.contains("secret"), "{event:?}");
            seen.push(title(&event));
        }
    });
}

#[test]
fn a_stream_ends_with_its_key_and_with_the_daemon() {
    let test = |api: Api| {
        let eva = another(&api, "eva");
        let bearer = format!("Bearer {eva}");
        let mut hers = Events::open(api.daemon.http(), "/events", &[("Authorization", &bearer)]);
        hers.next_event().unwrap();
        revoke(&api, "eva");
        // Well before the next time that it is looked at by itself.
        let revoked = Instant::now();
        while hers.next_event().is_some() {}
        assert!(revoked.elapsed() < Duration::from_secs(10), "{:?}", revoked.elapsed());
        let mut events = api.events("/events", &[]);
        events.next_event().unwrap();
        let asked = Instant::now();
        assert!(api.daemon.terminate().success());
        assert!(asked.elapsed() < Duration::from_secs(8), "{:?}", asked.elapsed());
        while events.next_event().is_some() {}
    };
    test(Api::sqlite(&[]));
    test(Api::postgres(&[]));
}

#[test]
fn what_was_told_is_told_once_also_after_a_kill() {
    let test = |mut api: Api| {
        let mut seen = HashSet::new();
        let mut last = "0".to_owned();
        for round in 0..3 {
            let mut events = api.events("/events", &[("Last-Event-ID", &last)]);
            for number in 0..10 {
                api.made("/tasks", &json!({"title": format!("{round}.{number}")}));
            }
            // Cut off in the middle: what is left comes with the next stream.
            for _ in 0..7 {
                let event = next(&mut events);
                assert!(seen.insert(title(&event).to_string()), "{event:?} came twice");
                last = event.id;
            }
            api = api.killed_and_started();
        }
        let mut events = api.events("/events", &[("Last-Event-ID", &last)]);
        while seen.len() < 30 {
            let event = next(&mut events);
            assert!(seen.insert(title(&event).to_string()), "{event:?} came twice");
        }
    };
    test(Api::sqlite(&[]));
    test(Api::postgres(&[]));
}
