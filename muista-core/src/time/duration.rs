//! A length of time, and adding it to a day or an instant. How its text is read is in `length`.

use std::{borrow::Cow, fmt};

use jiff::{Span, SpanFieldwise, civil::Date, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Instant, TimeError, length, scan::Scan};

const MICROS: i64 = 1_000_000;

/// A length of time. Years and months are calendar units, days calendar days in a zone, hours and
/// less elapsed time: they are kept apart, in the units they were written in.
///
/// `Display` and serde give canonical ISO 8601: weeks stand alone or become days, quarters become
/// months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Duration(SpanFieldwise);

impl Duration {
    /// Reads a length: `90s 15min 2h 3d 2w 1mo 1q 1y`, long names, combined from long to short
    /// (`1 day 2 hours`), ISO 8601 (`P1DT2H`), with or without a sign. The last number may have
    /// decimals, for seconds to weeks. `m` alone is refused: it means minutes to some and months to
    /// others.
    ///
    /// # Errors
    /// Names the part that is no length.
    pub fn read(text: &str) -> Result<Self, TimeError> {
        let mut scan = Scan::typed(text)?;
        let start = scan;
        let signed = length::signed(&mut scan)?;
        let length = match signed {
            Some(length) => Some(length),
            None => length::unsigned(&mut scan)?,
        };
        match length {
            Some(length) if scan.at_end() => Ok(length),
            Some(_) => {
                scan.space();
                Err(length::no_length(scan.chunk()))
            }
            None => Err(length::no_length(start.chunk())),
        }
    }

    /// A span without fractions of microseconds, in canonical units.
    pub(crate) fn from_span(span: Span) -> Self {
        Self(SpanFieldwise(span))
    }

    /// The same length the other way.
    #[must_use]
    pub fn negated(self) -> Self {
        Self(SpanFieldwise(-self.0.0))
    }

    /// Whether it goes back in time.
    pub fn is_negative(self) -> bool {
        self.0.0.is_negative()
    }

    /// Whether it has no length at all.
    pub fn is_zero(self) -> bool {
        self.0.0.is_zero()
    }

    /// Whether it is made of whole days, weeks, months and years only, so that a day moved by it is
    /// a day.
    pub fn is_calendar(self) -> bool {
        self.elapsed_micros() == 0
    }

    /// The instant this length after another: first the calendar units in local time (month ends
    /// are kept within the month: 31 January and a month is 28 or 29 February), then the elapsed
    /// time.
    ///
    /// # Errors
    /// An instant outside the years 1 to 9999.
    pub fn after(self, at: Instant, zone: &TimeZone) -> Result<Instant, TimeError> {
        self.try_after(at, zone).ok_or_else(|| self.out_of_range())
    }

    /// The day this length after another; hours and less do not count.
    ///
    /// # Errors
    /// A day outside the years 1 to 9999.
    pub fn after_day(self, day: Date) -> Result<Date, TimeError> {
        let moved = day.checked_add(self.calendar()).ok();
        moved.filter(|day| day.year() >= 1).ok_or_else(|| self.out_of_range())
    }

    fn try_after(self, at: Instant, zone: &TimeZone) -> Option<Instant> {
        let calendar = self.calendar();
        let moved = if calendar.is_zero() {
            at
        } else {
            Instant::from_civil(at.civil_in(zone).checked_add(calendar).ok()?, zone)?
        };
        Instant::from_micros(moved.as_micros().checked_add(self.elapsed_micros())?)
    }

    fn calendar(self) -> Span {
        let span = self.0.0;
        span.hours(0).minutes(0).seconds(0).milliseconds(0).microseconds(0).nanoseconds(0)
    }

    /// Its years and months, in months.
    pub(crate) fn months(self) -> i64 {
        i64::from(self.0.0.get_years()) * 12 + i64::from(self.0.0.get_months())
    }

    /// Its weeks and days, in days.
    pub(crate) fn days(self) -> i64 {
        i64::from(self.0.0.get_weeks()) * 7 + i64::from(self.0.0.get_days())
    }

    /// Its hours and less, in microseconds.
    pub(crate) fn elapsed_micros(self) -> i64 {
        let span = self.0.0;
        // jiff bounds each field to some 20,000 years: no sum of them leaves an i64.
        let seconds = i64::from(span.get_hours()) * 3600 + span.get_minutes() * 60 + span.get_seconds();
        seconds * MICROS + span.get_microseconds()
    }

    fn out_of_range(self) -> TimeError {
        TimeError::out_of_range(&self.to_string())
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.0)
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::read(&text).map_err(de::Error::custom)
    }
}
