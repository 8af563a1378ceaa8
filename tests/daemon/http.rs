//! HTTP: `/health`, and a problem document (RFC 9457) for everything else.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use test_common::postgres;
use test_common::sandbox::Sandbox;

use crate::support::{PATIENCE, request};

#[test]
fn health_is_json() {
    let sandbox = Sandbox::new();
    let database = postgres::server().database();
    for args in [vec![], vec!["--database-url", &database.url]] {
        let daemon = sandbox.daemon(args);
        let answer = request(daemon.http(), "GET", "/health");
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.head.contains("content-type: application/json"), "{answer:?}");
        assert!(answer.head.contains("cache-control: no-store"), "{answer:?}");
        assert_eq!(answer.json()["status"], "ok");
        assert_eq!(answer.json()["version"], env!("CARGO_PKG_VERSION"));
        let head = request(daemon.http(), "HEAD", "/health");
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        assert_eq!(daemon.terminate().code(), Some(0));
    }
}

#[test]
fn anything_else_is_a_problem() {
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon([""; 0]);
    for (method, path, status, code) in [
        ("GET", "/", 404, "NOT_FOUND"),
        ("GET", "/health/../etc/passwd", 404, "NOT_FOUND"),
        ("GET", "/healthy", 404, "NOT_FOUND"),
        ("POST", "/health", 405, "METHOD_NOT_ALLOWED"),
        ("BREW", "/health", 405, "METHOD_NOT_ALLOWED"),
    ] {
        let answer = request(daemon.http(), method, path);
        assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
        assert!(answer.head.contains("content-type: application/problem+json"), "{answer:?}");
        let problem = answer.json();
        assert_eq!((&problem["status"], &problem["code"]), (&status.into(), &code.into()), "{answer:?}");
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{answer:?}");
        assert_eq!(status == 405, answer.head.contains("allow: get,head"), "{answer:?}");
    }
}

#[test]
fn what_is_no_http_harms_nobody() {
    let sandbox = Sandbox::new();
    let daemon = sandbox.daemon([""; 0]);
    let long_head = format!("GET /health HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(1 << 20));
    for text in ["\x16\x03\x01 hello TLS\r\n\r\n", "GET\r\n\r\n", &long_head] {
        let mut stream = TcpStream::connect(daemon.http()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        // The daemon may have closed before all was written.
        let _ = stream.write_all(text.as_bytes());
        let mut answer = Vec::new();
        match stream.read_to_end(&mut answer) {
            Ok(_) => assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"), "{answer:?}"),
            Err(e) => assert_eq!(e.kind(), std::io::ErrorKind::ConnectionReset, "{e}"),
        }
        assert_eq!(request(daemon.http(), "GET", "/health").status, 200);
    }
}
