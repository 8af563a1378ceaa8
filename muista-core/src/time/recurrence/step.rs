//! Every so many weeks, months or the like of the days that cron matches: `every other mon, thu`. Which they are is counted
//! from an anchor.

use std::fmt;

use jiff::{Span, civil::Date};

use crate::time::{
    TimeError,
    calendar::{self, Period},
};

/// One in so many stretches of the calendar, two or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    every: i32,
    of: Stretch,
}

/// A stretch of the calendar. Weeks begin on Monday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stretch {
    Day,
    Week,
    Month,
    Year,
}

impl Step {
    /// Returns one in so many; `None` for all of them, and for more than 1,000.
    pub(crate) fn new(every: i64, of: Stretch) -> Option<Self> {
        let every = i32::try_from(every).ok().filter(|every| (2..=1000).contains(every))?;
        Some(Self { every, of })
    }

    /// Reads what [`fmt::Display`] writes.
    pub(crate) fn read(text: &str) -> Result<Self, TimeError> {
        let read = || {
            let number = text.strip_prefix('/')?;
            let of = match number.bytes().last()?.to_ascii_lowercase() {
                b'd' => Stretch::Day,
                b'w' => Stretch::Week,
                b'm' => Stretch::Month,
                b'y' => Stretch::Year,
                _ => return None,
            };
            Self::new(number.get(..number.len() - 1)?.parse().ok()?, of)
        };
        read().ok_or_else(|| {
            TimeError::new(text, "is not a step after cron's fields", "it looks like `/2w`: every other week")
        })
    }

    /// Returns the stretch that is counted, and how many.
    pub(crate) fn parts(self) -> (i32, Stretch) {
        (self.every, self.of)
    }

    /// Returns how many stretches a day is behind the one of `anchor` that counts before it; 0 for one that counts.
    pub(crate) fn behind(self, anchor: Date, day: Date) -> Option<i32> {
        let number = |day: Date| match self.of {
            Stretch::Day => Some(day_count(day)),
            Stretch::Week => Some(day_count(calendar::monday_of(day)?) / 7),
            Stretch::Month => Some(i32::from(day.year()) * 12 + i32::from(day.month())),
            Stretch::Year => Some(i32::from(day.year())),
        };
        Some((number(day)? - number(anchor)?).rem_euclid(self.every))
    }

    /// Returns the first day of the next stretch that counts.
    pub(crate) fn next(self, day: Date, behind: i32) -> Option<Date> {
        self.first(day, self.every - behind)
    }

    /// Returns the last day of the last stretch that counts before a day.
    pub(crate) fn previous(self, day: Date, behind: i32) -> Option<Date> {
        self.first(day, 1 - behind)?.yesterday().ok()
    }

    /// Returns the first day of the stretch so many after the one of a day.
    fn first(self, day: Date, steps: i32) -> Option<Date> {
        match self.of {
            Stretch::Day => day.checked_add(Span::new().days(steps)).ok(),
            Stretch::Week => Period::Week.first(day, steps),
            Stretch::Month => Period::Month.first(day, steps),
            Stretch::Year => Period::Year.first(day, steps),
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self.of {
            Stretch::Day => 'd',
            Stretch::Week => 'w',
            Stretch::Month => 'm',
            Stretch::Year => 'y',
        };
        write!(f, "/{}{letter}", self.every)
    }
}

/// Returns the number of a day, counted from a Monday.
fn day_count(day: Date) -> i32 {
    const MONDAY: Date = jiff::civil::date(1, 1, 1);
    day.since(MONDAY).map_or(0, |span| span.get_days())
}
