//! Cron: one expression, or several of which each fires. Their fields are read in `expression`. Leaves out zones: see
//! `schedule`.

use std::{fmt, hash, str::FromStr, sync::Arc};

use jiff::civil::{Date, DateTime, Time};

use super::{
    expression::{Expression, runs, unrestricted},
    step::Step,
};
use crate::time::TimeError;

/// What stands between two expressions of which each fires.
const OR: &str = " | ";

/// How many stretches are passed over in search of one that counts and has a day that matches: the fifth friday of every
/// thousandth month is far.
const PASSED: usize = 500;

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

/// A cron expression that fires at some time. Parsed once, cheap to clone.
///
/// For what recurrences in words need beyond cron, there may be several expressions with ` | ` between them, `5#-2` is the
/// friday before the last, and `/2w` behind the fields is every other week, counted from where the schedule begins.
///
/// `Display` gives it as it was written, with single spaces.
#[derive(Clone)]
pub struct Cron {
    text: Arc<str>,
    any_of: Arc<[Expression]>,
    step: Option<Step>,
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

/// Cron, with the day that its steps are counted from.
#[derive(Clone, Copy)]
pub(crate) struct Anchored<'a> {
    pub(crate) cron: &'a Cron,
    pub(crate) anchor: Date,
}

impl Anchored<'_> {
    /// How it behaves where the clock is put forward or back.
    pub(crate) fn clock(self) -> Clock {
        self.cron.clock
    }

    /// The first local time it matches after another.
    pub(crate) fn after(self, local: DateTime) -> Option<DateTime> {
        self.onward(self.cron.any_of.iter().filter_map(|one| one.after(local)).min()?)
    }

    /// The first local time it matches, from another on.
    pub(crate) fn from(self, local: DateTime) -> Option<DateTime> {
        self.onward(self.first_from(local)?)
    }

    /// The last local time it matches, up to another.
    pub(crate) fn up_to(self, local: DateTime) -> Option<DateTime> {
        let Some(step) = self.cron.step else { return self.last_to(local) };
        let mut found = self.last_to(local)?;
        for _ in 0..PASSED {
            let behind = step.behind(self.anchor, found.date())?;
            if behind == 0 {
                return Some(found);
            }
            found = self.last_to(step.previous(found.date(), behind)?.at(23, 59, 59, 0))?;
        }
        None
    }

    /// The first time from one that matches whose stretch counts.
    fn onward(self, mut found: DateTime) -> Option<DateTime> {
        let Some(step) = self.cron.step else { return Some(found) };
        for _ in 0..PASSED {
            let behind = step.behind(self.anchor, found.date())?;
            if behind == 0 {
                return Some(found);
            }
            found = self.first_from(step.next(found.date(), behind)?.at(0, 0, 0, 0))?;
        }
        None
    }

    fn first_from(self, local: DateTime) -> Option<DateTime> {
        self.cron.any_of.iter().filter_map(|one| one.from(local)).min()
    }

    fn last_to(self, local: DateTime) -> Option<DateTime> {
        self.cron.any_of.iter().filter_map(|one| one.up_to(local)).max()
    }
}

impl Cron {
    /// The same days at this time of day; fractions of a second are cut.
    pub(crate) fn at_time(&self, time: Time) -> Option<Self> {
        let mut at_time = Vec::new();
        for one in self.any_of.iter() {
            let text = format!("{} {} {} {}", time.second(), time.minute(), time.hour(), one.fields()[3..].join(" "));
            if !at_time.contains(&text) {
                at_time.push(text);
            }
        }
        let step = self.step.map_or_else(String::new, |step| format!(" {step}"));
        format!("{}{step}", at_time.join(OR)).parse().ok()
    }

    /// Whether the field of seconds runs, so that it fires many times a minute.
    pub fn is_every_second(&self) -> bool {
        self.any_of.iter().any(|one| runs(one.fields()[0]))
    }

    /// Its expressions, each as its fields.
    pub(crate) fn any_of(&self) -> impl Iterator<Item = Vec<&str>> {
        self.any_of.iter().map(Expression::fields)
    }

    /// What it is one in so many of, if it is.
    pub(crate) fn step(&self) -> Option<Step> {
        self.step
    }

    /// What about it may surprise whoever wrote it, each in a sentence.
    pub fn notes(&self) -> Vec<String> {
        self.any_of().flat_map(|fields| notes(&fields)).collect()
    }
}

/// What may surprise about an expression.
fn notes(fields: &[&str]) -> Vec<String> {
    let mut notes = Vec::new();
    for (field, name, unit, last) in
        [(fields[0], "second", "s", 59), (fields[1], "minute", "min", 59), (fields[2], "hour", "h", 23)]
    {
        let step = field.strip_prefix("*/").and_then(|step| step.parse::<u16>().ok());
        if let Some(step) = step.filter(|step| *step > last) {
            notes.push(format!(
                "`{field}` is {name} 0 alone, as a {name} goes to {last}; for that distance write `every {step} {unit}`"
            ));
        }
    }
    let (day, weekday) = (fields[3], fields[5]);
    let either = !unrestricted(day) && !unrestricted(weekday);
    if either {
        notes.push(format!(
            "it fires on days that match `{day}` and also on weekdays that match `{weekday}`, as in cron"
        ));
    } else if !matches!(day, "*" | "?") && !matches!(weekday, "*" | "?") {
        let star = if unrestricted(day) { day } else { weekday };
        notes.push(format!(
            "it fires where both the day `{day}` and the weekday `{weekday}` match, as in cron, since `{star}` begins with `*`"
        ));
    }
    notes
}

impl FromStr for Cron {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let whole = expanded(&text);
        if let Some(length) = length_of_every(&text) {
            let hint = format!("write `every {}`", length.trim().replace("min", "m").replace('m', "min"));
            return Err(TimeError::new(&text, "is not a name of a cron expression", hint));
        }
        if whole.starts_with('@') {
            let hint = "the names are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually";
            return Err(TimeError::new(&text, "is not a name of a cron expression", hint));
        }
        let (fields, step) = match whole.rsplit_once(' ').filter(|(_, step)| step.starts_with('/')) {
            Some((fields, step)) => (fields, Some(Step::read(step)?)),
            None => (whole, None),
        };
        let any_of = fields.split(OR).map(Expression::read).collect::<Result<Vec<_>, _>>()?;
        let clock = if any_of.iter().any(Expression::runs) { Clock::Running } else { Clock::Fixed };
        Ok(Self { text: text.as_str().into(), any_of: any_of.into(), step, clock })
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

/// The length of `@every 5m`, as some programs write an interval.
pub(crate) fn length_of_every(text: &str) -> Option<&str> {
    let (name, length) = text.trim().split_once(' ')?;
    name.eq_ignore_ascii_case("@every").then_some(length)
}

/// The fields that a name like `@daily` stands for; any other text as it is.
pub(crate) fn expanded(text: &str) -> &str {
    let known = NICKNAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    known.map_or(text, |&(_, fields)| fields)
}
