//! What holds for every text, day and zone.

use jiff::{Span, civil::Date};
use proptest::prelude::*;

use super::context;
use crate::time::{Context, Duration, Instant, When, range, read, zone};

const ZONES: [&str; 9] = [
    "UTC",
    "Europe/Helsinki",
    "Europe/Paris",
    "America/New_York",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Pacific/Apia",
    "+05:30",
];

/// Pieces that texts are made of, to get past the first word more often than noise does.
const PIECES: [&str; 36] = [
    "tomorrow",
    "fri",
    "next",
    "week",
    "eom",
    "jan",
    "27",
    "27th",
    "2028",
    "18:00",
    "at",
    "@",
    "10",
    "7pm",
    "noon",
    "in",
    "3",
    "days",
    "ago",
    "+",
    "-",
    "2d",
    "1.5h",
    "PT90M",
    "2026-11-21",
    "T",
    "Z",
    "of",
    "end",
    "now",
    ".",
    "/",
    "..",
    ",",
    "20261121",
    "ä",
];

fn any_context() -> impl Strategy<Value = Context> {
    (Instant::MIN.as_micros()..=Instant::MAX.as_micros(), 0..ZONES.len())
        .prop_map(|(micros, name)| at(Instant::from_micros(micros).unwrap(), ZONES[name]))
}

/// A now between 1970 and 2100, where nothing leaves the calendar.
fn usual_context() -> impl Strategy<Value = Context> {
    (0..4_102_444_800_i64, 0..ZONES.len())
        .prop_map(|(seconds, name)| at(Instant::from_micros(seconds * 1_000_000).unwrap(), ZONES[name]))
}

fn at(now: Instant, name: &str) -> Context {
    Context { now, zone: zone(name).unwrap(), date_order: None }
}

fn any_day() -> impl Strategy<Value = Date> {
    (1..=9999_i16, 1..=12_i8, 1..=28_i8).prop_map(|(year, month, day)| Date::new(year, month, day).unwrap())
}

/// Reads a text in every way; what is refused names something and gives a hint.
fn read_all(text: &str, context: &Context) {
    for error in [read(text, context).err(), range(text, context).err(), Duration::read(text).err(), zone(text).err()] {
        assert!(error.is_none_or(|error| !error.message.is_empty() && !error.hint.is_empty()));
    }
}

proptest! {
    #[test]
    fn never_panics_on_noise(text in "\\PC{0,60}", context in any_context()) {
        read_all(&text, &context);
        let _ = text.parse::<Instant>();
    }

    #[test]
    fn never_panics_on_pieces(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..6),
        glue in "| ",
        context in any_context(),
    ) {
        let text = pieces.join(&glue);
        read_all(&text, &context);
    }

    #[test]
    fn never_panics_on_numbers(
        text in "[-+]?[0-9]{1,20}[-.:/wtpdhmsy ]{0,2}[0-9]{0,4}[-.:/tz ]?[0-9]{0,6}",
        context in any_context(),
    ) {
        read_all(&text, &context);
    }

    #[test]
    fn iso_days_round_trip(day in any_day(), context in any_context()) {
        prop_assert_eq!(When::read(&day.to_string(), &context), Ok(When::On(day)));
        let basic = day.strftime("%Y%m%d").to_string();
        prop_assert_eq!(When::read(&basic, &context), Ok(When::On(day)));
        let week = day.strftime("%G-W%V-%u").to_string();
        prop_assert_eq!(When::read(&week, &context), Ok(When::On(day)));
    }

    #[test]
    fn instants_round_trip(context in any_context()) {
        let instant = context.now;
        prop_assert_eq!(instant.to_string().parse(), Ok(instant));
        // Two days from either end, where local years are still of four digits.
        let days = 172_800_000_000;
        let inner = Instant::MIN.as_micros() + days..Instant::MAX.as_micros() - days;
        if inner.contains(&instant.as_micros()) {
            let local = instant.rfc3339_in(&context.zone).to_string();
            prop_assert_eq!(local.parse(), Ok(instant));
        }
    }

    #[test]
    fn days_ahead_are_those_of_the_calendar(days in 0..100_000_i32, context in usual_context()) {
        let day = context.today().checked_add(Span::new().days(days)).unwrap();
        for text in ["+#d", "in # days", "# DAYS", "today+#d"] {
            let text = text.replace('#', &days.to_string());
            prop_assert_eq!(When::read(&text, &context), Ok(When::On(day)), "{}", text);
        }
    }

    #[test]
    fn case_does_not_matter(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 1..4),
        context in usual_context(),
    ) {
        let text = pieces.join(" ");
        let upper = When::read(&text.to_ascii_uppercase(), &context).ok();
        prop_assert_eq!(When::read(&text, &context).ok(), upper);
    }

    #[test]
    fn days_are_bounded_in_their_zone(day in any_day(), name in 0..ZONES.len()) {
        let zone = zone(ZONES[name]).unwrap();
        let (start, end) = (Instant::start_of(day, &zone), When::On(day).deadline(&zone).unwrap());
        prop_assert!(start <= end);
        prop_assert_eq!(Instant::start_after(day, &zone).as_micros() - end.as_micros(), 1_000_000);
        prop_assert_eq!(start.date_in(&zone), day);
        prop_assert_eq!(end.date_in(&zone), day);
    }

    #[test]
    fn today_contains_now(context in usual_context()) {
        prop_assert!(range("today", &context).unwrap().contains(context.now));
        prop_assert!(range("week", &context).unwrap().contains(context.now));
        prop_assert!(!range("tomorrow", &context).unwrap().contains(context.now));
    }

    #[test]
    fn coming_days_come(
        name in prop::sample::select(&["fri", "31st", "jan", "next month", "tomorrow"][..]),
        context in usual_context(),
    ) {
        let When::On(day) = When::read(name, &context).unwrap() else { panic!("{name} is a day") };
        prop_assert!(day > context.today());
    }

    #[test]
    fn bare_times_are_within_a_day(
        hour in 0..24_i8,
        minute in 0..60_i8,
        context in usual_context(),
    ) {
        let text = format!("{hour:02}:{minute:02}");
        let When::At(time) = When::read(&text, &context).unwrap() else {
            panic!("{text} is an instant")
        };
        prop_assert!(time >= context.now);
        prop_assert!(time.as_micros() - context.now.as_micros() <= 26 * 3_600_000_000);
    }

    #[test]
    fn lengths_round_trip(
        (years, months, days) in (0..300_i32, 0..300_i32, 0..5000_i32),
        (hours, minutes, micros) in (0..5000_i32, 0..5000_i32, 0..100_000_000_i64), back: bool,
    ) {
        let decimals = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
        let sign = if back { "-" } else { "" };
        let text = format!("{sign}{years}y {months}mo {days}d {hours}h {minutes}min {decimals}s");
        let length = Duration::read(&text).unwrap();
        prop_assert_eq!(Duration::read(&length.to_string()), Ok(length));
    }

    #[test]
    fn a_length_back_undoes_elapsed_time(seconds in 0..1_000_000_i64, context in usual_context()) {
        let length = Duration::read(&format!("{seconds}s")).unwrap();
        let there = length.after(context.now, &context.zone).unwrap();
        prop_assert_eq!(length.negated().after(there, &context.zone), Ok(context.now));
    }
}

#[test]
fn every_zone_of_the_table_is_known() {
    for name in ZONES {
        context("2026-11-21T12:00:00Z", name);
    }
}
