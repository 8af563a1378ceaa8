//! Schedules held against a slow and simple model: every minute or second of local time is looked
//! at.

use std::collections::HashSet;

use jiff::{
    Span,
    civil::{Date, DateTime},
    tz::TimeZone,
};
use proptest::prelude::*;

use crate::time::{Instant, Rule, Schedule, zone};

const ZONES: [&str; 7] = [
    "Europe/Paris",
    "Europe/Helsinki",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "America/St_Johns",
    "UTC",
];
const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3600 * SECOND;

/// A field of cron as the model knows it.
#[derive(Debug, Clone)]
enum Field {
    Star,
    Step(i8),
    List(Vec<(i8, i8)>),
    Last,
    LastWorkday,
    NearWorkday(i8),
    Nth(i8, i8),
    LastOf(i8),
}

impl Field {
    fn text(&self) -> String {
        match self {
            Self::Star => "*".to_owned(),
            Self::Step(step) => format!("*/{step}"),
            Self::List(ranges) => {
                let part = |&(from, to): &(i8, i8)| if from == to { from.to_string() } else { format!("{from}-{to}") };
                ranges.iter().map(part).collect::<Vec<_>>().join(",")
            }
            Self::Last => "L".to_owned(),
            Self::LastWorkday => "LW".to_owned(),
            Self::NearWorkday(day) => format!("{day}W"),
            Self::Nth(weekday, nth) => format!("{weekday}#{nth}"),
            Self::LastOf(weekday) => format!("{weekday}L"),
        }
    }

    /// Whether a number of a field that begins at `first` matches.
    fn has(&self, number: i8, first: i8) -> bool {
        match self {
            Self::Star => true,
            Self::Step(step) => (number - first) % step == 0,
            Self::List(ranges) => ranges.iter().any(|(from, to)| (*from..=*to).contains(&number)),
            _ => false,
        }
    }

    fn has_day(&self, day: Date) -> bool {
        let last = day.days_in_month();
        match self {
            Self::Last => day.day() == last,
            Self::LastWorkday => (1..=last).rev().map(|n| on(day, n)).find(|day| is_workday(*day)) == Some(day),
            Self::NearWorkday(number) if *number > last => false,
            Self::NearWorkday(number) => {
                let near = [0, -1, 1, -2, 2].map(|off| number + off).into_iter().filter(|n| (1..=last).contains(n));
                near.map(|n| on(day, n)).find(|day| is_workday(*day)) == Some(day)
            }
            field => field.has(day.day(), 1),
        }
    }

    fn has_weekday(&self, day: Date) -> bool {
        let weekday = day.weekday().to_sunday_zero_offset();
        match self {
            Self::Nth(wanted, nth) => weekday == *wanted && (day.day() - 1) / 7 + 1 == *nth,
            Self::LastOf(wanted) => weekday == *wanted && day.day() + 7 > day.days_in_month(),
            field => field.has(weekday, 0),
        }
    }

    fn runs(&self) -> bool {
        matches!(self, Self::Star | Self::Step(_))
    }
}

fn on(day: Date, number: i8) -> Date {
    Date::new(day.year(), day.month(), number).unwrap()
}

fn is_workday(day: Date) -> bool {
    day.weekday().to_monday_one_offset() < 6
}

/// Second, minute, hour, day, month, weekday.
#[derive(Debug, Clone)]
struct Model([Field; 6]);

impl Model {
    fn rule(&self) -> Rule {
        let text = self.0.iter().map(Field::text).collect::<Vec<_>>().join(" ");
        text.parse().unwrap()
    }

    fn has_date(&self, date: Date) -> bool {
        let [.., day, month, weekday] = &self.0;
        let days = match (day, weekday) {
            (Field::Star, weekday) => weekday.has_weekday(date),
            (day, Field::Star) => day.has_day(date),
            // A field that begins with a star restricts nothing by itself.
            (day @ Field::Step(_), weekday) => day.has_day(date) && weekday.has_weekday(date),
            (day, weekday) => day.has_day(date) || weekday.has_weekday(date),
        };
        days && month.has(date.month(), 1)
    }

