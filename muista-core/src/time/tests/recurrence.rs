//! What texts of recurrences mean, and which are refused.

use jiff::civil::time;

use super::{context, saturday};
use crate::time::{Context, Kind, Recurrence, Rule, read, read_ahead};

/// A recurrence as text: its rule, where it begins and ends, and what else it says.
fn shown(text: &str, context: &Context) -> String {
    let recurrence = match Recurrence::read(text, context) {
        Ok(recurrence) => recurrence,
        Err(error) => return format!("! {error}"),
    };
    let mut shown = recurrence.rule.to_string();
    if let Some(start) = recurrence.start {
        shown += &format!(" from {}", start.rfc3339_in(&context.zone));
    }
    if let Some(end) = recurrence.end {
        shown += &format!(" until {}", end.rfc3339_in(&context.zone));
    }
    if recurrence.from_completion {
        shown += " after completion";
    }
    if recurrence.says_time() { shown + " timed" } else { shown }
}

fn check(context: &Context, table: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, wanted) in table {
        for cased in [(*text).to_owned(), text.to_ascii_uppercase()] {
            let found = shown(&cased, context);
            if !found.eq_ignore_ascii_case(wanted) {
                wrong.push(format!("{cased}: {found}, not {wanted}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words, and the rule that they are.
const WORDS: &[(&str, &str)] = &[
    ("daily", "P1D"),
    ("everyday", "P1D"),
    ("weekly", "P1W"),
    ("biweekly", "P2W"),
    ("fortnightly", "P2W"),
    ("monthly", "P1M"),
    ("quarterly", "P3M"),
    ("yearly", "P1Y"),
    ("annually", "P1Y"),
    ("weekly on tuesday at 7:00", "0 0 7 * * 2 timed"),
    ("weekly on mon, wed", "0 0 0 * * 1,3"),
    ("every week on tuesday at 7", "0 0 7 * * 2 timed"),
    ("monthly on the 15th", "0 0 0 15 * *"),
    ("monthly on the 3rd friday at 9:00", "0 0 9 * * 5#3 timed"),
    ("yearly on jan 27", "0 0 0 27 1 *"),
    ("every two weeks", "P2W"),
    ("hourly", "PT1H timed"),
    ("weekdays", "0 0 0 * * 1-5"),
    ("weekends", "0 0 0 * * 0,6"),
    ("every day", "P1D"),
    ("each week", "P1W"),
    ("every month", "P1M"),
    ("every quarter", "P3M"),
    ("every year", "P1Y"),
    ("every hour", "PT1H timed"),
    ("every minute", "PT1M timed"),
    ("every second", "PT1S timed"),
    ("every 3 days", "P3D"),
    ("every 2w", "P2W"),
    ("every 12 hours", "PT12H timed"),
    ("every 1h30min", "PT1H30M timed"),
    ("every 1.5 hours", "PT1H30M timed"),
    ("every other day", "P2D"),
    ("every other month", "P2M"),
    ("every 2nd day", "P2D"),
    ("every third week", "P3W"),
    ("every second year", "P2Y"),
    ("every weekday", "0 0 0 * * 1-5"),
    ("every weekend", "0 0 0 * * 0,6"),
    ("every fri", "0 0 0 * * 5"),
    ("every Sundays", "0 0 0 * * 0"),
    ("every mon, wed", "0 0 0 * * 1,3"),
    ("every mon, wed and fri", "0 0 0 * * 1,3,5"),
    ("every tue & thu", "0 0 0 * * 2,4"),
    ("every 1st", "0 0 0 1 * *"),
    ("every 27th", "0 0 0 27 * *"),
    ("every 27th of the month", "0 0 0 27 * *"),
    ("every 1st and 15th", "0 0 0 1,15 * *"),
    ("every 15th, last day", "0 0 0 15,L * *"),
    ("every first day of the month", "0 0 0 1 * *"),
    ("every 31st", "0 0 0 L * *"),
    ("every last day", "0 0 0 L * *"),
    ("every last day of february", "0 0 0 L 2 *"),
    ("every 3rd friday", "0 0 0 * * 5#3"),
    ("every first and third mon", "0 0 0 * * 1#1,1#3"),
    ("every second friday", "0 0 0 * * 5#2"),
    ("every last fri", "0 0 0 * * 5L"),
    ("every 2nd sunday of may", "0 0 0 * 5 0#2"),
    ("every first workday", "0 0 0 1W * *"),
    ("every last workday", "0 0 0 LW * *"),
    ("every last weekday of the month", "0 0 0 LW * *"),
    ("every jan 27", "0 0 0 27 1 *"),
    ("every 27 jan", "0 0 0 27 1 *"),
    ("every 27th of january", "0 0 0 27 1 *"),
    ("every january", "0 0 0 1 1 *"),
    ("every dec 31", "0 0 0 31 12 *"),
    ("every! 2 months", "P2M after completion"),
    ("every! mon", "0 0 0 * * 1 after completion"),
    ("every P2W", "P2W"),
    ("every 2nd last friday", "0 0 0 * * 5#-2"),
    ("every second to last friday", "0 0 0 * * 5#-2"),
    ("every penultimate friday of may", "0 0 0 * 5 5#-2"),
    ("every 1st and 2nd last mon", "0 0 0 * * 1#1 | 0 0 0 * * 1#-2"),
    ("every month on the 31st", "0 0 0 L * *"),
    ("every jan 1, jul 1", "0 0 0 1 1,7 *"),
    ("every 1 jan and 1 jul", "0 0 0 1 1,7 *"),
    ("every jan 1, jan 15", "0 0 0 1,15 1 *"),
    ("every jan 1, jul 15", "0 0 0 1 1 * | 0 0 0 15 7 *"),
    ("every 27th of january and 1st of july", "0 0 0 27 1 * | 0 0 0 1 7 *"),
    ("every day except sunday", "0 0 0 * * 1,2,3,4,5,6"),
    ("daily except weekends", "0 0 0 * * 1,2,3,4,5"),
    ("every weekday but wed", "0 0 0 * * 1,2,4,5"),
    ("every first monday of january", "0 0 0 * 1 1#1"),
    ("every day at 9:00 and 15:00", "0 0 9,15 * * * timed"),
    ("every day at 9:00, 15:30", "0 0 9 * * * | 0 30 15 * * * timed"),
    ("every mon at 9 and 5pm", "0 0 9,17 * * 1 timed"),
    ("every morning", "0 0 9 * * * timed"),
    ("every evening at 8:30", "0 30 20 * * * timed"),
    ("every fri in the afternoon", "0 0 15 * * 5 timed"),
];

#[test]
fn words_are_rules() {
    check(&saturday(), WORDS);
}

#[test]
fn words_have_times_and_bounds() {
    let table = [
        ("every fri at 9:00", "0 0 9 * * 5 timed"),
        ("every mon, wed at 9:00", "0 0 9 * * 1,3 timed"),
        ("every fri 7:30pm", "0 30 19 * * 5 timed"),
        ("at 8am every weekday", "0 0 8 * * 1-5 timed"),
        ("every day at 9", "0 0 9 * * * timed"),
        ("daily @ noon", "0 0 12 * * * timed"),
        ("daily eod", "59 59 23 * * * timed"),
        ("weekly at 9:00", "P1W from 2026-11-22T09:00:00+02:00 timed"),
        ("every 3 days at 18:00", "P3D from 2026-11-21T18:00:00+02:00 timed"),
        ("every 12 hours starting at 9pm", "PT12H from 2026-11-21T21:00:00+02:00 timed"),
        ("every 12 hours starting at 9am", "PT12H from 2026-11-22T09:00:00+02:00 timed"),
        ("every 3 days starting monday", "P3D from 2026-11-23T00:00:00+02:00"),
        ("every 3 days starting jan 27 at 9:00", "P3D from 2027-01-27T09:00:00+02:00 timed"),
        ("every month from jan 31", "P1M from 2027-01-31T00:00:00+02:00"),
        ("every fri starting jan 27 at 9:00", "0 0 9 * * 5 from 2027-01-27T00:00:00+02:00 timed"),
        ("every fri starting 2027-01-27T09:00", "0 0 9 * * 5 from 2027-01-27T09:00:00+02:00 timed"),
        ("every 3rd friday until june", "0 0 0 * * 5#3 until 2027-06-01T23:59:59+03:00"),
        ("every day at 9:00 until dec 24", "0 0 9 * * * until 2026-12-24T23:59:59+02:00 timed"),
        ("every day until dec 24 at 9:00", "0 0 9 * * * until 2026-12-24T23:59:59+02:00 timed"),
        ("every 2h until friday at 17:00", "PT2H until 2026-11-27T17:00:00+02:00 timed"),
        ("daily for 3 weeks", "P1D until 2026-12-12T12:00:00+02:00"),
        (
            "daily starting monday for 3 weeks",
            "P1D from 2026-11-23T00:00:00+02:00 until 2026-12-13T23:59:59.999999+02:00",
        ),
        ("every other fri", "P2W from 2026-11-27T00:00:00+02:00"),
        ("every other sat", "P2W from 2026-11-28T00:00:00+02:00"),
        ("every other sat at 11:00", "P2W from 2026-11-28T11:00:00+02:00 timed"),
        ("every other sat at 13:00", "P2W from 2026-11-21T13:00:00+02:00 timed"),
        ("every other fri starting 2027-01-01", "P2W from 2027-01-01T00:00:00+02:00"),
        ("every other mon, thu", "0 0 0 * * 1,4 /2w from 2026-11-23T00:00:00+02:00"),
        ("every other fri and sat at 9:00", "0 0 9 * * 5,6 /2w from 2026-11-27T09:00:00+02:00 timed"),
        ("every other fri and sat at 13:00", "0 0 13 * * 5,6 /2w from 2026-11-21T13:00:00+02:00 timed"),
        ("every 3 weeks on mon, thu", "0 0 0 * * 1,4 /3w from 2026-11-23T00:00:00+02:00"),
        ("every 2 weeks on tuesday", "P2W from 2026-11-24T00:00:00+02:00"),
        ("every 3 weeks on tue", "P3W from 2026-11-24T00:00:00+02:00"),
        ("every 2 months on the 15th", "0 0 0 15 * * /2m from 2026-12-15T00:00:00+02:00"),
        ("every other month on the 3rd friday", "0 0 0 * * 5#3 /2m from 2026-12-18T00:00:00+02:00"),
        ("quarterly on the last day", "0 0 0 L * * /3m from 2026-11-30T00:00:00+02:00"),
        ("every 2 months on the 30th", "P2M from 2026-11-30T00:00:00+02:00"),
        ("every 2 years on jan 27", "0 0 0 27 1 * /2y from 2027-01-27T00:00:00+02:00"),
        ("every 3 days at 9:00 and 15:00", "0 0 9,15 * * * /3d from 2026-11-21T15:00:00+02:00 timed"),
        ("every other fri at 9:00 and 15:00", "0 0 9,15 * * 5 /2w from 2026-11-27T09:00:00+02:00 timed"),
        ("every other mon, thu starting 2027-01-01", "0 0 0 * * 1,4 /2w from 2027-01-04T00:00:00+02:00"),
        ("daily for 5 times", "P1D until 2026-11-26T23:59:59+02:00"),
        ("every fri 5 times", "0 0 0 * * 5 until 2026-12-25T23:59:59+02:00"),
        ("every mon, wed at 9:00 for three times", "0 0 9 * * 1,3 until 2026-11-30T09:00:00+02:00 timed"),
        ("every 2h 3 times", "PT2H until 2026-11-21T18:00:00+02:00 timed"),
        ("every jan 1, jul 1 5 times", "0 0 0 1 1,7 * until 2029-01-01T23:59:59+02:00"),
        ("every 30th", "P1M from 2026-11-30T00:00:00+02:00"),
        ("every feb 29", "P1Y from 2024-02-29T00:00:00+02:00"),
    ];
    check(&saturday(), &table);
    let february = context("2027-02-10T12:00:00+02:00", "Europe/Helsinki");
    check(&february, &[("every 30th", "P1M from 2027-01-30T00:00:00+02:00")]);
    check(&february, &[("every 29th", "P1M from 2027-01-29T00:00:00+02:00")]);
    let leap = context("2028-02-10T12:00:00+02:00", "Europe/Helsinki");
    check(&leap, &[("every 29th", "P1M from 2028-02-29T00:00:00+02:00")]);
    check(&leap, &[("every feb 29", "P1Y from 2028-02-29T00:00:00+02:00")]);
}

#[test]
fn cron_and_intervals_are_kept_as_written() {
    let table = [
        ("0 9 * * 1-5", "0 9 * * 1-5 timed"),
        ("  0   9 * *  mon-fri ", "0 9 * * mon-fri timed"),
        ("*/10 * * * * *", "*/10 * * * * * timed"),
        ("0 0 9 1 1 ? 2030", "0 0 9 1 1 ? 2030 timed"),
        ("0 0 L * *", "0 0 L * * timed"),
        ("0 0 15W * ?", "0 0 15W * ? timed"),
        ("0 0 * * 5#3", "0 0 * * 5#3 timed"),
        ("0 0 * jan-mar friL", "0 0 * jan-mar friL timed"),
        ("@daily", "@daily timed"),
        ("@midnight", "@midnight timed"),
        ("P1D", "P1D"),
        ("PT30M", "PT30M timed"),
        ("P1DT12H", "P1DT12H timed"),
        ("p1m", "P1M"),
    ];
    check(&saturday(), &table);
}

#[test]
fn a_time_is_given_to_what_says_none() {
    let at = |text: &str| {
        let given = Recurrence::read(text, &saturday()).unwrap().at_time(time(8, 30, 0, 0));
        let start = given.start.map(|start| start.rfc3339_in(&saturday().zone).to_string());
        (given.rule.to_string(), start, given.says_time())
    };
    assert_eq!(at("every fri"), ("0 30 8 * * 5".to_owned(), None, true));
    assert_eq!(at("every fri at 9:00"), ("0 0 9 * * 5".to_owned(), None, true));
    assert_eq!(at("0 9 * * *"), ("0 9 * * *".to_owned(), None, true));
    assert_eq!(at("daily"), ("P1D".to_owned(), None, false));
    let friday = Some("2026-11-27T08:30:00+02:00".to_owned());
    assert_eq!(at("every other fri"), ("P2W".to_owned(), friday, true));
}

#[test]
fn seconds_that_run_are_known() {
    let runs = |text: &str| text.parse::<Rule>().unwrap().is_every_second();
    assert!(runs("* * * * * *"));
    assert!(runs("*/5 0 9 * * *"));
    assert!(runs("0-30/2 0 9 * * * 2030"));
    for text in ["* * * * *", "*/5 * * * *", "0 * * * * *", "0,30 * * * * *", "@hourly", "PT1S"] {
        assert!(!runs(text), "{text}");
    }
}

#[test]
fn readings_show_the_next_firings() {
    let next = |text: &str, count| {
        let reading = read_ahead(text, &saturday(), count).unwrap();
        assert_eq!(reading.kind, Kind::Recurrence, "{text}");
        reading.next
    };
    assert_eq!(
        next("every 3rd friday", 3),
        ["2026-12-18T00:00:00+02:00", "2027-01-15T00:00:00+02:00", "2027-02-19T00:00:00+02:00"]
    );
    assert_eq!(next("daily", 2), ["2026-11-22T12:00:00+02:00", "2026-11-23T12:00:00+02:00"]);
    assert_eq!(next("0 9 * * 1-5", 1), ["2026-11-23T09:00:00+02:00"]);
    assert_eq!(next("every 12 hours starting at 9pm", 1), ["2026-11-21T21:00:00+02:00"]);
    assert_eq!(next("every fri until dec 10", 5).len(), 2);
    assert_eq!(next("daily for 3 weeks", 100).len(), 21);
    assert_eq!(next("daily starting monday for 3 weeks", 100).len(), 21);
    assert_eq!(read("@hourly", &saturday()).unwrap().next.len(), 5);
    for text in ["P1D", "fri", "3 days", "1st", "@ 7pm", "PT90M"] {
        assert_ne!(read(text, &saturday()).unwrap().kind, Kind::Recurrence, "{text}");
    }
    for nothing in ["P0D", "PT0S", "-P0D"] {
        assert!(read(nothing, &saturday()).unwrap_err().to_string().contains("no time at all"), "{nothing}");
    }
    let written = serde_json::to_value(read("daily", &saturday()).unwrap()).unwrap();
    let keys: Vec<&String> = written.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["input", "kind", "at", "on", "duration", "timezone", "next", "words"]);
    assert_eq!(written["kind"], "recurrence");
}

#[test]
fn a_distance_with_a_weekday_is_every_other_such_day() {
    assert_eq!(shown("biweekly on tuesday", &saturday()), shown("every other tuesday", &saturday()));
}
