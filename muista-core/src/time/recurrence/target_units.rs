//! What repeats in words, after `every`: `3 days`, `mon, wed`, `27th`, `last workday`. Leaves out the
//! time of day and the bounds: see `words`.

use jiff::civil::{Date, Weekday};

use super::{
    by_day_rules::{Months, Nth, by_day_rules, of_month, unit, weekday, weekdays},
    first::First,
    interval::Interval,
};
use crate::time::{
    Duration, TimeError,
    day_number::{self, Form},
    length,
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
    /// On the days that three fields of cron match: day, month, weekday.
    Days(String),
}

impl Target {
    /// Returns what repeats at this distance on those days: `weekly on tuesday`. `None` where they do not go together.
    pub(crate) fn on(self, days: Self) -> Option<Self> {
        let Self::Every(length) = self else { return None };
        let each = |amount, unit| length::of(amount, unit) == Some(length);
        let fits = match &days {
            Self::Days(fields) => {
                let fields: Vec<&str> = fields.split(' ').collect();
                let [day, month, weekday] = fields.as_slice() else { return None };
                let one_weekday = *day == "*" && !weekday.contains(['#', 'L']);
                let unit = match (*month, one_weekday) {
                    ("*", true) => Unit::Week,
                    ("*", false) => Unit::Month,
                    _ => Unit::Year,
                };
                each(1, unit)
            }
            Self::From(other, _) => length == *other,
            Self::Every(_) => false,
        };
        match days {
            days if fits => Some(days),
            // Every second tuesday counts from the next one.
            Self::Days(fields) if each(2, Unit::Week) => {
                let weekday = fields.strip_prefix("* * ")?.parse::<i8>().ok()?;
                let weekday = Weekday::from_sunday_zero_offset(weekday).ok()?;
                Some(Self::From(length, First::Weekday(weekday)))
            }
            _ => None,
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
        "weekdays" | "workdays" | "weekends" => return kinds_of_day(word),
        _ => return None,
    };
    length::of(amount, unit).map(Target::Every)
}

/// Reads what follows `every`.
pub(crate) fn after_every(scan: &mut Scan<'_>) -> Result<Target, TimeError> {
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
        let numbers: Vec<String> = weekdays.into_iter().map(number).collect();
        return Ok(Target::Days(format!("* * {}", numbers.join(","))));
    }
    let word = scan.word();
    if let Some(month) = words::month(word) {
        return in_month(scan, start, month);
    }
    if let Some(target) = kinds_of_day(word) {
        return Ok(target);
    }
    let target = if word.eq_ignore_ascii_case("other") { every_other(scan) } else { every(1, word) };
    target.ok_or_else(|| unknown(*scan, start))
}

/// After `other`: a unit, or a weekday every two weeks.
fn every_other(scan: &mut Scan<'_>) -> Option<Target> {
    let word = scan.spaced_word();
    match weekday(word) {
        Some(weekday) => Some(Target::From(length::of(2, Unit::Week)?, First::Weekday(weekday))),
        None => every(2, word),
    }
}

fn every(amount: i64, name: &str) -> Option<Target> {
    length::of(amount, unit(name)?).map(Target::Every)
}

/// `weekday`, `weekend` and their like.
fn kinds_of_day(word: &str) -> Option<Target> {
    match lower(word, &mut [0; 12]) {
        "weekday" | "weekdays" | "workday" | "workdays" => Some(Target::Days("* * 1-5".to_owned())),
        "weekend" | "weekends" => Some(Target::Days("* * 0,6".to_owned())),
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
    if let Some(weekday) = weekday(noun) {
        let weekdays = rules.iter().map(|place| match place {
            Nth::Number(nth @ 1..=5) => Ok(format!("{}#{nth}", number(weekday))),
            Nth::Number(_) => Err(TimeError::new(part, "is in no month", "a weekday comes five times at most")),
            Nth::Last => Ok(format!("{}L", number(weekday))),
        });
        let weekdays = weekdays.collect::<Result<Vec<_>, _>>()?.join(",");
        return Ok(Target::Days(format!("* {} {weekdays}", of_month(scan)?.unwrap_or(Months::Every))));
    }
    if let Some(month) = words::month(noun) {
        return days_of(rules, Months::One(month), scan.since(start));
    }
    match (lower(noun, &mut [0; 12]), rules) {
        ("workday" | "workdays" | "weekday" | "weekdays", _) => {
            let days = workdays(rules).ok_or_else(|| {
                TimeError::new(part, "is no workday that can be found", "write `first workday` or `last workday`")
            })?;
            return Ok(Target::Days(format!("{days} {} *", of_month(scan)?.unwrap_or(Months::Every))));
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
        (None, _) if matches!(rules, [Nth::Last]) => Err(no_target(part)),
        (None, _) => {
            *scan = before;
            let month = of_month(scan)?.unwrap_or(Months::Every);
            days_of(rules, month, scan.since(start))
        }
    }
}

/// Returns the first or last workday of a month in cron's day field.
fn workdays(rules: &[Nth]) -> Option<String> {
    let days = rules.iter().map(|place| match place {
        Nth::Number(1) => Some("1W"),
        Nth::Last => Some("LW"),
        Nth::Number(_) => None,
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
    Ok(Target::Days(format!("{} {months} *", days.join(","))))
}

fn from_first(unit: Unit, first: First, part: &str) -> Result<Target, TimeError> {
    length::of(1, unit).map(|length| Target::From(length, first)).ok_or_else(|| no_target(part))
}

/// Returns a day of one month in cron's day field.
fn day_of(place: Nth, month: i8, part: &str) -> Result<String, TimeError> {
    match place {
        Nth::Last => Ok("L".to_owned()),
        // 2028 is a leap year.
        Nth::Number(day) if Date::new(2028, month, day).is_ok() => Ok(day.to_string()),
        Nth::Number(_) => Err(TimeError::new(part, "is no day of the calendar", "write it like `every jan 27`")),
    }
}

/// Returns a day of every month in cron's day field.
fn day_of_any(place: Nth, part: &str) -> Result<String, TimeError> {
    match place {
        Nth::Last | Nth::Number(31) => Ok("L".to_owned()),
        Nth::Number(29..=30) => {
            let hint = "write `last day`, or a recurrence of its own for the 29th or 30th";
            Err(TimeError::new(part, "has a day that February lacks", hint))
        }
        Nth::Number(day) => Ok(day.to_string()),
    }
}

/// Returns a weekday in cron: Sunday is 0.
fn number(weekday: Weekday) -> String {
    weekday.to_sunday_zero_offset().to_string()
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
