//! What repeats in words, after `every`: `3 days`, `mon, wed`, `27th`, `last workday`. Leaves out the
//! time of day and the bounds: see `words`.

use jiff::civil::{Date, Weekday};

use super::{
    by_day_rules::{Months, by_day_rules, of_month, unit, weekdays},
    days::{Days, number},
    first::First,
    interval::Interval,
    step::{Step, Stretch},
};
use crate::time::{
    Duration, TimeError, clock_time,
    day_number::{self, Form},
    length,
    place::{Nth, separator},
    scan::Scan,
    units::Unit,
    words::{self, lower},
};

const HINT: &str = "after `every` comes a length, a weekday or a day, like `every 3 days`, `every mon, wed`, `every 27th`, \
                    `every 3rd friday` or `every jan 27`";

/// How something in words repeats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// At a distance, from wherever it begins.
    Every(Duration),
    /// At a distance from a day that the words name.
    From(Duration, First),
    /// On days that cron matches.
    Days(Days),
}

impl Target {
    /// Returns what repeats at this distance on those days: `weekly on tuesday`. `None` where they do not go together.
    pub(crate) fn on(self, days: Self) -> Option<Self> {
        let Self::Every(length) = self else { return None };
        match days {
            Self::Days(days) => {
                let weekday = days.one_weekday();
                let days = days.at_distance(length)?;
                // Every second tuesday counts from the next one.
                match (weekday, days.step()) {
                    (Some(weekday), Some(_)) => Some(Self::From(length, First::Weekday(weekday))),
                    _ => Some(Self::Days(days)),
                }
            }
            Self::From(each, first) => {
                let months = each.months();
                let whole = months > 0 && length.months() % months == 0;
                let unit = if months == 12 { Unit::Year } else { Unit::Month };
                (whole && length::of(length.months() / months, unit) == Some(length))
                    .then_some(Self::From(length, first))
            }
            Self::Every(_) => None,
        }
    }

    /// Returns the same by days that have several times: intervals have one.
    pub(crate) fn by_days(self) -> Option<Days> {
        match self {
            Self::Days(days) => Some(days),
            Self::From(length, First::Weekday(weekday)) => Days::weekdays(&[weekday]).at_distance(length),
            Self::From(..) => None,
            Self::Every(length) => {
                let days = length.days();
                let whole = length::of(days, Unit::Day) == Some(length);
                whole.then(|| Days::every().stepped(Step::new(days, Stretch::Day)))
            }
        }
    }
}

/// Words that say it all: `daily`, `weekdays`. `None`: no such word.
pub(crate) fn alone(word: &str) -> Option<Target> {
    let (amount, unit) = match lower(word, &mut [0; 12]) {
        "hourly" => (1, Unit::Hour),
        "daily" | "everyday" => (1, Unit::Day),
        "weekly" => (1, Unit::Week),
        "biweekly" | "fortnightly" => (2, Unit::Week),
        "monthly" => (1, Unit::Month),
        "quarterly" => (1, Unit::Quarter),
        "yearly" | "annually" => (1, Unit::Year),
        "weekdays" | "workdays" | "weekends" => return kinds_of_day(word).map(Target::Days),
        _ => return None,
    };
    length::of(amount, unit).map(Target::Every)
}

/// Reads what follows `every`, and further dates behind the first: `jan 1, jul 1`.
pub(crate) fn after_every(scan: &mut Scan<'_>) -> Result<Target, TimeError> {
    let mut target = one(scan)?;
    while let Target::Days(days) = &target
        && days.are_dated()
    {
        let mut ahead = *scan;
        separator(&mut ahead);
        match one(&mut ahead) {
            Ok(Target::Days(more)) if more.are_dated() => target = Target::Days(days.clone().and(more)),
            _ => break,
        }
        *scan = ahead;
    }
    Ok(target)
}

