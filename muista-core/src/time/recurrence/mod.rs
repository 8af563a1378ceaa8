//! What repeats: cron, ISO 8601 intervals, and words like `every 3rd friday at 9:00 until june`.
//!
//! A text becomes a [`Recurrence`]: a [`Rule`] and what else it says. A rule in a zone, counted from
//! an anchor, is a [`Schedule`], which knows when it fires. Storing it, waiting for it and what it
//! sets off belong to others.

mod by_day_rules;
mod cron;
mod days;
mod expression;
mod first;
mod grammar;
mod interval;
mod local;
mod say;
mod schedule;
mod step;
mod target_units;
mod words;

use std::{borrow::Cow, fmt, str::FromStr};

use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use cron::Cron;
pub use interval::Interval;
pub use schedule::Schedule;

use self::local::Local;
use super::{Context, Duration, Instant, TimeError, scan::Scan};

/// What a text like `every 3rd friday until june` means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recurrence {
    /// How it repeats.
    pub rule: Rule,
    /// Where it begins, when the words say so: intervals count from there. `None` leaves it to the
    /// caller.
    pub start: Option<Instant>,
    /// The last instant at which it may fire, when the words say so.
    pub end: Option<Instant>,
    /// How long, or how often, it fires once it has begun: where that is known, it says [`Self::end`] anew.
    pub bound: Option<Bound>,
    /// `every!`: counted from the completion of what repeats, not from the firing before.
    pub from_completion: bool,
    time: TimeOfDay,
}

/// How far a recurrence goes from its first firing on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Bound {
    /// `for 3 weeks`
    For(Duration),
    /// `5 times`
    Times(u32),
}

impl Bound {
    /// Returns the last instant at which a schedule may fire whose first firing is then.
    pub fn last(self, schedule: &Schedule, first: Instant) -> Option<Instant> {
        match self {
            Self::For(length) => length.after(first, schedule.zone()).ok().map(Instant::just_before),
            Self::Times(times) => {
                let others = usize::try_from(times.saturating_sub(1)).unwrap_or(usize::MAX);
                Some(schedule.upcoming(first, others).pop().unwrap_or(first))
            }
        }
    }
}

/// Whether a time of day was written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum TimeOfDay {
    Said,
    Unsaid,
    /// It begins with this day in this zone.
    UnsaidOn(Date, TimeZone),
}

impl Recurrence {
    /// Reads cron, an ISO 8601 interval, or words.
    ///
    /// # Errors
    /// Names the part that was not understood, with an example.
    pub fn read(text: &str, context: &Context) -> Result<Self, TimeError> {
        let typed = Scan::typed(text)?;
        if !like_cron(text) && !like_iso(typed) {
            return words::read(text, context);
        }
        let rule: Rule = text.parse()?;
        let time = match &rule {
            Rule::Every(interval) if interval.length().is_calendar() => TimeOfDay::Unsaid,
            Rule::Every(_) | Rule::Cron(_) => TimeOfDay::Said,
        };
        Ok(Self::of(rule, time))
    }

    /// Returns what repeats by a rule alone.
    fn of(rule: Rule, time: TimeOfDay) -> Self {
        Self { rule, start: None, end: None, bound: None, from_completion: false, time }
    }

    /// Returns the last instant at which it may fire where it begins then, or as it says. A number of times is counted
    /// from the first firing that is still to come.
    #[must_use]
    pub fn end_from(&self, start: Option<Instant>, context: &Context) -> Option<Instant> {
        let Some(bound @ Bound::Times(_)) = self.bound else { return self.end };
        let anchor = start.or(self.start).unwrap_or(context.now);
        let schedule = Schedule::new(self.rule.clone(), context.zone.clone(), anchor, None);
        let first = schedule.next(anchor.just_before().max(context.now))?;
        let last = bound.last(&schedule, first)?;
        // At which time of its day it will fire is not said yet.
        let whole_days = self.time != TimeOfDay::Said && start.is_none();
        Some(if whole_days { Instant::end_of(last.date_in(&context.zone), &context.zone) } else { last })
    }

    /// Returns whether it says at what time of day it fires: `at 9:00`, cron as it was written, intervals of
    /// hours and less.
    pub fn says_time(&self) -> bool {
        self.time == TimeOfDay::Said
    }

    /// Sets the time of day where it says none. An interval whose first day the words name
    /// (`every other fri`) begins at that time; others stay as they are: theirs is that of the anchor
    /// they are given.
    #[must_use]
    pub fn at_time(self, time: Time) -> Self {
        match (&self.rule, &self.time) {
            (Rule::Cron(cron), TimeOfDay::Unsaid) => match cron.at_time(time) {
                Some(cron) => Self { rule: Rule::Cron(cron), time: TimeOfDay::Said, ..self },
                None => self,
            },
            (Rule::Every(_), TimeOfDay::UnsaidOn(day, zone)) => match Local::of(day.to_datetime(time), zone) {
                Some(local) => Self { start: Some(local.once()), time: TimeOfDay::Said, ..self },
                None => self,
            },
            _ => self,
        }
    }
}

/// Returns whether a text can only be meant as a recurrence, understood or not.
pub(crate) fn is_like(text: &str) -> bool {
    like_cron(text) || words::like_words(text)
}

/// Returns whether a text is a name like `@daily`.
pub(crate) fn is_nickname(text: &str) -> bool {
    cron::expanded(text.trim()) != text.trim()
}

/// Returns whether a text has the shape of cron: a name like `@daily`, a field `*` or `?`, or four fields of
/// which two begin with a digit.
fn like_cron(text: &str) -> bool {
    let mut fields = text.split_whitespace();
    let digit = |field: Option<&str>| field.is_some_and(|field| field.starts_with(|c: char| c.is_ascii_digit()));
    let name = text.trim().strip_prefix('@').is_some_and(|name| name.chars().all(|c| c.is_ascii_alphabetic()))
        || cron::length_of_every(text).is_some();
    let stars = fields.clone().any(|field| field.starts_with(['*', '?']));
    stars
        || (name && text.trim().len() > 1)
        || (fields.clone().count() >= 4 && digit(fields.next()) && digit(fields.next()))
}

/// Returns whether a text has the shape of an ISO 8601 duration.
fn like_iso(mut scan: Scan<'_>) -> bool {
    scan.eat(b'-');
    scan.eat(b'p')
        && (scan.eat(b't') || scan.at_end() || scan.peek().is_some_and(|byte| byte.is_ascii_digit() || byte == b'-'))
}

/// How something repeats.
///
/// `Display` gives the canonical text, cron or ISO 8601 (`P1D`); `FromStr` and serde read it back.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Rule {
    /// At the local times that match.
    Cron(Cron),
    /// At a distance, counted from an anchor.
    Every(Interval),
}

impl Rule {
    /// Returns whether it is cron whose field of seconds runs (`*` or a step), so that it fires many times a
    /// minute.
    pub fn is_every_second(&self) -> bool {
        matches!(self, Self::Cron(cron) if cron.is_every_second())
    }

    /// Returns what about it may surprise whoever wrote it, each in a sentence.
    pub fn notes(&self) -> Vec<String> {
        match self {
            Self::Cron(cron) => cron.notes(),
            Self::Every(_) => Vec::new(),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cron(cron) => cron.fmt(f),
            Self::Every(interval) => interval.fmt(f),
        }
    }
}

impl FromStr for Rule {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        let unsigned = text.trim().trim_start_matches(['+', '-']);
        if unsigned.starts_with(['p', 'P']) {
            return text.parse().map(Self::Every);
        }
        text.parse().map(Self::Cron)
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}
