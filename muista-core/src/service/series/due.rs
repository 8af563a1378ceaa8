//! When the occurrences of a series are due: pure functions of its rule, of where it counts from, and of an instant.
//! Reading and writing the rows is `series`'.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::error::{Error, Result};
use crate::model::{Due, NewSeries, Series, clip};
use crate::time::{self, Instant, Rule, Schedule, When};

/// How a series begins.
pub(super) struct Start {
    /// The rule, at the time of day of the due where it says none itself.
    pub(super) rule: Rule,
    /// Where intervals count from.
    pub(super) anchor: Instant,
    /// Whether occurrences are due on dates.
    pub(super) on_dates: bool,
    /// When the first is due.
    pub(super) due: Due,
}

/// How a series begins whose first occurrence is due then; without a due it is that of the rule, from `now` on.
///
/// # Errors
/// `Invalid` when there is none from now on.
pub(super) fn start(new: &NewSeries, due: Option<Due>, zone: &TimeZone, now: Instant) -> Result<Start> {
    let rule = new.rule.clone();
    let Some(due) = due else { return start_by_rule(new, zone, now) };
    let Some(date) = due.on() else {
        let rule = if new.says_time { rule } else { at_time(rule, due.at(), zone) };
        return Ok(Start { rule, anchor: due.at(), on_dates: false, due });
    };
    if !new.says_time {
        return Ok(Start { rule, anchor: Instant::start_of(date, zone), on_dates: true, due });
    }
    match time_on(new, date, zone) {
        Some(at) => Ok(Start { rule, anchor: at, on_dates: false, due: due_at(at, false, zone)? }),
        // The rule skips that date: the first stays without a time, those that follow have theirs.
        None => Ok(Start { rule, anchor: Instant::start_of(date, zone), on_dates: false, due }),
    }
}

/// How a series begins in place of `due`, which its rule does not name: with the next that it does, from `now` on, at the
/// due's time of day where the rule says none. None where the rule names it; intervals count from any.
///
/// # Errors
/// `Invalid` when there is none from now on.
pub(super) fn next_named(new: &NewSeries, due: &Due, zone: &TimeZone, now: Instant) -> Result<Option<Start>> {
    if matches!(new.rule, Rule::Every(_)) {
        return Ok(None);
    }
    let timed = due.on().is_none() && !new.says_time;
    let rule = if timed { at_time(new.rule.clone(), due.at(), zone) } else { new.rule.clone() };
    let named = match due.on() {
        Some(date) => time_on(new, date, zone).is_some(),
        None => {
            let schedule = Schedule::new(rule.clone(), zone.clone(), due.at(), new.end);
            schedule.next(just_before(due.at())) == Some(due.at())
        }
    };
    if named {
        return Ok(None);
    }
    start_by_rule(&NewSeries { rule, says_time: new.says_time || timed, ..new.clone() }, zone, now).map(Some)
}

fn start_by_rule(new: &NewSeries, zone: &TimeZone, now: Instant) -> Result<Start> {
    let (on_dates, from) = (!new.says_time, new.start.unwrap_or(now));
    let anchor = if on_dates { Instant::start_of(from.date_in(zone), zone) } else { from.whole_second() };
    let schedule = Schedule::new(new.rule.clone(), zone.clone(), anchor, new.end);
    let Some(at) = schedule.next(just_before(anchor).max(over(now, on_dates, zone))) else {
        return Err(Error::invalid("every", format!("“{}” is over already", clip(&new.words)))
            .hint("choose a later end, as in --every \"every friday until 2030-12-31\""));
    };
    Ok(Start { rule: new.rule.clone(), anchor, on_dates, due: due_at(at, on_dates, zone)? })
}

/// The last instant at which an occurrence may be due, of a series that begins so.
///
/// # Errors
/// `Invalid` when that is before the first is due.
pub(super) fn end(new: &NewSeries, start: &Start, zone: &TimeZone) -> Result<Option<Instant>> {
    let begins = start.due.on().map_or(start.due.at(), |date| Instant::start_of(date, zone));
    if let Some(bound) = new.bound {
        let schedule = Schedule::new(start.rule.clone(), zone.clone(), start.anchor, None);
        return Ok(bound.last(&schedule, begins));
    }
    match new.end.filter(|end| *end < begins) {
        None => Ok(new.end),
        Some(end) => {
            let days = [end, begins].map(|at| at.date_in(zone).strftime("%-d %b %Y").to_string());
            let [last, first] = days;
            Err(Error::invalid(
                "every",
                format!("“{}” ends on {last}, before it is first due on {first}", clip(&new.words)),
            )
            .hint("choose a later end, or an earlier due"))
        }
    }
}

