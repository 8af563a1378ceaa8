//! When schedules fire: month ends, clock changes, bounds.

use super::instant;
use crate::time::{Instant, Rule, Schedule, zone};

fn schedule(rule: &str, zone_name: &str, anchor: &str) -> Schedule {
    Schedule::new(rule.parse::<Rule>().unwrap(), zone(zone_name).unwrap(), instant(anchor), None)
}

/// The next firings after an instant, in local time.
fn next(rule: &str, zone_name: &str, after: &str, count: usize) -> Vec<String> {
    let shown = zone(zone_name).unwrap();
    let firings = schedule(rule, zone_name, after).upcoming(instant(after), count);
    firings.iter().map(|at| at.rfc3339_in(&shown).to_string()).collect()
}

#[test]
fn a_named_time_fires_once_where_the_clock_goes_forward() {
    // Helsinki skips from 03:00 to 04:00.
    assert_eq!(
        next("30 3 * * *", "Europe/Helsinki", "2027-03-27T00:00:00+02:00", 3),
        ["2027-03-27T03:30:00+02:00", "2027-03-28T04:00:00+03:00", "2027-03-29T03:30:00+03:00"]
    );
    // Several skipped times are one firing, also with one that is really then.
    assert_eq!(
        next("0,30 3,4 * * *", "Europe/Helsinki", "2027-03-28T00:00:00+02:00", 3),
        ["2027-03-28T04:00:00+03:00", "2027-03-28T04:30:00+03:00", "2027-03-29T03:00:00+03:00"]
    );
    // A list is as fixed as a single value.
    assert_eq!(
        next("30 2,14 * * *", "Europe/Paris", "2027-03-28T00:00:00+01:00", 2),
        ["2027-03-28T03:00:00+02:00", "2027-03-28T14:30:00+02:00"]
    );
    // Half an hour is skipped, from 02:00 to 02:30.
    assert_eq!(
        next("15 2 * * *", "Australia/Lord_Howe", "2027-10-03T00:00:00+10:30", 1),
        ["2027-10-03T02:30:00+11:00"]
    );
    // Only the local time is moved: it was Sunday's.
    assert_eq!(
        next("30 3 * * 0", "Europe/Helsinki", "2027-03-27T00:00:00+02:00", 2),
        ["2027-03-28T04:00:00+03:00", "2027-04-04T03:30:00+03:00"]
    );
}

#[test]
fn a_named_time_fires_once_where_the_clock_goes_back() {
    // Helsinki repeats 03:00 to 04:00.
    assert_eq!(
        next("30 3 * * *", "Europe/Helsinki", "2026-10-25T00:00:00+03:00", 2),
        ["2026-10-25T03:30:00+03:00", "2026-10-26T03:30:00+02:00"]
    );
    // From within the second pass, what is repeated has fired.
    assert_eq!(next("15,45 3 * * *", "Europe/Helsinki", "2026-10-25T03:20:00+02:00", 1), ["2026-10-26T03:15:00+02:00"]);
}

#[test]
fn running_time_is_skipped_and_repeated() {
    assert_eq!(
        next("*/30 3 * * *", "Europe/Helsinki", "2027-03-27T03:20:00+02:00", 2),
        ["2027-03-27T03:30:00+02:00", "2027-03-29T03:00:00+03:00"]
    );
    assert_eq!(
        next("*/30 3 * * *", "Europe/Helsinki", "2026-10-25T00:00:00+03:00", 5),
        [
            "2026-10-25T03:00:00+03:00",
            "2026-10-25T03:30:00+03:00",
            "2026-10-25T03:00:00+02:00",
            "2026-10-25T03:30:00+02:00",
            "2026-10-26T03:00:00+02:00",
        ]
    );
    assert_eq!(
        next("0 * * * *", "Europe/Helsinki", "2027-03-28T02:30:00+02:00", 2),
        ["2027-03-28T04:00:00+03:00", "2027-03-28T05:00:00+03:00"]
    );
}

#[test]
fn months_end_where_they_end() {
    assert_eq!(
        next("P1M", "Europe/Helsinki", "2027-01-31T09:00:00+02:00", 4),
        [
            "2027-02-28T09:00:00+02:00",
            "2027-03-31T09:00:00+03:00",
            "2027-04-30T09:00:00+03:00",
            "2027-05-31T09:00:00+03:00",
        ]
    );
    assert_eq!(
        next("P1Y", "UTC", "2028-02-29T00:00:00Z", 4)[2..],
        ["2031-02-28T00:00:00+00:00", "2032-02-29T00:00:00+00:00"]
    );
}

