//! `muista date`: how a date or a recurrence is read. Reading is the core's.

use muista_core::error::Error;
use muista_core::time::{self, Instant, Kind, Reading, Recurrence};

use crate::context::CommandContext;
use crate::error::Result;
use crate::output::{Cell, Column, Noun, Output, Paint, Shape, View, safe};

/// Show how a date or a recurrence is read
///
/// Recurrences are words (every 3 days, every mon, wed at 9:00, every 3rd friday until june), cron with five fields, six
/// (seconds first) or seven (the year last), or names like @daily. P1D is a duration here, and an interval where a
/// recurrence is asked for. Cron is quoted, or the shell reads its stars.
///
/// In the morning is 9:00, noon 12:00, in the afternoon 15:00, in the evening 18:00, and tonight 20:00. `next friday` is
/// the friday of the next week, `this friday` that of this week; weeks go from Monday to Sunday.
///
/// With --json it is one object: input, kind (date, instant, duration, recurrence or none), at, on, duration, timezone,
/// next (the coming instants of a recurrence), words (a recurrence as it is understood) and notes. An expression that cannot be read ends with status 2. A date that begins with -
/// goes after --.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: muista date next friday 18:00")]
pub(crate) struct Args {
    /// The date or recurrence, as in muista date tomorrow 18:00
    #[arg(value_name = "EXPR", required = true)]
    expression: Vec<String>,

    /// Read it as if it were then, as in --now 2026-11-21T12:00:00+02:00
    #[arg(long, value_name = "INSTANT")]
    now: Option<String>,

    /// Read it in this zone, as in --tz Europe/Helsinki
    #[arg(long, value_name = "ZONE")]
    tz: Option<String>,

    /// How many coming instants of a recurrence, at most 1000, as in -n 10
    #[arg(short = 'n', value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    count: u16,
}

pub(crate) fn run(app: &CommandContext, args: &Args) -> Result<()> {
    let mut context = app.context()?.clone();
    if let Some(zone) = &args.tz {
        context.zone = time::zone(zone).map_err(|error| field("tz", error.into()))?;
    }
    if let Some(now) = &args.now {
        context.now = now.trim().parse().map_err(|error: time::TimeError| field("now", error.into()))?;
    }
    let reading = time::read_ahead(&args.expression.join(" "), &context, args.count.into())?;
    let out = app.out()?;
    let out = Output { view: View { context, ..out.view }, ..out };
    if out.is_table() {
        return out.text(&for_people(&reading, &out.view));
    }
    out.one(&reading)
}

fn field(name: &str, error: Error) -> Error {
    Error { field: Some(name.to_owned()), ..error }
}

impl Noun for Reading {
    const FIELDS: &'static [&'static str] =
        &["input", "kind", "at", "on", "duration", "timezone", "next", "words", "notes"];

    fn columns() -> Vec<Column<Self>> {
        vec![
            Column::new("Input", Shape::Text, |reading: &Self, _| Cell::new(reading.input.clone())),
            Column::new("At", Shape::Short, |reading: &Self, _| Cell::new(reading.at.clone().unwrap_or_default())),
        ]
    }

    fn key(&self) -> String {
        self.at.clone().unwrap_or_default()
    }
}

/// The reading in a few lines.
fn for_people(reading: &Reading, view: &View) -> String {
    let at: Option<Instant> = reading.at.as_deref().and_then(|at| at.parse().ok());
    let mut text = view.screen.paint(Paint::Heading, &headline(reading, at, view)) + "\n";
    let kind = match reading.kind {
        Kind::Date => "a date",
        Kind::Instant => "an instant",
        Kind::Duration => "a duration",
        Kind::Recurrence => "a recurrence",
        Kind::None => "nothing: clears a due",
    };
    let mut line = |label: &str, value: &str| {
        text.push_str(&format!(
            "  {} {}\n",
            view.screen.paint(Paint::Faint, &format!("{label:<9}")),
            safe::line(value)
        ));
    };
    line("Kind", kind);
    if let Some(at) = at {
        line("From now", &distance(at, view));
    }
    if let Some(at) = &reading.at {
        line("RFC 3339", at);
    }
    if let Some(duration) = &reading.duration {
        line("Length", &duration.to_string());
    }
    if let Some(recurrence) = &reading.recurrence {
        line("Words", reading.words.as_deref().unwrap_or_default());
        lines_of(recurrence, &reading.next, view, &mut line);
        reading.notes.iter().for_each(|note| line("Note", note));
    }
    line("Zone", &reading.timezone);
    text
}

