//! [`Channel`]: the way by which a notification reaches a person. How each is set up is the configuration's, and how a
//! message is delivered is the daemon's.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::clip;
use crate::error::{Error, Result};

/// The way by which a notification reaches a person; its names are those of seed §4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Channel {
    /// A mail.
    Email,
    /// A text message.
    #[serde(rename = "SMS")]
    Sms,
    /// A notification on the desktop of the daemon's machine.
    Desktop,
    /// A signed request to an address of the user's choice.
    Webhook,
    /// A push message by way of an ntfy server.
    Ntfy,
}

impl Channel {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Email, Self::Sms, Self::Desktop, Self::Webhook, Self::Ntfy];

    /// The name, as it stands in JSON and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "SMS",
            Self::Desktop => "desktop",
            Self::Webhook => "webhook",
            Self::Ntfy => "ntfy",
        }
    }
}

impl std::str::FromStr for Channel {
    type Err = Error;

    /// Reads a name in any case.
    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.iter().find(|channel| channel.as_str().eq_ignore_ascii_case(text));
        found.copied().ok_or_else(|| {
            Error::invalid("channel", format!("“{}” is not a channel", clip(text).escape_debug()))
                .hint("choose one of email, sms, desktop, webhook, ntfy")
        })
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn a_channel_has_one_name_everywhere() {
        for channel in Channel::ALL {
            let name = channel.as_str();
            assert_eq!(serde_json::to_value(channel).unwrap(), name);
            assert_eq!(serde_json::from_str::<Channel>(&format!("\"{name}\"")).unwrap(), *channel);
            assert_eq!(channel.to_string(), name);
            for text in [name.to_owned(), name.to_uppercase(), name.to_lowercase()] {
                assert_eq!(text.parse::<Channel>().unwrap(), *channel);
            }
        }
        let error = "pigeon".parse::<Channel>().unwrap_err();
        assert!(error.message.contains("pigeon") && error.hint.unwrap().contains("desktop"));
    }
}
