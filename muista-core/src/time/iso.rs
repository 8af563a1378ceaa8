//! Dates and offsets as ISO 8601 writes them, and whole RFC 3339 instants. Times of day are in
//! `clock_time`.

use jiff::{
    civil::{Date, ISOWeekDate, Weekday},
    tz::Offset,
};

use super::{Instant, TimeError, clock_time, scan::Scan, units::Unit};

/// Reads `YYYY-MM-DD`, `YYYY-MM` (its first day), `YYYY-DDD`, `YYYY-Www` (its Monday),
/// `YYYY-Www-D`, `YYYYWww` or `YYYYWwwD`. `None`: what follows does not have such a shape, and
/// nothing was read.
pub(crate) fn date(scan: &mut Scan<'_>) -> Result<Option<Date>, TimeError> {
    let start = *scan;
    let mut ahead = start;
    let year = ahead.digits();
    if year.len() != 4 {
        return Ok(None);
    }
    let year: i16 = year.parse().unwrap_or_default();
    let dashed = ahead.eat(b'-');
    let day = if ahead.eat(b'w') {
        let Some(week) = week(&mut ahead, year, dashed) else {
            return Ok(None);
        };
        week
    } else if dashed && ahead.peek().is_some_and(|byte| byte.is_ascii_digit()) {
        month_or_ordinal(&mut ahead, year)
    } else {
        return Ok(None);
    };
    let Some(day) = day.filter(|day| day.year() >= 1) else {
        return Err(no_day(ahead.chunk_since(start)));
    };
    *scan = ahead;
    Ok(Some(day))
}

/// Reads the basic forms `YYYYMMDD` and `YYYYDDD` from their digits. `None`: not that many digits.
pub(crate) fn basic(digits: &str) -> Result<Option<Date>, TimeError> {
    if !matches!(digits.len(), 7 | 8) {
        return Ok(None);
    }
    let (year, rest) = digits.split_at(4);
    let year = year.parse().unwrap_or_default();
    let day = match rest.split_at_checked(2) {
        Some((month, day)) if day.len() == 2 => {
            let number = |text: &str| text.parse().unwrap_or_default();
            Date::new(year, number(month), number(day)).ok()
        }
        _ => ordinal(year, rest.parse().unwrap_or_default()),
    };
    day.filter(|day| day.year() >= 1).map(Some).ok_or_else(|| no_day(digits))
}

/// Reads `Z`, `+HH:MM`, `+HHMM` or `+HH`. `None`: no such offset follows, and nothing was read.
pub(crate) fn offset(scan: &mut Scan<'_>) -> Option<Offset> {
    let mut ahead = *scan;
    let minutes = if ahead.eat(b'z') {
        0
    } else {
        let sign = if ahead.eat(b'-') { -1 } else { ahead.eat(b'+').then_some(1)? };
        let hours = ahead.two_digits().filter(|hours| *hours < 24)?;
        let colon = ahead.eat(b':');
        let minutes = match ahead.two_digits() {
            Some(minutes) => minutes,
            None if colon => return None,
            None => 0,
        };
        (minutes < 60).then_some(sign * (i32::from(hours) * 60 + i32::from(minutes)))?
    };
    if ahead.glued() {
        return None;
    }
    *scan = ahead;
    Offset::from_seconds(minutes * 60).ok()
}

/// Reads a whole RFC 3339 instant (§5.6), date, time and offset.
pub(crate) fn rfc3339(text: &str) -> Result<Instant, TimeError> {
    let wrong = || TimeError::new(text, "is no RFC 3339 instant", "write it like `2026-12-24T18:00:00Z`");
    let mut scan = Scan::new(text);
    let day = date(&mut scan)?.ok_or_else(wrong)?;
    if !scan.eat(b't') && !scan.eat(b' ') {
        return Err(wrong());
    }
    let clock = clock_time::after_t(&mut scan)?;
    if !scan.at_end() {
        return Err(wrong());
    }
    clock.exactly_on(day).ok_or_else(wrong)
}

/// `None`: not a week's shape. `Some(None)`: no such week or day in the calendar.
fn week(scan: &mut Scan<'_>, year: i16, dashed: bool) -> Option<Option<Date>> {
    let week = scan.two_digits()?;
    let mut ahead = *scan;
    let weekday = if ahead.eat(b'-') == dashed { ahead.digits() } else { "" };
    // A dash or digit that goes on differently is not the day's: `2026-W48-2d` is a week less two
    // days.
    let weekday: i8 = if weekday.len() == 1 && ends(ahead) {
        *scan = ahead;
        weekday.parse().ok()?
    } else {
        1
    };
    if !ends(*scan) {
        return None;
    }
    let weekday = Weekday::from_monday_one_offset(weekday).ok();
    Some(weekday.and_then(|weekday| ISOWeekDate::new(year, week, weekday).ok()).map(ISOWeekDate::date))
}

/// Whether a date may end here: nothing goes on but a time's `T`.
fn ends(scan: Scan<'_>) -> bool {
    !scan.glued() || scan.sees(b't')
}

fn month_or_ordinal(scan: &mut Scan<'_>, year: i16) -> Option<Date> {
    let digits = scan.digits();
    let number: i16 = digits.parse().ok()?;
    match digits.len() {
        3 => return ordinal(year, number),
        2 => {}
        _ => return None,
    }
    let month = i8::try_from(number).ok()?;
    let mut ahead = *scan;
    if !ahead.eat(b'-') {
        return Date::new(year, month, 1).ok();
    }
    let day = ahead.digits();
    let mut unit = ahead;
    if day.is_empty() || Unit::named(unit.word()).is_some() {
        // An offset: `2026-11-2d` is the first of November less two days.
        return Date::new(year, month, 1).ok();
    }
    *scan = ahead;
    if day.len() != 2 {
        return None;
    }
    Date::new(year, month, day.parse().ok()?).ok()
}

fn ordinal(year: i16, day: i16) -> Option<Date> {
    Date::new(year, 1, 1).ok()?.with().day_of_year(day).build().ok()
}

fn no_day(part: &str) -> TimeError {
    TimeError::new(part, "is not a day of the calendar", "ISO dates look like `2026-12-24`, `2026-W48-2` or `2026-325`")
}
