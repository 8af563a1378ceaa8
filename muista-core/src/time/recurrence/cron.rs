//! Cron expressions: reading them, and the local times they match. Matching is the library's
//! (croner). Leaves out zones: see `schedule`.

use std::{fmt, hash, str::FromStr, sync::Arc};

use croner::{Weekday, parser::CronParser};
use jiff::{
    Span,
    civil::{DateTime, Time, date},
};

use crate::time::TimeError;

const HINT: &str = "cron fields are minute, hour, day, month, weekday, like `0 9 * * 1-5`; a sixth before them is the \
                    second, a seventh after them the year";

/// Where the search for a first firing begins: what fires only before it never does.
const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);

/// The fields of a whole expression, from left to right.
const FIELDS: [Field; 7] = [
    Field { name: "second", range: "0 to 59", letters: &[] },
    Field { name: "minute", range: "0 to 59", letters: &[] },
    Field { name: "hour", range: "0 to 23", letters: &[] },
    Field { name: "day", range: "1 to 31, with `L`, `15W` and `LW`", letters: &["L", "W", "LW"] },
    Field {
        name: "month",
        range: "1 to 12 or JAN to DEC",
        letters: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
    },
    Field {
        name: "weekday",
        range: "0 to 7 or SUN to SAT, with `5#3` and `5L`",
        letters: &[
            "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "L", "SUNL", "MONL", "TUEL", "WEDL", "THUL", "FRIL",
            "SATL",
        ],
    },
    Field { name: "year", range: "1 to 5000", letters: &[] },
];

/// The names for whole expressions, as in crontab(5).
const NICKNAMES: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// What one field of an expression may hold.
struct Field {
    name: &'static str,
    range: &'static str,
    letters: &'static [&'static str],
}

/// A cron expression that fires at some time. Parsed once, cheap to clone.
///
/// `Display` gives it as it was written, with single spaces.
#[derive(Clone)]
pub struct Cron {
    text: Arc<str>,
    pattern: Arc<croner::Cron>,
    clock: Clock,
}

/// How a schedule behaves where the clock is put forward or back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    /// Second, minute and hour are named: it fires once for each.
    Fixed,
    /// One of them runs (`*` or a step): it fires as time passes.
    Running,
}

impl Cron {
    /// How it behaves where the clock is put forward or back.
    pub(crate) fn clock(&self) -> Clock {
        self.clock
    }

    /// The first local time it matches after another.
    pub(crate) fn after(&self, local: DateTime) -> Option<DateTime> {
        self.pattern.find_next_occurrence(&local, false).ok()
    }

    /// The first local time it matches, from another on.
    pub(crate) fn from(&self, local: DateTime) -> Option<DateTime> {
        self.pattern.find_next_occurrence(&local, true).ok()
    }

    /// The last local time it matches, up to another.
    pub(crate) fn up_to(&self, local: DateTime) -> Option<DateTime> {
        self.pattern.find_previous_occurrence(&local, true).ok()
    }

    /// The same days at this time of day; fractions of a second are cut.
    pub(crate) fn at_time(&self, time: Time) -> Option<Self> {
        let whole = expanded(&self.text);
        let fields: Vec<&str> = whole.split(' ').collect();
        let days = match fields.len() {
            5 => &fields[2..],
            6 | 7 => &fields[3..],
            _ => return None,
        };
        format!("{} {} {} {}", time.second(), time.minute(), time.hour(), days.join(" ")).parse().ok()
    }

    /// Whether the field of seconds runs, so that it fires many times a minute.
    pub fn is_every_second(&self) -> bool {
        let mut fields = self.text.split(' ');
        fields.clone().count() > 5 && fields.next().is_some_and(runs)
    }
}

impl FromStr for Cron {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let whole = expanded(&text);
        if whole.starts_with('@') {
            let hint = "the names are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually";
            return Err(TimeError::new(&text, "is no name of a cron expression", hint));
        }
        let fields: Vec<&str> = whole.split(' ').collect();
        if !(5..=7).contains(&fields.len()) {
            return Err(TimeError::new(&text, &format!("has {} fields of cron, not 5 to 7", fields.len()), HINT));
        }
        let skipped = usize::from(fields.len() == 5);
        for (field, kind) in fields.iter().zip(&FIELDS[skipped..]) {
            kind.check(field)?;
        }
        let pattern = CronParser::new().parse(whole).map_err(|_| bad_field(&fields, skipped, &text))?;
        let every_year = fields.len() < 7 || fields[6] == "*";
        let fires = if every_year { has_day(&pattern) } else { pattern.find_next_occurrence(&EPOCH, true).is_ok() };
        if !fires {
            let hint = "one of its fields names a day that no month or year has, like 31 in February";
            return Err(TimeError::new(&text, "never fires", hint));
        }
        let clock = if fields[..3 - skipped].iter().any(|field| runs(field)) { Clock::Running } else { Clock::Fixed };
        Ok(Self { text: text.into(), pattern: Arc::new(pattern), clock })
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The library's own has a byte for each of 5,000 years.
        f.debug_tuple("Cron").field(&self.text).finish()
    }
}

impl PartialEq for Cron {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Cron {}

impl hash::Hash for Cron {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl Field {
    /// Refuses what the library would take: letters where they mean nothing, and empty list items.
    fn check(&self, field: &str) -> Result<(), TimeError> {
        let words = field.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
        let mut unknown = words.filter(|word| !self.letters.iter().any(|known| known.eq_ignore_ascii_case(word)));
        let empty_item = field.split(',').any(str::is_empty);
        if unknown.next().is_some() || empty_item || field.contains('+') {
            return Err(self.refused(field));
        }
        Ok(())
    }

    fn refused(&self, field: &str) -> TimeError {
        let hint = format!("the {} is {}; `*`, lists `1,2`, ranges `1-5` and steps `*/5` too", self.name, self.range);
        TimeError::new(field, &format!("is no {} of cron", self.name), hint)
    }
}

/// Whether some day matches. The library would search to the year 5000; days and weekdays of leap
/// years have all come by after 40 years.
fn has_day(cron: &croner::Cron) -> bool {
    let mut days = EPOCH.date().series(Span::new().days(1)).take_while(|day| day.year() < 2011);
    days.any(|day| {
        let (year, month, number) = (i32::from(day.year()), day.month().unsigned_abs(), day.day().unsigned_abs());
        let since_sunday = day.weekday().to_sunday_zero_offset().unsigned_abs();
        let weekday = Weekday::from_days_from_sunday(since_sunday.into());
        cron.pattern.month_match(month.into()).unwrap_or(false)
            && cron.pattern.day_match(year, month.into(), number.into(), weekday).unwrap_or(false)
    })
}

/// The error that names the first field the library does not take.
fn bad_field(fields: &[&str], skipped: usize, text: &str) -> TimeError {
    let wrong = (0..fields.len()).find(|&at| {
        let mut alone = vec!["*"; fields.len()];
        alone[at] = fields[at];
        CronParser::new().parse(&alone.join(" ")).is_err()
    });
    match wrong {
        Some(at) => FIELDS[skipped + at].refused(fields[at]),
        None => TimeError::new(text, "is no cron expression", HINT),
    }
}

/// The fields that a name like `@daily` stands for; any other text as it is.
fn expanded(text: &str) -> &str {
    let known = NICKNAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    known.map_or(text, |&(_, fields)| fields)
}

/// Whether a field has a `*` or a step.
fn runs(field: &str) -> bool {
    field.contains(['*', '/'])
}
