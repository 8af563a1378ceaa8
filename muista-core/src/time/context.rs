//! What a date text is read against: the clock, the zone, the order of day and month.

use std::str::FromStr;

use jiff::{civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

use super::{Instant, TimeError};

/// What a date text is read against.
#[derive(Debug, Clone)]
pub struct Context {
    /// The moment "now".
    pub now: Instant,
    /// The zone in which days begin and local times are meant.
    pub zone: TimeZone,
    /// How `1/2` and `1.2.` are read; `None` refuses them as ambiguous.
    pub date_order: Option<DateOrder>,
}

impl Context {
    /// The day that `now` falls on in the zone.
    pub fn today(&self) -> Date {
        self.now.date_in(&self.zone)
    }

    /// The name by which the zone can be found again: its IANA name, or else its offset.
    pub fn zone_name(&self) -> String {
        super::zone::name(&self.zone, self.now)
    }
}

/// Which number of `1/2` is the month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DateOrder {
    /// `dmy`: day, month, year.
    #[serde(rename = "dmy")]
    DayMonth,
    /// `mdy`: month, day, year.
    #[serde(rename = "mdy")]
    MonthDay,
}

impl FromStr for DateOrder {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        match text {
            "dmy" => Ok(Self::DayMonth),
            "mdy" => Ok(Self::MonthDay),
            _ => Err(TimeError::new(text, "is not a valid date order", "write `dmy` (27.1.) or `mdy` (1/27)")),
        }
    }
}
