//! A recurrence in words, which read again to the same: `every 2 weeks on mon, thu at 9:00 until 2026-12-24`. Cron that
//! words cannot say stays as it is.

use std::fmt::Write as _;

use jiff::{
    civil::{Time, Weekday},
    tz::TimeZone,
};

use super::{
    Bound, Cron, Recurrence, Rule, TimeOfDay,
    days::set_of,
    step::{Step, Stretch},
};
use crate::time::{Duration, Instant, words};

/// More times of day than these are not listed.
const TIMES: usize = 8;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl Recurrence {
    /// Returns it in words that read again to the same in this zone. Cron that has no words is said as it is written.
    pub fn words(&self, zone: &TimeZone) -> String {
        let every = if self.from_completion { "every! " } else { "every " };
        let (mut text, first) = match &self.rule {
            Rule::Every(interval) => (format!("{every}{}", self.interval(interval.length(), zone)), None),
            Rule::Cron(cron) => {
                let Some((days, times)) = days_and_times(cron) else { return cron.to_string() };
                let unsaid = self.time != TimeOfDay::Said && times == [Time::midnight()];
                // What is one in so many begins with a firing, as a rule with the first of its day.
                let first = cron.step().and_then(|_| times.first().copied());
                let at = joined(times.into_iter().map(clock));
                let text = if unsaid { format!("{every}{days}") } else { format!("{every}{days} at {at}") };
                (text, first.or(Some(Time::midnight())))
            }
        };
        if let Some(start) = self.start {
            text += &format!(" starting {}", self.date(start, first, zone));
        }
        match (self.bound, self.end) {
            (Some(Bound::Times(times)), _) => text += &format!(" for {times} times"),
            (Some(Bound::For(length)), _) => text += &format!(" for {}", amount(length)),
            (None, Some(end)) => {
                let local = end.civil_in(zone);
                text += &format!(" until {}", local.date());
                if Instant::end_of(local.date(), zone) != end {
                    text += &format!("T{}", local.time());
                }
            }
            (None, None) => {}
        }
        text
    }

    /// A distance, with the weekday on which it counts.
    fn interval(&self, length: Duration, zone: &TimeZone) -> String {
        let said = amount(length);
        let said = said.strip_prefix("1 ").unwrap_or(&said);
        match self.start {
            Some(start) if said.ends_with("weeks") && length.is_calendar() => {
                format!("{said} on {}", short(start.date_in(zone).weekday()))
            }
            _ => said.to_owned(),
        }
    }

    /// Where it begins: the day, and the time where that is said and does not follow from the words before.
    fn date(&self, at: Instant, first: Option<Time>, zone: &TimeZone) -> String {
        let local = at.civil_in(zone);
        if self.time != TimeOfDay::Said || first == Some(local.time()) {
            return local.date().to_string();
        }
        format!("{} at {}", local.date(), clock(local.time()))
    }
}

/// A length in words where it is of one unit, else as ISO 8601.
fn amount(length: Duration) -> String {
    let iso = length.to_string();
    let one = |text: &str| -> Option<String> {
        let (elapsed, rest) = match text.strip_prefix("PT") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('P')?),
        };
        let (number, designator) = rest.split_at_checked(rest.len().checked_sub(1)?)?;
        let number: i64 = number.parse().ok()?;
        let unit = match (designator, elapsed) {
            ("Y", false) => "year",
            ("M", false) => "month",
            ("W", false) => "week",
            ("D", false) => "day",
            ("H", true) => "hour",
            ("M", true) => "minute",
            ("S", true) => "second",
            _ => return None,
        };
        Some(format!("{number} {unit}{}", if number == 1 { "" } else { "s" }))
    };
    one(&iso).unwrap_or(iso)
}

