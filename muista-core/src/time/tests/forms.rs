//! Every form of dates, instants, durations and recurrences that is documented, as `muista date` reads it; and that
//! recurrences say themselves back in words that read again to the same.

use super::{check, context, saturday};
use crate::time::{Context, DateOrder, Kind, Recurrence, Rule, Schedule, read, read_ahead};

#[test]
fn spoken_days_and_parts_of_the_day() {
    check(
        &saturday(),
        &[
            ("this friday", "2026-11-20"),
            ("this saturday", "2026-11-21"),
            ("this sunday", "2026-11-22"),
            ("day after tomorrow", "2026-11-23"),
            ("the day after tomorrow", "2026-11-23"),
            ("day before yesterday", "2026-11-19"),
            ("first monday of january", "2027-01-04"),
            ("1st monday of january 2028", "2028-01-03"),
            ("the first monday in january", "2027-01-04"),
            ("third saturday of november", "2026-11-21"),
            ("second friday of november", "2027-11-12"),
            ("last friday of march", "2027-03-26"),
            ("2nd last friday of december", "2026-12-18"),
            ("3rd friday", "2026-12-18"),
            ("3rd saturday", "2026-12-19"),
            ("last day of february", "2027-02-28"),
            ("last day of the month", "2026-11-30"),
            ("last day of next month", "2026-12-31"),
            ("first workday of next month", "2026-12-01"),
            ("last workday of may", "2027-05-31"),
            ("fifth friday of february", "2036-02-29"),
            ("first monday of january 9:00", "2027-01-04T09:00:00+02:00"),
            ("tonight", "2026-11-21T20:00:00+02:00"),
            ("tonight at 9", "2026-11-21T21:00:00+02:00"),
            ("tonight 22:30", "2026-11-21T22:30:00+02:00"),
            ("this evening", "2026-11-21T18:00:00+02:00"),
            ("this morning", "2026-11-21T09:00:00+02:00"),
            ("tomorrow morning", "2026-11-22T09:00:00+02:00"),
            ("tomorrow morning at 7:30", "2026-11-22T07:30:00+02:00"),
            ("tomorrow afternoon", "2026-11-22T15:00:00+02:00"),
            ("fri evening at 8", "2026-11-27T20:00:00+02:00"),
            ("monday night", "2026-11-23T20:00:00+02:00"),
            ("morning", "2026-11-22T09:00:00+02:00"),
            ("evening", "2026-11-21T18:00:00+02:00"),
            ("tomorrow in the evening", "2026-11-22T18:00:00+02:00"),
            ("24:00", "2026-11-22T00:00:00+02:00"),
            ("tomorrow 24:00", "2026-11-23T00:00:00+02:00"),
            ("2026-11-24T24:00", "2026-11-25T00:00:00+02:00"),
            ("half an hour", "2026-11-21T12:30:00+02:00"),
            ("in two hours", "2026-11-21T14:00:00+02:00"),
            ("2026/12/17", "2026-12-17"),
            ("2026/12/17 9:00", "2026-12-17T09:00:00+02:00"),
            ("2026/1/5", "2026-01-05"),
            ("2026.12.17", "2026-12-17"),
            ("31/12", "2026-12-31"),
            ("12/31", "2026-12-31"),
            ("31/12/2027", "2027-12-31"),
            ("31.12.2027", "2027-12-31"),
            ("5/5", "2027-05-05"),
        ],
    );
    let american = Context { date_order: Some(DateOrder::MonthDay), ..saturday() };
    check(&american, &[("31/12", "! `31/12` is not a day of the calendar"), ("12/31", "2026-12-31")]);
    let wednesday = context("2026-11-18T21:00:00+02:00", "Europe/Helsinki");
    check(
        &wednesday,
        &[
            ("this friday", "2026-11-20"),
            ("this wednesday", "2026-11-18"),
            ("tonight", "2026-11-18T20:00:00+02:00"),
            ("evening", "2026-11-19T18:00:00+02:00"),
        ],
    );
}

