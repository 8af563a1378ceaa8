//! Times of day: `18:00`, `8am`, `noon`, ISO's `T180000`. Leaves out the day they belong to: see
//! `when`.

use jiff::{
    civil::{Date, Time, time},
    tz::{Offset, TimeZone},
};

use super::{Instant, TimeError, iso, scan::Scan, words::lower};

const HINT: &str = "times look like `18:00`, `7:30pm`, `8am` or `noon`";

/// A time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// Local time.
    At(Time),
    /// A part of the day, `morning`, at the time it stands for; a time that is written beside it counts instead.
    Part(Time),
    /// `24:00`: the next day's midnight.
    NextMidnight,
    /// A time at a written offset from UTC.
    AtOffset(Time, Offset),
    /// `sod`: the day's first instant.
    DayStart,
    /// `eod`: the day's last second.
    DayEnd,
}

impl Clock {
    /// The instant of this time on a day; `None` outside the years 1 to 9999.
    pub(crate) fn on(self, day: Date, zone: &TimeZone) -> Option<Instant> {
        match self {
            Self::At(time) | Self::Part(time) => Instant::from_civil(day.to_datetime(time), zone),
            Self::NextMidnight => Instant::from_civil(day.tomorrow().ok()?.to_datetime(Time::midnight()), zone),
            Self::AtOffset(..) => self.exactly_on(day),
            Self::DayStart => Some(Instant::start_of(day, zone)),
            Self::DayEnd => Some(Instant::end_of(day, zone)),
        }
    }

    /// The instant of this time on a day when it carries its offset; else `None`.
    pub(crate) fn exactly_on(self, day: Date) -> Option<Instant> {
        let Self::AtOffset(time, offset) = self else {
            return None;
        };
        Instant::from_offset(day.to_datetime(time), offset)
    }

    /// The time as it is meant beside a part of the day: `8:00` in the evening is 20:00.
    pub(crate) fn within(self, part: Time) -> Self {
        let hours = match part.hour() {
            0..12 => return self,
            12..18 => 1..=6,
            _ => 5..=11,
        };
        match self {
            Self::At(time) if hours.contains(&time.hour()) => {
                Self::At(Time::constant(time.hour() + 12, time.minute(), time.second(), time.subsec_nanosecond()))
            }
            other => other,
        }
    }
}

/// The times that parts of the day stand for. `tonight` is today's `night`.
pub(crate) fn part_of_day(word: &str) -> Option<Time> {
    let hour = match lower(word, &mut [0; 12]) {
        "morning" => 9,
        "afternoon" => 15,
        "evening" => 18,
        "night" | "tonight" => 20,
        _ => return None,
    };
    Some(time(hour, 0, 0, 0))
}

/// Reads `18:00`, `18:00:30.5`, `18:00+02:00`, `8am`, `7:30 pm`, `24:00`, `noon`, `midnight`, `sod`,
/// `eod`, or a part of the day like `morning`. `None`: no time follows, and nothing was read.
pub(crate) fn read(scan: &mut Scan<'_>) -> Result<Option<Clock>, TimeError> {
    let start = *scan;
    let mut ahead = start;
    if let Some(clock) = named(ahead.word()) {
        *scan = ahead;
        return Ok(Some(clock));
    }
    ahead = start;
    let wrong = |ahead: Scan<'_>| no_time(ahead.chunk_since(start));
    let hour = ahead.digits();
    let Some(hour) = hour.parse::<i8>().ok().filter(|_| hour.len() <= 2) else {
        return Ok(None);
    };
    let colon = ahead.eat(b':');
    let past = if colon { minutes(&mut ahead).ok_or_else(|| wrong(ahead))? } else { (0, 0, 0) };
    let half = half_of_day(&mut ahead);
    if half.is_none() && !colon {
        return Ok(None);
    }
    if hour == 24 && half.is_none() && past == (0, 0, 0) && !ahead.glued() && iso::offset(&mut { ahead }).is_none() {
        *scan = ahead;
        return Ok(Some(Clock::NextMidnight));
    }
    let time = on_the_dial(hour, half, past).ok_or_else(|| wrong(ahead))?;
    let offset = if half.is_none() { iso::offset(&mut ahead) } else { None };
    if ahead.glued() {
        return Err(wrong(ahead));
    }
    *scan = ahead;
    Ok(Some(offset.map_or(Clock::At(time), |offset| Clock::AtOffset(time, offset))))
}

