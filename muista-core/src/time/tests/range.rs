//! Ranges of list filters.

use super::{context, instant, saturday};
use crate::time::{Context, DateOrder, Range, range};

fn shown(text: &str, context: &Context) -> String {
    let bound = |at: Option<crate::time::Instant>| {
        at.map(|at| at.rfc3339_in(&context.zone).to_string().replace("+02:00", "")).unwrap_or_default()
    };
    match range(text, context) {
        Ok(Range { from, until }) => format!("{}..{}", bound(from), bound(until)).replace("T00:00:00", ""),
        Err(error) => format!("! {}", error.part),
    }
}

#[test]
fn reads_words_days_and_bounds() {
    let table = [
        ("today", "2026-11-21..2026-11-22"),
        ("TOMORROW", "2026-11-22..2026-11-23"),
        ("yesterday", "2026-11-20..2026-11-21"),
        ("week", "2026-11-16..2026-11-23"),
        ("this week", "2026-11-16..2026-11-23"),
        ("next week", "2026-11-23..2026-11-30"),
        ("last week", "2026-11-09..2026-11-16"),
        ("previous month", "2026-10-01+03:00..2026-11-01"),
        ("last 7 days", "2026-11-15..2026-11-22"),
        ("Last Seven Days", "2026-11-15..2026-11-22"),
        ("past 2 weeks", "2026-11-08..2026-11-22"),
        ("last month", "2026-10-01+03:00..2026-11-01"),
        ("last 1 month", "2026-10-22+03:00..2026-11-22"),
        ("next 7 days", "2026-11-21..2026-11-28"),
        ("last 24 hours", "2026-11-20T12:00:00..2026-11-21T12:00:00"),
        ("last friday", "! last"),
        ("last 7 dais", "! last"),
        ("last 0 days", "! last 0 days"),
        ("month", "2026-11-01..2026-12-01"),
        ("next month", "2026-12-01..2027-01-01"),
        ("fri", "2026-11-27..2026-11-28"),
        ("2026-12-24", "2026-12-24..2026-12-25"),
        ("2026-12-01..2026-12-31", "2026-12-01..2027-01-01"),
        ("today .. eow", "2026-11-21..2026-11-23"),
        ("today..today", "2026-11-21..2026-11-22"),
        ("mon..", "2026-11-23.."),
        ("..eom", "..2026-12-01"),
        ("today 9:00..today 18:00", "2026-11-21T09:00:00..2026-11-21T18:00:00"),
        ("now..tomorrow", "2026-11-21T12:00:00..2026-11-23"),
        ("18:00", "2026-11-21T18:00:00..2026-11-21T18:00:00.000001"),
        ("..", "! .."),
        ("", "! "),
        ("none", "! none"),
        ("none..today", "! none"),
        ("foo..today", "! foo"),
        ("today..foo", "! foo"),
        ("tomorrow..yesterday", "! tomorrow..yesterday"),
        ("today..tomorrow..fri", "! today..tomorrow..fri"),
    ];
    let wrong: Vec<_> = table
        .iter()
        .map(|(text, wanted)| (text, shown(text, &saturday()), wanted))
        .filter(|(_, found, wanted)| found != *wanted)
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn dots_of_dates_are_not_those_of_the_range() {
    let finnish = Context { date_order: Some(DateOrder::DayMonth), ..saturday() };
    assert_eq!(shown("27.1...28.1.", &finnish), "2027-01-27..2027-01-29");
    assert_eq!(shown("27.1..28.1", &finnish), "2027-01-27..2027-01-29");
}

#[test]
fn a_day_of_the_range_is_as_long_as_the_zone_makes_it() {
    let change = context("2026-03-29T12:00:00Z", "Europe/Helsinki");
    let today = range("today", &change).unwrap();
    assert_eq!(today.from, Some(instant("2026-03-28T22:00:00Z")));
    assert_eq!(today.until, Some(instant("2026-03-29T21:00:00Z")));
    assert!(today.contains(change.now) && !today.contains(today.until.unwrap()));
}

#[test]
fn goes_over_the_wire() {
    let open = range("2026-11-24T00:00Z..", &saturday()).unwrap();
    let text = serde_json::to_string(&open).unwrap();
    assert_eq!(text, r#"{"from":"2026-11-24T00:00:00Z","until":null}"#);
    assert_eq!(serde_json::from_str::<Range>(&text).unwrap(), open);
}
