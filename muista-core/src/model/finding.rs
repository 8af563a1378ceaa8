//! [`Finding`]: one line of `muista doctor`, whoever found it. What is looked at is the finders' own.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Whether what was looked at is in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is.
    Ok,
    /// It works, and may not for long, or not as was meant.
    Warn,
    /// It does not work.
    Fail,
}

/// What was found of one thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// What was looked at, in a word or two, as in `data folder`.
    pub name: String,
    /// Whether it is in order.
    pub status: Verdict,
    /// What was found.
    pub found: String,
    /// What to do about it; none where it is in order.
    pub remedy: Option<String>,
}

impl Finding {
    /// Says that it is in order.
    #[must_use]
    pub fn ok(name: &str, found: impl Into<String>) -> Self {
        Self { name: name.to_owned(), status: Verdict::Ok, found: found.into(), remedy: None }
    }

    /// Says that it works, but should be looked after.
    #[must_use]
    pub fn warn(name: &str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name: name.to_owned(), status: Verdict::Warn, found: found.into(), remedy: Some(remedy.into()) }
    }

    /// Says that it does not work.
    #[must_use]
    pub fn fail(name: &str, found: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name: name.to_owned(), status: Verdict::Fail, found: found.into(), remedy: Some(remedy.into()) }
    }

    /// Says that looking at it met an error.
    #[must_use]
    pub fn failed(name: &str, error: &Error) -> Self {
        Self { name: name.to_owned(), status: Verdict::Fail, found: error.message.clone(), remedy: error.hint.clone() }
    }
}