/// Each form with the kind it is of.
const FORMS: &[(Kind, &[&str])] = &[
    (
        Kind::Date,
        &[
            "today",
            "tod",
            "tomorrow",
            "tom",
            "yesterday",
            "friday",
            "next friday",
            "next week",
            "next month",
            "next year",
            "january",
            "1st",
            "31st",
            "jan 27",
            "27 jan",
            "27 January 2028",
            "end of month",
            "sow",
            "eow",
            "sopw",
            "eonw",
            "som",
            "eom",
            "eopm",
            "sonm",
            "soq",
            "eoq",
            "sonq",
            "eopq",
            "soy",
            "eoy",
            "sopy",
            "eony",
            "in 3 days",
            "+3d",
            "3 days",
            "3 weeks ago",
            "eom-2d",
            "2026-12-24",
            "2026-W52-4",
            "2026-358",
            "20261224",
            "2026W524",
            "2026358",
            "31/12",
            "2026/12/17",
            "later",
            "someday",
            "this friday",
            "day after tomorrow",
            "first monday of january",
            "monday next week",
        ],
    ),
    (
        Kind::Instant,
        &[
            "now",
            "sod",
            "eod",
            "tonight",
            "24:00",
            "tomorrow 18:00",
            "today at 10",
            "fri @ 7pm",
            "noon tomorrow",
            "jan 27 9:00",
            "8am",
            "18:00",
            "in 2 hours",
            "+90min",
            "1.5h",
            "PT90M",
            "now+8d",
            "2026-12-24T18:00:00Z",
            "1795543200",
            "tomorrow morning",
            "half an hour",
            "two hours",
            "90s",
            "15min",
            "2h",
        ],
    ),
    (Kind::Duration, &["P1D", "P2W", "P1M"]),
    (Kind::None, &["none"]),
    (
        Kind::Recurrence,
        &[
            "0 9 * * 1-5",
            "30 0 9 * * 1-5",
            "0 0 9 1 1 ? 2030",
            "@hourly",
            "@daily",
            "@weekly",
            "@monthly",
            "@yearly",
            "@annually",
            "@midnight",
            "0 0 L * *",
            "0 0 15W * *",
            "0 0 * * 5#3",
            "0 0 ? * 5L",
            "daily",
            "weekdays",
            "every 3 days",
            "every other fri",
            "every mon, wed at 9:00",
            "every 27th",
            "every 3rd friday",
            "every last workday",
            "every jan 27",
            "every 12 hours starting at 9pm",
            "every fri until 2027-01-01",
            "daily for 3 weeks",
            "every! 2 months",
            "every day except sunday",
            "every mon, wed for 5 times",
            "every first monday of january",
            "every 2nd last friday",
            "every other mon, thu",
            "every 2 weeks on tuesday",
            "every 2 months on the 15th",
            "every jan 1, jul 1",
            "every month on the 31st",
            "every day at 9:00 and 15:00",
            "daily 5 times",
            "weekly on tuesday at 7:00",
            "0 0 */2 * 1",
        ],
    ),
];

