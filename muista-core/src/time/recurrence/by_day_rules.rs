//! The words that `every` goes on with: places in a month (`27th`, `first and last`), weekdays,
//! months. Leaves out what they mean together: see `target_units`.

use std::fmt;

use jiff::civil::Weekday;

use crate::time::{
    TimeError,
    place::{self, Nth, separator},
    scan::Scan,
    units::{Named, Unit},
    words::{self, lower},
};

/// Which months.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Months {
    Every,
    One(i8),
}

impl fmt::Display for Months {
    /// As cron's field.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Every => f.write_str("*"),
            Self::One(month) => month.fmt(f),
        }
    }
}

/// Reads `27th`, `first`, `1st and 15th`, `1st, last`; empty if none follows.
pub(crate) fn by_day_rules(scan: &mut Scan<'_>) -> Result<Vec<Nth>, TimeError> {
    let mut rules = Vec::new();
    let mut ahead = *scan;
    while let Some(place) = place::place(&mut ahead)? {
        rules.push(place);
        *scan = ahead;
        separator(&mut ahead);
    }
    Ok(rules)
}

/// Reads `mon`, `mon, wed and fri`; empty if none follows.
pub(crate) fn weekdays(scan: &mut Scan<'_>) -> Vec<Weekday> {
    let mut weekdays = Vec::new();
    let mut ahead = *scan;
    while let Some(weekday) = words::weekdays(ahead.word()) {
        weekdays.push(weekday);
        *scan = ahead;
        separator(&mut ahead);
    }
    weekdays
}

/// Returns a unit of length whose name says which.
pub(crate) fn unit(word: &str) -> Option<Unit> {
    match Unit::named(word)? {
        Named::Unit(unit) => Some(unit),
        Named::Ambiguous => None,
    }
}

/// Reads `of the month` or `of january`. `None`: neither follows, and nothing was read.
pub(crate) fn of_month(scan: &mut Scan<'_>) -> Result<Option<Months>, TimeError> {
    let mut ahead = *scan;
    if !matches!(lower(ahead.spaced_word(), &mut [0; 12]), "of" | "in") {
        return Ok(None);
    }
    ahead.space();
    let named = ahead;
    let mut word = ahead.word();
    if matches!(lower(word, &mut [0; 12]), "the" | "each" | "every" | "a") {
        word = ahead.spaced_word();
    }
    let months = match words::month(word) {
        Some(month) => Months::One(month),
        None if word.eq_ignore_ascii_case("month") => Months::Every,
        None => {
            let hint = "write `of the month` or `of january`";
            return Err(TimeError::new(ahead.chunk_since(named), "is not a month", hint));
        }
    };
    *scan = ahead;
    Ok(Some(months))
}
