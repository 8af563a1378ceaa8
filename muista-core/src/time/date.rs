//! Words that name a day: `tomorrow`, `next friday`, `eom`, `january`. Leaves out days in numbers
//! (`day_number`, `iso`), lengths (`length`) and times of day (`clock_time`).

use jiff::civil::{Date, date};

use super::{
    DateOrder, TimeError,
    calendar::{self, Period},
    clock_time, day_number, nth,
    scan::Scan,
    words::{self, lower},
};

/// `later` and `someday`, as in Taskwarrior: the last day that ends within the calendar in every
/// zone.
const SOMEDAY: Date = date(9999, 12, 30);

/// A day, and the side of it that hours are counted from: `eom-2h` is two hours before the month is
/// over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) date: Date,
    pub(crate) edge: Edge,
}

/// A side of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edge {
    Start,
    End,
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self { date, edge: Edge::Start }
    }
}

/// Reads a day by words or numbers. `None`: none follows, and nothing was read.
pub(crate) fn read(scan: &mut Scan<'_>, today: Date, order: Option<DateOrder>) -> Result<Option<Day>, TimeError> {
    let start = *scan;
    let mut ahead = start;
    if let Some(date) = nth::read(&mut ahead, today)? {
        *scan = ahead;
        return Ok(Some(date.into()));
    }
    let day = match ahead.peek() {
        Some(byte) if byte.is_ascii_digit() => day_number::by_number(&mut ahead, today, order)?.map(Day::from),
        Some(byte) if byte.is_ascii_alphabetic() => by_word(&mut ahead, today)?,
        _ => None,
    };
    let Some(day) = day else { return Ok(None) };
    *scan = ahead;
    Ok(Some(day))
}

fn by_word(scan: &mut Scan<'_>, today: Date) -> Result<Option<Day>, TimeError> {
    let start = *scan;
    let word = scan.word();
    if let Some(weekday) = words::weekday(word) {
        return match week_after(scan) {
            Some(weeks) => within(calendar::weekday_of_week(today, weekday, weeks), scan.since(start)),
            None => within(calendar::next_weekday(today, weekday), word),
        };
    }
    if let Some(month) = words::month(word) {
        return day_number::after_month(scan, start, month, today).map(|day| Some(day.into()));
    }
    match lower(word, &mut [0; 12]) {
        "today" | "tod" => within(Some(today), word),
        "tomorrow" | "tom" => within(today.tomorrow().ok(), word),
        "yesterday" => within(today.yesterday().ok(), word),
        "later" | "someday" => Ok(Some(SOMEDAY.into())),
        "next" => after_next(scan, start, today),
        "this" => after_this(scan, today),
        "day" => beside_tomorrow(scan, start, today),
        "start" | "beginning" => bound(scan, start, today, Edge::Start),
        "end" => bound(scan, start, today, Edge::End),
        short => short_bound(short, word, today),
    }
}

/// `{s,e}o{,p,n}{w,m,q,y}`.
fn short_bound(short: &str, word: &str, today: Date) -> Result<Option<Day>, TimeError> {
    let (edge, rest) = match short.split_at_checked(2) {
        Some(("so", rest)) => (Edge::Start, rest),
        Some(("eo", rest)) => (Edge::End, rest),
        _ => return Ok(None),
    };
    let (steps, unit) = match rest.split_at_checked(1) {
        Some(("p", unit)) => (-1, unit),
        Some(("n", unit)) => (1, unit),
        _ => (0, rest),
    };
    match period(unit).filter(|_| unit.len() == 1) {
        Some(period) => edge_of(period, edge, today, steps, word),
        None => Ok(None),
    }
}

/// After `end` or `start`: `of [the] [this|next|last|previous] week|month|quarter|year`.
fn bound(scan: &mut Scan<'_>, start: Scan<'_>, today: Date, edge: Edge) -> Result<Option<Day>, TimeError> {
    let mut word = scan.spaced_word();
    if !word.eq_ignore_ascii_case("of") {
        return Err(no_period(scan.chunk_since(start)));
    }
    word = scan.spaced_word();
    if word.eq_ignore_ascii_case("the") {
        word = scan.spaced_word();
    }
    let steps = match lower(word, &mut [0; 12]) {
        "this" => Some(0),
        "next" => Some(1),
        "last" | "previous" => Some(-1),
        _ => None,
    };
    if steps.is_some() {
        word = scan.spaced_word();
    }
    let part = scan.since(start);
    let period = period(lower(word, &mut [0; 12])).filter(|_| word.len() > 1).ok_or_else(|| no_period(part))?;
    edge_of(period, edge, today, steps.unwrap_or(0), part)
}