/// The time on a date at which a rule that says a time of day has it.
fn time_on(new: &NewSeries, date: Date, zone: &TimeZone) -> Option<Instant> {
    let midnight = Instant::start_of(date, zone);
    match &new.rule {
        Rule::Cron(_) => {
            let first = Schedule::new(new.rule.clone(), zone.clone(), midnight, new.end).next(just_before(midnight))?;
            (first.date_in(zone) == date).then_some(first)
        }
        Rule::Every(_) => on_date_at(date, new.start?.in_zone(zone).time(), zone),
    }
}

/// The rule at the time of day of a due, where it is one of days.
pub(super) fn at_time(rule: Rule, due: Instant, zone: &TimeZone) -> Rule {
    match &rule {
        Rule::Cron(cron) => cron.at_time(due.in_zone(zone).time()).map_or(rule, Rule::Cron),
        Rule::Every(_) => rule,
    }
}

/// When the occurrence after the one that was due at `due` is due, if that is done at `done`: never before it is over
/// itself, so that none piles up. None when the series is over.
///
/// # Errors
/// `Internal` when the row holds a rule that cannot be read, `Conflict` when its zone is not known here.
pub(super) fn next(series: &Series, due: Instant, done: Instant) -> Result<Option<Due>> {
    let zone = zone(&series.timezone)?;
    let on_dates = series.template.on_dates;
    let rule = rule(series)?;
    let schedule = Schedule::new(rule.clone(), zone.clone(), series.anchor_at, series.end_at);
    let at = match (series.from_completion, &rule) {
        (false, _) => schedule.next(due.max(over(done, on_dates, &zone))),
        (true, Rule::Cron(_)) if on_dates => schedule.next(due.max(Instant::end_of(done.date_in(&zone), &zone))),
        (true, Rule::Cron(_)) => schedule.next(due.max(done)),
        (true, Rule::Every(_)) if on_dates => {
            schedule.next_from_completion(Instant::start_of(done.date_in(&zone), &zone))
        }
        (true, Rule::Every(interval)) if interval.length().is_calendar() => {
            let same_time = on_date_at(done.date_in(&zone), due.in_zone(&zone).time(), &zone);
            schedule.next_from_completion(same_time.unwrap_or(done))
        }
        (true, Rule::Every(_)) => schedule.next_from_completion(done.whole_second()),
    };
    at.map(|at| due_at(at, on_dates, &zone)).transpose()
}

/// A series' rule, read.
pub(super) fn rule(series: &Series) -> Result<Rule> {
    series.rule.parse().map_err(|_| Error::internal(format!("the database holds “{}” as a rule", series.rule)))
}

/// The zone of that name, which was known when it was written, perhaps elsewhere.
///
/// # Errors
/// `Conflict` when it is not known here, or not any more.
pub(super) fn zone(name: &str) -> Result<TimeZone> {
    time::zone(name).map_err(|_| {
        Error::conflict(format!("it recurs in the time zone {name}, which is not known on this machine"))
            .of_field("every")
            .hint("set the recurrence again, in your own zone: `muista edit 7 --every \"every friday\"`; or install tzdata-legacy")
    })
}

/// The latest instant whose due is over: the end of yesterday, or now.
fn over(now: Instant, on_dates: bool, zone: &TimeZone) -> Instant {
    if on_dates { just_before(Instant::start_of(now.date_in(zone), zone)) } else { now }
}

fn due_at(at: Instant, on_dates: bool, zone: &TimeZone) -> Result<Due> {
    let when = if on_dates { When::On(at.date_in(zone)) } else { When::At(at) };
    Due::new(&when, zone).ok_or_else(|| Error::internal("a due cannot be made of a date"))
}

fn on_date_at(date: Date, time: Time, zone: &TimeZone) -> Option<Instant> {
    Instant::from_civil(date.to_datetime(time), zone)
}

fn just_before(at: Instant) -> Instant {
    Instant::from_micros(at.as_micros() - 1).unwrap_or(at)
}
