//! What operators look at: health, counters, the log, and what stands in every answer.

use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};
use test_common::rest::{self, Connection};
use test_common::sandbox::Sandbox;

use crate::support::{Api, expect, on_both, on_both_with, problem};

/// The number that a line of `/metrics` ends with; nothing where there is no such line.
fn sample(page: &str, line: &str) -> Option<f64> {
    page.lines().find_map(|found| found.strip_prefix(line)?.strip_prefix(' ')?.parse().ok())
}

/// The daemon's log once it holds `text`.
#[track_caller]
fn log_with(api: &Api, text: &str) -> String {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let log = api.daemon.stderr();
        if log.contains(text) {
            return log;
        }
        assert!(Instant::now() < deadline, "no {text} in {log}");
        thread::yield_now();
    }
}

#[test]
fn health_tells_what_was_looked_at() {
    on_both(|api| {
        for path in ["/health", "/health/ready"] {
            let answer = rest::send(api.daemon.http(), "GET", path, &[], b"");
            let checks = &expect(answer, 200)["checks"];
            assert_eq!(checks, &json!({"database": "ok", "scheduler": "ok"}));
        }
        assert_eq!(api.got("/health/live"), json!({"status": "ok", "version": env!("CARGO_PKG_VERSION")}));
    });
    let answering = Api::sqlite(&[("MUISTA_ROLE", "server")]);
    assert_eq!(answering.got("/health")["checks"]["scheduler"], "off");
}

