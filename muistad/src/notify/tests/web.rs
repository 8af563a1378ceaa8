//! Text messages, webhooks and ntfy, against a web server.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::{Duration, SystemTime};

use muista_core::model::Channel;
use serde_json::Value;
use test_common::http::{HttpServer, Reply};

use super::super::guard::Guard;
use super::super::http::{Http, uri};
use super::super::{Message, Notifiers, Outcome};
use super::{closed_port, config, error, message};

fn sms(url: &str) -> Notifiers {
    let settings = [("SMS_URL", url), ("SMS_ACCOUNT", "AC12"), ("SMS_TOKEN", "geheim"), ("SMS_FROM", "+15005550006")];
    Notifiers::new(&config(&settings)).unwrap()
}

fn webhook(url: &str, allow: &str) -> Notifiers {
    let settings = [("WEBHOOK_URL", url), ("WEBHOOK_SECRET", "geheim"), ("WEBHOOK_ALLOW", allow)];
    Notifiers::new(&config(&settings)).unwrap()
}

#[tokio::test]
async fn a_text_message_is_a_form() {
    let server = HttpServer::start();
    server.will([Reply::Status(201)]);
    let notifiers = sms(&format!("{}/base/", server.url()));
    let message = Message { body: "ä & b=c+d".to_owned(), ..message("+358401234567") };
    assert_eq!(notifiers.send(Channel::Sms, &message).await, Outcome::Sent);
    let request = &server.requests()[0];
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", "/base/2010-04-01/Accounts/AC12/Messages.json")
    );
    assert_eq!(request.header("authorization"), "Basic QUMxMjpnZWhlaW0=");
    assert_eq!(request.header("content-type"), "application/x-www-form-urlencoded");
    assert_eq!(request.header("idempotency-key"), "0193-abc");
    let form = "To=%2B358401234567&From=%2B15005550006&Body=Reminder%3A+Buy+cat+food%0A%C3%A4+%26+b%3Dc%2Bd";
    assert_eq!(request.body, form);

    let long = Message { body: "x".repeat(5000), ..message };
    assert_eq!(notifiers.send(Channel::Sms, &long).await, Outcome::Sent);
    let form = server.requests()[1].body.clone();
    let sent = form_urlencoded::parse(form.as_bytes()).find(|(name, _)| name == "Body").unwrap().1.into_owned();
    assert_eq!((sent.chars().count(), sent.ends_with('…')), (1600, true));

    for recipient in ["0401234567", "+358 40", "kim@b.example", "+35840&To=%2B1"] {
        let outcome = notifiers.send(Channel::Sms, &super::message(recipient)).await;
        assert!(matches!(outcome, Outcome::Failed { .. }), "{recipient}: {outcome:?}");
    }
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn answers_are_told_apart() {
    let server = HttpServer::start();
    let notifiers = sms(&server.url());
    for status in [200, 201, 202, 204] {
        server.will([Reply::Status(status)]);
        assert_eq!(notifiers.send(Channel::Sms, &message("+358401234567")).await, Outcome::Sent, "{status}");
    }
    for status in [408, 425, 429, 500, 502, 503, 504, 599] {
        server.will([Reply::Status(status)]);
        let outcome = notifiers.send(Channel::Sms, &message("+358401234567")).await;
        assert!(matches!(outcome, Outcome::Retry { after: None, .. }), "{status}: {outcome:?}");
    }
    for status in [301, 302, 307, 400, 401, 403, 404, 410, 422] {
        server.will([Reply::Full(status, ("Location", server.url()), String::new())]);
        let outcome = notifiers.send(Channel::Sms, &message("+358401234567")).await;
        assert!(matches!(&outcome, Outcome::Failed { error } if error.contains(&status.to_string())), "{outcome:?}");
    }
    assert_eq!(server.requests().len(), 4 + 8 + 9, "no redirect was followed");
    let problem = r#"{"code": 21211, "message": "Invalid\n 'To'", "status": 400}"#;
    server.will([Reply::Full(400, ("X-Y", String::new()), problem.to_owned())]);
    let outcome = notifiers.send(Channel::Sms, &message("+358401234567")).await;
    assert!(error(&outcome).ends_with("Invalid 'To' (21211)"), "{outcome:?}");
    assert!(!format!("{notifiers:?}").contains("geheim") && !format!("{notifiers:?}").contains("QUMxMj"));
}

