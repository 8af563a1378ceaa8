//! Mail, against a mail server.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::time::Duration;

use test_common::smtp::{Act, SmtpServer};

use super::super::email::{CONNECTIONS, Email, SLOW_CONNECTIONS};
use super::super::mail_pool::Times;
use super::super::{Message, Outcome, Patience};
use super::{closed_port, config, error, message};

const LIMIT: Duration = Duration::from_secs(10);

fn email_at(port: u16, more: &[(&str, &str)], time: Duration) -> Email {
    let port = port.to_string();
    let mut settings = vec![("EMAIL_HOST", "127.0.0.1"), ("EMAIL_PORT", &port), ("EMAIL_FROM", "Muista <m@a.example>")];
    if !more.iter().any(|(name, _)| *name == "EMAIL_TLS") {
        settings.push(("EMAIL_TLS", "none"));
    }
    settings.extend(more);
    let times = Times {
        connect: time,
        greeting: time,
        command: time,
        data: time,
        block: Duration::ZERO,
        end: time,
        farewell: time,
    };
    Email::within(&config(&settings).email, times).unwrap().unwrap()
}

fn email(server: &SmtpServer) -> Email {
    email_at(server.port(), &[], LIMIT)
}

#[tokio::test]
async fn a_mail_has_both_texts_and_the_same_headers_each_time() {
    let server = SmtpServer::start();
    let email = email(&server);
    let message = Message { title: "Muistutus: Ötökkä 🐛".to_owned(), ..message("kim@b.example") };
    assert_eq!(email.send(&message).await, Outcome::Sent);
    assert_eq!(email.send(&message).await, Outcome::Sent);
    let mails = server.wait_for(2, LIMIT);
    assert_eq!((mails[0].from.as_str(), mails[0].to.as_slice()), ("m@a.example", &["kim@b.example".to_owned()][..]));
    for (header, value) in [
        ("Message-ID", "<0193-abc@a.example>"),
        ("Date", "Sat, 21 Nov 2026 12:00:00 +0000"),
        ("Auto-Submitted", "auto-generated"),
        ("From", "Muista <m@a.example>"),
        ("To", "kim@b.example"),
        ("MIME-Version", "1.0"),
    ] {
        assert_eq!(mails[0].header(header).as_deref(), Some(value), "{}", mails[0].text);
        assert_eq!(mails[0].header(header), mails[1].header(header));
    }
    let subject = mails[0].header("Subject").unwrap();
    assert!(subject.contains("=?utf-8?b?") && subject.is_ascii(), "{subject}");
    assert!(mails[0].header("Content-Type").unwrap().starts_with("multipart/alternative"));
    for part in ["text/plain; charset=utf-8", "Task 7\nDue tomorrow", "text/html; charset=utf-8", "<p>Buy cat food</p>"]
    {
        assert!(mails[0].text.contains(part), "{part}: {}", mails[0].text);
    }
    assert_eq!(server.connections(), 1, "kept for the next mail");
}

#[tokio::test]
async fn replies_are_told_apart() {
    let server = SmtpServer::start();
    let email = email(&server);
    for (act, outcome) in [
        (Act::RefuseRecipient(550), "failed"),
        (Act::RefuseRecipient(450), "later"),
        (Act::RefuseSender(451), "later"),
        (Act::RefuseSender(550), "failed"),
        (Act::RefuseText(554), "failed"),
        (Act::RefuseText(451), "retry"),
        (Act::RefuseRecipient(530), "down"),
        (Act::DropAfterText, "retry"),
        (Act::Greet(554), "down"),
        (Act::Greet(421), "down"),
        (Act::RefuseSender(421), "down"),
        (Act::RefuseRecipient(421), "down"),
        (Act::RefuseText(421), "down"),
        (Act::Accept, "sent"),
    ] {
        server.will([act]);
        let got = email.send(&message("kim@b.example")).await;
        let name = match &got {
            Outcome::Sent => "sent",
            Outcome::Retry { after: None, patience: Patience::Minutes, .. } => "retry",
            Outcome::Retry { after: None, patience: Patience::Day, .. } => "later",
            Outcome::Failed { .. } => "failed",
            _ => "down",
        };
        assert_eq!(name, outcome, "{act:?}: {got:?}");
        if let Act::RefuseSender(code) | Act::RefuseRecipient(code) | Act::RefuseText(code) | Act::Greet(code) = act {
            assert!(error(&got).contains(&code.to_string()), "{got:?}");
        }
    }
    let kept = server.mails();
    assert_eq!(kept.len(), 2, "the one that was never acknowledged, and the last");
    assert_eq!(kept[0].message_id(), kept[1].message_id());
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let server = SmtpServer::start();
    server.will([Act::Hold]);
    let email = email_at(server.port(), &[], Duration::from_millis(300));
    let outcome = email.send(&message("kim@b.example")).await;
    assert!(matches!(&outcome, Outcome::Retry { error, .. } if error.contains("did not answer")), "{outcome:?}");
    assert_eq!(email.send(&message("kim@b.example")).await, Outcome::Sent);
}

