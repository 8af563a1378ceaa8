//! The log: JSON away from a terminal, and, like all else the daemon says, without the database's password.

use std::process::Command;

use serde_json::Value;
use test_common::postgres;
use test_common::sandbox::Sandbox;

use crate::support::{add, dial, done, fails_to_start, request, run};

const PASSWORD: &str = "s3cr3t-hunter2";

/// The URL of a new database, with a password that the test server does not ask for.
fn url_with_password() -> String {
    postgres::server().database().url.replace("postgres@", &format!("postgres:{PASSWORD}@"))
}

#[test]
fn each_line_of_the_log_is_a_json_object() {
    let sandbox = Sandbox::new().with_env("MUISTA_TIMEZOEN", "UTC");
    let daemon = sandbox.daemon([""; 0]);
    done(sandbox.muista().args(["add", "Buy cat food"]));
    daemon.signal(rustix::process::Signal::TERM);
    let (_, log) = daemon.ended();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &lines {
        assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
    }
    let messages: Vec<&str> = lines.iter().filter_map(|line| line["fields"]["message"].as_str()).collect();
    for expected in ["ready", "stopping", "stopped"] {
        assert!(messages.contains(&expected), "{messages:?}");
    }
    assert!(messages.iter().any(|it| it.contains("MUISTA_TIMEZOEN") && it.contains("MUISTA_TIMEZONE")), "{messages:?}");
}

#[tokio::test]
async fn a_running_daemon_never_tells_the_password() {
    let url = url_with_password();
    let sandbox = Sandbox::new()
        .with_env("MUISTA_DATABASE_URL", &url)
        .with_env("MUISTA_LOG", "trace,tarpc=trace,rustls=trace,tokio_postgres=trace,hyper=trace");
    let daemon = sandbox.daemon([""; 0]);
    let client = dial(daemon.socket()).await;
    add(&client, "Buy cat food").await.unwrap();
    let status = client.status().await.unwrap();
    assert!(status.database.starts_with("postgres://postgres@"), "{status:?}");
    let shown = done(sandbox.muista().args(["daemon", "status", "--json", "-v"]));
    let used = done(sandbox.muista().args(["ls", "-v"]));
    assert!(used.stderr.contains("daemon"), "{used:?}");
    let health = request(daemon.http(), "GET", "/health");
    daemon.signal(rustix::process::Signal::TERM);
    let (_, log) = daemon.ended();
    assert!(log.contains("\"level\":\"TRACE\"") && log.contains("stopped"), "{log}");
    for said in [format!("{status:?}{shown:?}{used:?}{health:?}"), log] {
        assert!(!said.contains(PASSWORD), "{said}");
    }
}

#[test]
fn a_daemon_that_fails_never_tells_the_password() {
    let missing = url_with_password().replace("/test_", "/absent_");
    for (url, code) in [
        (format!("postgres://me:{PASSWORD}@127.0.0.1:1/db"), 5),
        (format!("postgres://127.0.0.1:1/db?password={PASSWORD}"), 5),
        (format!("postgres://127.0.0.1:1/db?sslmode=disable&user=me&password={PASSWORD}&connect_timeout=2"), 5),
        (format!("postgres://me:{PASSWORD}@127.0.0.1:port/db"), 2),
        (format!("postgres://me:{PASSWORD}@127.0.0.1/db?sslmode=maybe"), 2),
        (format!("mysql://me:{PASSWORD}@host/db"), 2),
        (missing, 5),
    ] {
        let sandbox = Sandbox::new().with_env("MUISTA_DATABASE_URL", &url).with_env("MUISTA_LOG", "trace");
        let mut daemon: Command = sandbox.muistad();
        let ended = fails_to_start(daemon.args(["--http", "127.0.0.1:0"]));
        assert_eq!(ended.code, Some(code), "{url}: {ended:?}");
        let embedded = run(sandbox.muista().args(["ls", "-v", "--json"]));
        assert_eq!(embedded.code, Some(code), "{url}: {embedded:?}");
        assert!(!format!("{ended:?}{embedded:?}").contains(PASSWORD), "{ended:?} {embedded:?}");
    }
}