fn after_next(scan: &mut Scan<'_>, start: Scan<'_>, today: Date) -> Result<Option<Day>, TimeError> {
    let word = scan.spaced_word();
    let part = scan.since(start);
    if let Some(weekday) = words::weekday(word) {
        return within(calendar::weekday_of_week(today, weekday, 1), part);
    }
    if word.eq_ignore_ascii_case("week")
        && let Some(weekday) = on_weekday(scan)
    {
        return within(calendar::weekday_of_week(today, weekday, 1), scan.since(start));
    }
    match period(lower(word, &mut [0; 12])).filter(|_| word.len() > 1) {
        Some(period) => edge_of(period, Edge::Start, today, 1, part),
        None => Err(TimeError::new(
            scan.chunk_since(start),
            "names no day",
            "after `next` comes a weekday, `week`, `month`, `quarter` or `year`, like `next friday`",
        )),
    }
}

/// After `this`: a weekday of this week, today among them; before a part of the day it is today.
fn after_this(scan: &mut Scan<'_>, today: Date) -> Result<Option<Day>, TimeError> {
    let mut ahead = *scan;
    let word = ahead.spaced_word();
    if clock_time::part_of_day(word).is_some() {
        return within(Some(today), word);
    }
    let Some(weekday) = words::weekday(word) else { return Ok(None) };
    *scan = ahead;
    within(calendar::weekday_of_week(today, weekday, 0), word)
}

/// After `day`: `after tomorrow` or `before yesterday`. `None`: something else follows.
fn beside_tomorrow(scan: &mut Scan<'_>, start: Scan<'_>, today: Date) -> Result<Option<Day>, TimeError> {
    let (side, of) = (scan.spaced_word(), scan.spaced_word());
    let day = match (lower(side, &mut [0; 12]), lower(of, &mut [0; 12])) {
        ("after", "tomorrow") => today.checked_add(jiff::Span::new().days(2)).ok(),
        ("before", "yesterday") => today.checked_sub(jiff::Span::new().days(2)).ok(),
        _ => return Ok(None),
    };
    within(day, scan.since(start))
}

/// Reads `next week` or `this week` after a weekday, with or without `of` before it: how many weeks ahead it is. `None`:
/// something else follows, and nothing was read.
fn week_after(scan: &mut Scan<'_>) -> Option<i32> {
    let mut ahead = *scan;
    let mut word = ahead.spaced_word();
    if word.eq_ignore_ascii_case("of") {
        word = ahead.spaced_word();
    }
    let weeks = match lower(word, &mut [0; 12]) {
        "next" => 1,
        "this" => 0,
        _ => return None,
    };
    if !ahead.spaced_word().eq_ignore_ascii_case("week") {
        return None;
    }
    *scan = ahead;
    Some(weeks)
}

/// Reads a weekday, with or without `on` before it. `None`: something else follows, and nothing was read.
fn on_weekday(scan: &mut Scan<'_>) -> Option<jiff::civil::Weekday> {
    let mut ahead = *scan;
    let mut word = ahead.spaced_word();
    if word.eq_ignore_ascii_case("on") {
        word = ahead.spaced_word();
    }
    let weekday = words::weekday(word)?;
    *scan = ahead;
    Some(weekday)
}

fn edge_of(period: Period, edge: Edge, today: Date, steps: i32, part: &str) -> Result<Option<Day>, TimeError> {
    let date = match edge {
        Edge::Start => period.first(today, steps),
        Edge::End => period.last(today, steps),
    };
    Ok(within(date, part)?.map(|day| Day { edge, ..day }))
}

fn period(name: &str) -> Option<Period> {
    match name {
        "w" | "week" => Some(Period::Week),
        "m" | "month" => Some(Period::Month),
        "q" | "quarter" => Some(Period::Quarter),
        "y" | "year" => Some(Period::Year),
        _ => None,
    }
}

fn within(date: Option<Date>, part: &str) -> Result<Option<Day>, TimeError> {
    let date = date.filter(|date| date.year() >= 1);
    date.map(|date| Some(date.into())).ok_or_else(|| TimeError::out_of_range(part))
}

fn no_period(part: &str) -> TimeError {
    TimeError::new(part, "names no day", "write `end of month`, `start of next week` or `eoq`")
}
