//! `muista date`: every form of a date and a recurrence that the command line promises, read at noon of Saturday 21 November 2026 in
//! Helsinki. The library's own tests look closer; here stands what a script sees.

use serde_json::{Value, json};

use crate::support::{Ran, home, muista};
use test_common::sandbox::Sandbox;

/// Dates: the text, and the day it means.
const DATES: &[(&str, &str)] = &[
    ("today", "2026-11-21"),
    ("tod", "2026-11-21"),
    ("tomorrow", "2026-11-22"),
    ("tom", "2026-11-22"),
    ("yesterday", "2026-11-20"),
    ("Friday", "2026-11-27"),
    ("saturday", "2026-11-28"),
    ("next friday", "2026-11-27"),
    ("next sun", "2026-11-29"),
    ("next week", "2026-11-23"),
    ("next month", "2026-12-01"),
    ("next year", "2027-01-01"),
    ("january", "2027-01-01"),
    ("December", "2026-12-01"),
    ("1st", "2026-12-01"),
    ("22nd", "2026-11-22"),
    ("31st", "2026-12-31"),
    ("jan 27", "2027-01-27"),
    ("27 jan", "2027-01-27"),
    ("27 January 2028", "2028-01-27"),
    ("end of month", "2026-11-30"),
    ("sow", "2026-11-16"),
    ("eow", "2026-11-22"),
    ("sonw", "2026-11-23"),
    ("eonw", "2026-11-29"),
    ("sopw", "2026-11-09"),
    ("eopw", "2026-11-15"),
    ("som", "2026-11-01"),
    ("eom", "2026-11-30"),
    ("sonm", "2026-12-01"),
    ("eonm", "2026-12-31"),
    ("sopm", "2026-10-01"),
    ("eopm", "2026-10-31"),
    ("soq", "2026-10-01"),
    ("eoq", "2026-12-31"),
    ("sonq", "2027-01-01"),
    ("eonq", "2027-03-31"),
    ("sopq", "2026-07-01"),
    ("eopq", "2026-09-30"),
    ("soy", "2026-01-01"),
    ("eoy", "2026-12-31"),
    ("sony", "2027-01-01"),
    ("eony", "2027-12-31"),
    ("sopy", "2025-01-01"),
    ("eopy", "2025-12-31"),
    ("in 3 days", "2026-11-24"),
    ("+3d", "2026-11-24"),
    ("3 days", "2026-11-24"),
    ("3 weeks ago", "2026-10-31"),
    ("1mo", "2026-12-21"),
    ("eom-2d", "2026-11-28"),
    ("2028-01-27", "2028-01-27"),
    ("20280127", "2028-01-27"),
    ("2028-W04-4", "2028-01-27"),
    ("2028W044", "2028-01-27"),
    ("2028-027", "2028-01-27"),
    ("2028027", "2028-01-27"),
    ("later", "9999-12-30"),
    ("someday", "9999-12-30"),
];

/// Instants: the text, and the moment it means.
const INSTANTS: &[(&str, &str)] = &[
    ("now", "2026-11-21T12:00:00+02:00"),
    ("sod", "2026-11-21T00:00:00+02:00"),
    ("eod", "2026-11-21T23:59:59+02:00"),
    ("tomorrow 18:00", "2026-11-22T18:00:00+02:00"),
    ("today at 10", "2026-11-21T10:00:00+02:00"),
    ("fri @ 7pm", "2026-11-27T19:00:00+02:00"),
    ("noon tomorrow", "2026-11-22T12:00:00+02:00"),
    ("jan 27 9:00", "2027-01-27T09:00:00+02:00"),
    ("8am", "2026-11-22T08:00:00+02:00"),
    ("18:00", "2026-11-21T18:00:00+02:00"),
    ("in 2 hours", "2026-11-21T14:00:00+02:00"),
    ("+90min", "2026-11-21T13:30:00+02:00"),
    ("1.5h", "2026-11-21T13:30:00+02:00"),
    ("PT90M", "2026-11-21T13:30:00+02:00"),
    ("now+8d", "2026-11-29T12:00:00+02:00"),
    ("2026-11-22T18:00:00Z", "2026-11-22T20:00:00+02:00"),
    ("1795255200", "2026-11-21T12:00:00+02:00"),
    // In a gap with the offset before it, in an overlap the first.
    ("2027-03-28 03:30", "2027-03-28T04:30:00+03:00"),
    ("2026-10-25 03:30", "2026-10-25T03:30:00+03:00"),
];

