//! Texts that are no recurrence, and what is said about them.

use super::saturday;
use crate::time::Recurrence;

/// The part named.
fn refused(text: &str) -> String {
    let error = Recurrence::read(text, &saturday()).expect_err(text);
    assert!(!error.hint.is_empty(), "{text}: no hint");
    assert!(error.message.contains(&error.part), "{text}: {error}");
    error.part
}

/// Texts that are refused, and the part of each that is named.
const REFUSED: &[(&str, &str)] = &[
    ("", ""),
    ("foo", "foo"),
    ("fri", "fri"),
    ("tomorrow", "tomorrow"),
    ("every", "every"),
    ("every!", "every"),
    ("every foo", "foo"),
    ("every other", "other"),
    ("every other foo", "other foo"),
    ("every 3", "3"),
    ("every 0 days", "0 days"),
    ("every 3 fortnights", "3 fortnights"),
    ("every -3 days", "-3"),
    ("every 0.5s", "0.5s"),
    ("every 5m", "5m"),
    ("every 32nd", "32nd"),
    ("every feb 30", "feb 30"),
    ("every 31st of april", "31st of april"),
    ("every 15th and 30th", "15th and 30th"),
    ("every 6th friday", "6th friday"),
    ("every 3rd workday", "3rd workday"),
    ("every first week", "first week"),
    ("every 3rd of foo", "foo"),
    ("every last", "last"),
    ("daily weekly", "weekly"),
    ("daily foo", "foo"),
    ("daily at", "at"),
    ("daily at 25:00", "25:00"),
    ("daily at 9:00 at 10:00", "at 10:00"),
    ("daily at 9:00+02:00", "at 9:00+02:00"),
    ("daily starting", "starting"),
    ("daily until", "until"),
    ("daily until foo", "foo"),
    ("daily until for 3 days", "until"),
    ("daily until yesterday", "until yesterday"),
    ("daily starting 2027-01-27 until 2027-01-01", "until 2027-01-01"),
    ("daily for", "for"),
    ("daily for 0 days", "for 0 days"),
    ("daily until june until july", "until july"),
    ("at 9:00", "at 9:00"),
    ("P0D", "P0D"),
    ("PT-5M", "PT-5M"),
    ("-P1D", "-P1D"),
    ("P", "P"),
    ("* * * *", "* * * *"),
    ("0 0 31 2", "0 0 31 2"),
    ("* * * * * * * *", "* * * * * * * *"),
    ("0 0 31 2 *", "0 0 31 2 *"),
    ("0 0 9 * * * 1960", "0 0 9 * * * 1960"),
    ("60 * * * *", "60"),
    ("0 24 * * *", "24"),
    ("0 0 32 * *", "32"),
    ("0 0 * 13 *", "13"),
    ("0 0 * * 8", "8"),
    ("0 0 * foo *", "foo"),
    ("0 0 * * friday", "friday"),
    ("0 mon * * *", "mon"),
    ("5/5 * * * *", "5/5"),
    ("5/15 * * * *", "5/15"),
    ("0 0 * * L", "L"),
    ("0 0 1 * 5#-2", "5#-2"),
    ("0 0 * * 5#-6", "5#-6"),
    ("0 0 * * 1 /1w", "/1w"),
    ("@every 5m", "@every 5m"),
    ("every 6th last friday", "6th last friday"),
    ("every 2nd last day", "2nd last day"),
    ("every other", "other"),
    ("daily 0 times", "0 times"),
    ("daily 5000 times", "5000 times"),
    ("every! 2 days 5 times", "5 times"),
    ("daily 5 times until june", "until june"),
    ("every day except", "except"),
    ("every day except foo", "except foo"),
    ("every sunday except sunday", "except sunday"),
    ("every 2 days except sunday", "except sunday"),
    ("every 2 weeks at 9:00 and 15:00", "every 2 weeks at 9:00 and 15:00"),
    ("every 2 weeks on the 15th", "on the 15th"),
    ("every day at 24:00", "at 24:00"),
    ("5-1 * * * *", "5-1"),
    ("1,,2 * * * *", "1,,2"),
    ("*/0 * * * *", "*/0"),
    ("0 0 * * +5", "+5"),
    ("61 0 0 * * *", "61"),
    ("@often", "@often"),
    ("* * * * *\u{202e}", "*\\u{202e}"),
];

#[test]
fn names_the_part_that_was_not_understood() {
    let mut wrong = Vec::new();
    for (text, wanted) in REFUSED {
        if let Ok(recurrence) = Recurrence::read(text, &saturday()) {
            wrong.push(format!("{text}: read as {recurrence:?}"));
            continue;
        }
        let part = refused(text);
        if part != *wanted {
            wrong.push(format!("{text}: names `{part}`, not `{wanted}`"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn proposes_what_was_meant() {
    let hint = |text: &str| Recurrence::read(text, &saturday()).unwrap_err().hint;
    assert_eq!(hint("dayly"), "did you mean `daily`?");
    assert_eq!(hint("evry day"), "did you mean `every`?");
    assert_eq!(hint("every 5m"), "write `5min` or `5mo`");
    assert_eq!(hint("@every 5m"), "write `every 5min`");
    assert_eq!(hint("@every 1h30m"), "write `every 1h30min`");
    assert!(hint("5/15 * * * *").contains("`5-59/15`"));
    assert!(hint("0 0 * * L").contains("`0 0 L * *`"));
    assert!(hint("0 24 * * *").contains("hour"));
    assert!(hint("* * * *").contains("`0 9 * * 1-5`"));
}

#[test]
fn what_does_not_go_together_is_refused() {
    for (text, part) in [
        ("weekly on 15th", "on 15th"),
        ("monthly on tuesday", "on tuesday"),
        ("yearly on the 15th", "on the 15th"),
        ("daily on tuesday", "on tuesday"),
    ] {
        let error = Recurrence::read(text, &saturday()).unwrap_err();
        assert_eq!(error.part, part, "{text}");
        assert!(error.message.ends_with("does not go with how often it is"), "{error}");
    }
}
