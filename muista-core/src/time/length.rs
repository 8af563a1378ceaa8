//! Reading a length: `1h30min`, `3 days`, `P1DT2H`. What it then does is in `duration`, the names
//! of its units in `units`.

use jiff::{Span, SpanFieldwise};

use super::{
    Duration, TimeError,
    scan::Scan,
    units::{Named, Unit},
    words::{self, lower},
};

const HINT: &str = "lengths look like `90s`, `15min`, `1h30min`, `3 days`, `1mo` or `PT30M`";
const MICROS: i64 = 1_000_000;

/// Reads a sign and the length after it. `None`: no sign follows, and nothing was read.
pub(crate) fn signed(scan: &mut Scan<'_>) -> Result<Option<Duration>, TimeError> {
    let start = *scan;
    let back = scan.eat(b'-');
    if !back && !scan.eat(b'+') {
        return Ok(None);
    }
    scan.space();
    let length = unsigned(scan)?.ok_or_else(|| no_length(scan.chunk_since(start)))?;
    Ok(Some(if back { length.negated() } else { length }))
}

/// Reads a length without a sign. `None`: none follows, and nothing was read.
pub(crate) fn unsigned(scan: &mut Scan<'_>) -> Result<Option<Duration>, TimeError> {
    let mut ahead = *scan;
    if ahead.eat(b'p') {
        return iso(scan, ahead);
    }
    let mut sum = Sum::default();
    while let Some((amount, unit)) = amount_and_unit(&mut ahead)? {
        sum.add(amount, unit, ahead.since(*scan))?;
        *scan = ahead;
        ahead.space();
        ahead.eat(b',');
        ahead.space();
        let before_and = ahead;
        if ahead.word().eq_ignore_ascii_case("and") {
            ahead.space();
        } else {
            ahead = before_and;
        }
    }
    Ok(sum.last.map(|_| sum.total()))
}

/// So many of a unit; `None` beyond what a length can hold.
pub(crate) fn of(amount: i64, unit: Unit) -> Option<Duration> {
    plus(Span::new(), unit, amount).map(Duration::from_span)
}

/// A number as it was written.
#[derive(Debug, Clone, Copy)]
struct Amount<'a> {
    whole: &'a str,
    decimals: &'a str,
}

/// Reads a number and a unit's name. `None`: something else follows.
fn amount_and_unit<'a>(scan: &mut Scan<'a>) -> Result<Option<(Amount<'a>, Unit)>, TimeError> {
    let start = *scan;
    let amount = match amount(scan) {
        Some(amount) => amount,
        None => match spelled(scan) {
            Some(amount) => amount,
            None => return Ok(None),
        },
    };
    scan.space();
    match Unit::named(scan.word()) {
        Some(Named::Unit(unit)) => Ok(Some((amount, unit))),
        Some(Named::Ambiguous) => {
            let hint = format!("write `{0}min` or `{0}mo`", amount.whole);
            Err(TimeError::new(scan.since(start), "is minutes to some and months to others", hint))
        }
        None => Ok(None),
    }
}

/// Reads a number in words: `a`, `two`, `half an`.
fn spelled<'a>(scan: &mut Scan<'a>) -> Option<Amount<'a>> {
    let word = scan.word();
    if word.eq_ignore_ascii_case("half") {
        let mut ahead = *scan;
        if matches!(lower(ahead.spaced_word(), &mut [0; 12]), "a" | "an") {
            *scan = ahead;
        }
        return Some(Amount { whole: "0", decimals: "5" });
    }
    words::number(word).map(|whole| Amount { whole, decimals: "" })
}

fn amount<'a>(scan: &mut Scan<'a>) -> Option<Amount<'a>> {
    let whole = Some(scan.digits()).filter(|digits| !digits.is_empty())?;
    let mut ahead = *scan;
    let decimals = if ahead.eat(b'.') || ahead.eat(b',') { ahead.digits() } else { "" };
    if !decimals.is_empty() {
        *scan = ahead;
    }
    Some(Amount { whole, decimals })
}

