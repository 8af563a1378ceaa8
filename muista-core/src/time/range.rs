//! Stretches of time for list filters: a day, a week, `A..B`.

use serde::{Deserialize, Serialize};

use super::{Context, Instant, TimeError, When, calendar::Period, length, scan::Scan, words::lower};

const HINT: &str = "ranges look like `today`, `week`, `fri`, `2028-01-01..2028-01-31` or `..eom`";

/// A stretch of time, half open: `from` is in it, `until` is not. `None` is without bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Range {
    /// The first instant in it.
    pub from: Option<Instant>,
    /// The first instant after it.
    pub until: Option<Instant>,
}

impl Range {
    /// Whether an instant is in it.
    pub fn contains(&self, at: Instant) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// Reads a range: `today`, `week` (Monday to Sunday), `month`, `quarter`, `year`, each also with
/// `this`, `next` or `last` before it; `last 7 days` and `next 7 days`, today among them; any date
/// (that whole day); `A..B` with both days in it, `A..`, `..B`. A bound with a time is taken
/// exactly; an instant alone is its one microsecond.
///
/// # Errors
/// Names the part that was not understood; also `none`, and a range that ends before it begins.
pub fn range(text: &str, context: &Context) -> Result<Range, TimeError> {
    Scan::typed(text)?;
    let text = text.trim();
    if let Some(range) = whole_period(text, context)? {
        return Ok(range);
    }
    if let Some(range) = of_length(text, context)? {
        return Ok(range);
    }
    // The last dots divide: in `27.1...28.1.` the first one belongs to the date.
    let Some((from, until)) = text.rsplit_once("..") else {
        let when = bound(text, context)?;
        return Ok(Range { from: when.start(&context.zone), until: end(when, context, Reach::Through) });
    };
    if from.trim().is_empty() && until.trim().is_empty() {
        return Err(TimeError::new(text, "has no bound", HINT));
    }
    if from.contains("..") {
        return Err(TimeError::new(text, "has more than two bounds", HINT));
    }
    between(from, until, context)?
        .ok_or_else(|| TimeError::new(text, "ends before it begins", "write the earlier date first"))
}

/// The range between two bounds that may be empty; `None` when it ends before it begins.
fn between(from: &str, until: &str, context: &Context) -> Result<Option<Range>, TimeError> {
    let read = |text: &str| match text.trim() {
        "" => Ok(When::None),
        text => bound(text, context),
    };
    let from = read(from)?.start(&context.zone);
    let until = end(read(until)?, context, Reach::Until);
    let backwards = from.zip(until).is_some_and(|(from, until)| from > until);
    Ok((!backwards).then_some(Range { from, until }))
}

/// Whether an instant that ends a range is in it.
#[derive(Clone, Copy)]
enum Reach {
    Through,
    Until,
}

fn end(when: When, context: &Context, reach: Reach) -> Option<Instant> {
    match (when, reach) {
        (When::None, _) => None,
        (When::On(day), _) => Some(Instant::start_after(day, &context.zone)),
        (When::At(at), Reach::Until) => Some(at),
        (When::At(at), Reach::Through) => Some(Instant::from_micros(at.as_micros() + 1).unwrap_or(Instant::MAX)),
    }
}

fn bound(text: &str, context: &Context) -> Result<When, TimeError> {
    match When::read(text, context)? {
        When::None => Err(TimeError::new(text.trim(), "bounds no range", HINT)),
        when => Ok(when),
    }
}

fn whole_period(text: &str, context: &Context) -> Result<Option<Range>, TimeError> {
    let mut words = text.split_ascii_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    let (steps, name) = match (lower(first, &mut [0; 12]), second) {
        (_, None) => (0, first),
        ("this", Some(name)) => (0, name),
        ("next", Some(name)) => (1, name),
        ("last" | "previous" | "past", Some(name)) => (-1, name),
        _ => return Ok(None),
    };
    let period = match lower(name, &mut [0; 12]) {
        "week" => Period::Week,
        "month" => Period::Month,
        "quarter" => Period::Quarter,
        "year" => Period::Year,
        _ => return Ok(None),
    };
    if words.next().is_some() {
        return Ok(None);
    }
    let today = context.today();
    let days = period.first(today, steps).zip(period.last(today, steps));
    let (first, last) = days.ok_or_else(|| TimeError::out_of_range(text))?;
    let from = Some(Instant::start_of(first, &context.zone));
    Ok(Some(Range { from, until: Some(Instant::start_after(last, &context.zone)) }))
}

/// Reads `last 7 days`, `past 2 weeks`, `next 30 days`: so many whole days, today among them; of hours and less so long to
/// now, or from now.
fn of_length(text: &str, context: &Context) -> Result<Option<Range>, TimeError> {
    let mut scan = Scan::typed(text)?;
    let back = match lower(scan.word(), &mut [0; 12]) {
        "last" | "past" | "previous" => true,
        "next" | "coming" => false,
        _ => return Ok(None),
    };
    scan.space();
    let Some(length) = length::unsigned(&mut scan)?.filter(|_| scan.at_end()) else { return Ok(None) };
    if length.is_zero() {
        return Err(TimeError::new(text, "is no time at all", HINT));
    }
    let (zone, now, today) = (&context.zone, context.now, context.today());
    if !length.is_calendar() {
        let other = if back { length.negated() } else { length }.after(now, zone)?;
        let (from, until) = if back { (other, now) } else { (now, other) };
        return Ok(Some(Range { from: Some(from), until: Some(until) }));
    }
    let (first, after) = if back {
        let after = today.tomorrow().map_err(|_| TimeError::out_of_range(text))?;
        (length.negated().after_day(after)?, after)
    } else {
        (today, length.after_day(today)?)
    };
    Ok(Some(Range { from: Some(Instant::start_of(first, zone)), until: Some(Instant::start_of(after, zone)) }))
}