#[test]
fn documented_forms_are_of_their_kinds() {
    let mut wrong = Vec::new();
    for (kind, texts) in FORMS {
        for text in *texts {
            match read(text, &saturday()) {
                Ok(reading) if reading.kind == *kind => {}
                Ok(reading) => wrong.push(format!("{text}: {:?}, not {kind:?}", reading.kind)),
                Err(error) => wrong.push(format!("{text}: {error}")),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn next(text: &str, context: &Context, count: usize) -> Vec<String> {
    read_ahead(text, context, count).unwrap().next
}

/// Recurrences, their words, and the days or times at which they come next.
const SAID: &[(&str, &str, &[&str])] = &[
    ("every 2nd last friday", "every 2nd last fri", &["2026-12-18", "2027-01-22", "2027-02-19"]),
    ("every last friday", "every last fri", &["2026-11-27", "2026-12-25", "2027-01-29"]),
    (
        "every other mon, thu",
        "every 2 weeks on mon, thu starting 2026-11-23",
        &["2026-11-23", "2026-11-26", "2026-12-07", "2026-12-10", "2026-12-21"],
    ),
    ("every other fri", "every 2 weeks on fri starting 2026-11-27", &["2026-11-27", "2026-12-11"]),
    ("every 2 weeks on tuesday", "every 2 weeks on tue starting 2026-11-24", &["2026-11-24", "2026-12-08"]),
    (
        "every 2 months on the 15th",
        "every 2 months on the 15th starting 2026-12-15",
        &["2026-12-15", "2027-02-15", "2027-04-15"],
    ),
    ("every jan 1, jul 1", "every jan 1, jul 1", &["2027-01-01", "2027-07-01", "2028-01-01"]),
    ("every jan 1, jul 15", "every jan 1, jul 15", &["2027-01-01", "2027-07-15", "2028-01-01"]),
    ("every month on the 31st", "every last day", &["2026-11-30", "2026-12-31", "2027-01-31", "2027-02-28"]),
    (
        "every day at 9:00 and 15:00",
        "every day at 9:00 and 15:00",
        &["2026-11-21T15:00", "2026-11-22T09:00", "2026-11-22T15:00"],
    ),
    (
        "every weekday at 9:00, 12:30 and 15:00",
        "every weekday at 9:00, 12:30 and 15:00",
        &["2026-11-23T09:00", "2026-11-23T12:30", "2026-11-23T15:00", "2026-11-24T09:00"],
    ),
    ("every fri 2 times", "every fri for 2 times", &["2026-11-27", "2026-12-04"]),
    ("daily for 3 times", "every day for 3 times", &["2026-11-22", "2026-11-23", "2026-11-24"]),
    ("daily for 2 days", "every day for 2 days", &["2026-11-22", "2026-11-23"]),
    (
        "every day except sunday",
        "every day except sun",
        &["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28", "2026-11-30"],
    ),
    ("every first monday of january", "every 1st mon of jan", &["2027-01-04", "2028-01-03"]),
    ("every 31st of jan", "every jan 31", &["2027-01-31"]),
    ("every last day of february", "every last day of feb", &["2027-02-28", "2028-02-29"]),
    ("every 1st and 15th", "every 1st and 15th", &["2026-12-01", "2026-12-15"]),
    ("every 15th, last day", "every 15th and last day", &["2026-11-30", "2026-12-15"]),
    ("every last workday", "every last workday", &["2026-11-30", "2026-12-31", "2027-01-29"]),
    ("every 2 years on jan 27", "every 2 years on jan 27 starting 2027-01-27", &["2027-01-27", "2029-01-27"]),
    (
        "every 3 days at 9:00 and 15:00",
        "every 3 days at 9:00 and 15:00 starting 2026-11-21 at 15:00",
        &["2026-11-21T15:00", "2026-11-24T09:00", "2026-11-24T15:00"],
    ),
    ("every 12 hours starting at 9pm", "every 12 hours starting 2026-11-21 at 21:00", &["2026-11-21T21:00"]),
    ("every 3 days starting monday", "every 3 days starting 2026-11-23", &["2026-11-23", "2026-11-26"]),
    ("every fri at 9:00 until dec 10", "every fri at 9:00 until 2026-12-10", &["2026-11-27T09:00", "2026-12-04T09:00"]),
    ("every 1h30min", "every PT1H30M", &["2026-11-21T13:30"]),
    ("weekly", "every week", &["2026-11-28"]),
    ("every! 2 months", "every! 2 months", &["2027-01-21"]),
    ("every 30th", "every month starting 2026-11-30", &["2026-11-30", "2026-12-30", "2027-01-30", "2027-02-28"]),
    ("0 9 * * 1-5", "every weekday at 9:00", &["2026-11-23T09:00"]),
    ("0 9 1 * *", "every 1st at 9:00", &["2026-12-01T09:00"]),
    ("@yearly", "every jan 1 at 0:00", &["2027-01-01"]),
    ("*/15 9-17 * * 1-5", "*/15 9-17 * * 1-5", &["2026-11-23T09:00"]),
    ("0 0 31 * *", "0 0 31 * *", &["2026-12-31", "2027-01-31", "2027-03-31"]),
    ("0 0 */2 * 1", "0 0 */2 * 1", &["2026-11-23", "2026-12-07", "2026-12-21"]),
];

#[test]
fn recurrences_say_themselves_in_words_that_read_to_the_same() {
    let context = saturday();
    let zone = &context.zone;
    let mut wrong = Vec::new();
    for (text, words, times) in SAID {
        let read = Recurrence::read(text, &context).unwrap_or_else(|error| panic!("{text}: {error}"));
        let said = read.words(zone);
        if said != *words {
            wrong.push(format!("{text}: says “{said}”, not “{words}”"));
        }
        let again = Recurrence::read(&said, &context).unwrap_or_else(|error| panic!("{text}: {said}: {error}"));
        let same = (again.start, again.end, again.from_completion, again.says_time())
            == (read.start, read.end, read.from_completion, read.says_time());
        if !same || next(text, &context, 20) != next(&said, &context, 20) {
            wrong.push(format!("{text}: “{said}” reads as {again:?}, not {read:?}"));
        }
        for (found, wanted) in next(text, &context, times.len()).iter().zip(*times) {
            if !found.starts_with(wanted) {
                wrong.push(format!("{text}: comes on {found}, not {wanted}"));
            }
        }
        if next(text, &context, times.len()).len() != times.len() {
            wrong.push(format!("{text}: comes {} times", next(text, &context, times.len()).len()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_field_that_begins_with_a_star_restricts_nothing_by_itself_as_in_cron() {
    let april = context("2026-04-01T12:00:00+03:00", "Europe/Helsinki");
    let days = |text: &str, count| -> Vec<String> {
        next(text, &april, count).into_iter().map(|at| at[..10].to_owned()).collect()
    };
    assert_eq!(days("0 0 */2 * 1", 2), ["2026-04-13", "2026-04-27"]);
    assert_eq!(days("0 0 1 * */2", 3), ["2026-08-01", "2026-09-01", "2026-10-01"]);
    assert_eq!(days("0 0 13 * 5", 3), ["2026-04-03", "2026-04-10", "2026-04-13"]);
    let notes = |text: &str| read(text, &april).unwrap().notes.join("; ");
    assert!(notes("0 0 */2 * 1").contains("both the day `*/2` and the weekday `1` match"), "{}", notes("0 0 */2 * 1"));
    assert!(notes("0 0 13 * 5").contains("days that match `13` and also on weekdays that match `5`"));
    assert!(notes("*/90 * * * *").contains("`every 90 min`"));
    assert!(notes("0 */36 * * *").contains("`every 36 h`"));
    for plain in ["0 9 * * 1-5", "*/15 * * * *", "0 0 1 * *", "0 0 ? * 1", "@daily", "every mon"] {
        assert_eq!(notes(plain), "", "{plain}");
    }
}

#[test]
fn what_is_one_in_so_many_weeks_looks_back_as_it_looks_forward() {
    let context = saturday();
    let read = Recurrence::read("every other mon, thu at 9:00", &context).unwrap();
    let anchor = read.start.unwrap();
    let schedule = Schedule::new(read.rule, context.zone.clone(), anchor, None);
    let all = schedule.upcoming(context.now, 40);
    for pair in all.windows(2) {
        assert_eq!(schedule.latest(context.now, pair[1].just_before()), Some(pair[0]));
    }
    assert_eq!(schedule.latest(anchor.just_before(), anchor), Some(anchor));
    let again: Rule = "0 0 9 * * 1,4 /2w".parse().unwrap();
    assert_eq!(Schedule::new(again, context.zone.clone(), anchor, None).upcoming(context.now, 40), all);
}
