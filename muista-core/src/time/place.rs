//! Places in a month: `first`, `3rd`, `last`, `2nd last`, and the day that a place is in one month. Leaves out the months
//! themselves: see `nth` for dates and `recurrence` for what repeats.

use jiff::{
    Span,
    civil::{Date, Weekday},
};

use super::{
    TimeError,
    day_number::{self, Form},
    scan::Scan,
    units::{Named, Unit},
    words::{self, lower},
};

/// A place in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nth {
    /// Counted from the month's first day.
    Number(i8),
    /// Counted from its end: 1 is the last, 2 the one before.
    Last(i8),
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counted {
    Weekday(Weekday),
    Day,
    /// Monday to Friday.
    Workday,
}

impl Counted {
    /// Returns what a word names, also in the plural.
    pub(crate) fn named(word: &str) -> Option<Self> {
        match lower(word, &mut [0; 12]) {
            "day" | "days" => Some(Self::Day),
            "workday" | "workdays" | "weekday" | "weekdays" => Some(Self::Workday),
            _ => words::weekdays(word).map(Self::Weekday),
        }
    }

    /// Returns the day at a place in the month that begins with `first`; `None` where it has none.
    pub(crate) fn at(self, place: Nth, first: Date) -> Option<Date> {
        let days = |n: i8| Span::new().days(i64::from(n) - 1);
        match (self, place) {
            (Self::Weekday(weekday), Nth::Number(n @ 1..=5)) => first.nth_weekday_of_month(n, weekday).ok(),
            (Self::Weekday(weekday), Nth::Last(n @ 1..=5)) => first.nth_weekday_of_month(-n, weekday).ok(),
            (Self::Weekday(_), _) => None,
            (Self::Day, Nth::Number(n)) => Date::new(first.year(), first.month(), n).ok(),
            (Self::Day, Nth::Last(n)) => {
                first.last_of_month().checked_sub(days(n)).ok().filter(|day| day.month() == first.month())
            }
            (Self::Workday, Nth::Number(n)) => nth_workday(first, n, 1),
            (Self::Workday, Nth::Last(n)) => nth_workday(first.last_of_month(), n, -1),
        }
    }
}

/// Returns the n-th workday from a day on, forward or back, within its month.
fn nth_workday(from: Date, n: i8, direction: i32) -> Option<Date> {
    let days = (0..31).map_while(|steps| from.checked_add(Span::new().days(direction * steps)).ok());
    let workdays = days
        .take_while(|day| day.month() == from.month())
        .filter(|day| !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday));
    usize::try_from(n - 1).ok().and_then(|skipped| { workdays }.nth(skipped))
}

/// Reads `27th`, `first`, `last`, `2nd last`, `second to last`. `None`: none follows, and nothing was read.
pub(crate) fn place(scan: &mut Scan<'_>) -> Result<Option<Nth>, TimeError> {
    let mut ahead = *scan;
    let number = match day_number::day_number(&mut ahead)? {
        Some((day, Form::Ordinal)) => Some(day),
        Some((_, Form::Plain)) => return Ok(None),
        None => {
            ahead = *scan;
            match lower(ahead.word(), &mut [0; 12]) {
                "first" => Some(1),
                // Alone it is a unit of time.
                "second" if names_something(ahead) => Some(2),
                "third" => Some(3),
                "fourth" => Some(4),
                "fifth" => Some(5),
                "penultimate" => {
                    *scan = ahead;
                    return Ok(Some(Nth::Last(2)));
                }
                "last" => None,
                _ => return Ok(None),
            }
        }
    };
    *scan = ahead;
    let Some(number) = number else { return Ok(Some(Nth::Last(1))) };
    Ok(Some(if number > 1 && ate_last(scan) { Nth::Last(number) } else { Nth::Number(number) }))
}

/// Reads `last`, `to last` or `to the last` after a number, where it goes on with what is counted.
fn ate_last(scan: &mut Scan<'_>) -> bool {
    let mut ahead = *scan;
    ahead.eat(b'-');
    let mut word = ahead.spaced_word();
    if word.eq_ignore_ascii_case("to") {
        ahead.eat(b'-');
        word = ahead.spaced_word();
    }
    let found = word.eq_ignore_ascii_case("last") && Counted::named({ ahead }.spaced_word()).is_some();
    if found {
        *scan = ahead;
    }
    found
}

/// Returns whether what is counted, a unit, or another place is next.
fn names_something(mut ahead: Scan<'_>) -> bool {
    ahead.eat(b'-');
    separator(&mut ahead);
    let word = ahead.word();
    Counted::named(word).is_some()
        || matches!(Unit::named(word), Some(Named::Unit(_)))
        || matches!(lower(word, &mut [0; 12]), "last" | "fourth" | "to")
}

/// Reads what may stand between the parts of a list.
pub(crate) fn separator(scan: &mut Scan<'_>) {
    scan.space();
    scan.eat(b',');
    scan.space();
    let mut ahead = *scan;
    if ahead.eat(b'&') || ahead.word().eq_ignore_ascii_case("and") {
        ahead.space();
        *scan = ahead;
    }
}
