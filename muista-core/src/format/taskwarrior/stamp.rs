//! Taskwarrior's instants: whole seconds in UTC, after 1970, written `20261121T180000Z`. What they cannot hold of ours
//! goes into one attribute of our own, [`Times`].

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::model::Due;
use crate::time::{Instant, When};

/// Reads `20261121T180000Z`, or RFC 3339.
pub(super) fn read(text: &str) -> Option<Instant> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || !text.is_ascii() || bytes[8] != b'T' || bytes[15] != b'Z' {
        return text.parse().ok();
    }
    let [date, time] = [&text[..8], &text[9..15]];
    format!("{}-{}-{}T{}:{}:{}Z", &date[..4], &date[4..6], &date[6..], &time[..2], &time[2..4], &time[4..]).parse().ok()
}

/// Writes `20261121T180000Z`; the part of a second is cut off.
pub(super) fn write(at: Instant) -> String {
    let text: String = at.to_string().chars().take(19).filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{text}Z")
}

/// Returns whether Taskwarrior takes the instant; it refuses 1970-01-01 and what is before.
pub(super) fn is_writable(at: Instant) -> bool {
    at.as_micros() >= 86_400_000_000
}

/// Returns the due that Taskwarrior's instant stands for. It has no dates: a date is its local midnight, and `eod` the
/// last second of the day; both become a date here.
pub(super) fn due(at: Instant, zone: &TimeZone) -> Option<Due> {
    let day = at.date_in(zone);
    if at == Instant::start_of(day, zone) || at == Instant::end_of(day, zone) {
        return Due::new(&When::On(day), zone);
    }
    Due::new(&When::At(at), zone)
}

/// The attribute `muistatimes`: the instants that Taskwarrior's seconds cannot hold, and whether a due is a date. Words
/// `name=INSTANT`, where the name is an attribute's or an annotation's stamp; for the due `due=INSTANT`, or
/// `due=INSTANT/DATE[ZONE]` for a date. Each counts only while Taskwarrior's own value is still the one it was written
/// beside.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Times(BTreeMap<String, String>);

impl Times {
    /// Reads the attribute; words that are none of its own are passed over.
    pub(super) fn read(text: &str) -> Self {
        Self(
            text.split_whitespace()
                .filter_map(|word| word.split_once('='))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    /// Returns the attribute's text; none when there is nothing to say.
    pub(super) fn write(&self) -> Option<String> {
        let words: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }

    /// Remembers the exact instant of `name` where its stamp does not say it all.
    pub(super) fn keep(&mut self, name: &str, exact: Instant, stamp: Option<&str>) {
        if stamp.and_then(read) != Some(exact) {
            self.0.insert(name.to_owned(), exact.to_string());
        }
    }

    /// Remembers a due.
    pub(super) fn keep_due(&mut self, at: Instant, on: Option<Date>, zone: Option<&str>) {
        let date = on.map(|on| format!("/{on}[{}]", zone.unwrap_or_default())).unwrap_or_default();
        self.0.insert("due".to_owned(), format!("{at}{date}"));
    }

    /// Returns the exact instant of `name`, where `stamp` is Taskwarrior's.
    pub(super) fn exact(&self, name: &str, stamp: Option<Instant>) -> Option<Instant> {
        let kept = self.0.get(name).and_then(|text| text.parse().ok());
        kept.filter(|kept| still(*kept, stamp)).or(stamp)
    }

    /// Returns the exact instant of the annotation with that stamp.
    pub(super) fn of_annotation(&self, stamp: Instant) -> Instant {
        let kept = self.0.get(&write(stamp)).and_then(|text| text.parse().ok());
        kept.unwrap_or(stamp)
    }

    /// Returns the due, where `stamp` is Taskwarrior's; none when nothing is known of it.
    pub(super) fn due(&self, stamp: Option<Instant>) -> Option<Due> {
        let (at, date) = match self.0.get("due")?.split_once('/') {
            Some((at, date)) => (at, Some(date)),
            None => (self.0.get("due")?.as_str(), None),
        };
        if !still(at.parse().ok()?, stamp) {
            return None;
        }
        let on = date.and_then(|date| date.strip_suffix(']')?.split_once('['));
        let (on, zone) = on.map_or((None, None), |(on, zone)| (Some(on), (!zone.is_empty()).then_some(zone)));
        serde_json::from_value(json!({"at": at, "on": on, "timezone": zone})).ok()
    }
}

/// Returns whether `kept` was written beside `stamp`: the same second, or nothing where Taskwarrior takes none.
pub(super) fn still(kept: Instant, stamp: Option<Instant>) -> bool {
    match stamp {
        Some(stamp) => write(kept) == write(stamp),
        None => !is_writable(kept),
    }
}
