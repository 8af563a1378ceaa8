//! Tests of the time module, a file for each of its ways in. What they share is here.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod date;
mod duration;
mod forms;
mod instant;
mod intervals;
mod oracle;
mod properties;
mod range;
mod reading;
mod recurrence;
mod recurrence_refused;
mod refused;
mod schedule;
mod zone;

use super::{Context, Instant, When, zone as zone_named};

/// Now, in a zone.
fn context(now: &str, zone: &str) -> Context {
    Context { now: now.parse().unwrap(), zone: zone_named(zone).unwrap(), date_order: None }
}

/// Noon on Saturday 21 November 2026 in Helsinki (+02:00).
fn saturday() -> Context {
    context("2026-11-21T12:00:00+02:00", "Europe/Helsinki")
}

/// A reading as text: the day, the local time with its offset, `none`, or `! message`.
fn shown(text: &str, context: &Context) -> String {
    match When::read(text, context) {
        Ok(When::None) => "none".to_owned(),
        Ok(When::On(day)) => day.to_string(),
        Ok(When::At(at)) => at.rfc3339_in(&context.zone).to_string(),
        Err(error) => format!("! {error}"),
    }
}

/// Checks each text of a table, in lower and in upper case, and reports all that differ at once.
fn check(context: &Context, table: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (text, wanted) in table {
        for text in [(*text).to_owned(), text.to_ascii_uppercase()] {
            let found = shown(&text, context);
            if found != *wanted {
                wrong.push(format!("{text}: {found}, not {wanted}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn instant(text: &str) -> Instant {
    text.parse().unwrap()
}
