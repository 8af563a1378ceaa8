//! Instants: their text, their range, and the days they bound.

use jiff::civil::date;

use super::instant;
use crate::time::{Instant, When, zone};

#[test]
fn text_is_rfc_3339_in_utc() {
    let table = [
        ("2026-11-21T12:00:00+02:00", "2026-11-21T10:00:00Z"),
        ("2026-11-21t10:00:00z", "2026-11-21T10:00:00Z"),
        ("2026-11-21 10:00:00-00:00", "2026-11-21T10:00:00Z"),
        ("2026-11-21T10:00:00.5Z", "2026-11-21T10:00:00.500Z"),
        ("2026-11-21T10:00:00.123456789Z", "2026-11-21T10:00:00.123456Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
    ];
    for (text, wanted) in table {
        let read: Instant = serde_json::from_str(&format!("{text:?}")).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), format!("{wanted:?}"), "{text}");
    }
    assert_eq!(Instant::MIN, instant("0001-01-01T00:00:00Z"));
    assert_eq!(Instant::MAX, instant("9999-12-31T23:59:59.999999Z"));
}

#[test]
fn refuses_other_texts() {
    let texts = [
        "",
        "now",
        "2026-11-21",
        "2026-11-21T10:00:00",
        "10:00Z",
        "2026-11-21T10:00:00Zx",
        "2026-11-21T25:00:00Z",
        "0001-01-01T00:00:00+02:00",
        "9999-12-31T23:59:59-02:00",
        "20261121T100000Z",
    ];
    for text in texts {
        text.parse::<Instant>().expect_err(text);
    }
}

#[test]
fn keeps_to_its_range_and_to_what_jiff_holds() {
    assert_eq!(Instant::from_micros(Instant::MAX.as_micros() + 1), None);
    assert_eq!(Instant::from_micros(Instant::MIN.as_micros() - 1), None);
    assert_eq!(Instant::from_micros(-1).unwrap().to_string(), "1969-12-31T23:59:59.999999Z");
    let odd = instant("2026-11-21T10:00:00.000001Z");
    assert_eq!(Instant::from_timestamp(odd.to_timestamp()), odd);
    assert_eq!(Instant::MAX.to_timestamp(), jiff::Timestamp::MAX);
    assert_eq!(Instant::from_timestamp(jiff::Timestamp::MIN), Instant::MIN);
}

#[test]
fn far_days_end_in_every_zone() {
    let later = When::On(date(9999, 12, 30));
    let end = |name: &str| {
        let zone = zone(name).unwrap();
        later.deadline(&zone).unwrap().rfc3339_in(&zone).to_string()
    };
    assert_eq!(end("UTC"), "9999-12-30T23:59:59+00:00");
    assert_eq!(end("Europe/Helsinki"), "9999-12-30T23:59:59+02:00");
    assert_eq!(end("America/New_York"), "9999-12-30T23:59:59-05:00");
    assert_eq!(end("Etc/GMT+12"), "9999-12-30T23:59:59-12:00");
    assert_eq!(end("Pacific/Kiritimati"), "9999-12-30T23:59:59+14:00");
}

#[test]
fn the_first_and_last_days_stay_in_range() {
    for name in ["UTC", "Pacific/Kiritimati", "Etc/GMT+12"] {
        let zone = zone(name).unwrap();
        for day in [date(1, 1, 1), date(9999, 12, 31)] {
            let (start, end) = (Instant::start_of(day, &zone), Instant::end_of(day, &zone));
            assert!(start < end, "{name} {day}");
            assert_eq!((start.date_in(&zone), end.date_in(&zone)), (day, day), "{name}");
        }
    }
}

#[test]
fn days_end_a_second_before_the_next_whatever_the_clock_does() {
    let bounds = |name: &str, day| {
        let zone = zone(name).unwrap();
        [Instant::start_of(day, &zone), Instant::end_of(day, &zone)].map(|at| at.rfc3339_in(&zone).to_string())
    };
    // Midnight is skipped.
    let [start, end] = bounds("America/Sao_Paulo", date(2018, 11, 4));
    assert_eq!((start.as_str(), end.as_str()), ("2018-11-04T01:00:00-02:00", "2018-11-04T23:59:59-02:00"));
    // The last hour comes twice: the day ends with the second.
    let [_, end] = bounds("America/Sao_Paulo", date(2018, 2, 17));
    assert_eq!(end, "2018-02-17T23:59:59-03:00");
    // The first hour comes twice.
    let [start, _] = bounds("America/Havana", date(2026, 11, 1));
    assert_eq!(start, "2026-11-01T00:00:00-04:00");
    // The whole day is skipped.
    let [start, end] = bounds("Pacific/Apia", date(2011, 12, 30));
    assert_eq!((start.as_str(), end.as_str()), ("2011-12-31T00:00:00+14:00", "2011-12-31T00:00:00+14:00"));
}

#[test]
fn offsets_with_seconds_are_written_without_moving_the_instant() {
    let old = instant("1850-01-01T00:00:00Z");
    let text = old.rfc3339_in(&zone("Europe/Helsinki").unwrap()).to_string();
    assert_eq!(text, "1850-01-01T01:39:00+01:39");
    assert_eq!(instant(&text), old);
}
