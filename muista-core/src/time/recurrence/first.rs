//! The day that an interval in words counts from: the friday of `every other fri`, the 30th of
//! `every 30th`.

use jiff::{
    Span,
    civil::{Date, Weekday},
};

use crate::time::calendar;

/// What the day is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum First {
    /// `every other fri`
    Weekday(Weekday),
    /// `every 29th`, `every 30th`: in February its last day instead.
    DayOfMonth(i8),
    /// `every feb 29`: in other years the 28th instead.
    LeapDay,
}

impl First {
    /// The first such day from a day on; `None` beyond the calendar.
    pub(crate) fn from(self, day: Date) -> Option<Date> {
        let before = day.yesterday().ok()?;
        match self {
            Self::Weekday(weekday) => calendar::next_weekday(before, weekday),
            Self::DayOfMonth(number) => calendar::next_day_of_month(before, number),
            Self::LeapDay => calendar::coming(day, 2, 29),
        }
    }

    /// The day to count from so that nothing from a day on is missed: [`Self::from`], or one in the
    /// past where a shorter February comes before that.
    pub(crate) fn around(self, day: Date) -> Option<Date> {
        let coming = self.from(day)?;
        let back = |span| coming.checked_sub(span).ok();
        match self {
            // January has the day, and its firing in February is still to come.
            Self::DayOfMonth(_) if coming.month() == 3 && day.month() <= 2 => back(Span::new().months(2)),
            Self::LeapDay if back(Span::new().years(1))? >= day => {
                [4, 8].into_iter().find_map(|years| Date::new(coming.year() - years, 2, 29).ok())
            }
            _ => Some(coming),
        }
    }
}