/// Whoever reaches the daemon may ask how it fares, and as often as he likes.
#[test]
fn health_is_no_burden_to_the_database() {
    on_both(|api| {
        let work = || sample(&api.get("/metrics").text(), "muista_database_work_total{lane=\"read\"}").unwrap();
        let before = work();
        let mut connection = Connection::open(api.daemon.http());
        for path in ["/health", "/health/ready"].iter().cycle().take(400) {
            connection.say(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            assert_eq!(connection.answer().map(|answer| answer.status), Some(200));
        }
        assert!(work() - before < 100.0, "{} times", work() - before);
    });
}

#[test]
fn a_daemon_that_stops_answers_what_is_under_way() {
    let api = Api::sqlite(&[]);
    let mut connection = Connection::open(api.daemon.http());
    connection.say(format!("POST /tasks HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n", api.token));
    connection.say("Content-Type: application/json\r\nContent-Length: 13\r\nExpect: 100-continue\r\n\r\n");
    assert_eq!(connection.answer().map(|answer| answer.status), Some(100), "the daemon waits for the body");
    connection.say("{\"title\"");
    let mut idle = Connection::open(api.daemon.http());
    idle.say("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(idle.answer().map(|answer| answer.status), Some(200));
    let mut half = Connection::open(api.daemon.http());
    half.say("GET /health/live HT");
    api.daemon.signal(Signal::TERM);
    // Neither who is idle nor who has said half a sentence holds it up, and who comes now is not left waiting.
    assert!(idle.answer().is_none() && half.answer().is_none());
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(api.daemon.http()).is_ok() {
        assert!(Instant::now() < deadline, "it still takes connections");
    }
    connection.say(":\"x\"}");
    assert_eq!(connection.answer().map(|answer| answer.status), Some(201), "what was under way is answered");
    assert_eq!(api.daemon.wait().code(), Some(0));
}

#[test]
fn requests_are_counted_by_route_method_and_status() {
    on_both(|api| {
        api.made("/tasks", &json!({"title": "Feed the cat"}));
        api.got("/tasks/1");
        api.got("/tasks/1");
        assert_eq!(api.get("/tasks/7").status, 404);
        assert_eq!(api.get("/nowhere").status, 404);
        for path in ["/docs", "/openapi.json", "/password/reset"] {
            api.get(path);
        }
        let page = api.get("/metrics");
        assert_eq!(page.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
        let page = page.text();
        for (line, wanted) in [
            ("muista_http_requests_total{method=\"POST\",route=\"/tasks\",status=\"201\"}", 1.0),
            ("muista_http_requests_total{method=\"GET\",route=\"/tasks/{taskId}\",status=\"200\"}", 2.0),
            ("muista_http_requests_total{method=\"GET\",route=\"/tasks/{taskId}\",status=\"404\"}", 1.0),
            ("muista_http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"}", 1.0),
            ("muista_http_requests_total{method=\"GET\",route=\"/docs\",status=\"200\"}", 1.0),
            ("muista_http_requests_total{method=\"GET\",route=\"/openapi.json\",status=\"200\"}", 1.0),
            ("muista_http_requests_total{method=\"GET\",route=\"/password/reset\",status=\"200\"}", 1.0),
            ("muista_http_request_duration_seconds_count{method=\"GET\",route=\"/tasks/{taskId}\"}", 3.0),
            ("muista_http_request_duration_seconds_bucket{method=\"GET\",route=\"/tasks/{taskId}\",le=\"+Inf\"}", 3.0),
            ("muista_http_requests_in_flight", 1.0),
            ("muista_database_queue{lane=\"read\"}", 0.0),
            ("muista_backlog{of=\"messages\"}", 0.0),
            ("muista_runs_total{event=\"started\"}", 0.0),
            ("muista_deliveries_total{channel=\"email\",result=\"sent\"}", 0.0),
        ] {
            assert_eq!(sample(&page, line), Some(wanted), "{line}\n{page}");
        }
        for line in ["process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"] {
            assert!(sample(&page, line).is_some_and(|value| value > 0.0), "{line}\n{page}");
        }
        // Nothing that a client chose becomes a label.
        assert!(!page.contains("nowhere"), "{page}");
        rest::send(api.daemon.http(), "BREW", "/tasks", &[], b"");
        let line = "muista_http_requests_total{method=\"other\",route=\"unmatched\",status=\"405\"}";
        assert_eq!(sample(&api.get("/metrics").text(), line), Some(1.0));
        let page = api.get("/metrics").text();
        assert!(sample(&page, "muista_engine_duty_age_seconds{duty=\"occurrences\"}").is_some(), "{page}");
    });
}

#[test]
fn counters_are_not_for_everybody() {
    let api = Api::sqlite(&[]);
    problem(&rest::send(api.daemon.http(), "GET", "/metrics", &[], b""), 401, "UNAUTHENTICATED");
}

#[test]
fn the_log_tells_of_requests_but_not_what_they_say() {
    on_both_with(&[("MUISTA_LOG", "info,muistad::http=debug")], |api| {
        let headers = [("X-Request-Id", "abc-123")];
        let body = json!({"title": "a secret title"});
        assert_eq!(api.request("POST", "/tasks?tz=Europe/Helsinki", &headers, Some(&body)).status, 201);
        assert_eq!(
            rest::send(api.daemon.http(), "GET", "/tasks", &[("Authorization", "Bearer hush")], b"").status,
            401
        );
        let log = log_with(api, "\"status\":401");
        let lines: Vec<Value> = log.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let line = |status: u64| {
            let found = lines.iter().find(|line| line["fields"]["status"] == status);
            found.unwrap_or_else(|| panic!("no {status} in {log}"))
        };
        let made = line(201);
        assert_eq!((&made["level"], &made["target"]), (&json!("DEBUG"), &json!("muistad::http")));
        let fields = &made["fields"];
        assert_eq!((&fields["method"], &fields["route"]), (&json!("POST"), &json!("/tasks")));
        assert_eq!((&fields["request"], &fields["peer"]), (&json!("abc-123"), &json!("127.0.0.1")));
        assert!(fields["ms"].as_f64().is_some_and(|ms| ms > 0.0) && fields["user"].is_string(), "{made}");
        assert_eq!((&line(401)["level"], &line(401)["fields"]["user"]), (&json!("INFO"), &Value::Null));
        for secret in ["secret", "hush", "Helsinki", "Bearer"] {
            assert!(!log.contains(secret), "{secret} in {log}");
        }
    });
}

#[test]
fn by_default_the_log_tells_only_of_what_was_refused() {
    let api = Api::sqlite(&[]);
    api.got("/tasks");
    assert_eq!(api.get("/tasks/7").status, 404);
    let log = log_with(&api, "\"status\":404");
    assert!(!log.contains("\"status\":200"), "{log}");
}

#[test]
fn every_answer_protects_browsers_and_has_an_id() {
    let api = Api::sqlite(&[]);
    for path in ["/tasks", "/nowhere", "/health", "/metrics"] {
        let answer = api.get(path);
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
            ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(answer.all(name), [value], "{path} {name}");
        }
        assert_eq!(answer.header("x-request-id").len(), 36, "{path}");
        assert_eq!(answer.header("strict-transport-security"), "");
    }
    let answer = api.request("GET", "/nowhere", &[("X-Request-Id", "mine-7")], None);
    assert_eq!(problem(&answer, 404, "NOT_FOUND")["requestId"], "mine-7");
    // What could break a log or a header is replaced.
    let long = "x".repeat(129);
    for id in ["two words", "", &long] {
        let answer = api.request("GET", "/health/live", &[("X-Request-Id", id)], None);
        assert_eq!(answer.header("x-request-id").len(), 36, "{id}");
    }
}

#[test]
fn head_is_get_without_a_body() {
    let api = Api::sqlite(&[]);
    api.made("/tasks", &json!({"title": "Feed the cat"}));
    for path in ["/tasks/1", "/tasks", "/health", "/nowhere"] {
        let (get, head) = (api.get(path), api.request("HEAD", path, &[], None));
        assert_eq!((get.status, head.body.len()), (head.status, 0), "{path}");
        assert_eq!(get.header("etag"), head.header("etag"), "{path}");
        assert_eq!(get.header("content-type"), head.header("content-type"), "{path}");
    }
}

#[test]
fn long_answers_are_compressed() {
    on_both(|api| {
        for number in 0..20 {
            api.made("/tasks", &json!({"title": format!("Task {number}")}));
        }
        let answer = api.request("GET", "/tasks", &[("Accept-Encoding", "br, gzip")], None);
        assert_eq!((answer.status, answer.header("content-encoding")), (200, "gzip"));
        assert!(answer.header("vary").to_ascii_lowercase().contains("accept-encoding"), "{:?}", answer.headers);
        assert!(answer.body.len() < api.get("/tasks").body.len() / 3, "{}", answer.body.len());
        for (path, coding) in [("/tasks/1", "gzip"), ("/tasks", "identity"), ("/tasks", "br"), ("/tasks", "rot13")] {
            let answer = api.request("GET", path, &[("Accept-Encoding", coding)], None);
            assert_eq!(answer.header("content-encoding"), "", "{path} {coding}");
            answer.json();
        }
    });
}

#[test]
fn pages_of_configured_origins_may_call() {
    let api = Api::sqlite(&[("MUISTA_WEB_ORIGINS", "https://app.example.org")]);
    let ask = [("Origin", "https://app.example.org"), ("Access-Control-Request-Method", "PATCH")];
    let answer = rest::send(api.daemon.http(), "OPTIONS", "/tasks/1", &ask, b"");
    assert_eq!(answer.status, 204);
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example.org");
    assert!(answer.header("access-control-allow-methods").contains("PATCH"));
    let allowed: Vec<_> = answer.header("access-control-allow-headers").split(", ").collect();
    for name in ["authorization", "if-match", "mcp-protocol-version", "mcp-method", "mcp-name"] {
        assert!(allowed.contains(&name), "{name} in {allowed:?}");
    }
    assert_eq!(answer.header("vary"), "origin");
    let answer = api.request("GET", "/tasks", &[("Origin", "https://app.example.org")], None);
    assert_eq!(answer.header("access-control-allow-origin"), "https://app.example.org");
    let exposed: Vec<_> = answer.header("access-control-expose-headers").split(", ").collect();
    for (name, _) in answer.headers.iter().filter(|(name, _)| name.starts_with("ratelimit") || name == "x-request-id") {
        assert!(exposed.contains(&name.as_str()), "{name} in {exposed:?}");
    }
    assert!(["etag", "location", "retry-after"].iter().all(|name| exposed.contains(name)), "{exposed:?}");
    for origin in ["https://evil.example", "null", "https://app.example.org.evil.example"] {
        let answer = api.request("GET", "/tasks", &[("Origin", origin)], None);
        assert_eq!(answer.header("access-control-allow-origin"), "", "{origin}");
    }
    let closed = Api::sqlite(&[]);
    let answer = rest::send(closed.daemon.http(), "OPTIONS", "/tasks/1", &ask, b"");
    assert_eq!(answer.header("access-control-allow-origin"), "");
}

#[test]
fn all_wrong_settings_are_told_at_once() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.muistad();
    command
        .args(["--http", "127.0.0.1:0"])
        .env("MUISTA_WEB_URL", "not a URL")
        .env("MUISTA_RPC_LISTEN", "0.0.0.0:7333")
        .env("MUISTA_TLS_CERT", "/nowhere/cert.pem");
    let output = command.output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    for setting in ["MUISTA_WEB_URL", "tls.key"] {
        assert!(told.contains(setting), "no {setting} in {told}");
    }
    command.env_remove("MUISTA_TLS_CERT").env("MUISTA_TLS_KEY", "/nowhere/key.pem");
    let told = String::from_utf8(command.output().unwrap().stderr).unwrap();
    for setting in ["3 settings are wrong", "MUISTA_WEB_URL", "rpc.listen", "tls.cert"] {
        assert!(told.contains(setting), "no {setting} in {told}");
    }
}
