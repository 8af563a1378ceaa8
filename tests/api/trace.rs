//! Traces: what a collector gets.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;
use test_common::http::{HttpServer, Reply};

use crate::support::Api;

/// Longer than the daemon keeps spans before it sends them.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_collector_gets_a_span_for_each_request() {
    let collector = HttpServer::start();
    let api = Api::sqlite(&[("MUISTA_OTLP_URL", &collector.url())]);
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let headers = [("traceparent", parent), ("X-Request-Id", "traced-7")];
    assert_eq!(api.request("GET", "/tasks/7?tz=UTC", &headers, None).status, 404);
    let sent = collector.wait_for(1, PATIENCE);
    let spans = &sent[0];
    assert_eq!((spans.method.as_str(), spans.path.as_str()), ("POST", "/v1/traces"));
    assert_eq!(spans.header("content-type"), "application/x-protobuf");
    for text in ["muistad", "GET /tasks/{taskId}", "http.response.status_code", "traced-7"] {
        assert!(spans.body.contains(text), "no {text} in {}", spans.body);
    }
    assert!(!spans.body.contains("Bearer") && !spans.body.contains("tz="), "{}", spans.body);
}

#[test]
fn what_was_not_sent_yet_is_sent_at_the_end() {
    let collector = HttpServer::start();
    let api = Api::sqlite(&[("MUISTA_OTLP_URL", &collector.url())]);
    api.made("/tasks", &json!({"title": "Feed the cat"}));
    assert_eq!(api.daemon.terminate().code(), Some(0));
    let bodies: String = collector.requests().into_iter().map(|request| request.body).collect();
    assert!(bodies.contains("POST /tasks"), "{bodies}");
}

#[test]
fn a_collector_that_fails_is_told_of_once() {
    let collector = HttpServer::start();
    collector.will([Reply::Status(500), Reply::Status(500), Reply::Status(500)]);
    let api = Api::sqlite(&[("MUISTA_OTLP_URL", &collector.url())]);
    api.got("/tasks");
    collector.wait_for(1, PATIENCE);
    api.got("/tasks");
    api.daemon.signal(Signal::TERM);
    let (status, log) = api.daemon.ended();
    assert_eq!(status.code(), Some(0));
    assert_eq!(log.matches("traces cannot be sent").count(), 1, "{log}");
}
