//! [`RecurrenceType`]: how the text of a schedule is read, as reminders and jobs store it. Reading it is `time`'s.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How the text of a schedule is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum RecurrenceType {
    /// An instant, in RFC 3339.
    Once,
    /// Cron.
    Cron,
    /// An ISO 8601 duration from one firing to the next.
    Interval,
    /// An ISO 8601 duration from the task's due, negative for before. Reminders only.
    Relative,
}

impl RecurrenceType {
    /// The name, as it is stored and stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Once => "ONCE",
            Self::Cron => "CRON",
            Self::Interval => "INTERVAL",
            Self::Relative => "RELATIVE",
        }
    }
}

impl FromStr for RecurrenceType {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let all = [Self::Once, Self::Cron, Self::Interval, Self::Relative];
        all.into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Error::internal(format!("“{text}” is not a RecurrenceType")))
    }
}
