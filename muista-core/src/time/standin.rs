//! Stands in for recurrence while it is being written: same names, no meaning. Gone with the merge of `time`.
#![expect(missing_docs, clippy::missing_errors_doc, reason = "gone soon")]

use std::{fmt, str::FromStr};

use jiff::tz::TimeZone;

use super::{Context, Instant, TimeError};

#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Rule(pub String);

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Rule {
    type Err = TimeError;
    fn from_str(text: &str) -> Result<Self, TimeError> {
        Ok(Self(text.to_owned()))
    }
}

#[derive(Debug, Clone)]
pub struct Recurrence {
    pub rule: Rule,
    pub start: Option<Instant>,
    pub end: Option<Instant>,
    pub from_completion: bool,
}

impl Recurrence {
    pub fn read(text: &str, _: &Context) -> Result<Self, TimeError> {
        Ok(Self { rule: text.parse()?, start: None, end: None, from_completion: false })
    }
    #[must_use]
    pub fn says_time(&self) -> bool {
        false
    }
    #[must_use]
    pub fn at_time(self, _: jiff::civil::Time) -> Self {
        self
    }
}

#[derive(Debug, Clone)]
pub struct Schedule {
    anchor: Instant,
    end: Option<Instant>,
}

impl Schedule {
    #[must_use]
    pub fn new(_: Rule, _: TimeZone, anchor: Instant, end: Option<Instant>) -> Self {
        Self { anchor, end }
    }
    #[must_use]
    pub fn next(&self, after: Instant) -> Option<Instant> {
        let step = 60_000_000;
        let at = if after < self.anchor {
            self.anchor
        } else {
            let n = (after.as_micros() - self.anchor.as_micros()) / step + 1;
            Instant::from_micros(self.anchor.as_micros() + n * step)?
        };
        (self.end.is_none_or(|end| at <= end)).then_some(at)
    }
    #[must_use]
    pub fn latest(&self, from: Instant, until: Instant) -> Option<Instant> {
        let mut last = None;
        let mut at = self.next(from);
        while let Some(found) = at.filter(|at| *at <= until) {
            last = Some(found);
            at = self.next(found);
        }
        last
    }
    #[must_use]
    pub fn upcoming(&self, after: Instant, count: usize) -> Vec<Instant> {
        let mut at = after;
        std::iter::from_fn(|| self.next(at).inspect(|next| at = *next)).take(count).collect()
    }
    #[must_use]
    pub fn next_from_completion(&self, completed: Instant) -> Option<Instant> {
        self.next(completed)
    }
}