/// What repeats: its rule, its bounds and when it comes next.
fn lines_of(recurrence: &Recurrence, next: &[String], view: &View, line: &mut impl FnMut(&str, &str)) {
    line("Rule", &recurrence.rule.to_string());
    if recurrence.from_completion {
        line("Counted", "from completion");
    }
    if let Some(start) = recurrence.start {
        line("Starts", &in_full(start, view));
    }
    if let Some(end) = recurrence.end {
        line("Ends", &in_full(end, view));
    }
    if next.is_empty() {
        line("Next", "never again");
    }
    for (position, at) in next.iter().enumerate() {
        let label = if position == 0 { "Next" } else { "" };
        line(label, &at.parse().map_or_else(|_| at.clone(), |at| in_full(at, view)));
    }
}

fn in_full(at: Instant, view: &View) -> String {
    at.in_zone(&view.context.zone).strftime("%A %-d %B %Y %H:%M:%S").to_string()
}

fn headline(reading: &Reading, at: Option<Instant>, view: &View) -> String {
    match (reading.on, at) {
        (Some(day), _) => day.strftime("%A %-d %B %Y").to_string(),
        (None, Some(at)) => in_full(at, view),
        (None, None) if reading.recurrence.is_some() => safe::line(reading.input.trim()).into(),
        (None, None) => "none".to_owned(),
    }
}

/// How far away an instant is: `in 1d 6h`, `3h 5m ago`.
fn distance(at: Instant, view: &View) -> String {
    let (from, to) = (view.context.now.in_zone(&view.context.zone), at.in_zone(&view.context.zone));
    let units = jiff::SpanRound::new().smallest(jiff::Unit::Second).largest(jiff::Unit::Year).relative(&from);
    let span = from.until((jiff::Unit::Year, &to)).and_then(|span| span.round(units));
    match span {
        Ok(span) if span.is_zero() => "now".to_owned(),
        Ok(span) if span.is_negative() => format!("{:#} ago", span.abs()),
        Ok(span) => format!("in {span:#}"),
        // Further than the calendar reaches.
        Err(_) => "beyond the calendar".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use jiff::tz::TimeZone;

    use super::*;
    use crate::output::Screen;
    use muista_core::time::Context;

    #[test]
    fn a_reading_is_worded() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let context = Context { now: "2026-11-21T12:00:00+02:00".parse().unwrap(), zone, date_order: None };
        let view = View { context: context.clone(), screen: Screen { width: None, color: false } };
        let worded = |text: &str| for_people(&time::read(text, &context).unwrap(), &view);
        insta::assert_snapshot!(worded("tomorrow 18:00"), @r"
        Sunday 22 November 2026 18:00:00
          Kind      an instant
          From now  in 1d 6h
          RFC 3339  2026-11-22T18:00:00+02:00
          Zone      +02:00
        ");
        insta::assert_snapshot!(worded("3 days"), @r"
        Tuesday 24 November 2026
          Kind      a date
          From now  in 3d 11h 59m 59s
          RFC 3339  2026-11-24T23:59:59+02:00
          Length    P3D
          Zone      +02:00
        ");
        insta::assert_snapshot!(worded("every other fri at 9:00 until dec 24"), @r"
        every other fri at 9:00 until dec 24
          Kind      a recurrence
          Words     every 2 weeks on fri starting 2026-11-27 at 9:00 until 2026-12-24
          Rule      P2W
          Starts    Friday 27 November 2026 09:00:00
          Ends      Thursday 24 December 2026 23:59:59
          Next      Friday 27 November 2026 09:00:00
                    Friday 11 December 2026 09:00:00
          Zone      +02:00
        ");
        insta::assert_snapshot!(worded("none"), @r"
        none
          Kind      nothing: clears a due
          Zone      +02:00
        ");
    }
}
