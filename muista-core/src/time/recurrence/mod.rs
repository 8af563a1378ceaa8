//! What repeats: cron, ISO 8601 intervals, and words like `every 3rd friday at 9:00 until june`.
//!
//! A text becomes a [`Recurrence`]: a [`Rule`] and what else it says. A rule in a zone, counted from
//! an anchor, is a [`Schedule`], which knows when it fires. Storing it, waiting for it and what it
//! sets off belong to others.

mod cron;
mod interval;
mod local;
mod schedule;

use std::{borrow::Cow, fmt, str::FromStr};

use jiff::civil::Time;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use cron::Cron;
pub use interval::Interval;
pub use schedule::Schedule;

use super::{Context, Instant, TimeError};

/// What a text like `every 3rd friday until june` means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    /// How it repeats.
    pub rule: Rule,
    /// Where it begins, when the words say so: intervals count from there. `None` leaves it to the
    /// caller.
    pub start: Option<Instant>,
    /// The last instant at which it may fire, when the words say so.
    pub end: Option<Instant>,
    /// `every!`: counted from the completion of what repeats, not from the firing before.
    pub from_completion: bool,
    time: TimeOfDay,
}

/// Whether a time of day was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TimeOfDay {
    Said,
    Unsaid,
}

impl Recurrence {
    /// Reads cron, an ISO 8601 interval, or words.
    ///
    /// # Errors
    /// Names the part that was not understood, with an example.
    pub fn read(text: &str, context: &Context) -> Result<Self, TimeError> {
        let _ = context;
        let rule: Rule = text.parse()?;
        let time = match &rule {
            Rule::Every(interval) if interval.keeps_time() => TimeOfDay::Unsaid,
            _ => TimeOfDay::Said,
        };
        Ok(Self { rule, start: None, end: None, from_completion: false, time })
    }

    /// Whether it says at what time of day it fires: `at 9:00`, cron as it was written, intervals of
    /// hours and less.
    pub fn says_time(&self) -> bool {
        self.time == TimeOfDay::Said
    }

    /// The same at this time of day when it says none. Intervals stay as they are: theirs is that of
    /// their anchor.
    #[must_use]
    pub fn at_time(self, time: Time) -> Self {
        if self.says_time() {
            return self;
        }
        match &self.rule {
            Rule::Cron(cron) => match cron.at_time(time) {
                Some(cron) => Self { rule: Rule::Cron(cron), time: TimeOfDay::Said, ..self },
                None => self,
            },
            Rule::Every(_) => self,
        }
    }
}

/// How something repeats.
///
/// `Display` gives the canonical text, cron or ISO 8601 (`P1D`); `FromStr` and serde read it back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Rule {
    /// At the local times that match.
    Cron(Cron),
    /// At a distance, counted from an anchor.
    Every(Interval),
}

impl Rule {
    /// Whether it is cron whose field of seconds runs (`*` or a step), so that it fires many times a
    /// minute.
    pub fn is_every_second(&self) -> bool {
        matches!(self, Self::Cron(cron) if cron.is_every_second())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cron(cron) => cron.fmt(f),
            Self::Every(interval) => interval.fmt(f),
        }
    }
}

impl FromStr for Rule {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let unsigned = text.trim().trim_start_matches(['+', '-']);
        if unsigned.starts_with(['p', 'P']) {
            return text.parse().map(Self::Every);
        }
        text.parse().map(Self::Cron)
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