#[tokio::test]
async fn a_wait_that_is_asked_for_is_kept_but_not_forever() {
    let server = HttpServer::start();
    let notifiers = sms(&server.url());
    let soon = SystemTime::now() + Duration::from_secs(100);
    for (text, shortest, longest) in [
        ("120".to_owned(), 120, 120),
        ("999999".to_owned(), 900, 900),
        (httpdate::fmt_http_date(soon), 60, 100),
        ("Thu, 01 Jan 1998 00:00:00 GMT".to_owned(), 0, 0),
    ] {
        server.will([Reply::Full(429, ("Retry-After", text.clone()), String::new())]);
        match notifiers.send(Channel::Sms, &message("+358401234567")).await {
            Outcome::Retry { after: Some(after), .. } => {
                assert!((shortest..=longest).contains(&after.as_secs()), "{text}: {after:?}");
            }
            other => unreachable!("{text}: {other:?}"),
        }
    }
    server.will([Reply::Full(503, ("Retry-After", "soon".to_owned()), String::new())]);
    let outcome = notifiers.send(Channel::Sms, &message("+358401234567")).await;
    assert!(matches!(outcome, Outcome::Retry { after: None, .. }), "{outcome:?}");
}

#[tokio::test]
async fn connections_that_fail_are_told_apart() {
    let server = HttpServer::start();
    let notifiers = sms(&server.url());
    server.will([Reply::Drop]);
    let outcome = notifiers.send(Channel::Sms, &message("+358401234567")).await;
    assert!(matches!(outcome, Outcome::Retry { .. }), "{outcome:?}");
    for url in [
        format!("http://127.0.0.1:{}", closed_port()),
        server.url().replace("http:", "https:"),
        "http://no-such-host.invalid".to_owned(),
    ] {
        let outcome = sms(&url).send(Channel::Sms, &message("+358401234567")).await;
        assert!(matches!(outcome, Outcome::Down { .. }), "{url}: {outcome:?}");
    }
    server.will([Reply::Hold]);
    let http = Http::new(None).unwrap().within(Duration::from_millis(300));
    let address = uri("x", &server.url()).unwrap();
    let answer = http.post(&address, Default::default(), "text/plain", &message(""), "x").await;
    assert!(matches!(&answer, Err(Outcome::Retry { error, .. }) if error.contains("did not answer")), "{answer:?}");
}

/// The status line decides, and what came of the body says why.
#[tokio::test]
async fn an_answer_whose_body_never_ends_is_an_answer() {
    let server = HttpServer::start();
    let notifiers = webhook(&server.url(), "127.0.0.1");
    server.will([Reply::Half(200), Reply::Half(503), Reply::Half(404)]);
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        outcomes.push(notifiers.send(Channel::Webhook, &message("")).await);
    }
    assert_eq!(outcomes[0], Outcome::Sent);
    assert!(matches!(&outcomes[1], Outcome::Retry { error, .. } if error.contains("503")), "{outcomes:?}");
    assert!(matches!(&outcomes[2], Outcome::Failed { error } if error.contains("404")), "{outcomes:?}");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_webhook_is_signed() {
    let server = HttpServer::start();
    let notifiers = webhook(&format!("{}/hook?key=1", server.url()), "127.0.0.0/8");
    assert_eq!(notifiers.send(Channel::Webhook, &message("")).await, Outcome::Sent);
    let request = &server.requests()[0];
    assert_eq!(request.path, "/hook?key=1");
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("idempotency-key"), "0193-abc");
    assert_eq!(serde_json::from_str::<Value>(&request.body).unwrap(), message("").payload);
    let timestamp = request.header("x-muista-timestamp");
    let sent = SystemTime::UNIX_EPOCH + Duration::from_secs(timestamp.parse().unwrap());
    assert!(sent.elapsed().unwrap() < Duration::from_secs(60));
    let signed = format!("{timestamp}.{}", request.body);
    assert_eq!(request.header("x-muista-signature"), format!("v1={}", by_definition("geheim", &signed)));

    let unsigned = config(&[("WEBHOOK_URL", &server.url()), ("WEBHOOK_ALLOW", "127.0.0.1")]);
    assert_eq!(Notifiers::new(&unsigned).unwrap().send(Channel::Webhook, &message("")).await, Outcome::Sent);
    assert_eq!(server.requests()[1].header("x-muista-signature"), "");
}