fn one(scan: &mut Scan<'_>) -> Result<Target, TimeError> {
    scan.space();
    let start = *scan;
    let rules = by_day_rules(scan)?;
    if !rules.is_empty() {
        return after_by_day_rules(scan, start, &rules);
    }
    if let Some(target) = day_and_month(scan)? {
        return Ok(target);
    }
    if let Some(length) = length::unsigned(scan)? {
        Interval::of(length, scan.since(start))?;
        return Ok(Target::Every(length));
    }
    let weekdays = weekdays(scan);
    if !weekdays.is_empty() {
        return Ok(Target::Days(Days::weekdays(&weekdays)));
    }
    let before = *scan;
    let word = scan.word();
    if let Some(month) = words::month(word) {
        return in_month(scan, start, month);
    }
    if let Some(days) = kinds_of_day(word) {
        return Ok(Target::Days(days));
    }
    if clock_time::part_of_day(word).is_some() {
        // `every morning`: the word is read again, as its time.
        *scan = before;
        return every(1, "day").ok_or_else(|| unknown(*scan, start));
    }
    let target = if word.eq_ignore_ascii_case("other") { every_other(scan) } else { every(1, word) };
    target.ok_or_else(|| unknown(*scan, start))
}

/// After `other`: a unit, or weekdays every two weeks.
fn every_other(scan: &mut Scan<'_>) -> Option<Target> {
    scan.space();
    let weekdays = weekdays(scan);
    match weekdays.as_slice() {
        [] => every(2, scan.word()),
        [weekday] => Some(Target::From(length::of(2, Unit::Week)?, First::Weekday(*weekday))),
        several => Some(Target::Days(Days::weekdays(several).stepped(Step::new(2, Stretch::Week)))),
    }
}

fn every(amount: i64, name: &str) -> Option<Target> {
    length::of(amount, unit(name)?).map(Target::Every)
}

/// `weekday`, `weekend` and their like.
pub(crate) fn kinds_of_day(word: &str) -> Option<Days> {
    match lower(word, &mut [0; 12]) {
        "weekday" | "weekdays" | "workday" | "workdays" => Some(Days::new('*', '*', "1-5")),
        "weekend" | "weekends" => Some(Days::new('*', '*', "0,6")),
        _ => None,
    }
}

/// Reads `27 jan`. `None`: something else, and nothing was read.
fn day_and_month(scan: &mut Scan<'_>) -> Result<Option<Target>, TimeError> {
    let start = *scan;
    let mut ahead = start;
    let Some((day, Form::Plain)) = day_number::day_number(&mut ahead)? else {
        return Ok(None);
    };
    let Some(month) = words::month(ahead.spaced_word()) else {
        return Ok(None);
    };
    *scan = ahead;
    days_of(&[Nth::Number(day)], Months::One(month), scan.since(start)).map(Some)
}

/// After a month's name: its day, or none for its first.
fn in_month(scan: &mut Scan<'_>, start: Scan<'_>, month: i8) -> Result<Target, TimeError> {
    let mut ahead = *scan;
    ahead.space();
    let day = match day_number::day_number(&mut ahead)? {
        Some((day, _)) => {
            *scan = ahead;
            day
        }
        None => 1,
    };
    days_of(&[Nth::Number(day)], Months::One(month), scan.since(start))
}

/// After `3rd`, `first and last`: what of it, and of which month.
fn after_by_day_rules(scan: &mut Scan<'_>, start: Scan<'_>, rules: &[Nth]) -> Result<Target, TimeError> {
    let before = *scan;
    let noun = scan.spaced_word();
    let part = scan.chunk_since(start);
    if let Some(weekday) = words::weekdays(noun) {
        let month = of_month(scan)?.unwrap_or(Months::Every);
        return weekdays_at(rules, weekday, month, part);
    }
    if let Some(month) = words::month(noun) {
        return days_of(rules, Months::One(month), scan.since(start));
    }
    match (lower(noun, &mut [0; 12]), rules) {
        ("workday" | "workdays" | "weekday" | "weekdays", _) => {
            let days = workdays(rules).ok_or_else(|| {
                TimeError::new(part, "is not a workday that can be found", "write `first workday` or `last workday`")
            })?;
            return Ok(Target::Days(Days::new(days, of_month(scan)?.unwrap_or(Months::Every), '*')));
        }
        ("day" | "days", [Nth::Number(2..)]) if of_month(&mut { *scan })?.is_none() => {}
        ("day" | "days", _) => {
            let month = of_month(scan)?.unwrap_or(Months::Every);
            return days_of(rules, month, scan.since(start));
        }
        _ => {}
    }
    match (unit(noun), rules) {
        (Some(unit), [Nth::Number(amount @ 2..)]) => {
            let length = length::of(i64::from(*amount), unit);
            length.map(Target::Every).ok_or_else(|| no_target(part))
        }
        (Some(_), _) => Err(no_target(part)),
        (None, _) if matches!(rules, [Nth::Last(_)]) => Err(no_target(part)),
        (None, _) => {
            *scan = before;
            let month = of_month(scan)?.unwrap_or(Months::Every);
            days_of(rules, month, scan.since(start))
        }
    }
}