/// The days that cron fires on in words, and at which times; `None` where words cannot say it.
fn days_and_times(cron: &Cron) -> Option<(String, Vec<Time>)> {
    let mut all: Vec<([String; 3], Vec<Time>)> = Vec::new();
    for fields in cron.any_of() {
        if fields.get(6).is_some_and(|year| *year != "*") {
            return None;
        }
        let days = [fields[3].to_ascii_uppercase(), fields[4].to_owned(), fields[5].to_ascii_uppercase()];
        let times = times(&fields)?;
        match all.iter_mut().find(|(others, _)| *others == days) {
            Some((_, more)) => more.extend(times),
            None => all.push((days, times)),
        }
    }
    for (_, times) in &mut all {
        times.sort();
        times.dedup();
    }
    let times = all.first()?.1.clone();
    if times.len() > TIMES || all.iter().any(|(_, others)| *others != times) {
        return None;
    }
    let days: Vec<[String; 3]> = all.into_iter().map(|(days, _)| days).collect();
    Some((days_in_words(&days, cron.step())?, times))
}

/// The times of day of an expression; `None` where one of the fields is no list of numbers.
fn times(fields: &[&str]) -> Option<Vec<Time>> {
    let numbers = |field: &str| -> Option<Vec<i8>> { field.split(',').map(|item| item.parse().ok()).collect() };
    let (seconds, minutes, hours) = (numbers(fields[0])?, numbers(fields[1])?, numbers(fields[2])?);
    if seconds.len() * minutes.len() * hours.len() > TIMES {
        return None;
    }
    let mut times = Vec::new();
    for hour in hours {
        for minute in &minutes {
            times.extend(seconds.iter().filter_map(|second| Time::new(hour, *minute, *second, 0).ok()));
        }
    }
    Some(times)
}

fn days_in_words(all: &[[String; 3]], step: Option<Step>) -> Option<String> {
    let distance = step.map(|step| {
        let (every, of) = step.parts();
        let unit = match of {
            Stretch::Day => "days",
            Stretch::Week => "weeks",
            Stretch::Month => "months",
            Stretch::Year => "years",
        };
        (format!("{every} {unit}"), of)
    });
    let star = |field: &str| matches!(field, "*" | "?");
    let (words, of) = match all {
        [[day, month, weekday]] if star(day) && star(month) && !weekday.contains(['#', 'L']) => {
            let set = set_of(weekday).filter(|set| !set.is_empty())?;
            if let (Some((distance, Stretch::Day)), 7) = (&distance, set.len()) {
                return Some(distance.clone());
            }
            // One weekday at a distance is an interval, and so are all seven.
            if distance.is_some() && matches!(set.len(), 1 | 7) {
                return None;
            }
            (weekdays(&set, distance.is_some()), Stretch::Week)
        }
        [[day, month, _], ..] if star(day) && star(month) => (nth_weekdays(all)?, Stretch::Month),
        [[day, month, _], ..] if star(day) => {
            (format!("{} of {}", nth_weekdays(all)?, month_name(month)?), Stretch::Year)
        }
        [[day, month, weekday]] if star(month) && star(weekday) => (days_of_month(day)?, Stretch::Month),
        _ => (dates(all)?, Stretch::Year),
    };
    match distance {
        None => Some(words),
        Some((distance, counted)) if counted == of => {
            Some(format!("{distance} on {}{words}", if of == Stretch::Month { "the " } else { "" }))
        }
        Some(_) => None,
    }
}

/// Weekdays of each week.
fn weekdays(set: &[Weekday], listed: bool) -> String {
    let is_workday = |weekday: &Weekday| !matches!(weekday, Weekday::Saturday | Weekday::Sunday);
    let workdays = set.iter().filter(|weekday| is_workday(weekday)).count();
    match (set.len(), workdays) {
        (7, _) => "day".to_owned(),
        (6, _) if !listed => {
            let left_out = set_of("*").unwrap_or_default().into_iter().find(|weekday| !set.contains(weekday));
            format!("day except {}", left_out.map_or("", short))
        }
        (5, 5) => "weekday".to_owned(),
        (2, 0) => "weekend".to_owned(),
        _ => set.iter().map(|weekday| short(*weekday)).collect::<Vec<_>>().join(", "),
    }
}

