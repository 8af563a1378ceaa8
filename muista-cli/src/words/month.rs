//! Months and weeks as reports are asked for them: `november`, `2026-11`, `2026-W48`. Other dates and ranges are the core's.

use jiff::civil::{Date, ISOWeekDate, Weekday};

/// Returns the first day of a month: of `2026-11`, or of the month of that name, of this year, the last or the next, that is
/// `wanted`.
pub(crate) fn first(text: &str, today: Date, wanted: impl Fn(Date) -> bool) -> Option<Date> {
    let text = text.trim();
    if let Ok(date) = Date::strptime("%Y-%m-%d", format!("{text}-01")) {
        return Some(date);
    }
    let named = |form: &str| Date::strptime(format!("{form} %d %Y"), format!("{text} 1 2000")).ok();
    let month = named("%B").or_else(|| named("%b"))?.month();
    let years = [today.year(), today.year() - 1, today.year() + 1];
    years.into_iter().filter_map(|year| Date::new(year, month, 1).ok()).find(|first| wanted(*first))
}

/// Returns the Monday of a week that is written as ISO 8601 has it: `2026-W48`.
pub(crate) fn monday(text: &str) -> Option<Date> {
    let (year, week) = text.trim().split_once("-W").or_else(|| text.trim().split_once("-w"))?;
    let date = ISOWeekDate::new(year.parse().ok()?, week.parse().ok()?, Weekday::Monday).ok()?;
    Some(date.date())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_month_is_the_wanted_one_of_its_name() {
        let today = date(2026, 11, 30);
        let past = |text| first(text, today, |first| first <= today);
        assert_eq!(past("november"), Some(date(2026, 11, 1)));
        assert_eq!(past("Dec"), Some(date(2025, 12, 1)));
        let coming = |text| first(text, today, |first| first >= date(2026, 11, 1));
        assert_eq!((coming("november"), coming("january")), (Some(date(2026, 11, 1)), Some(date(2027, 1, 1))));
        assert_eq!((coming("2025-02"), coming("week"), coming("")), (Some(date(2025, 2, 1)), None, None));
        assert_eq!((monday("2026-W48"), monday("2026-W60")), (Some(date(2026, 11, 23)), None));
    }
}
