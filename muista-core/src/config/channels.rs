//! The settings of notifications, a struct for each channel, and where each takes its values from. Whether a channel is
//! set up far enough to be used is told by the daemon, when it is used.

use super::address::{AllowList, Allowed, HostName, HttpUrl, MailAddress, Mailbox, Phone, Topic};
use super::keys;
use super::reader::Reader;
use super::secret::Secret;
use crate::model::Channel;

/// Where Twilio's API is.
const TWILIO: &str = "https://api.twilio.com";

/// How a connection to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tls {
    /// Not at all.
    None,
    /// It begins in clear text and must change over before anything is said.
    #[default]
    StartTls,
    /// From the first byte on.
    Tls,
}

impl Tls {
    /// `none`, `starttls` or `tls`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::StartTls => "starttls",
            Self::Tls => "tls",
        }
    }

    /// The port that goes with it: 25 (RFC 5321), 587 (RFC 6409) or 465 (RFC 8314).
    #[must_use]
    pub fn port(self) -> u16 {
        match self {
            Self::None => 25,
            Self::StartTls => 587,
            Self::Tls => 465,
        }
    }
}

/// How mail is sent.
#[derive(Debug, Clone)]
pub struct EmailConfig {
    /// The mail server, by name or address.
    pub host: Option<String>,
    /// Its port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// The name by which this machine greets the mail server; none: its own.
    pub hello_name: Option<String>,
    /// The account to log in with; none: no login.
    pub username: Option<String>,
    /// The account's password.
    pub password: Option<Secret>,
    /// The sender: an address, or `Name <address>`.
    pub from: Option<String>,
    /// The address of this machine's user.
    pub to: Option<String>,
}

/// How text messages are sent, by an API of Twilio's shape.
#[derive(Debug, Clone)]
pub struct SmsConfig {
    /// The API's address, without a slash at its end.
    pub url: String,
    /// The account's identifier.
    pub account: Option<String>,
    /// What proves the account.
    pub token: Option<Secret>,
    /// The sender's number, by E.164.
    pub from: Option<String>,
    /// The number of this machine's user, by E.164.
    pub to: Option<String>,
}

/// Where requests are sent.
#[derive(Debug, Clone)]
pub struct WebhookConfig {
    /// The address.
    pub url: Option<String>,
    /// What the requests are signed with.
    pub secret: Option<Secret>,
    /// What may be reached although it is of a private network.
    pub allow: Vec<Allowed>,
}

/// The topic at an ntfy server that messages are pushed to.
#[derive(Debug, Clone)]
pub struct NtfyConfig {
    /// Server and topic.
    pub topic: Option<Topic>,
    /// What proves that messages may be pushed there.
    pub token: Option<Secret>,
}

impl EmailConfig {
    pub(super) fn take(reader: &mut Reader<'_>) -> Self {
        let host = reader.take(&keys::EMAIL_HOST).map(|HostName(host)| host);
        let port = reader.take(&keys::EMAIL_PORT);
        let tls = reader.take(&keys::EMAIL_TLS).unwrap_or_default();
        Self {
            host,
            port: port.map_or(tls.port(), |port| port.get()),
            tls,
            hello_name: reader.take(&keys::EMAIL_HELLO_NAME).map(|HostName(name)| name),
            username: reader.take(&keys::EMAIL_USERNAME),
            password: reader.take(&keys::EMAIL_PASSWORD),
            from: reader.take(&keys::EMAIL_FROM).map(|Mailbox(from)| from),
            to: reader.take(&keys::EMAIL_TO).map(|MailAddress(to)| to),
        }
    }
}

impl SmsConfig {
    pub(super) fn take(reader: &mut Reader<'_>) -> Self {
        let url = reader.take(&keys::SMS_URL).map_or_else(|| TWILIO.to_owned(), |HttpUrl(url)| url);
        Self {
            url: url.trim_end_matches('/').to_owned(),
            account: reader.take(&keys::SMS_ACCOUNT),
            token: reader.take(&keys::SMS_TOKEN),
            from: reader.take(&keys::SMS_FROM).map(|Phone(from)| from),
            to: reader.take(&keys::SMS_TO).map(|Phone(to)| to),
        }
    }
}

impl WebhookConfig {
    pub(super) fn take(reader: &mut Reader<'_>) -> Self {
        Self {
            url: reader.take(&keys::WEBHOOK_URL).map(|HttpUrl(url)| url),
            secret: reader.take(&keys::WEBHOOK_SECRET),
            allow: reader.take(&keys::WEBHOOK_ALLOW).map_or_else(Vec::new, |AllowList(allow)| allow),
        }
    }
}

impl NtfyConfig {
    pub(super) fn take(reader: &mut Reader<'_>) -> Self {
        Self { topic: reader.take(&keys::NTFY_URL), token: reader.take(&keys::NTFY_TOKEN) }
    }
}

/// The channels of a reminder that names none.
pub(super) fn take_channels(reader: &mut Reader<'_>) -> Vec<Channel> {
    reader.take(&keys::CHANNELS).unwrap_or_else(|| vec![Channel::Email])
}