/// Recurrences: the text, and its first two instants after now.
const RECURRENCES: &[(&str, [&str; 2])] = &[
    ("every 3rd friday", ["2026-12-18T00:00:00+02:00", "2027-01-15T00:00:00+02:00"]),
    ("Every mon, wed at 9:00", ["2026-11-23T09:00:00+02:00", "2026-11-25T09:00:00+02:00"]),
    ("daily", ["2026-11-22T12:00:00+02:00", "2026-11-23T12:00:00+02:00"]),
    ("weekdays", ["2026-11-23T00:00:00+02:00", "2026-11-24T00:00:00+02:00"]),
    ("every 3 days", ["2026-11-24T12:00:00+02:00", "2026-11-27T12:00:00+02:00"]),
    ("every other fri", ["2026-11-27T00:00:00+02:00", "2026-12-11T00:00:00+02:00"]),
    ("every 27th", ["2026-11-27T00:00:00+02:00", "2026-12-27T00:00:00+02:00"]),
    ("every 31st", ["2026-11-30T00:00:00+02:00", "2026-12-31T00:00:00+02:00"]),
    ("every last workday", ["2026-11-30T00:00:00+02:00", "2026-12-31T00:00:00+02:00"]),
    ("every jan 27", ["2027-01-27T00:00:00+02:00", "2028-01-27T00:00:00+02:00"]),
    ("every 12 hours starting at 9pm", ["2026-11-21T21:00:00+02:00", "2026-11-22T09:00:00+02:00"]),
    ("every! 2 months", ["2027-01-21T12:00:00+02:00", "2027-03-21T12:00:00+02:00"]),
    ("0 9 * * 1-5", ["2026-11-23T09:00:00+02:00", "2026-11-24T09:00:00+02:00"]),
    ("30 0 9 * * MON", ["2026-11-23T09:00:30+02:00", "2026-11-30T09:00:30+02:00"]),
    ("0 0 9 1 1 ? 2027-2040", ["2027-01-01T09:00:00+02:00", "2028-01-01T09:00:00+02:00"]),
    ("@hourly", ["2026-11-21T13:00:00+02:00", "2026-11-21T14:00:00+02:00"]),
    ("0 0 LW * *", ["2026-11-30T00:00:00+02:00", "2026-12-31T00:00:00+02:00"]),
];

/// What cannot be read, and what the message names.
const UNREADABLE: &[(&str, &str)] = &[
    ("whenever", "whenever"),
    ("", ""),
    ("tomorow", "tomorow"),
    ("27.1.", "27.1."),
    ("1/2", "1/2"),
    ("32nd", "32nd"),
    ("feb 30", "feb 30"),
    ("2027-02-29", "2027-02-29"),
    ("2027-13-01", "2027-13-01"),
    ("25:00", "25:00"),
    ("13pm", "13pm"),
    ("in days", "days"),
    ("999999999 years", "999999999"),
    ("monday 25:00", "25:00"),
    ("猫", "猫"),
    ("every", "every"),
    ("every 0 days", "0 days"),
    ("every 3 fortnights", "3 fortnights"),
    ("every fri at 25:00", "25:00"),
    ("daily until yesterday", "until yesterday"),
    ("* * * *", "* * * *"),
    ("0 0 31 2 *", "0 0 31 2 *"),
    ("0 24 * * *", "24"),
    ("@often", "@often"),
];

fn date(home: &Sandbox, text: &str) -> Ran {
    let now = "2026-11-21T12:00:00+02:00";
    muista(home, ["date", "--json", "--now", now, "--tz", "Europe/Helsinki", "--", text])
}

