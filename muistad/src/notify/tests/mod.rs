//! Every channel against servers that do as they are told.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod email;
mod web;

use std::ffi::OsString;
use std::path::PathBuf;

use muista_core::config::{Config, Flags, Sources};
use muista_core::model::Channel;
use muista_core::time::Instant;
use serde_json::json;

use super::{Message, Notifiers, Outcome};

/// A configuration of these variables, without their `MUISTA_`.
fn config(settings: &[(&str, &str)]) -> Config {
    let home = [(OsString::from("HOME"), OsString::from("/nowhere"))];
    let settings = settings.iter().map(|(name, value)| (format!("MUISTA_{name}").into(), OsString::from(value)));
    Config::load(&Sources::new(Flags::default(), home.into_iter().chain(settings), PathBuf::from("/"))).unwrap()
}

fn message(recipient: &str) -> Message {
    let created_at: Instant = "2026-11-21T12:00:00Z".parse().unwrap();
    Message {
        recipient: recipient.to_owned(),
        title: "Reminder: Buy cat food".to_owned(),
        body: "Task 7\nDue tomorrow".to_owned(),
        html: "<p>Buy cat food</p>".to_owned(),
        key: "0193-abc".to_owned(),
        created_at,
        payload: json!({"title": "Buy cat food", "taskNumber": 7}),
    }
}

/// What is wrong, for any outcome but `Sent`.
fn error(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Retry { error, .. } | Outcome::Failed { error } | Outcome::Down { error } => error,
        Outcome::Sent => unreachable!("it was sent"),
    }
}

/// The port of a server that is no longer there.
fn closed_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn a_secret_that_cannot_be_read_holds_up_its_channel_alone() {
    for (channel, file, settings) in [
        (
            Channel::Email,
            "EMAIL_PASSWORD_FILE",
            &[("EMAIL_HOST", "mx.example"), ("EMAIL_FROM", "m@a.example"), ("EMAIL_USERNAME", "kim")][..],
        ),
        (Channel::Sms, "SMS_TOKEN_FILE", &[("SMS_ACCOUNT", "AC1"), ("SMS_FROM", "+358401234567")]),
        (Channel::Webhook, "WEBHOOK_SECRET_FILE", &[("WEBHOOK_URL", "http://127.0.0.1:1/")]),
        (Channel::Ntfy, "NTFY_TOKEN_FILE", &[("NTFY_URL", "http://127.0.0.1:1/topic")]),
    ] {
        let settings: Vec<_> = settings.iter().copied().chain([(file, "/nowhere/secret")]).collect();
        let notifiers = Notifiers::new(&config(&settings)).unwrap();
        let recipient = if channel == Channel::Sms { "+358401234567" } else { "k@a.example" };
        let outcome = notifiers.send(channel, &message(recipient)).await;
        // It waits: the file may be put right.
        assert!(matches!(outcome, Outcome::Down { .. }), "{channel}: {outcome:?}");
        let told = error(&outcome);
        assert!(told.contains(&format!("MUISTA_{file}")) && told.contains("/nowhere/secret"), "{channel}: {told}");
    }
}

#[tokio::test]
async fn a_channel_that_is_not_set_up_says_what_to_set() {
    let host = ("EMAIL_HOST", "mx.example");
    let from = ("EMAIL_FROM", "m@a.example");
    for (settings, channel, name, variable) in [
        (&[][..], Channel::Email, "email.host", "MUISTA_EMAIL_HOST"),
        (&[host], Channel::Email, "email.from", "MUISTA_EMAIL_FROM"),
        (&[host, from, ("EMAIL_USERNAME", "kim")], Channel::Email, "email.password", "MUISTA_EMAIL_PASSWORD"),
        (&[], Channel::Sms, "sms.account", "MUISTA_SMS_ACCOUNT"),
        (&[("SMS_ACCOUNT", "AC1")], Channel::Sms, "sms.token", "MUISTA_SMS_TOKEN"),
        (&[("SMS_ACCOUNT", "AC1"), ("SMS_TOKEN", "t")], Channel::Sms, "sms.from", "MUISTA_SMS_FROM"),
        (&[], Channel::Webhook, "webhook.url", "MUISTA_WEBHOOK_URL"),
        (&[], Channel::Ntfy, "ntfy.url", "MUISTA_NTFY_URL"),
    ] {
        let outcome = Notifiers::new(&config(settings)).unwrap().send(channel, &message("x")).await;
        let wanted = format!("{channel} is not configured: set {name} ({variable})");
        assert_eq!(outcome, Outcome::Failed { error: wanted });
    }
}

#[test]
fn settings_that_cannot_be_used_are_refused() {
    for (settings, field) in [
        (&[("EMAIL_HOST", "a"), ("EMAIL_FROM", "a \"b <c@d>")][..], "email.from"),
        (&[("SMS_ACCOUNT", "A/../x"), ("SMS_TOKEN", "t"), ("SMS_FROM", "+3584012345")], "sms.account"),
        (&[("NTFY_URL", "https://ntfy.sh/t"), ("NTFY_TOKEN", "ä€")], "ntfy.token"),
    ] {
        match Notifiers::new(&config(settings)) {
            Err(error) => assert_eq!(error.field.as_deref(), Some(field), "{error}"),
            Ok(notifiers) => assert_eq!(field, "ntfy.token", "{notifiers:?}"),
        }
    }
}

#[tokio::test]
async fn a_machine_without_a_desktop_fails_in_words() {
    let desktop = super::desktop::Desktop::at("unix:path=/nowhere/bus");
    let outcome = desktop.send(&message("")).await;
    assert!(matches!(&outcome, Outcome::Failed { error } if error.contains("there is no desktop here")), "{outcome:?}");
}

#[tokio::test]
async fn every_channel_takes_some_messages_at_a_time() {
    let notifiers = Notifiers::new(&config(&[])).unwrap();
    for channel in Channel::ALL {
        assert!((1..=16).contains(&notifiers.concurrency(*channel)), "{channel}");
    }
}

#[test]
fn what_others_say_is_made_safe() {
    assert_eq!(super::said("a\r\n b\u{1b}[31m"), "a b?[31m");
    assert_eq!(super::said(&"ä".repeat(300)).chars().count(), 200);
    assert_eq!(super::clip("abc", 3), "abc");
    assert_eq!(super::clip("abcd", 3), "ab…");
}
