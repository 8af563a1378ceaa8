//! Settings that name someone or something on a network: hosts, mail addresses, telephone numbers, URLs, networks. Only
//! their form is looked at; whether anybody is there shows when a message is sent.

use std::ffi::OsStr;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

use super::value::{Base, Setting, invalid, quoted, text};
use crate::error::Result;

/// A host by name or address, without a port.
#[derive(Debug)]
pub(super) struct HostName(pub(super) String);

impl Setting for HostName {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let host = text(raw)?;
        if is_host(host) {
            return Ok(Self(host.to_owned()));
        }
        let message = format!("`{}` is not a valid host name", quoted(host));
        Err(invalid(message, "write the name or the address alone, as in smtp.example.org"))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// A mail address alone.
#[derive(Debug)]
pub(super) struct MailAddress(pub(super) String);

impl Setting for MailAddress {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let address = text(raw)?;
        if is_mail_address(address) {
            return Ok(Self(address.to_owned()));
        }
        let message = format!("`{}` is not a valid mail address", quoted(address));
        Err(invalid(message, "write the address alone, as in kim@example.org"))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// A mail address, maybe with a name before it.
#[derive(Debug)]
pub(super) struct Mailbox(pub(super) String);

impl Setting for Mailbox {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let mailbox = text(raw)?;
        let address = match mailbox.strip_suffix('>').and_then(|rest| rest.rsplit_once('<')) {
            Some((_, address)) => address,
            None => mailbox,
        };
        if is_mail_address(address) && !mailbox.chars().any(char::is_control) {
            return Ok(Self(mailbox.to_owned()));
        }
        let message = format!("`{}` is not a valid sender", quoted(mailbox));
        Err(invalid(message, "write muista@example.org, or Muista <muista@example.org>"))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// A telephone number by E.164: `+`, then at most 15 digits that begin with the country's.
#[derive(Debug)]
pub(super) struct Phone(pub(super) String);

impl Setting for Phone {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let number = text(raw)?;
        let digits = number.strip_prefix('+').unwrap_or_default();
        let right = (7..=15).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit());
        if right && !digits.starts_with('0') {
            return Ok(Self(number.to_owned()));
        }
        let message = format!("`{}` is not a valid telephone number", quoted(number));
        Err(invalid(message, "write it with the country's code and no spaces, as in +358401234567"))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// An address that is spoken to by HTTP. It holds no user and no password, since it is shown.
#[derive(Debug)]
pub(super) struct HttpUrl(pub(super) String);

impl Setting for HttpUrl {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        let url = text(raw)?;
        let wrong = |why: &str| {
            let message = format!("`{}` {why}", quoted(&without_user(url)));
            Err(invalid(message, "write it whole, as in https://example.org/path"))
        };
        let Some(rest) = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")) else {
            return wrong("does not begin with https:// or http://");
        };
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return wrong("holds a character that no URL holds");
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return wrong("holds a user name");
        }
        if url.contains('#') {
            return wrong("holds a fragment, which is never sent");
        }
        match is_authority(authority) {
            true => Ok(Self(url.to_owned())),
            false => wrong("names no host"),
        }
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// A topic at an ntfy server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// The server's address, without a slash at its end.
    pub server: String,
    /// The topic's name.
    pub name: String,
}

impl Setting for Topic {
    fn read(raw: &OsStr, base: &Base) -> Result<Self> {
        let HttpUrl(url) = HttpUrl::read(raw, base)?;
        // By ntfy's documentation of publishing, a topic is 1 to 64 letters, digits, `_` and `-`.
        let split = url.rsplit_once('/').filter(|(server, name)| {
            !server.ends_with('/')
                && (1..=64).contains(&name.len())
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        });
        let Some((server, name)) = split else {
            let message = format!("`{}` names no topic", quoted(&url));
            return Err(invalid(message, "end it with the topic, as in https://ntfy.sh/mytopic"));
        };
        Ok(Self { server: server.to_owned(), name: name.to_owned() })
    }

    fn show(&self) -> String {
        format!("{}/{}", self.server, self.name)
    }
}

/// Something of a private network that may be reached all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Allowed {
    /// Every address of this host, whose name is in lower case.
    Host(String),
    /// Every address of this network.
    Network(IpNet),
}

impl fmt::Display for Allowed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => f.write_str(host),
            Self::Network(network) => write!(f, "{network}"),
        }
    }
}

/// Hosts, addresses and networks, with commas between.
#[derive(Debug)]
pub(super) struct AllowList(pub(super) Vec<Allowed>);

impl Setting for AllowList {
    fn read(raw: &OsStr, _: &Base) -> Result<Self> {
        text(raw)?.split(',').map(|item| allowed(item.trim())).collect::<Result<_>>().map(Self)
    }

    fn show(&self) -> String {
        self.0.iter().map(Allowed::to_string).collect::<Vec<_>>().join(",")
    }
}

fn allowed(item: &str) -> Result<Allowed> {
    if let Ok(network) = item.parse::<IpNet>() {
        return Ok(Allowed::Network(network.trunc()));
    }
    if let Ok(address) = item.parse::<IpAddr>() {
        return Ok(Allowed::Network(address.into()));
    }
    if is_host(item) {
        return Ok(Allowed::Host(item.to_ascii_lowercase()));
    }
    let message = format!("`{}` is neither a host nor a network", quoted(item));
    Err(invalid(message, "write hosts and networks with commas between, as in hooks.home.arpa,10.0.0.0/8"))
}

/// A name by RFC 1123 §2.1, or an address.
pub(super) fn is_host(text: &str) -> bool {
    if text.parse::<IpAddr>().is_ok() {
        return true;
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

/// A light form of RFC 5321 §4.1.2: no quoted local parts, no address literals.
fn is_mail_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let atom = |atom: &str| {
        !atom.is_empty() && !atom.chars().any(|c| c.is_whitespace() || c.is_control() || r#"()<>[]:;@\,""#.contains(c))
    };
    // Names in other scripts are for the mail server to judge.
    let domain_fits = if domain.is_ascii() { is_host(domain) } else { domain.split('.').all(atom) };
    text.len() <= 254 && local.len() <= 64 && local.split('.').all(atom) && domain_fits
}

/// A host, maybe with a port behind it.
fn is_authority(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else {
            return false;
        };
        return address.parse::<Ipv6Addr>().is_ok() && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port));
    }
    match text.split_once(':') {
        Some((host, port)) => is_host(host) && is_port(port),
        None => is_host(text),
    }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// The URL as it may be shown: what stands before an `@` may be a password.
fn without_user(url: &str) -> String {
    match url.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => url.to_owned(),
    }
}