#[tokio::test]
async fn a_channel_without_its_server_is_down_until_it_is_back() {
    let mut server = SmtpServer::start();
    let email = email(&server);
    assert_eq!(email.send(&message("kim@b.example")).await, Outcome::Sent);
    server.stop();
    let outcome = email.send(&message("kim@b.example")).await;
    assert!(matches!(&outcome, Outcome::Down { error } if error.contains("127.0.0.1 port")), "{outcome:?}");
    server.restart();
    assert_eq!(
        email.send(&message("kim@b.example")).await,
        Outcome::Sent,
        "the kept connection is gone, a new one made"
    );
}

#[tokio::test]
async fn a_refused_login_is_the_channels_trouble() {
    let server = SmtpServer::start();
    let login = [("EMAIL_USERNAME", "kim"), ("EMAIL_PASSWORD", "geheim")];
    let email = email_at(server.port(), &login, LIMIT);
    for code in [535, 454, 534] {
        server.will([Act::RefuseLogin(code)]);
        let outcome = email.send(&message("kim@b.example")).await;
        assert!(matches!(&outcome, Outcome::Down { error } if error.contains("login")), "{outcome:?}");
        assert!(!error(&outcome).contains("geheim") && !format!("{email:?}").contains("geheim"));
    }
    assert_eq!(email.send(&message("kim@b.example")).await, Outcome::Sent);
    assert_eq!(server.logins().last().unwrap(), "PLAIN AGtpbQBnZWhlaW0=");
}

#[tokio::test]
async fn encryption_that_is_asked_for_is_not_done_without() {
    let server = SmtpServer::start();
    for mode in ["starttls", "tls"] {
        let login = [("EMAIL_TLS", mode), ("EMAIL_USERNAME", "kim"), ("EMAIL_PASSWORD", "geheim")];
        let email = email_at(server.port(), &login, Duration::from_secs(2));
        let outcome = email.send(&message("kim@b.example")).await;
        assert!(matches!(outcome, Outcome::Down { .. }), "{mode}: {outcome:?}");
    }
    let email = email_at(closed_port(), &[], LIMIT);
    assert!(matches!(email.send(&message("kim@b.example")).await, Outcome::Down { .. }));
    assert!(server.logins().is_empty() && server.mails().is_empty());
}

#[tokio::test]
async fn nothing_in_a_message_becomes_a_header_or_a_command() {
    let server = SmtpServer::start();
    let email = email(&server);
    let evil = "Hi\r\nBcc: eve@c.example\r\n\r\n.\r\nMAIL FROM:<eve@c.example>";
    let hostile =
        Message { title: evil.to_owned(), body: evil.to_owned(), html: evil.to_owned(), ..message("kim@b.example") };
    assert_eq!(email.send(&hostile).await, Outcome::Sent);
    let hostile = Message { key: "x>\r\nBcc: <eve@c.example".to_owned(), ..message("kim@b.example") };
    assert_eq!(email.send(&hostile).await, Outcome::Sent);
    for recipient in [
        "kim@b.example\r\nBcc: eve@c.example",
        "kim@b.example, eve@c.example",
        "kim@b.example>",
        "kim",
        "",
        "Kim <kim@b.example>",
    ] {
        let outcome = email.send(&message(recipient)).await;
        assert!(
            matches!(&outcome, Outcome::Failed { error } if error.contains("not a valid mail address")),
            "{recipient}: {outcome:?}"
        );
    }
    let mails = server.wait_for(2, LIMIT);
    assert_eq!(mails.len(), 2);
    for mail in &mails {
        assert_eq!((mail.header("Bcc"), mail.to.len()), (None, 1), "{}", mail.text);
        assert_eq!(mail.from, "m@a.example");
    }
    assert!(
        mails[0].header("Subject").unwrap().contains("Bcc: eve@c.example"),
        "in the title's own line: {}",
        mails[0].text
    );
    assert_eq!(mails[1].message_id().as_deref(), Some("<xBccevecexample@a.example>"));
}

#[tokio::test]
async fn an_address_the_server_cannot_write_fails() {
    let server = SmtpServer::start();
    let outcome = email(&server).send(&message("käyttäjä@b.example")).await;
    assert!(matches!(&outcome, Outcome::Failed { error } if error.contains("SMTPUTF8")), "{outcome:?}");
}

