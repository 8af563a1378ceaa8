//! Days by their number: `27 jan 2028`, `jan 27`, `1st`, `27.1.`, `20280127`. Leaves out ISO forms
//! with dashes: see `iso`.

use jiff::civil::Date;

use super::{
    DateOrder, TimeError, calendar, iso,
    scan::Scan,
    words::{self, lower},
};

/// After a month's name: a day with or without a year, a year, or nothing (the month's first).
pub(crate) fn after_month(scan: &mut Scan<'_>, start: Scan<'_>, month: i8, today: Date) -> Result<Date, TimeError> {
    if let Some(year) = year(scan) {
        return Date::new(year, month, 1).map_err(|_| no_day(scan.since(start)));
    }
    let mut ahead = *scan;
    ahead.space();
    let Some((day, _)) = day_number(&mut ahead)? else {
        return calendar::next_first_of(today, month).ok_or_else(|| TimeError::out_of_range(scan.since(start)));
    };
    *scan = ahead;
    month_day(scan, start, month, day, today)
}

/// A day of a month whose year may follow.
fn month_day(scan: &mut Scan<'_>, start: Scan<'_>, month: i8, day: i8, today: Date) -> Result<Date, TimeError> {
    let date = match year(scan) {
        Some(year) => Date::new(year, month, day).ok(),
        None => calendar::coming(today, month, day),
    };
    date.ok_or_else(|| no_day(scan.since(start)))
}

/// Reads a day that begins with a number. `None`: none follows; what was read says nothing.
pub(crate) fn by_number(scan: &mut Scan<'_>, today: Date, order: Option<DateOrder>) -> Result<Option<Date>, TimeError> {
    let start = *scan;
    if let Some(date) = separated(scan, today, order)? {
        return Ok(Some(date));
    }
    if let Some((day, form)) = day_number(scan)? {
        let mut ahead = *scan;
        let mut word = ahead.spaced_word();
        if word.eq_ignore_ascii_case("of") {
            word = ahead.spaced_word();
        }
        if let Some(month) = words::month(word) {
            *scan = ahead;
            return month_day(scan, start, month, day, today).map(Some);
        }
        return match form {
            Form::Ordinal => calendar::next_day_of_month(today, day).map(Some).ok_or_else(|| no_day(scan.since(start))),
            Form::Plain => Ok(None),
        };
    }
    let digits = scan.digits();
    if scan.glued() && !scan.sees(b't') {
        return Ok(None);
    }
    iso::basic(digits)
}

/// How a day's number was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `27`
    Plain,
    /// `27th`
    Ordinal,
}

/// Reads `27` or `27th`. `None`: no number, or one that belongs to a time (`9:00`, `9 pm`) or
/// something longer.
pub(crate) fn day_number(scan: &mut Scan<'_>) -> Result<Option<(i8, Form)>, TimeError> {
    let start = *scan;
    let mut ahead = start;
    let digits = ahead.digits();
    let Some(day) = digits.parse::<i8>().ok().filter(|_| digits.len() <= 2) else {
        return Ok(None);
    };
    let before_suffix = ahead;
    let suffix = ahead.word();
    if matches!(lower(suffix, &mut [0; 12]), "st" | "nd" | "rd" | "th") {
        let wanted = ordinal_suffix(day);
        if !suffix.eq_ignore_ascii_case(wanted) || !(1..=31).contains(&day) {
            let hint = "days of the month go from `1st` to `31st`";
            return Err(TimeError::new(ahead.chunk_since(start), "is not a day of a month", hint));
        }
        *scan = ahead;
        return Ok(Some((day, Form::Ordinal)));
    }
    ahead = before_suffix;
    ahead.space();
    let of_time = before_suffix.sees(b':') || matches!(lower(ahead.word(), &mut [0; 12]), "am" | "pm");
    // `27jan` is a day and a month, `27x` is nothing.
    let longer = !suffix.is_empty() && words::month(suffix).is_none();
    if of_time || longer {
        return Ok(None);
    }
    *scan = before_suffix;
    Ok(Some((day, Form::Plain)))
}

pub(crate) fn ordinal_suffix(day: i8) -> &'static str {
    match (day / 10, day % 10) {
        (1, _) => "th",
        (_, 1) => "st",
        (_, 2) => "nd",
        (_, 3) => "rd",
        _ => "th",
    }
}

