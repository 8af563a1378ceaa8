//! Days counted from a day: the next Friday, the first of a quarter, the 27th. Leaves out words:
//! see `date`.

use jiff::{
    Span,
    civil::{Date, Weekday},
};

/// A stretch of the calendar that words name the start and end of. Weeks begin on Monday (ISO
/// 8601).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    Week,
    Month,
    Quarter,
    Year,
}

impl Period {
    /// The first day of the period `steps` after the one that `day` is in; `None` beyond the
    /// calendar.
    pub(crate) fn first(self, day: Date, steps: i32) -> Option<Date> {
        match self {
            Self::Week => monday_of(day)?.checked_add(Span::new().try_weeks(steps).ok()?).ok(),
            Self::Month => months_after(day.first_of_month(), steps),
            Self::Quarter => months_after(day.first_of_month(), steps * 3 - i32::from((day.month() - 1) % 3)),
            Self::Year => months_after(day.first_of_year(), steps * 12),
        }
    }

    /// The last day of the period `steps` after the one that `day` is in; `None` beyond the
    /// calendar.
    pub(crate) fn last(self, day: Date, steps: i32) -> Option<Date> {
        let first = self.first(day, steps)?;
        // Not the day before the next period: there is none after 9999.
        match self {
            Self::Week => first.checked_add(Span::new().days(6)).ok(),
            Self::Month => Some(first.last_of_month()),
            Self::Quarter => Some(months_after(first, 2)?.last_of_month()),
            Self::Year => Some(first.last_of_year()),
        }
    }
}

/// The Monday of a day's week.
pub(crate) fn monday_of(day: Date) -> Option<Date> {
    let since = i32::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(Span::new().days(since)).ok()
}

/// The first day after `today` that is this weekday.
pub(crate) fn next_weekday(today: Date, weekday: Weekday) -> Option<Date> {
    today.nth_weekday(1, weekday).ok()
}

/// This weekday of the week so many after the one that `today` is in.
pub(crate) fn weekday_of_week(today: Date, weekday: Weekday, weeks: i32) -> Option<Date> {
    let since = i32::from(weekday.to_monday_zero_offset());
    monday_of(today)?.checked_add(Span::new().days(7 * weeks + since)).ok()
}

/// The first day after `today` that is this day of a month; months that lack it are passed over.
/// `None` when no month has it.
pub(crate) fn next_day_of_month(today: Date, day: i8) -> Option<Date> {
    // Of two months that follow one another at least one has 31 days.
    (0..4)
        .filter_map(|steps| months_after(today.first_of_month(), steps))
        .filter_map(|first| Date::new(first.year(), first.month(), day).ok())
        .find(|found| *found > today)
}

/// The first day after `today` that begins this month.
pub(crate) fn next_first_of(today: Date, month: i8) -> Option<Date> {
    [0, 1].into_iter().filter_map(|years| Date::new(today.year() + years, month, 1).ok()).find(|first| *first > today)
}

/// This day of this month, today or the first time after it. `None` when no year has it.
pub(crate) fn coming(today: Date, month: i8, day: i8) -> Option<Date> {
    // Leap days are up to eight years apart.
    (0..=8).filter_map(|years| Date::new(today.year() + years, month, day).ok()).find(|found| *found >= today)
}

fn months_after(first: Date, months: i32) -> Option<Date> {
    first.checked_add(Span::new().try_months(months).ok()?).ok()
}
