//! [`Settings`]: what the service has to know of the configuration. Where it was set is `config`'s.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::model::Channel;

/// What the service has to know of the configuration.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The channels of a reminder or a job that names none.
    pub channels: Vec<Channel>,
    /// Where the local account is reached, by channel: a mailbox, a phone, an endpoint. A channel that is missing is not
    /// configured.
    pub recipients: BTreeMap<Channel, String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { channels: vec![Channel::Email], recipients: BTreeMap::new() }
    }
}

impl Settings {
    /// Where the local account is reached on a channel.
    ///
    /// # Errors
    /// `Invalid` when the channel has no recipient, with the key that gives it one.
    pub(crate) fn recipient(&self, channel: Channel) -> Result<&str> {
        let configured = self.recipients.get(&channel).map(String::as_str).filter(|to| !to.is_empty());
        configured.ok_or_else(|| {
            let key = match channel {
                Channel::Email => "email.to",
                Channel::Sms => "sms.to",
                Channel::Desktop => "desktop.enabled",
                Channel::Webhook => "webhook.url",
                Channel::Ntfy => "ntfy.url",
            };
            Error::invalid("channel", format!("{channel} has no recipient"))
                .hint(format!("set {key} with `muista config set {key} …`"))
        })
    }
}