/// The same by RFC 2104's definition, with nothing but the hash.
fn by_definition(key: &str, text: &str) -> String {
    use sha2::{Digest as _, Sha256};
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key.as_bytes());
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(text).finalize();
    let outer = Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize();
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn a_webhook_reaches_no_private_address() {
    let server = HttpServer::start();
    let port = server.port();
    for host in
        ["127.0.0.1", "localhost", "2130706433", "127.1", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
    {
        let url = format!("http://{host}:{port}/secret");
        // Some of these are no names that the settings take; the guard must not rely on it.
        let address = uri("webhook.url", &url).unwrap();
        let http = Http::new(Some(Guard::default())).unwrap();
        let answer = http.post(&address, Default::default(), "text/plain", &message(""), "x").await;
        let refused = matches!(&answer, Err(Outcome::Failed { error }) if error.contains("webhook.allow"));
        let unknown = matches!(&answer, Err(Outcome::Down { error }) if error.contains("cannot be found"));
        assert!(refused || unknown && !host.starts_with(['1', 'l', '[']), "{host}: {answer:?}");
    }
    assert!(server.requests().is_empty());
    let outcome =
        webhook(&format!("http://localhost:{port}/secret"), "10.0.0.0/8").send(Channel::Webhook, &message("")).await;
    assert!(matches!(&outcome, Outcome::Failed { error } if !error.contains("/secret")), "{outcome:?}");
    let metadata = webhook("http://169.254.169.254/latest", "10.0.0.0/8").send(Channel::Webhook, &message("")).await;
    assert!(matches!(metadata, Outcome::Failed { .. }), "{metadata:?}");
}

#[tokio::test]
async fn a_webhook_reaches_what_is_allowed() {
    let server = HttpServer::start();
    let port = server.port();
    for (host, allow) in
        [("127.0.0.1", "127.0.0.1"), ("localhost", "other.example,LOCALHOST"), ("localhost", "127.0.0.0/8")]
    {
        let outcome = webhook(&format!("http://{host}:{port}/"), allow).send(Channel::Webhook, &message("")).await;
        assert_eq!(outcome, Outcome::Sent, "{host} {allow}");
    }
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn ntfy_gets_json() {
    let server = HttpServer::start();
    let topic = format!("{}/deep/my_topic", server.url());
    let notifiers = Notifiers::new(&config(&[("NTFY_URL", &topic), ("NTFY_TOKEN", "tk_geheim")])).unwrap();
    let titled = Message { title: "Ötökkä\n🐛".to_owned(), ..message("") };
    assert_eq!(notifiers.send(Channel::Ntfy, &titled).await, Outcome::Sent);
    let long = Message { body: "ä".repeat(5000), ..message("") };
    assert_eq!(notifiers.send(Channel::Ntfy, &long).await, Outcome::Sent);
    let requests = server.requests();
    assert_eq!((requests[0].path.as_str(), requests[0].header("authorization")), ("/deep", "Bearer tk_geheim"));
    let body: Value = serde_json::from_str(&requests[0].body).unwrap();
    let wanted = serde_json::json!({"topic": "my_topic", "title": "Ötökkä\n🐛", "message": "Task 7\nDue tomorrow"});
    assert_eq!(body, wanted);
    let body: Value = serde_json::from_str(&requests[1].body).unwrap();
    assert!(body["message"].as_str().unwrap().len() <= 4096);
    let problem = r#"{"code":40301,"http":403,"error":"forbidden"}"#;
    server.will([Reply::Full(403, ("X-Y", String::new()), problem.to_owned())]);
    let outcome = notifiers.send(Channel::Ntfy, &titled).await;
    assert!(matches!(&outcome, Outcome::Failed { error } if error.ends_with(": forbidden")), "{outcome:?}");
    assert!(!format!("{notifiers:?}").contains("tk_geheim"));
}
