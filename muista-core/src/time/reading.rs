//! How a text is read: what `muista date` shows.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Context, Duration, TimeError, When, zone};

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
}

/// Reads a text as [`When::read`] does, and says how. A length alone (`3 days`, `1.5h`, `PT90M`) is
/// the day or the instant that far from now, with `duration` filled; only an ISO length with days
/// or longer (`P1D`) is of kind [`Kind::Duration`].
///
/// # Errors
/// Names the part that was not understood, with an example.
pub fn read(text: &str, context: &Context) -> Result<Reading, TimeError> {
    let when = When::read(text, context)?;
    let duration = Duration::read(text).ok();
    Ok(Reading {
        input: text.to_owned(),
        kind: kind(text, when, duration),
        at: when.deadline(&context.zone).map(|at| at.rfc3339_in(&context.zone).to_string()),
        on: match when {
            When::On(day) => Some(day),
            When::None | When::At(_) => None,
        },
        duration,
        timezone: zone::name(&context.zone, context.now),
        next: Vec::new(),
    })
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
