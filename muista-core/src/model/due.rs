//! [`Due`]: an instant, or a date whose end counts, with the zone that it was given in. Reading its text is `time`'s.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::time::{Instant, When};

/// When a task is due: at an instant, or on a date. Written `{"at": …, "on": …, "timezone": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawDue", into = "RawDue")]
pub struct Due {
    at: Instant,
    on: Option<Date>,
    timezone: Option<String>,
}

impl Due {
    /// The due of `when`, read in `zone`; none for [`When::None`].
    #[must_use]
    pub fn new(when: &When, zone: &TimeZone) -> Option<Self> {
        let at = when.deadline(zone)?;
        let on = match when {
            When::On(date) => Some(*date),
            _ => None,
        };
        // A zone without a name cannot be asked for again; the instant alone is kept then.
        let timezone = on.and_then(|_| zone.iana_name().map(str::to_owned));
        Some(Self { at, on, timezone })
    }

    /// The instant; for a date the last second of the day.
    #[must_use]
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The date, where it is one.
    #[must_use]
    pub fn on(&self) -> Option<Date> {
        self.on
    }

    /// The zone of the date.
    #[must_use]
    pub fn timezone(&self) -> Option<&str> {
        self.timezone.as_deref()
    }
}

#[derive(Serialize, Deserialize)]
struct RawDue {
    at: Instant,
    #[serde(default)]
    on: Option<Date>,
    #[serde(default)]
    timezone: Option<String>,
}

impl TryFrom<RawDue> for Due {
    type Error = Error;

    fn try_from(RawDue { at, on, timezone }: RawDue) -> Result<Self> {
        match (on, timezone.as_deref()) {
            (Some(on), Some(name)) => {
                let zone = crate::time::zone(name)?;
                if When::On(on).deadline(&zone) != Some(at) {
                    return Err(Error::invalid("due", format!("{at} is not the end of {on} in {name}")));
                }
            }
            // Whatever zone without a name it was: none is further from UTC.
            (Some(on), None) => {
                let end = Instant::end_of(on, &TimeZone::UTC);
                let furthest = std::time::Duration::from_secs(26 * 60 * 60);
                if at < end.minus(furthest) || at > end.plus(furthest) {
                    return Err(Error::invalid("due", format!("{at} is not the end of {on} anywhere")));
                }
            }
            (None, Some(name)) => drop(crate::time::zone(name)?),
            (None, None) => {}
        }
        Ok(Self { at, on, timezone })
    }
}

impl From<Due> for RawDue {
    fn from(Due { at, on, timezone }: Due) -> Self {
        Self { at, on, timezone }
    }
}
