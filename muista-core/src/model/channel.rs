//! [`Channel`]: a way by which a message reaches somebody (seed §4.3, spec §5). How each works is the daemon's.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::clip;
use crate::error::{Error, Result};

/// A way by which a message reaches somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Channel {
    /// A mail, by SMTP.
    #[serde(rename = "email")]
    Email,
    /// A short message, by an HTTP gateway.
    #[serde(rename = "SMS")]
    Sms,
    /// A notification on the daemon's own desktop.
    #[serde(rename = "desktop")]
    Desktop,
    /// A signed request to a URL.
    #[serde(rename = "webhook")]
    Webhook,
    /// A push message by an ntfy server.
    #[serde(rename = "ntfy")]
    Ntfy,
}

impl Channel {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Email, Self::Sms, Self::Desktop, Self::Webhook, Self::Ntfy];

    /// The name, as it is stored and stands in JSON.
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

impl FromStr for Channel {
    type Err = Error;

    /// Reads a name, in any case.
    fn from_str(text: &str) -> Result<Self> {
        Self::ALL.iter().find(|channel| channel.as_str().eq_ignore_ascii_case(text)).copied().ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|channel| channel.as_str()).collect();
            Error::invalid("channel", format!("“{}” is not a channel", clip(text)))
                .hint(format!("choose one of {}", names.join(", ")))
        })
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
