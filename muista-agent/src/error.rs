//! [`Error`]: why a message was not carried out, whoever says so: the daemon, the network or this client.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

/// Why a message was not carried out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What to go by.
    pub code: ErrorCode,
    /// What is wrong, in words, and what to do about it.
    pub message: String,
    /// The daemon's details: `field` names what is wrong, `known` the intents that there are.
    pub details: BTreeMap<String, Value>,
    /// The HTTP status, where the daemon answered.
    pub status: Option<u16>,
    /// After how long it may be tried again, where the daemon says so.
    pub retry_after: Option<Duration>,
}

/// What to go by.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
#[non_exhaustive]
pub enum ErrorCode {
    /// The message, or something in it, cannot be accepted.
    InvalidParams,
    /// The daemon knows no such intent.
    UnknownIntent,
    /// There is no such thing, or none that the account sees.
    NotFound,
    /// The token is not taken, or not for this.
    Forbidden,
    /// Too many messages.
    RateLimited,
    /// As many new tasks as a day allows.
    DailyLimit,
    /// The daemon failed, or its database does not answer.
    Internal,
    /// Nobody answers at the address, or the connection was lost.
    Unreachable,
    /// There was no answer in time.
    TimedOut,
    /// The answer is none of a Muista daemon.
    BadAnswer,
    /// One that a newer daemon has.
    Other(String),
}

impl From<String> for ErrorCode {
    fn from(code: String) -> Self {
        match code.as_str() {
            "INVALID_PARAMS" => Self::InvalidParams,
            "UNKNOWN_INTENT" => Self::UnknownIntent,
            "NOT_FOUND" => Self::NotFound,
            "FORBIDDEN" => Self::Forbidden,
            "RATE_LIMITED" => Self::RateLimited,
            "DAILY_LIMIT" => Self::DailyLimit,
            "INTERNAL" => Self::Internal,
            _ => Self::Other(code),
        }
    }
}

impl Error {
    /// One that this client found.
    pub(crate) fn here(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: BTreeMap::new(), status: None, retry_after: None }
    }

    /// The field that is wrong, where the daemon names one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.details.get("field").and_then(Value::as_str)
    }

    /// Whether the same message may succeed later.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self.status {
            Some(status) => status == 429 || status >= 500,
            None => matches!(self.code, ErrorCode::Unreachable | ErrorCode::TimedOut),
        }
    }
}
