//! Mail: writes the message and tells from the server's replies what came of it. The connections are `mail_pool`'s.

use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::{Error as SmtpError, response::Code};
use lettre::{Address, Message as Mail};
use muista_core::config::EmailConfig;
use muista_core::error::{Error, Result};
use muista_core::model::Channel;
use tokio::sync::Semaphore;

use super::mail_pool::Pool;
use super::{Message, Outcome, Set, missing, said};

/// So many connections are open at a time.
pub(super) const CONNECTIONS: usize = 4;
/// How long connecting, and then handing a message over, may take.
const TIME: Duration = Duration::from_secs(30);

/// The channel.
#[derive(Debug)]
pub(super) struct Email {
    pool: Pool,
    permits: Semaphore,
    from: Mailbox,
    time: Duration,
}

impl Email {
    /// The channel as it is set up, or what is missing.
    ///
    /// # Errors
    /// `Invalid` when a setting cannot be used, `Internal` when TLS cannot be set up.
    pub(super) fn new(config: &EmailConfig) -> Result<Set<Self>> {
        Self::within(config, TIME)
    }

    /// The same with another limit of time.
    pub(super) fn within(config: &EmailConfig, time: Duration) -> Result<Set<Self>> {
        let Some(host) = &config.host else {
            return Ok(Err(missing(Channel::Email, "email.host")));
        };
        let Some(from) = &config.from else {
            return Ok(Err(missing(Channel::Email, "email.from")));
        };
        if config.username.is_some() && config.password.is_none() {
            return Ok(Err(missing(Channel::Email, "email.password")));
        }
        let from: Mailbox = from.parse().map_err(|e| {
            Error::invalid("email.from", format!("email.from `{from}` is no sender: {e}"))
                .hint("write muista@example.org, or Muista <muista@example.org>")
        })?;
        let pool = Pool::new(host, config, time)?;
        Ok(Ok(Self { pool, permits: Semaphore::new(CONNECTIONS), from, time }))
    }

    pub(super) async fn send(&self, message: &Message) -> Outcome {
        let Ok(to) = message.recipient.parse::<Address>() else {
            return Outcome::failed(format!("“{}” is no mail address", said(&message.recipient)));
        };
        let mail = match self.write(message, to.clone()) {
            Ok(mail) => mail,
            Err(error) => return Outcome::failed(format!("the mail cannot be written: {error}")),
        };
        let envelope = match Envelope::new(Some(self.from.email.clone()), vec![to]) {
            Ok(envelope) => envelope,
            Err(error) => return Outcome::failed(format!("the mail cannot be addressed: {error}")),
        };
        let Ok(_permit) = self.permits.acquire().await else {
            return Outcome::retry("the daemon is stopping");
        };
        match self.pool.take().await {
            Ok(connection) => self.hand_over(connection, &envelope, &mail).await,
            Err(error) => Outcome::down(error),
        }
    }

    async fn hand_over(&self, mut connection: AsyncSmtpConnection, envelope: &Envelope, mail: &Mail) -> Outcome {
        match tokio::time::timeout(self.time, connection.send(envelope, &mail.formatted())).await {
            Ok(Ok(_)) => {
                self.pool.put(connection);
                Outcome::Sent
            }
            Ok(Err(error)) => refused(&error),
            Err(_) => Outcome::retry(format!("the mail server did not answer within {} s", self.time.as_secs_f32())),
        }
    }

    fn write(&self, message: &Message, to: Address) -> std::result::Result<Mail, lettre::error::Error> {
        let key: String = message.key.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        // Whatever the title holds, a header is one line.
        let subject = message.title.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, "");
        let text = if message.body.trim().is_empty() { subject.clone() } else { message.body.clone() };
        // RFC 3834 §5: so that no holiday notice answers.
        let automatic = HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        Mail::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(subject)
            .message_id(Some(format!("<{key}@{}>", self.from.email.domain())))
            .date(SystemTime::from(message.created_at.to_timestamp()))
            .raw_header(automatic)
            .multipart(MultiPart::alternative_plain_html(text, message.html.clone()))
    }
}

/// What it means that the server did not take the mail (RFC 5321 §4.2.1). A connection that is lost after the text was
/// sent leaves open whether it was taken; the mail then goes again under the same `Message-ID`.
fn refused(error: &SmtpError) -> Outcome {
    let words = said(&error.to_string());
    match error.status().map(number) {
        // The server wants a login, or no longer accepts the one it got (RFC 4954 §6).
        Some(530 | 534 | 535 | 538) => Outcome::down(words),
        Some(500..) => Outcome::failed(words),
        // The recipient's address needs what the server does not have.
        None if error.is_client() => Outcome::failed(words),
        _ => Outcome::retry(words),
    }
}

fn number(code: Code) -> u16 {
    code.into()
}