    fn has(&self, local: DateTime) -> bool {
        let [second, minute, hour, ..] = &self.0;
        second.has(local.second(), 0)
            && minute.has(local.minute(), 0)
            && hour.has(local.hour(), 0)
            && self.has_date(local.date())
    }

    /// All firings from `from` to `until`, looking every `step` microseconds.
    fn firings(&self, zone: &TimeZone, from: i64, until: i64, step: i64) -> Vec<Instant> {
        let fixed = !self.0[..3].iter().any(Field::runs);
        let span = Span::new().microseconds(step);
        let (mut seen, mut expected) = (HashSet::new(), None);
        let mut firings = Vec::new();
        // What happened in the hours before may be repeated.
        for micros in (from - 4 * HOUR..=until).step_by(usize::try_from(step).unwrap()) {
            let at = Instant::from_micros(micros).unwrap();
            let local = at.civil_in(zone);
            let mut fires = self.has(local) && !(fixed && seen.contains(&local));
            let mut skipped = expected.unwrap_or(local);
            while fixed && skipped < local {
                fires |= self.has(skipped);
                skipped = skipped.checked_add(span).unwrap();
            }
            if fires && micros >= from {
                firings.push(at);
            }
            seen.insert(local);
            expected = Some(local.checked_add(span).unwrap());
        }
        firings
    }
}

fn list(first: i8, last: i8, most: usize) -> BoxedStrategy<Field> {
    let range = (first..=last, 0..=3_i8).prop_map(move |(from, more)| (from, (from + more).min(last)));
    let one = (first..=last).prop_map(|number| (number, number));
    prop::collection::vec(prop_oneof![2 => one, 1 => range], 1..=most).prop_map(Field::List).boxed()
}

/// Times of day, most of them in the hours in which clocks change.
fn times(seconds: BoxedStrategy<Field>) -> impl Strategy<Value = [Field; 3]> {
    let minute = prop_oneof![3 => list(0, 59, 3), 1 => Just(Field::Star), 1 => (1..=45_i8).prop_map(Field::Step)];
    let hour = prop_oneof![4 => list(0, 4, 3), 1 => list(0, 23, 2), 1 => Just(Field::Star), 1 => (1..=9_i8).prop_map(Field::Step)];
    (seconds, minute, hour).prop_map(|(second, minute, hour)| [second, minute, hour])
}

fn days() -> impl Strategy<Value = [Field; 3]> {
    let day = prop_oneof![
        3 => Just(Field::Star),
        2 => list(1, 31, 3),
        1 => (2..=9_i8).prop_map(Field::Step),
        1 => Just(Field::Last),
        1 => Just(Field::LastWorkday),
        1 => (1..=31_i8).prop_map(Field::NearWorkday),
    ];
    // February alone may lack every day that is asked for: then it never fires and is refused.
    let month = prop_oneof![4 => Just(Field::Star), 1 => Just(Field::List(vec![(1, 1), (3, 3), (10, 11)]))];
    let weekday = prop_oneof![
        3 => Just(Field::Star),
        2 => list(0, 6, 2),
        1 => (0..=6_i8, 1..=5_i8).prop_map(|(weekday, nth)| Field::Nth(weekday, nth)),
        1 => (0..=6_i8).prop_map(Field::LastOf),
    ];
    let days = (day, month, weekday).prop_map(|(day, month, weekday)| [day, month, weekday]);
    // `*/8` is none of the last days of a month, on which a fifth friday is.
    days.prop_filter("never fires", |days| {
        let days = days.iter().map(Field::text).collect::<Vec<_>>().join(" ");
        format!("0 0 {days}").parse::<Rule>().is_ok()
    })
}

fn model([second, minute, hour]: [Field; 3], [day, month, weekday]: [Field; 3]) -> Model {
    Model([second, minute, hour, day, month, weekday])
}

/// A change of the clock after some day of 2000 to 2040; where there is none, that day.
fn turn(zone: &TimeZone, day: i64) -> i64 {
    let from = Instant::from_micros((10_957 + day) * 24 * HOUR).unwrap();
    let offset = zone.to_offset(from.to_timestamp());
    // Zone files may end with a change that changes nothing, not on a whole minute.
    let change = zone.following(from.to_timestamp()).find(|change| change.offset() != offset);
    change.map_or(from, |change| Instant::from_timestamp(change.timestamp())).as_micros()
}

