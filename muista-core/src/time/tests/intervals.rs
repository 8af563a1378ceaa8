//! Intervals held against counting them one by one, and what holds for every recurrence text.

use jiff::{Span, tz::TimeZone};
use proptest::prelude::*;

use super::context;
use crate::time::{Duration, Instant, Interval, Recurrence, Rule, Schedule, read, zone};

const ZONES: [&str; 6] =
    ["Europe/Paris", "Europe/Helsinki", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Apia"];

/// Pieces that recurrences are made of.
const PIECES: [&str; 40] = [
    "every",
    "each",
    "every!",
    "other",
    "last",
    "first",
    "3rd",
    "31st",
    "30th",
    "2",
    "3",
    "days",
    "weeks",
    "fri",
    "mon,",
    "and",
    "workday",
    "weekday",
    "of",
    "january",
    "feb",
    "29",
    "month",
    "daily",
    "weekly",
    "at",
    "9:00",
    "9pm",
    "starting",
    "until",
    "for",
    "tomorrow",
    "2028-02-29",
    "*",
    "*/5",
    "0",
    "L",
    "P1M",
    "@daily",
    "ä",
];

/// The first instant at which the local time is this or later, looking back a second at a time.
fn first_at(local: jiff::civil::DateTime, zone: &TimeZone) -> Instant {
    let mut at = Instant::from_civil(local, zone).unwrap();
    loop {
        let before = Instant::from_micros(at.as_micros() - 1_000_000).unwrap();
        if before.civil_in(zone) < local {
            return at;
        }
        at = before;
    }
}

fn any_interval() -> impl Strategy<Value = Interval> {
    (0..30_i64, 0..40_i64, 0..200_i64, 0..5_i64, 0..4_u8).prop_filter_map(
        "no length",
        |(months, days, minutes, seconds, kind)| {
            let text = match kind {
                0 => format!("PT{minutes}M{seconds}S"),
                1 => format!("P{days}D"),
                2 => format!("P{months}M"),
                _ => format!("P{months}M{days}DT{minutes}M"),
            };
            text.parse().ok()
        },
    )
}

proptest! {
    #[test]
    fn intervals_are_counted_from_their_anchor(
        interval in any_interval(),
        seconds in 946_684_800..2_208_988_800_i64,
        name in 0..ZONES.len(),
        skip in 0..200_i64,
    ) {
        let zone = zone(ZONES[name]).unwrap();
        let anchor = Instant::from_micros(seconds * 1_000_000).unwrap();
        let length = interval.length();
        let (months, days) = (length.months(), length.days());
        let nth = |n: i64| {
            if n == 0 {
                return anchor;
            }
            let moved = if months + days == 0 {
                anchor
            } else {
                let span = Span::new().months(months * n).days(days * n);
                first_at(anchor.civil_in(&zone).checked_add(span).unwrap(), &zone)
            };
            Instant::from_micros(moved.as_micros() + length.elapsed_micros() * n).unwrap()
        };
        let schedule = Schedule::new(Rule::Every(interval), zone.clone(), anchor, None);
        let after = nth(skip);
        let mut wanted: Vec<Instant> = (skip..skip + 12).map(nth).filter(|at| *at > after).collect();
        wanted.dedup();
        prop_assert_eq!(schedule.upcoming(after, wanted.len()), wanted.clone());
        for pair in wanted.windows(2) {
            prop_assert_eq!(schedule.latest(anchor, pair[1]), Some(pair[1]));
            let between = Instant::from_micros(pair[1].as_micros() - 1).unwrap();
            prop_assert_eq!(schedule.latest(anchor, between), Some(pair[0]));
            prop_assert_eq!(schedule.next(between), Some(pair[1]));
        }
    }

    #[test]
    fn firings_rise_between_their_bounds(
        rule in prop::sample::select(&[
            "0 3 * * *", "*/20 1-3 * * *", "30 2 L * *", "0 0 * * 5#3", "*/7 * * * * *", "P1D", "P1M", "PT37M", "P1DT1H",
        ][..]),
        seconds in 0..4_000_000_000_i64,
        days in 1..400_i64,
        name in 0..ZONES.len(),
    ) {
        let anchor = Instant::from_micros(seconds * 1_000_000).unwrap();
        let end = Instant::from_micros(anchor.as_micros() + days * 86_400_000_000).unwrap();
        let schedule = Schedule::new(rule.parse().unwrap(), zone(ZONES[name]).unwrap(), anchor, Some(end));
        let firings = schedule.upcoming(Instant::MIN, 60);
        prop_assert!(firings.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert!(firings.iter().all(|at| (anchor..=end).contains(at)));
        for at in &firings {
            prop_assert_eq!(schedule.latest(Instant::MIN, *at), Some(*at));
        }
        let last = schedule.latest(Instant::MIN, Instant::MAX);
        prop_assert!(last.is_none_or(|last| schedule.next(last).is_none()));
        prop_assert_eq!(last.is_some(), !firings.is_empty());
    }

    #[test]
    fn recurrences_never_panic_on_noise(text in "\\PC{0,60}") {
        read_all(&text)?;
    }

    #[test]
    fn recurrences_never_panic_on_pieces(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..8),
        glue in "| ",
    ) {
        read_all(&pieces.join(&glue))?;
    }

    #[test]
    fn recurrences_never_panic_on_fields(text in "([*?LW0-9,/#@+A-Z-]{1,5} ?){1,7}") {
        read_all(&text)?;
    }

    #[test]
    fn lengths_are_intervals_both_ways(interval in any_interval()) {
        prop_assert_eq!(interval.to_string().parse(), Ok(Rule::Every(interval)));
        prop_assert_eq!(Duration::read(&interval.to_string()), Ok(interval.length()));
    }
}

/// Reads a text at several moments; what is read can be written and fires, what is not is named.
fn read_all(text: &str) -> Result<(), TestCaseError> {
    for now in ["2026-11-21T12:00:00Z", "2028-02-29T23:59:59Z", "9999-12-31T23:00:00Z", "0001-01-01T00:00:00Z"] {
        let context = context(now, "Europe/Helsinki");
        let _ = read(text, &context);
        match Recurrence::read(text, &context) {
            Ok(recurrence) => {
                prop_assert_eq!(recurrence.rule.to_string().parse(), Ok(recurrence.rule.clone()));
                let start = recurrence.start.unwrap_or(context.now);
                let schedule = Schedule::new(recurrence.rule, context.zone.clone(), start, recurrence.end);
                prop_assert!(schedule.upcoming(context.now, 3).iter().all(|at| *at > context.now));
            }
            Err(error) => prop_assert!(!error.message.is_empty() && !error.hint.is_empty()),
        }
    }
    Ok(())
}
