//! Days by their place in a month: `first monday of january`, `3rd friday`, `last day of next month`. What a place is, is
//! in `place`.

use jiff::civil::Date;

use super::{
    TimeError,
    calendar::Period,
    day_number,
    place::{self, Counted, Nth},
    scan::Scan,
    words::{self, lower},
};

/// Which month.
enum Month {
    /// The first that has such a day after today.
    Unsaid,
    /// The first that has such a day, today or later.
    Coming,
    /// This month of the year, where its day is still to come, else of a later year.
    Of(i8),
    /// The one that begins with this day.
    Exactly(Date),
}

/// Reads `first monday of january`. `None`: something else follows, and nothing was read.
pub(crate) fn read(scan: &mut Scan<'_>, today: Date) -> Result<Option<Date>, TimeError> {
    let start = *scan;
    let mut ahead = start;
    let Some(place) = place::place(&mut ahead)? else { return Ok(None) };
    let Some(counted) = Counted::named(ahead.spaced_word()) else { return Ok(None) };
    let month = month(&mut ahead, today)?;
    // `last friday` alone is the one before today to some.
    if matches!((place, counted, &month), (Nth::Last(1), Counted::Weekday(_), Month::Unsaid)) {
        return Ok(None);
    }
    let part = ahead.since(start);
    *scan = ahead;
    let missing = || {
        TimeError::new(
            part,
            "is not a day of the calendar",
            "write it like `first monday of january` or `last day of june`",
        )
    };
    match month {
        Month::Exactly(first) => counted.at(place, first),
        Month::Of(month) => coming(today, place, counted, |first| first.month() == month),
        Month::Coming => coming(today, place, counted, |_| true),
        Month::Unsaid => coming(today.tomorrow().map_err(|_| missing())?, place, counted, |_| true),
    }
    .map(Some)
    .ok_or_else(missing)
}

/// Returns the first such day from `today` on, of the months that are meant.
fn coming(today: Date, place: Nth, counted: Counted, meant: impl Fn(Date) -> bool) -> Option<Date> {
    // A fifth weekday of February comes every 28 years, and 1900 and its like are no leap years.
    (0..12 * 41)
        .map_while(|months| Period::Month.first(today, months))
        .filter(|first| meant(*first))
        .filter_map(|first| counted.at(place, first))
        .find(|day| *day >= today)
}

/// Reads `of january 2028`, `of the month`, `of next month`, or nothing.
fn month(scan: &mut Scan<'_>, today: Date) -> Result<Month, TimeError> {
    let mut ahead = *scan;
    if !matches!(lower(ahead.spaced_word(), &mut [0; 12]), "of" | "in") {
        return Ok(Month::Unsaid);
    }
    ahead.space();
    let named = ahead;
    let mut word = ahead.word();
    if word.eq_ignore_ascii_case("the") {
        word = ahead.spaced_word();
    }
    let steps = match lower(word, &mut [0; 12]) {
        "this" => Some(0),
        "next" => Some(1),
        _ => None,
    };
    if steps.is_some() {
        word = ahead.spaced_word();
    }
    let out_of_range = || TimeError::out_of_range(named.chunk());
    let month = match (words::month(word), steps) {
        (Some(month), None) => match day_number::year(&mut ahead) {
            Some(year) => Month::Exactly(Date::new(year, month, 1).map_err(|_| out_of_range())?),
            None => Month::Of(month),
        },
        (None, Some(steps)) if word.eq_ignore_ascii_case("month") => {
            Month::Exactly(Period::Month.first(today, steps).ok_or_else(out_of_range)?)
        }
        (None, None) if word.eq_ignore_ascii_case("month") => Month::Coming,
        _ => {
            let hint = "write `of january`, `of the month` or `of next month`";
            return Err(TimeError::new(ahead.chunk_since(named), "is not a month", hint));
        }
    };
    *scan = ahead;
    Ok(month)
}