#[tokio::test]
async fn mails_share_few_connections() {
    let server = SmtpServer::start();
    let email = email(&server);
    let message = message("kim@b.example");
    let outcomes = futures::future::join_all((0..40).map(|_| email.send(&message))).await;
    assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Sent), "{outcomes:?}");
    assert_eq!(server.wait_for(40, LIMIT).len(), 40);
    // Some of them took ten mails, and were replaced.
    assert!(server.connections() <= CONNECTIONS + SLOW_CONNECTIONS + 40 / 10, "{}", server.connections());
}

#[tokio::test]
async fn a_connection_takes_ten_mails() {
    let server = SmtpServer::start();
    let email = email(&server);
    for _ in 0..21 {
        assert_eq!(email.send(&message("kim@b.example")).await, Outcome::Sent);
    }
    assert_eq!(server.connections(), 3);
    let deadline = tokio::time::Instant::now() + LIMIT;
    while server.goodbyes() < 2 {
        assert!(tokio::time::Instant::now() < deadline, "{} of 2 connections were ended in form", server.goodbyes());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// A server may take fewer mails over a connection: the next one goes over another.
#[tokio::test]
async fn a_connection_that_takes_no_more_mails_is_replaced() {
    let server = SmtpServer::start();
    let email = email(&server);
    server.will([Act::Accept, Act::RefuseSender(421)]);
    for _ in 0..2 {
        assert_eq!(email.send(&message("kim@b.example")).await, Outcome::Sent);
    }
    assert_eq!((server.connections(), server.mails().len()), (2, 2));
}

/// Neither who greets late nor who takes long over a mail holds up other mail, and no mail goes twice.
#[tokio::test]
async fn a_slow_server_is_waited_for_while_other_mail_goes_on() {
    let server = SmtpServer::start();
    let email = email_at(server.port(), &[], Duration::from_secs(60));
    let slow = [Act::GreetLater, Act::Later, Act::Later, Act::Later];
    server.will(slow);
    let message = message("kim@b.example");
    let waiting: Vec<_> = slow.iter().map(|_| Box::pin(email.send(&message))).collect();
    let mut waiting = futures::future::join_all(waiting);
    tokio::select! {
        outcomes = &mut waiting => unreachable!("{outcomes:?}"),
        outcome = async {
            while server.mails().len() < slow.len() - 1 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            email.send(&message).await
        } => assert_eq!(outcome, Outcome::Sent),
    }
    assert_eq!(server.mails().len(), slow.len(), "the one that overtook the others, too");
    server.answer();
    assert!(waiting.await.iter().all(|outcome| *outcome == Outcome::Sent));
    assert_eq!(server.wait_for(slow.len() + 1, LIMIT).len(), slow.len() + 1);
}

#[tokio::test]
async fn the_server_is_greeted_by_a_name_that_it_can_check() {
    let server = SmtpServer::start();
    for (settings, greeting) in [
        (&[("EMAIL_HELLO_NAME", "muista.example.org")][..], "muista.example.org"),
        (&[("EMAIL_HELLO_NAME", "192.0.2.7")], "[192.0.2.7]"),
    ] {
        let email = email_at(server.port(), settings, LIMIT);
        assert_eq!(email.send(&message("kim@b.example")).await, Outcome::Sent);
        assert_eq!(server.greetings().last().map(String::as_str), Some(greeting));
    }
    let by_itself = email_at(server.port(), &[], LIMIT);
    assert_eq!(by_itself.send(&message("kim@b.example")).await, Outcome::Sent);
    let greeting = server.greetings().pop().unwrap();
    assert!(greeting == "[127.0.0.1]" || greeting.contains('.') && !greeting.starts_with('['), "{greeting}");
}

#[tokio::test]
async fn international_domains_travel_as_every_server_takes_them() {
    let server = SmtpServer::start();
    let email = email_at(server.port(), &[("EMAIL_FROM", "Muista <m@bücher.example>")], LIMIT);
    assert_eq!(email.send(&message("kim@käse.example")).await, Outcome::Sent);
    let mail = &server.mails()[0];
    assert_eq!((mail.from.as_str(), mail.to[0].as_str()), ("m@xn--bcher-kva.example", "kim@xn--kse-qla.example"));
    for (header, value) in [
        ("Message-ID", "<0193-abc@xn--bcher-kva.example>"),
        ("From", "Muista <m@xn--bcher-kva.example>"),
        ("To", "kim@xn--kse-qla.example"),
    ] {
        assert_eq!(mail.header(header).as_deref(), Some(value), "{}", mail.text);
    }
}
