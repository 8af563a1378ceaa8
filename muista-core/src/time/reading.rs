//! How a text is read: what `muista date` shows.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{
    Context, Duration, Recurrence, Schedule, TimeError, When, range,
    recurrence::{is_like, is_nickname},
    zone,
};

/// How many firings of a recurrence are shown unless told otherwise.
const SHOWN: usize = 5;

/// What kind of thing a text names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A whole day.
    Date,
    /// A point in time.
    Instant,
    /// A length written as ISO 8601 with days or longer, like `P1D`. `at` and `on` say where it
    /// leads from now.
    Duration,
    /// Something that repeats. `next` says when.
    Recurrence,
    /// Nothing: clears a due.
    None,
}

/// How a text is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reading {
    /// The text as it was given.
    pub input: String,
    /// What it names.
    pub kind: Kind,
    /// The instant, or the day's last second: RFC 3339 with the zone's offset.
    pub at: Option<String>,
    /// The day, when it names one.
    pub on: Option<Date>,
    /// The length, when the text is one and nothing else.
    pub duration: Option<Duration>,
    /// The zone it was read in: its IANA name, or its offset now.
    pub timezone: String,
    /// The coming instants of a recurrence, RFC 3339 with the zone's offset; empty for everything
    /// else.
    pub next: Vec<String>,
    /// A recurrence in words that read again to the same; cron that words cannot say, as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// What may surprise about a recurrence, each in a sentence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What repeats, when the text is a recurrence. It is not written: `next` shows it.
    #[serde(skip)]
    pub recurrence: Option<Recurrence>,
}

/// Reads a text as [`When::read`] does, and says how. A length alone (`3 days`, `1.5h`, `PT90M`) is
/// the day or the instant that far from now, with `duration` filled; only an ISO length with days
/// or longer (`P1D`) is of kind [`Kind::Duration`]. What is no date is read as a recurrence, with its
/// next five firings.
///
/// # Errors
/// Names the part that was not understood, with an example.
pub fn read(text: &str, context: &Context) -> Result<Reading, TimeError> {
    read_ahead(text, context, SHOWN)
}

/// Reads a text as [`read`] does, with the next `count` firings of a recurrence. Where the text does
/// not say where it begins, it is counted from now.
///
/// # Errors
/// Names the part that was not understood, with an example.
pub fn read_ahead(text: &str, context: &Context, count: usize) -> Result<Reading, TimeError> {
    match When::read(text, context) {
        // `@midnight` is the name of a cron expression, although midnight is a time.
        Ok(_) if is_nickname(text) => Ok(of_recurrence(text, Recurrence::read(text, context)?, context, count)),
        Ok(when) => {
            let reading = of_when(text, when, context);
            let is_iso = text.trim().trim_start_matches(['+', '-']).starts_with(['p', 'P']);
            match reading.duration {
                // As an interval it would fire all the time.
                Some(length) if is_iso && length.is_zero() => Err(TimeError::new(
                    text.trim(),
                    "is no time at all",
                    "lengths look like `P1D`, `PT30M` or `3 days`",
                )),
                _ => Ok(reading),
            }
        }
        Err(_) if is_like(text) => Ok(of_recurrence(text, Recurrence::read(text, context)?, context, count)),
        Err(error) => Err(stretch(text, context).unwrap_or(error)),
    }
}

/// Returns the error for a text that names more than a day: what it is good for.
fn stretch(text: &str, context: &Context) -> Option<TimeError> {
    range(text, context).ok()?;
    let hint = "it goes where a list takes one, as in `muista ls --due \"last 7 days\"`";
    Some(TimeError::new(text.trim(), "is a range, not a date", hint))
}

fn of_when(text: &str, when: When, context: &Context) -> Reading {
    let duration = Duration::read(text).ok();
    Reading {
        kind: kind(text, when, duration),
        at: when.deadline(&context.zone).map(|at| at.rfc3339_in(&context.zone).to_string()),
        on: match when {
            When::On(day) => Some(day),
            When::None | When::At(_) => None,
        },
        duration,
        ..nothing(text, context)
    }
}

fn of_recurrence(text: &str, recurrence: Recurrence, context: &Context, count: usize) -> Reading {
    let zone = &context.zone;
    let anchor = recurrence.start.unwrap_or(context.now);
    let schedule = Schedule::new(recurrence.rule.clone(), zone.clone(), anchor, recurrence.end);
    let next = schedule.upcoming(context.now, count);
    Reading {
        kind: Kind::Recurrence,
        next: next.into_iter().map(|at| at.rfc3339_in(zone).to_string()).collect(),
        words: Some(recurrence.words(zone)),
        notes: recurrence.rule.notes(),
        recurrence: Some(recurrence),
        ..nothing(text, context)
    }
}

/// The reading of a text that names nothing.
fn nothing(text: &str, context: &Context) -> Reading {
    Reading {
        input: text.to_owned(),
        kind: Kind::None,
        at: None,
        on: None,
        duration: None,
        timezone: zone::name(&context.zone, context.now),
        next: Vec::new(),
        words: None,
        notes: Vec::new(),
        recurrence: None,
    }
}

fn kind(text: &str, when: When, duration: Option<Duration>) -> Kind {
    let unsigned = text.trim().trim_start_matches(['+', '-']).as_bytes();
    let iso_date = matches!(unsigned, [b'p' | b'P', next, ..] if !next.eq_ignore_ascii_case(&b't'));
    match when {
        When::None => Kind::None,
        _ if duration.is_some() && iso_date => Kind::Duration,
        When::On(_) => Kind::Date,
        When::At(_) => Kind::Instant,
    }
}