#[test]
fn every_date_is_read() {
    let home = home();
    for &(text, day) in DATES {
        let read = date(&home, text).json();
        assert_eq!((&read["kind"], &read["on"]), (&json!("date"), &json!(day)), "{text}");
        let at = read["at"].as_str().unwrap();
        assert!(at.starts_with(&format!("{day}T23:59:59+0")), "{text}: {at}");
    }
}

#[test]
fn every_instant_is_read() {
    let home = home();
    for &(text, at) in INSTANTS {
        let read = date(&home, text).json();
        assert_eq!((&read["kind"], &read["at"], &read["on"]), (&json!("instant"), &json!(at), &Value::Null), "{text}");
    }
}

#[test]
fn every_recurrence_is_read() {
    let home = home();
    for &(text, next) in RECURRENCES {
        let read = date(&home, text).json();
        assert_eq!(
            (&read["kind"], &read["at"], &read["on"]),
            (&json!("recurrence"), &Value::Null, &Value::Null),
            "{text}"
        );
        let found = read["next"].as_array().unwrap();
        assert_eq!((found.len(), &found[..2]), (5, &[json!(next[0]), json!(next[1])][..]), "{text}");
    }
}

#[test]
fn as_many_instants_as_wanted_are_shown() {
    let home = home();
    let words = ["date", "--now", "2026-11-21T12:00:00+02:00", "--tz", "Europe/Helsinki", "every", "3rd", "friday"];
    let shown = muista(&home, words.into_iter().chain(["-n", "2"])).ok();
    assert!(shown.starts_with("every 3rd friday\n"), "{shown}");
    assert!(shown.contains("Friday 18 December 2026 00:00:00\n"), "{shown}");
    assert_eq!(shown.matches("Friday ").count(), 2, "{shown}");
    let read = muista(&home, words.into_iter().chain(["-n", "7", "--json"])).json();
    assert_eq!(read["next"].as_array().unwrap().len(), 7);
    muista(&home, words.into_iter().chain(["-n", "0"])).refused(2, "0", "");
}

#[test]
fn what_cannot_be_read_is_named() {
    let home = home();
    for &(text, named) in UNREADABLE {
        date(&home, text).refused(2, named, "");
    }
    // What stands for an instant must be one.
    muista(&home, ["date", "today", "--now", "tomorrow"]).refused(2, "tomorrow", "");
}

#[test]
fn a_reading_has_these_keys() {
    let home = home();
    let read = date(&home, "3 Days").json();
    assert_eq!(
        read,
        json!({
            "input": "3 Days", "kind": "date", "at": "2026-11-24T23:59:59+02:00", "on": "2026-11-24",
            "duration": "P3D", "timezone": "Europe/Helsinki", "next": [],
        })
    );
    let read = date(&home, "P1Y").json();
    assert_eq!(
        (&read["kind"], &read["duration"], &read["on"]),
        (&json!("duration"), &json!("P1Y"), &json!("2027-11-21"))
    );
    let read = date(&home, "none").json();
    assert_eq!((&read["kind"], &read["at"], &read["on"]), (&json!("none"), &Value::Null, &Value::Null));
    assert!(!home.data_dir().exists());
}

#[test]
fn an_ambiguous_date_is_read_as_configured() {
    let home = home();
    for (order, day) in [("dmy", "2027-02-01"), ("mdy", "2027-01-02")] {
        muista(&home, ["config", "set", "date_order", order]).ok();
        assert_eq!(date(&home, "1/2").json()["on"], day, "{order}");
    }
}

#[test]
fn words_need_no_quotes_and_people_get_words() {
    let home = home();
    let line = "date tomorrow 18:00 --now 2026-11-21T12:00:00+02:00 --tz Europe/Helsinki";
    let shown = muista(&home, line.split(' ')).ok();
    assert!(shown.starts_with("Sunday 22 November 2026 18:00:00\n"), "{shown}");
    assert!(shown.contains("in 1d 6h"), "{shown}");
}
