//! Texts that are no date, and what is said about them.

use super::{context, saturday};
use crate::time::When;

/// The part named, and a word of the hint.
fn refused(text: &str) -> (String, String) {
    let error = When::read(text, &saturday()).expect_err(text);
    assert!(!error.hint.is_empty(), "{text}: no hint");
    assert!(error.to_string().contains(&error.part), "{text}: {error}");
    (error.part, error.hint)
}

/// Texts that are refused, and the part of each that is named.
const REFUSED: &[(&str, &str)] = &[
    ("", ""),
    ("   ", ""),
    ("foo", "foo"),
    ("tomorrow foo", "foo"),
    ("monday 25:00", "25:00"),
    ("18:60", "18:60"),
    ("24:01", "24:01"),
    ("24:00+02:00", "24:00+02:00"),
    ("25:00", "25:00"),
    ("31/13", "31/13"),
    ("2026/13/01", "2026/13/01"),
    ("31.12.", "31.12."),
    ("this", "this"),
    ("this foo", "this"),
    ("day after", "day"),
    ("fifth friday of february 2027", "fifth friday of february 2027"),
    ("first friday of foo", "foo"),
    ("tonight tomorrow", "tomorrow"),
    ("tomorrow morning evening", "evening"),
    ("in the foo", "in"),
    ("13pm", "13pm"),
    ("0am", "0am"),
    ("at 25", "25"),
    ("tomorrow at", "at"),
    ("fri @", "at"),
    ("at noonish", "noonish"),
    ("tomorrow 9", "9"),
    ("feb 30", "feb 30"),
    ("30 feb 2028", "30 feb 2028"),
    ("29 feb 2027", "29 feb 2027"),
    ("jan 0", "jan 0"),
    ("2026-13-01", "2026-13-01"),
    ("2026-02-30", "2026-02-30"),
    ("2026-1-5", "2026-1-5"),
    ("0000-01-01", "0000-01-01"),
    ("2026-W54", "2026-W54"),
    ("2027-W53-1", "2027-W53-1"),
    ("2026-366", "2026-366"),
    ("20261301", "20261301"),
    ("2026-11-24T25:00", "25:00"),
    ("2026-11-24T", "T"),
    ("2026-11-24x", "2026-11-24x"),
    ("2026", "2026"),
    ("9999999999999", "9999999999999"),
    ("99999999999999999999999", "99999999999999999999999"),
    ("32nd", "32nd"),
    ("0th", "0th"),
    ("1th", "1th"),
    ("128th", "128th"),
    ("tomorrow tomorrow", "tomorrow"),
    ("tomorrow in 3 days", "in 3 days"),
    ("9:00 9pm", "9pm"),
    ("now now", "now"),
    ("now 9:00", "9:00"),
    ("99999999999y", "99999999999y"),
    ("99999999999999999999d", "99999999999999999999d"),
    ("3000000d", "3000000d"),
    ("2027y ago", "2027y ago"),
    ("3 fortnights", "3 fortnights"),
    ("5m", "5m"),
    ("in", "in"),
    ("in foo", "in foo"),
    ("next", "next"),
    ("next foo", "next foo"),
    ("end", "end"),
    ("end of", "end of"),
    ("end of days", "end of days"),
    ("eom-", "-"),
    ("eom-2", "-2"),
    ("+", "+"),
    ("27.1.", "27.1."),
    ("1/2", "1/2"),
    ("18:00Z", "18:00Z"),
    ("none tomorrow", "none"),
    ("tomorrow none", "none"),
    ("PT", "PT"),
    ("P", "P"),
    ("PT-5M", "PT-5M"),
    ("P1H", "P1H"),
    ("1.5mo", "1.5mo"),
    ("huomenna päivä", "huomenna"),
    ("ä", "ä"),
    ("tomorrow\u{202e}", "\\u{202e}"),
    ("１８:００", "１８:００"),
    ("fri\0", "\\0"),
    ("-", "-"),
    ("@", "at"),
    (",", ","),
];

#[test]
fn names_the_part_that_was_not_understood() {
    let mut wrong = Vec::new();
    for (text, wanted) in REFUSED {
        if let Ok(when) = When::read(text, &saturday()) {
            wrong.push(format!("{text}: read as {when:?}"));
            continue;
        }
        let (part, _) = refused(text);
        if part != *wanted {
            wrong.push(format!("{text}: names `{part}`, not `{wanted}`"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn proposes_what_was_meant() {
    assert_eq!(refused("tomorow").1, "did you mean `tomorrow`?");
    assert_eq!(refused("fridya").1, "did you mean `friday`?");
    assert_eq!(refused("5m").1, "write `5min` or `5mo`");
    assert!(refused("tomorrow 9").1.contains("`at 9`"));
    assert!(refused("7.30pm").1.contains("`18:00`"));
    assert!(refused("1/2").1.contains("date_order"));
    assert!(refused("1795543200000").1.contains("milliseconds"));
}

#[test]
fn long_texts_are_refused_unread_and_cut_in_the_message() {
    let error = When::read(&"tomorrow ".repeat(12_000), &saturday()).unwrap_err();
    assert!(error.message.len() < 120, "{error}");
    assert!(error.hint.contains("200"));
}

#[test]
fn nothing_leaves_the_calendar() {
    let last = context("9999-12-31T12:00:00Z", "UTC");
    for text in ["tomorrow", "next week", "sonm", "1st", "monday", "jan 1", "1d", "now+1d", "at 10", "january"] {
        let error = When::read(text, &last).expect_err(text);
        assert!(!error.part.is_empty(), "{text}");
    }
    let first = context("0001-01-01T12:00:00Z", "UTC");
    for text in ["yesterday", "1d ago", "now-1d", "sopy", "sopw", "eopm"] {
        When::read(text, &first).expect_err(text);
    }
}
