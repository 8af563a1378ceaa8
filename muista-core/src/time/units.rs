//! Units of length by name. Adding them up is in `duration`.

use super::words::lower;

/// A unit of length, from the longest to the shortest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unit {
    Year,
    Quarter,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
}

/// What a word says as a unit.
pub(crate) enum Named {
    Unit(Unit),
    /// `m`: minutes to systemd, months to Taskwarrior.
    Ambiguous,
}

impl Unit {
    /// The unit of this name, in any case.
    pub(crate) fn named(word: &str) -> Option<Named> {
        let unit = match lower(word, &mut [0; 12]) {
            "y" | "yr" | "yrs" | "year" | "years" => Self::Year,
            "q" | "qtr" | "qtrs" | "quarter" | "quarters" => Self::Quarter,
            "mo" | "mos" | "mth" | "mths" | "month" | "months" => Self::Month,
            "w" | "wk" | "wks" | "week" | "weeks" => Self::Week,
            "d" | "day" | "days" => Self::Day,
            "h" | "hr" | "hrs" | "hour" | "hours" => Self::Hour,
            "min" | "mins" | "minute" | "minutes" => Self::Minute,
            "s" | "sec" | "secs" | "second" | "seconds" => Self::Second,
            "m" => return Some(Named::Ambiguous),
            _ => return None,
        };
        Some(Named::Unit(unit))
    }

    /// The unit of an ISO 8601 designator, before or after the `T`.
    pub(crate) fn iso_date(designator: &str) -> Option<Self> {
        match lower(designator, &mut [0; 12]) {
            "y" => Some(Self::Year),
            "m" => Some(Self::Month),
            "w" => Some(Self::Week),
            "d" => Some(Self::Day),
            _ => None,
        }
    }

    /// The unit of an ISO 8601 designator after the `T`.
    pub(crate) fn iso_time(designator: &str) -> Option<Self> {
        match lower(designator, &mut [0; 12]) {
            "h" => Some(Self::Hour),
            "m" => Some(Self::Minute),
            "s" => Some(Self::Second),
            _ => None,
        }
    }

    /// Seconds in a unit that decimals can divide; `None` for months and longer, which have no
    /// fixed length.
    pub(crate) fn seconds(self) -> Option<i64> {
        match self {
            Self::Year | Self::Quarter | Self::Month => None,
            Self::Week => Some(7 * 86_400),
            Self::Day => Some(86_400),
            Self::Hour => Some(3_600),
            Self::Minute => Some(60),
            Self::Second => Some(1),
        }
    }
}