/// Holds every way to ask a schedule against all its firings from `from` to `until`.
fn agree(schedule: &Schedule, firings: &[Instant], from: i64, until: i64) -> Result<(), TestCaseError> {
    let before = Instant::from_micros(from - 1).unwrap();
    let end = Instant::from_micros(until).unwrap();
    let found: Vec<Instant> = std::iter::successors(schedule.next(before), |at| schedule.next(*at))
        .take_while(|at| *at <= end)
        .take(firings.len() + 1)
        .collect();
    prop_assert_eq!(&found[..], firings);
    for part in 0..=72 {
        let at = Instant::from_micros(from + (until - from) / 72 * part).unwrap();
        let last = firings.iter().copied().rfind(|firing| *firing <= at);
        prop_assert_eq!(schedule.latest(before, at), last, "latest up to {}", at);
        let next = firings.iter().copied().find(|firing| *firing > at);
        prop_assert_eq!(schedule.next(at).filter(|next| *next <= end), next, "next after {}", at);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn minutes_around_a_change_of_the_clock(
        times in times(Just(Field::List(vec![(0, 0)])).boxed()),
        day in 0..14_000_i64,
        name in 0..ZONES.len(),
    ) {
        let zone = zone(ZONES[name]).unwrap();
        let model = model(times, [Field::Star, Field::Star, Field::Star]);
        let turn = turn(&zone, day);
        let (from, until) = (turn - 7 * HOUR, turn + 29 * HOUR);
        let firings = model.firings(&zone, from, until, 60 * SECOND);
        let schedule = Schedule::new(model.rule(), zone, Instant::MIN, None);
        agree(&schedule, &firings, from, until)?;
    }

    #[test]
    fn days_of_some_years(days in days(), day in 0..14_000_i64, name in 0..ZONES.len()) {
        let zone = zone(ZONES[name]).unwrap();
        // No clock is changed at noon.
        let model = model([0, 0, 12].map(|number| Field::List(vec![(number, number)])), days);
        let first = Instant::from_micros((10_957 + day) * 24 * HOUR).unwrap();
        let dates = std::iter::successors(Some(first.date_in(&zone)), |date| date.tomorrow().ok()).take(900);
        let firings: Vec<Instant> = dates
            .filter(|date| model.has_date(*date))
            .map(|date| Instant::from_civil(date.at(12, 0, 0, 0), &zone).unwrap())
            .collect();
        let last = first.as_micros() + 890 * 24 * HOUR;
        let from = first.as_micros();
        let firings: Vec<Instant> =
            firings.into_iter().filter(|at| (from..=last).contains(&at.as_micros())).collect();
        let schedule = Schedule::new(model.rule(), zone, Instant::MIN, None);
        agree(&schedule, &firings, from, last)?;
    }

    #[test]
    fn rules_round_trip(times in times(list(0, 59, 2)), days in days()) {
        let rule = model(times, days).rule();
        prop_assert_eq!(rule.to_string().parse::<Rule>(), Ok(rule.clone()));
        let written = serde_json::to_string(&rule).unwrap();
        prop_assert_eq!(serde_json::from_str::<Rule>(&written).unwrap(), rule);
    }
}

proptest! {
    // Each looks at more than 20,000 seconds.
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn seconds_around_a_change_of_the_clock(
        times in times(prop_oneof![list(0, 59, 2), Just(Field::Star), (7..=50_i8).prop_map(Field::Step)].boxed()),
        day in 0..14_000_i64,
        name in 0..ZONES.len(),
    ) {
        let zone = zone(ZONES[name]).unwrap();
        let model = model(times, [Field::Star, Field::Star, Field::Star]);
        let turn = turn(&zone, day);
        let (from, until) = (turn - HOUR, turn + HOUR);
        let firings = model.firings(&zone, from, until, SECOND);
        let schedule = Schedule::new(model.rule(), zone, Instant::MIN, None);
        agree(&schedule, &firings, from, until)?;
    }
}