#[test]
fn days_keep_their_local_time_and_hours_pass() {
    assert_eq!(
        next("P1D", "Europe/Helsinki", "2027-03-27T03:30:00+02:00", 2),
        ["2027-03-28T04:00:00+03:00", "2027-03-29T03:30:00+03:00"]
    );
    assert_eq!(
        next("PT12H", "Europe/Helsinki", "2027-03-27T20:00:00+02:00", 2),
        ["2027-03-28T09:00:00+03:00", "2027-03-28T21:00:00+03:00"]
    );
    // Samoa had no 30 December 2011.
    assert_eq!(
        next("P1D", "Pacific/Apia", "2011-12-29T00:00:00-10:00", 2),
        ["2011-12-31T00:00:00+14:00", "2012-01-01T00:00:00+14:00"]
    );
}

#[test]
fn both_day_fields_are_either() {
    assert_eq!(
        next("0 0 13 * 5", "UTC", "2026-11-21T00:00:00Z", 4),
        [
            "2026-11-27T00:00:00+00:00",
            "2026-12-04T00:00:00+00:00",
            "2026-12-11T00:00:00+00:00",
            "2026-12-13T00:00:00+00:00",
        ]
    );
}

#[test]
fn bounds_belong_to_the_schedule() {
    let from = instant("2026-11-21T12:00:00Z");
    let until = instant("2026-11-23T12:00:00Z");
    for rule in ["0 12 * * *", "P1D"] {
        let daily = Schedule::new(rule.parse().unwrap(), zone("UTC").unwrap(), from, Some(until));
        let all = daily.upcoming(Instant::MIN, 9);
        assert_eq!(all, [from, instant("2026-11-22T12:00:00Z"), until], "{rule}");
        assert_eq!(daily.next(until), None, "{rule}");
        assert_eq!(daily.latest(Instant::MIN, Instant::MAX), Some(until), "{rule}");
        assert_eq!(daily.latest(until, Instant::MAX), None, "{rule}");
        assert_eq!(daily.latest(Instant::MIN, from), Some(from), "{rule}");
        assert_eq!(daily.latest(Instant::MIN, instant("2026-11-21T11:59:59Z")), None, "{rule}");
    }
}

#[test]
fn completions_are_counted_from() {
    let monthly = schedule("P2M", "UTC", "2026-01-01T00:00:00Z");
    let done = instant("2026-12-31T10:00:00Z");
    assert_eq!(monthly.next_from_completion(done), Some(instant("2027-02-28T10:00:00Z")));
    let mondays = schedule("0 0 9 * * 1", "UTC", "2026-01-01T00:00:00Z");
    assert_eq!(mondays.next_from_completion(done), Some(instant("2027-01-04T09:00:00Z")));
    let over = Schedule::new("P2M".parse().unwrap(), zone("UTC").unwrap(), Instant::MIN, Some(done));
    assert_eq!(over.next_from_completion(done), None);
}

#[test]
fn years_of_seconds_are_not_walked() {
    for rule in ["* * * * * *", "PT1S"] {
        let seconds = schedule(rule, "Europe/Helsinki", "1990-01-01T00:00:00Z");
        let started = std::time::Instant::now();
        let latest = seconds.latest(instant("1990-01-01T00:00:00Z"), instant("2026-11-21T12:00:00.5Z"));
        assert_eq!(latest, Some(instant("2026-11-21T12:00:00Z")), "{rule}");
        assert!(started.elapsed().as_millis() < 500, "{rule}: {:?}", started.elapsed());
    }
}

#[test]
fn nothing_fires_beyond_the_calendar() {
    for rule in ["* * * * *", "0 9 * * *", "P1D", "PT1S", "P1Y"] {
        for name in ["UTC", "Europe/Helsinki", "Pacific/Chatham"] {
            let last = schedule(rule, name, "9999-12-31T23:59:59Z");
            assert_eq!(last.next(Instant::MAX), None, "{rule}");
            let first = Schedule::new(rule.parse().unwrap(), zone(name).unwrap(), Instant::MIN, None);
            assert!(first.next(Instant::MIN).is_some(), "{rule}");
            first.latest(Instant::MIN, Instant::MAX);
            last.latest(Instant::MIN, Instant::MAX);
        }
    }
}