/// Reads ` 2028` or `, 2028`. `None`: no four digits, or such that go on as something else.
pub(crate) fn year(scan: &mut Scan<'_>) -> Option<i16> {
    let mut ahead = *scan;
    ahead.space();
    if ahead.eat(b',') {
        ahead.space();
    }
    let digits = ahead.digits();
    if digits.len() != 4 || ahead.glued() || ahead.sees(b':') {
        return None;
    }
    let year = digits.parse().ok().filter(|year| *year >= 1)?;
    *scan = ahead;
    Some(year)
}

/// Reads `2026/12/17` or `2026.12.17`. `None`: not of this shape.
fn year_first(scan: &mut Scan<'_>) -> Result<Option<Date>, TimeError> {
    let start = *scan;
    let year = scan.digits();
    let Some(mark) = scan.peek().filter(|byte| year.len() == 4 && matches!(byte, b'.' | b'/')) else {
        return Ok(None);
    };
    scan.eat(mark);
    let month = scan.digits();
    if !scan.eat(mark) {
        return Ok(None);
    }
    let day = scan.digits();
    if month.is_empty() || day.is_empty() || (scan.glued() && !scan.sees(b't')) {
        return Ok(None);
    }
    let number = |text: &str| text.parse().unwrap_or_default();
    let date = Date::new(year.parse().unwrap_or_default(), number(month), number(day)).ok();
    date.filter(|date| date.year() >= 1).map(Some).ok_or_else(|| no_day(scan.since(start)))
}

/// Reads `27.1.`, `27.1.2028`, `1/2`, `1/2/2028`. Without an order only what can be one thing, like `31/12`, is read. `None`: not of this shape.
fn separated(scan: &mut Scan<'_>, today: Date, order: Option<DateOrder>) -> Result<Option<Date>, TimeError> {
    let start = *scan;
    let mut ahead = start;
    if let Some(date) = year_first(&mut ahead)? {
        *scan = ahead;
        return Ok(Some(date));
    }
    ahead = start;
    let Some((first, second, year)) = three_numbers(&mut ahead) else {
        return Ok(None);
    };
    let part = ahead.chunk_since(start);
    // `27.1` may be a number: only a whole date in dots can be one thing.
    let whole = year.len() == 4 || part.contains('/');
    let (day, month) = match order {
        Some(DateOrder::DayMonth) => (first, second),
        Some(DateOrder::MonthDay) => (second, first),
        None if whole && second <= 12 && (first > 12 || first == second) => (first, second),
        None if whole && first <= 12 && second > 12 => (second, first),
        None => {
            let hint = "write `1 feb`, `2028-02-01` or, for a time, `18:00`; \
                        or set `date_order` to `dmy` or `mdy`";
            return Err(TimeError::new(part, "does not say which number is the month", hint));
        }
    };
    let date = match year.len() {
        0 => calendar::coming(today, month, day),
        4 => Date::new(year.parse().unwrap_or_default(), month, day).ok(),
        _ => {
            let hint = "write the year with four digits, like `27.1.2028`";
            return Err(TimeError::new(part, "is not a date Muista understands", hint));
        }
    };
    let date = date.filter(|date| date.year() >= 1).ok_or_else(|| no_day(part))?;
    *scan = ahead;
    Ok(Some(date))
}

/// Reads two numbers of one or two digits divided by a dot or a slash, and the digits after a
/// second such mark.
fn three_numbers<'a>(scan: &mut Scan<'a>) -> Option<(i8, i8, &'a str)> {
    let first = scan.digits();
    let mark = scan.peek().filter(|byte| matches!(byte, b'.' | b'/'))?;
    scan.eat(mark);
    let second = scan.digits();
    if first.len() > 2 || second.len() > 2 {
        return None;
    }
    let (first, second) = (first.parse().ok()?, second.parse().ok()?);
    let year = if scan.eat(mark) { scan.digits() } else { "" };
    Some((first, second, year))
}

fn no_day(part: &str) -> TimeError {
    TimeError::new(part, "is not a day of the calendar", "dates look like `27 jan`, `27 January 2028` or `2028-01-27`")
}
