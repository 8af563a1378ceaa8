//! Changes as they happen: an [`Event`] is an entry of the record of changes with its place among those that are told.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{AuditEntry, clip};
use crate::error::{Error, Result};

/// A place among the events. Its text means nothing to anybody but the server that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EventCursor {
    /// The transaction, on PostgreSQL: transactions do not end in the order in which they take numbers. 0 on SQLite.
    pub(crate) xact: i64,
    /// The place in the record of changes.
    pub(crate) seq: i64,
}

impl EventCursor {
    /// Before everything.
    pub const START: Self = Self { xact: 0, seq: 0 };
}

impl fmt::Display for EventCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.xact {
            0 => self.seq.fmt(f),
            xact => write!(f, "{xact}.{}", self.seq),
        }
    }
}

impl FromStr for EventCursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
        let (xact, seq) = text.split_once('.').unwrap_or(("0", text));
        match (number(xact), number(seq)) {
            (Some(xact), Some(seq)) => Ok(Self { xact, seq }),
            _ => Err(Error::invalid("after", format!("“{}” is not a valid event ID", clip(text)))
                .hint("give the id of an event, as it was told, or 0 for all there ever were")),
        }
    }
}

impl TryFrom<String> for EventCursor {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<EventCursor> for String {
    fn from(cursor: EventCursor) -> Self {
        cursor.to_string()
    }
}

/// One change, as it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// Its place, from which to go on.
    pub id: EventCursor,
    /// What was changed.
    pub entry: AuditEntry,
}

/// Some events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventPage {
    /// The events, the oldest first.
    pub items: Vec<Event>,
    /// Where to go on from, also where there was none.
    pub next: EventCursor,
}
