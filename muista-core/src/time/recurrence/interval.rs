//! Recurrences at a distance: `P1D`, `PT30M`. Leaves out reading the length: see `length`.

use std::{borrow::Cow, fmt, str::FromStr};

use jiff::{Span, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::local::Local;
use crate::time::{Duration, Instant, TimeError};

const HINT: &str = "intervals look like `P1D`, `PT30M`, `every 3 days` or `every 12 hours`";
const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// A month of the Gregorian calendar on average: 146,097 days in 4,800 months.
const MONTH: i64 = DAY / 4800 * 146_097;

/// How far apart the firings of a recurrence are: a second at least. Days and longer are steps of
/// the calendar in the schedule's zone, hours and less are elapsed time.
///
/// `Display`, `FromStr` and serde use ISO 8601.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval(Duration);

impl Interval {
    /// An interval of this length.
    ///
    /// # Errors
    /// A length that leads nowhere or back in time, and one of less than a second.
    pub fn new(length: Duration) -> Result<Self, TimeError> {
        Self::of(length, &length.to_string())
    }

    /// An interval of this length, refused by the text it was written as.
    pub(crate) fn of(length: Duration, part: &str) -> Result<Self, TimeError> {
        if length.is_zero() {
            return Err(TimeError::new(part, "is no time at all", HINT));
        }
        if length.is_negative() {
            return Err(TimeError::new(part, "goes back in time", HINT));
        }
        let interval = Self(length);
        if interval.about() < SECOND {
            return Err(TimeError::new(part, "is less than a second", HINT));
        }
        Ok(interval)
    }

    /// The length itself.
    pub fn length(self) -> Duration {
        self.0
    }

    /// One interval after an instant.
    pub(crate) fn after(self, at: Instant, zone: &TimeZone) -> Option<Instant> {
        self.nth(at, zone, 1)
    }

    /// The last firing counted from `anchor` that is not after `until`, as its number; `None` when
    /// even the anchor is after it.
    pub(crate) fn last(self, anchor: Instant, zone: &TimeZone, until: Instant) -> Option<i64> {
        if until < anchor {
            return None;
        }
        let reached = |n| self.nth(anchor, zone, n).is_some_and(|at| at <= until);
        // Months and offsets differ from their average by days at most: a step or two corrects it.
        let mut n = (until.as_micros() - anchor.as_micros()) / self.about();
        while n > 0 && !reached(n) {
            n -= 1;
        }
        while reached(n + 1) {
            n += 1;
        }
        Some(n)
    }

    /// The firing of this number. Counted from the anchor, not from the one before: a month after
    /// 31 January is 28 February, two are 31 March.
    pub(crate) fn nth(self, anchor: Instant, zone: &TimeZone, n: i64) -> Option<Instant> {
        let (months, days) = (self.0.months().checked_mul(n)?, self.0.days().checked_mul(n)?);
        let moved = if months == 0 && days == 0 {
            anchor
        } else {
            let span = Span::new().try_months(months).ok()?.try_days(days).ok()?;
            Local::of(anchor.civil_in(zone).checked_add(span).ok()?, zone)?.once()
        };
        Instant::from_micros(moved.as_micros().checked_add(self.0.elapsed_micros().checked_mul(n)?)?)
    }

    /// Its length in microseconds, months taken as their average.
    fn about(self) -> i64 {
        // jiff bounds each field to some 20,000 years: no sum of them leaves an i64.
        self.0.months() * MONTH + self.0.days() * DAY + self.0.elapsed_micros()
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Interval {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        Self::of(Duration::read(text)?, text.trim())
    }
}

impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Interval {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
