//! Delivers one message on one channel and says what came of it. When to try, how often, and what is kept of it is the
//! engine's; nothing here knows the database.
//!
//! Errors are kept with the notification and shown to people: they name hosts and settings, never passwords, tokens or
//! the paths of URLs, which may hold either.

mod breaker;
mod desktop;
mod dial;
mod email;
mod guard;
mod http;
mod mail_name;
mod mail_pool;
mod ntfy;
mod render;
mod retry;
mod sms;
mod webhook;

use std::sync::Arc;
use std::time::Duration;

use muista_core::config::Config;
use muista_core::error::Result;
use muista_core::model::Channel;
use muista_core::swap::Swap;
use muista_core::time::Instant;
use serde_json::Value;

pub(crate) use breaker::{Allowed, Breaker, State};
pub(crate) use http::Client;
pub(crate) use render::render;
pub(crate) use retry::{Patience, wait};

use desktop::Desktop;
use email::Email;
use http::Http;
use ntfy::Ntfy;
use sms::Sms;
use webhook::Webhook;

/// An HTTP client that reaches every address.
///
/// # Errors
/// `Internal` when TLS cannot be set up.
pub(crate) fn client() -> Result<Client> {
    http::client(None)
}

/// One message to one recipient.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    /// A mail address, or a telephone number. The other channels have one recipient each, which the settings name;
    /// they do not look at this.
    pub(crate) recipient: String,
    /// One line.
    pub(crate) title: String,
    /// Plain text.
    pub(crate) body: String,
    /// The same as HTML, for mail.
    pub(crate) html: String,
    /// The same at every attempt, so that a recipient can tell a message that comes twice: letters, digits, `-`.
    pub(crate) key: String,
    /// When the notification was made.
    pub(crate) created_at: Instant,
    /// What a webhook is sent.
    pub(crate) payload: Value,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The other side has taken the message.
    Sent,
    /// It has not, or nobody knows: to be tried again.
    Retry {
        /// Why, in words.
        error: String,
        /// How long the other side asks to wait; 15 minutes at most.
        after: Option<Duration>,
        /// For how long it is worth trying.
        patience: Patience,
    },
    /// It never will.
    Failed {
        /// Why, in words.
        error: String,
    },
    /// The channel itself does not work, whatever the message: no attempt of the message's.
    Down {
        /// Why, in words.
        error: String,
    },
}

impl Outcome {
    fn retry(error: impl Into<String>) -> Self {
        Self::Retry { error: error.into(), after: None, patience: Patience::Minutes }
    }

    fn later(error: impl Into<String>) -> Self {
        Self::Retry { error: error.into(), after: None, patience: Patience::Day }
    }

    fn failed(error: impl Into<String>) -> Self {
        Self::Failed { error: error.into() }
    }

    fn down(error: impl Into<String>) -> Self {
        Self::Down { error: error.into() }
    }
}

/// A channel, or what is missing for it.
type Set<T> = std::result::Result<T, String>;

/// All channels, as the settings have them; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Notifiers(Arc<Swap<Channels>>);

/// All channels.
#[derive(Debug)]
struct Channels {
    email: Set<Email>,
    sms: Set<Sms>,
    desktop: Desktop,
    webhook: Set<Webhook>,
    ntfy: Set<Ntfy>,
}

impl Channels {
    fn new(config: &Config) -> Result<Self> {
        let plain = Http::new(None)?;
        Ok(Self {
            email: Email::new(&config.email)?,
            sms: Sms::new(&config.sms, plain.clone())?,
            desktop: Desktop::of_session(),
            webhook: Webhook::new(&config.webhook)?,
            ntfy: Ntfy::new(&config.ntfy, plain)?,
        })
    }

    async fn send(&self, channel: Channel, message: &Message) -> Outcome {
        match channel {
            Channel::Email => match &self.email {
                Ok(email) => email.send(message).await,
                Err(missing) => Outcome::failed(missing),
            },
            Channel::Sms => match &self.sms {
                Ok(sms) => sms.send(message).await,
                Err(missing) => Outcome::failed(missing),
            },
            Channel::Desktop => self.desktop.send(message).await,
            Channel::Webhook => match &self.webhook {
                Ok(webhook) => webhook.send(message).await,
                Err(missing) => Outcome::failed(missing),
            },
            Channel::Ntfy => match &self.ntfy {
                Ok(ntfy) => ntfy.send(message).await,
                Err(missing) => Outcome::failed(missing),
            },
        }
    }
}

impl Notifiers {
    /// The channels as they are set up. Nothing is connected yet.
    ///
    /// # Errors
    /// `Invalid` when a setting has no form that can be used, `Internal` when TLS cannot be set up.
    pub(crate) fn new(config: &Config) -> Result<Self> {
        Ok(Self(Arc::new(Swap::new(Channels::new(config)?))))
    }

    /// Delivers by these settings from now on; what is under way goes on by the old ones.
    ///
    /// # Errors
    /// As [`Notifiers::new`]; the old channels then stay.
    pub(crate) fn take_over(&self, config: &Config) -> Result<()> {
        self.0.set(Channels::new(config)?);
        Ok(())
    }

    /// Delivers `message`. A slow mail server may take half an hour over it; it can be given up at any time.
    pub(crate) async fn send(&self, channel: Channel, message: &Message) -> Outcome {
        self.0.get().send(channel, message).await
    }

    /// How many messages more may wait for a slow server.
    pub(crate) fn patience(&self, channel: Channel) -> usize {
        match channel {
            Channel::Email => email::SLOW_CONNECTIONS,
            // Theirs have short times.
            Channel::Sms | Channel::Webhook | Channel::Ntfy | Channel::Desktop => 0,
        }
    }

    /// How many messages may be under way on a channel at a time.
    pub(crate) fn concurrency(&self, channel: Channel) -> usize {
        match channel {
            Channel::Email => email::CONNECTIONS,
            Channel::Sms | Channel::Webhook | Channel::Ntfy => http::CONNECTIONS,
            Channel::Desktop => 1,
        }
    }
}

/// What to set, so that `channel` works.
fn missing(channel: Channel, name: &str) -> String {
    let variable =
        muista_core::config::key(name).map_or_else(|_| String::new(), |key| format!(" ({})", key.environment));
    format!("{channel} is not configured: set {name}{variable}")
}

/// The text, cut at `max` characters.
fn clip(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max.saturating_sub(1)).chain(['…']).collect()
}

/// What another machine said, as it may stand in an error: one line, not long, nothing that acts on a terminal.
fn said(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    clip(&line.replace(char::is_control, "?"), 200)
}

#[cfg(test)]
mod tests;