/// Reads ISO 8601 after its `P`. `None`: a word that only begins like one.
fn iso<'a>(scan: &mut Scan<'a>, mut ahead: Scan<'a>) -> Result<Option<Duration>, TimeError> {
    let mut in_time = ahead.eat(b't');
    match ahead.peek() {
        Some(b'0'..=b'9') => {}
        None | Some(b'-' | b'+' | b' ') => return Err(no_length(scan.chunk())),
        Some(_) => return Ok(None),
    }
    let mut sum = Sum::default();
    while let Some(amount) = amount(&mut ahead) {
        let designator = ahead.word();
        // `P3DT4H`: the word after 3 is `DT`.
        let (designator, time_follows) = match designator.strip_suffix(['t', 'T']) {
            Some(designator) if !in_time => (designator, true),
            _ => (designator, false),
        };
        let unit = if in_time { Unit::iso_time(designator) } else { Unit::iso_date(designator) };
        let part = ahead.chunk_since(*scan);
        sum.add(amount, unit.ok_or_else(|| no_length(part))?, part)?;
        if time_follows && !ahead.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(no_length(part));
        }
        in_time |= time_follows;
    }
    *scan = ahead;
    Ok(Some(sum.total()))
}

/// A length being added up, from its longest unit to its shortest.
#[derive(Default)]
struct Sum {
    span: Span,
    last: Option<Unit>,
    split: bool,
}

impl Sum {
    fn add(&mut self, amount: Amount<'_>, unit: Unit, part: &str) -> Result<(), TimeError> {
        if self.last.is_some_and(|last| last >= unit) {
            return Err(TimeError::new(part, "does not go from long units to short, each once", HINT));
        }
        if self.split {
            return Err(TimeError::new(part, "has decimals before its last unit", HINT));
        }
        self.last = Some(unit);
        self.split = !amount.decimals.is_empty();
        let whole = amount.whole.parse().ok();
        let span = whole.and_then(|whole| plus(self.span, unit, whole));
        self.span = span.ok_or_else(|| TimeError::out_of_range(part))?;
        if self.split {
            let seconds = unit.seconds().ok_or_else(|| {
                TimeError::new(part, "divides a unit that has no fixed length", "use whole months and years, or days")
            })?;
            let micros = fraction_of(seconds, amount.decimals);
            self.span = plus_micros(self.span, micros).ok_or_else(|| TimeError::out_of_range(part))?;
        }
        Ok(())
    }

    /// The length in canonical units: weeks stand alone or become days.
    fn total(self) -> Duration {
        let span = self.span;
        let days = span.get_days() + span.get_weeks() * 7;
        let alone = SpanFieldwise(span) == SpanFieldwise(Span::new().weeks(span.get_weeks()));
        let folded = if alone { Some(span) } else { span.weeks(0).try_days(days).ok() };
        Duration::from_span(folded.unwrap_or(span))
    }
}

fn plus(span: Span, unit: Unit, amount: i64) -> Option<Span> {
    let months = i64::from(span.get_months());
    let sum = match unit {
        Unit::Year => span.try_years(amount),
        Unit::Quarter => span.try_months(amount.checked_mul(3)?),
        Unit::Month => span.try_months(amount.checked_add(months)?),
        Unit::Week => span.try_weeks(amount),
        Unit::Day => span.try_days(amount),
        Unit::Hour => span.try_hours(amount),
        Unit::Minute => span.try_minutes(amount),
        Unit::Second => span.try_seconds(amount),
    };
    sum.ok()
}

/// `decimals` of so many seconds, in microseconds, cut.
fn fraction_of(seconds: i64, decimals: &str) -> i64 {
    // Eighteen digits of a week fit an i128, and say more than a microsecond can hold.
    let digits = decimals.bytes().chain(std::iter::repeat(b'0')).take(18);
    let fraction = digits.fold(0, |sum, digit| sum * 10 + i128::from(digit - b'0'));
    let micros = fraction * i128::from(seconds * MICROS) / 10_i128.pow(18);
    i64::try_from(micros).unwrap_or_default()
}

fn plus_micros(span: Span, micros: i64) -> Option<Span> {
    let seconds = micros / MICROS;
    let span = span.try_days(i64::from(span.get_days()) + seconds / 86_400).ok()?;
    let span = span.try_hours(i64::from(span.get_hours()) + seconds / 3600 % 24).ok()?;
    let span = span.try_minutes(span.get_minutes() + seconds / 60 % 60).ok()?;
    let span = span.try_seconds(span.get_seconds() + seconds % 60).ok()?;
    span.try_microseconds(micros % MICROS).ok()
}

/// The error for a part that is no length.
pub(crate) fn no_length(part: &str) -> TimeError {
    TimeError::new(part, "is not a length of time", HINT)
}