/// The time of an hour, its half of the day (0 for am, 12 for pm) if it was written, and what is
/// past the hour.
fn on_the_dial(hour: i8, half: Option<i8>, (minute, second, nanos): (i8, i8, i32)) -> Option<Time> {
    let hour = match half {
        Some(noon) => (1..=12).contains(&hour).then_some(hour % 12 + noon)?,
        None => hour,
    };
    Time::new(hour, minute, second, nanos).ok()
}

/// Reads what may follow `at`: a time as [`read`] does, or a bare hour.
pub(crate) fn after_at(scan: &mut Scan<'_>) -> Result<Clock, TimeError> {
    scan.space();
    if scan.at_end() {
        return Err(TimeError::new("at", "has no time after it", HINT));
    }
    if let Some(clock) = read(scan)? {
        return Ok(clock);
    }
    let mut ahead = *scan;
    let hour = ahead.digits();
    let time = hour.parse().ok().filter(|_| hour.len() <= 2 && !ahead.glued());
    let Some(time) = time.and_then(|hour| Time::new(hour, 0, 0, 0).ok()) else {
        return Err(no_time(scan.chunk()));
    };
    *scan = ahead;
    Ok(Clock::At(time))
}

/// Reads what follows ISO's `T`: `18`, `18:00`, `18:00:30.5`, `1800`, `180030`, with or without an
/// offset.
pub(crate) fn after_t(scan: &mut Scan<'_>) -> Result<Clock, TimeError> {
    let start = *scan;
    if start.chunk().is_empty() {
        return Err(TimeError::new("T", "has no time after it", HINT));
    }
    let read = iso_time(scan);
    if read == Some((24, (0, 0, 0))) && !scan.glued() && !scan.sees(b'+') && !scan.sees(b'-') {
        return Ok(Clock::NextMidnight);
    }
    let time = read.and_then(|(hour, (minute, second, nanos))| Time::new(hour, minute, second, nanos).ok());
    let offset = iso::offset(scan);
    match time.filter(|_| !scan.glued()) {
        Some(time) => Ok(offset.map_or(Clock::At(time), |offset| Clock::AtOffset(time, offset))),
        None => Err(no_time(scan.chunk_since(start))),
    }
}

fn named(word: &str) -> Option<Clock> {
    match lower(word, &mut [0; 12]) {
        "noon" => Some(Clock::At(time(12, 0, 0, 0))),
        "midnight" => Some(Clock::At(Time::midnight())),
        "sod" => Some(Clock::DayStart),
        "eod" => Some(Clock::DayEnd),
        "tonight" => None,
        _ => part_of_day(word).map(Clock::Part),
    }
}

/// Reads `MM[:SS[.f]]`.
fn minutes(scan: &mut Scan<'_>) -> Option<(i8, i8, i32)> {
    let minute = scan.two_digits()?;
    if !scan.eat(b':') {
        return Some((minute, 0, 0));
    }
    let (second, nanos) = seconds(scan)?;
    Some((minute, second, nanos))
}

/// Reads `SS[.f]`. The leap second 60 is read as 59, as RFC 3339 allows it to be written.
fn seconds(scan: &mut Scan<'_>) -> Option<(i8, i32)> {
    let second = scan.two_digits()?;
    let second = if second == 60 { 59 } else { second };
    Some((second, fraction(scan)))
}

/// Reads `.5` or `,5` as nanoseconds cut to microseconds; 0 when there is none.
fn fraction(scan: &mut Scan<'_>) -> i32 {
    let mut ahead = *scan;
    if !ahead.eat(b'.') && !ahead.eat(b',') {
        return 0;
    }
    let digits = ahead.digits();
    if digits.is_empty() {
        return 0;
    }
    *scan = ahead;
    let digits = digits.bytes().chain(std::iter::repeat(b'0')).take(6);
    digits.fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0')) * 1000
}

fn iso_time(scan: &mut Scan<'_>) -> Option<(i8, (i8, i8, i32))> {
    let hour = scan.two_digits()?;
    if scan.eat(b':') {
        return Some((hour, minutes(scan)?));
    }
    let Some(minute) = scan.two_digits() else {
        return Some((hour, (0, 0, 0)));
    };
    let (second, nanos) = seconds(scan).unwrap_or_default();
    Some((hour, (minute, second, nanos)))
}

/// Reads `am` (0) or `pm` (12), with or without a space before it.
fn half_of_day(scan: &mut Scan<'_>) -> Option<i8> {
    let mut ahead = *scan;
    ahead.space();
    let noon = match lower(ahead.word(), &mut [0; 12]) {
        "am" => 0,
        "pm" => 12,
        _ => return None,
    };
    *scan = ahead;
    Some(noon)
}

fn no_time(part: &str) -> TimeError {
    TimeError::new(part, "is not a time of day", HINT)
}