/// A weekday at places in a month: `1st and 2nd last fri`.
fn nth_weekdays(all: &[[String; 3]]) -> Option<String> {
    let (mut places, mut of): (Vec<String>, Option<Weekday>) = (Vec::new(), None);
    for [day, month, weekday] in all {
        if !matches!(day.as_str(), "*" | "?") || *month != all[0][1] {
            return None;
        }
        for item in weekday.split(',') {
            let (name, place) = match item.split_once('#') {
                Some((name, place)) => (name, place.parse().ok()?),
                None => (item.strip_suffix('L')?, -1),
            };
            let [weekday] = set_of(name)?[..] else { return None };
            if of.is_some_and(|of| of != weekday) {
                return None;
            }
            of = Some(weekday);
            places.push(match place {
                -1 => "last".to_owned(),
                1..=5 => ordinal(place),
                -5..=-2 => format!("{} last", ordinal(-place)),
                _ => return None,
            });
        }
    }
    // The noun behind the last of them is that of all; `2nd last` in front needs its own.
    if places.iter().rev().skip(1).any(|place| place.ends_with(" last")) {
        return None;
    }
    Some(format!("{} {}", joined(places.into_iter()), short(of?)))
}

/// Days of every month: `1st and 15th`, `last day`.
fn days_of_month(field: &str) -> Option<String> {
    match field {
        "1W" => return Some("first workday".to_owned()),
        "LW" => return Some("last workday".to_owned()),
        "1W,LW" => return Some("first and last workday".to_owned()),
        _ => {}
    }
    let mut ends = false;
    let mut items = Vec::new();
    for item in field.split(',') {
        ends |= item == "L";
        items.push(match item {
            "L" => "last".to_owned(),
            number => ordinal(number.parse().ok().filter(|day| (1..=28).contains(day))?),
        });
    }
    Some(joined(items.into_iter()) + if ends { " day" } else { "" })
}

/// Days of named months: `jan 1, jul 1`, `last day of feb`.
fn dates(all: &[[String; 3]]) -> Option<String> {
    let mut dates = Vec::new();
    for [day, month, weekday] in all {
        if !matches!(weekday.as_str(), "*" | "?") {
            return None;
        }
        for month in month.split(',') {
            for day in day.split(',') {
                let name = month_name(month)?;
                dates.push(match (day.parse::<i8>().ok(), day) {
                    (None, "L") => format!("last day of {name}"),
                    // It is counted from a leap day.
                    (Some(29), _) if name == "feb" => return None,
                    (Some(number), _) => format!("{name} {number}"),
                    (None, _) => return None,
                });
            }
        }
    }
    (dates.len() <= 24).then(|| dates.join(", "))
}

fn month_name(field: &str) -> Option<&'static str> {
    let number = field.parse().ok().or_else(|| words::month(field))?;
    MONTHS.get(usize::try_from(number).ok()?.checked_sub(1)?).copied()
}

fn short(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Monday => "mon",
        Weekday::Tuesday => "tue",
        Weekday::Wednesday => "wed",
        Weekday::Thursday => "thu",
        Weekday::Friday => "fri",
        Weekday::Saturday => "sat",
        Weekday::Sunday => "sun",
    }
}

fn ordinal(day: i8) -> String {
    format!("{day}{}", crate::time::day_number::ordinal_suffix(day))
}

fn clock(time: Time) -> String {
    let mut text = format!("{}:{:02}", time.hour(), time.minute());
    if time.second() != 0 {
        let _ = write!(text, ":{:02}", time.second());
    }
    text
}

/// `a, b and c`
fn joined(items: impl Iterator<Item = String>) -> String {
    let items: Vec<String> = items.collect();
    match items.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => items.concat(),
    }
}