/// Returns a weekday at its places in a month. Those counted from the month's end are an expression of their own.
fn weekdays_at(rules: &[Nth], weekday: Weekday, month: Months, part: &str) -> Result<Target, TimeError> {
    let weekday = number(weekday);
    let (mut from_start, mut from_end) = (Vec::new(), Vec::new());
    for place in rules {
        match place {
            Nth::Number(nth @ 1..=5) => from_start.push(format!("{weekday}#{nth}")),
            Nth::Last(1) => from_start.push(format!("{weekday}L")),
            Nth::Last(nth @ 2..=5) => from_end.push(format!("{weekday}#-{nth}")),
            Nth::Number(_) | Nth::Last(_) => {
                return Err(TimeError::new(part, "is in no month", "a weekday comes five times at most"));
            }
        }
    }
    let days = [from_start, from_end].into_iter().filter(|items| !items.is_empty());
    let days = days.map(|items| Days::new('*', month, items.join(",")));
    days.reduce(Days::and).map(Target::Days).ok_or_else(|| no_target(part))
}

/// Returns the first or last workday of a month in cron's day field.
fn workdays(rules: &[Nth]) -> Option<String> {
    let days = rules.iter().map(|place| match place {
        Nth::Number(1) => Some("1W"),
        Nth::Last(1) => Some("LW"),
        Nth::Number(_) | Nth::Last(_) => None,
    });
    Some(days.collect::<Option<Vec<_>>>()?.join(","))
}

/// Days of every month, or of one. The 29th to the 31st are kept within shorter months.
fn days_of(rules: &[Nth], months: Months, part: &str) -> Result<Target, TimeError> {
    let days = match (rules, months) {
        ([Nth::Number(29)], Months::One(2)) => return from_first(Unit::Year, First::LeapDay, part),
        ([Nth::Number(day @ 29..=30)], Months::Every) => return from_first(Unit::Month, First::DayOfMonth(*day), part),
        (_, Months::One(month)) => {
            rules.iter().map(|place| day_of(*place, month, part)).collect::<Result<Vec<_>, _>>()?
        }
        (_, Months::Every) => rules.iter().map(|place| day_of_any(*place, part)).collect::<Result<Vec<_>, _>>()?,
    };
    Ok(Target::Days(Days::new(days.join(","), months, '*')))
}

fn from_first(unit: Unit, first: First, part: &str) -> Result<Target, TimeError> {
    length::of(1, unit).map(|length| Target::From(length, first)).ok_or_else(|| no_target(part))
}

/// Returns a day of one month in cron's day field.
fn day_of(place: Nth, month: i8, part: &str) -> Result<String, TimeError> {
    match place {
        Nth::Last(1) => Ok("L".to_owned()),
        // 2028 is a leap year.
        Nth::Number(day) if Date::new(2028, month, day).is_ok() => Ok(day.to_string()),
        Nth::Number(_) => Err(TimeError::new(part, "is not a day of the calendar", "write it like `every jan 27`")),
        Nth::Last(_) => Err(before_last(part)),
    }
}

/// Returns a day of every month in cron's day field.
fn day_of_any(place: Nth, part: &str) -> Result<String, TimeError> {
    match place {
        Nth::Last(1) | Nth::Number(31) => Ok("L".to_owned()),
        Nth::Number(29..=30) => {
            let hint = "write `last day`, or a recurrence of its own for the 29th or 30th";
            Err(TimeError::new(part, "has a day that February lacks", hint))
        }
        Nth::Number(day) => Ok(day.to_string()),
        Nth::Last(_) => Err(before_last(part)),
    }
}

fn before_last(part: &str) -> TimeError {
    TimeError::new(part, "counts days from the end of a month", "write `last day`, or a weekday like `2nd last friday`")
}

/// Returns the error for what says nothing after `every`: `3 fortnights`, `foo`.
fn unknown(mut scan: Scan<'_>, start: Scan<'_>) -> TimeError {
    if !scan.digits().is_empty() {
        scan.spaced_word();
    }
    no_target(scan.chunk_since(start))
}

fn no_target(part: &str) -> TimeError {
    TimeError::new(if part.is_empty() { "every" } else { part }, "does not say how often", HINT)
}
