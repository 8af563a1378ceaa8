//! Mail: writes the message and tells from the server's replies what came of it. The connections are `mail_pool`'s.

use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::commands::{Data, Mail as From, Rcpt};
use lettre::transport::smtp::extension::{Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::{Error as SmtpError, response::Code};
use lettre::{Address, Message as Mail};
use muista_core::config::EmailConfig;
use muista_core::error::{Error, Result};
use muista_core::model::Channel;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::mail_name::travelling;
use super::mail_pool::{Lent, Pool, Times};
use super::{Message, Outcome, Set, missing, said};

/// So many connections are open at a time.
pub(super) const CONNECTIONS: usize = 4;
/// So many more while the server takes long over mails.
pub(super) const SLOW_CONNECTIONS: usize = 12;

/// The channel.
#[derive(Debug)]
pub(super) struct Email {
    pool: Pool,
    permits: Semaphore,
    from: Mailbox,
    times: Times,
}

/// Why the server did not take a mail, and how far it had come.
enum Refused {
    /// The mail cannot be sent to this server at all.
    Unfit(&'static str),
    /// The server said no, or nothing any more.
    By(Stage, SmtpError),
    /// It said nothing in time.
    Silent(Duration),
}

/// How far a mail has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Sender,
    Recipient,
    Text,
}

impl Email {
    /// The channel as it is set up, or what is missing.
    ///
    /// # Errors
    /// `Invalid` when a setting cannot be used, `Internal` when TLS cannot be set up.
    pub(super) fn new(config: &EmailConfig) -> Result<Set<Self>> {
        Self::within(config, Times::default())
    }

    /// The same with other limits of time.
    pub(super) fn within(config: &EmailConfig, times: Times) -> Result<Set<Self>> {
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
            Error::invalid("email.from", format!("email.from `{from}` is not a valid sender: {e}"))
                .hint("write muista@example.org, or Muista <muista@example.org>")
        })?;
        let from = Mailbox::new(from.name, travelling(&from.email));
        let pool = Pool::new(host, config, times)?;
        Ok(Ok(Self { pool, permits: Semaphore::new(CONNECTIONS + SLOW_CONNECTIONS), from, times }))
    }

    pub(super) async fn send(&self, message: &Message) -> Outcome {
        let Ok(to) = message.recipient.parse::<Address>().map(|to| travelling(&to)) else {
            return Outcome::failed(format!("“{}” is not a valid mail address", said(&message.recipient)));
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
        self.deliver(&envelope, &mail.formatted()).await
    }

    async fn deliver(&self, envelope: &Envelope, text: &[u8]) -> Outcome {
        let mut lent = match self.pool.take().await {
            Ok(lent) => lent,
            Err(error) => return Outcome::down(error),
        };
        let mut refused = match self.hand_over(&mut lent, envelope, text).await {
            Ok(()) => return self.taken(lent),
            Err(refused) => refused,
        };
        // The server ends a connection that was used before: another one may do.
        if lent.is_used() && refused.is_of_connection() {
            lent = match self.pool.connect().await {
                Ok(lent) => lent,
                Err(error) => return Outcome::down(error),
            };
            refused = match self.hand_over(&mut lent, envelope, text).await {
                Ok(()) => return self.taken(lent),
                Err(refused) => refused,
            };
        }
        // Without waiting for its word of goodbye.
        drop(lent);
        refused.outcome()
    }

    fn taken(&self, lent: Lent) -> Outcome {
        self.pool.put(lent);
        Outcome::Sent
    }

    /// One mail over one connection (RFC 5321 §3.3), with a time of its own for each step (§4.5.3.2).
    async fn hand_over(&self, lent: &mut Lent, envelope: &Envelope, text: &[u8]) -> std::result::Result<(), Refused> {
        let times = self.times;
        let mut options = Vec::new();
        if envelope.from().into_iter().chain(envelope.to()).any(|address| !address.to_string().is_ascii()) {
            if !lent.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Refused::Unfit("the address has letters that the mail server does not take (no SMTPUTF8)"));
            }
            options.push(MailParameter::SmtpUtfEight);
        }
        if !text.is_ascii() {
            if !lent.server_info().supports_feature(Extension::EightBitMime) {
                return Err(Refused::Unfit("the mail has letters that the mail server does not take (no 8BITMIME)"));
            }
            options.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        let from = From::new(envelope.from().cloned(), options);
        step(Stage::Sender, times.command, lent.command(from)).await?;
        for to in envelope.to() {
            step(Stage::Recipient, times.command, lent.command(Rcpt::new(to.clone(), Vec::new()))).await?;
        }
        step(Stage::Recipient, times.data, lent.command(Data)).await?;
        step(Stage::Text, times.block + times.end, lent.message(text)).await
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

/// One step within its time.
async fn step<T>(
    stage: Stage,
    limit: Duration,
    work: impl Future<Output = std::result::Result<T, SmtpError>>,
) -> std::result::Result<(), Refused> {
    match timeout(limit, work).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(Refused::By(stage, error)),
        Err(_) => Err(Refused::Silent(limit)),
    }
}

impl Refused {
    /// Whether it is about the connection, before anything was said of the mail.
    fn is_of_connection(&self) -> bool {
        match self {
            Self::By(Stage::Sender, error) => matches!(error.status().map(number), None | Some(421)),
            _ => false,
        }
    }

    /// What it means that the server did not take the mail (RFC 5321 §4.2.1). A connection that is lost after the text was
    /// sent leaves open whether it was taken; the mail then goes again under the same `Message-ID`.
    fn outcome(&self) -> Outcome {
        let (stage, error) = match self {
            Self::Unfit(why) => return Outcome::failed(*why),
            Self::Silent(limit) => {
                return Outcome::retry(format!("the mail server did not answer within {} s", limit.as_secs_f32()));
            }
            Self::By(stage, error) => (*stage, error),
        };
        let words = said(&error.to_string());
        match error.status().map(number) {
            // The server goes away, whatever it was asked (RFC 5321 §3.8).
            Some(421) => Outcome::down(words),
            // The server wants a login, or no longer accepts the one it got (RFC 4954 §6).
            Some(530 | 534 | 535 | 538) => Outcome::down(words),
            Some(500..) => Outcome::failed(words),
            // Not now, as a server says to strangers whom it wants to come again (RFC 6647).
            Some(_) if stage != Stage::Text => Outcome::later(words),
            _ => Outcome::retry(words),
        }
    }
}

fn number(code: Code) -> u16 {
    code.into()
}
