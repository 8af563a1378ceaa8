//! A line of the log for people: time, level, message, then what it is about. The daemon writes JSON, which programs get.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::output::{Paint, Screen, safe};

/// A line as `muistad` writes it.
#[derive(Debug, Deserialize)]
struct Line {
    timestamp: Timestamp,
    level: String,
    fields: Map<String, Value>,
}

/// Puts a line for people; one that is no JSON of the daemon's stays as it is.
pub(super) fn people(text: &str, zone: &TimeZone, screen: Screen) -> String {
    let Ok(Line { timestamp, level, mut fields }) = serde_json::from_str(text) else {
        return safe::line(text).into_owned();
    };
    let time = timestamp.to_zoned(zone.clone()).strftime("%F %T").to_string();
    let message = fields.remove("message").as_ref().map(value).unwrap_or_default();
    let about: Vec<_> = fields.iter().map(|(name, it)| format!("{}={}", safe::line(name), value(it))).collect();
    // Escaped before it is padded, so that the columns stand; the longest level has five letters.
    let level = format!("{:<5}", safe::line(&level));
    let line = format!(
        "{}  {}  {message}  {}",
        screen.paint(Paint::Faint, &time),
        screen.paint(paint(level.trim_end()), &level),
        screen.paint(Paint::Faint, &about.join(" "))
    );
    line.trim_end().to_owned()
}

fn paint(level: &str) -> Paint {
    match level {
        "ERROR" => Paint::Alarm,
        "WARN" => Paint::Warm,
        "INFO" => Paint::Good,
        _ => Paint::Faint,
    }
}

/// A value, in quotation marks where its end could not be seen otherwise.
fn value(value: &Value) -> String {
    match value {
        Value::String(text) => safe::line(text).into_owned(),
        other => safe::line(&other.to_string()).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Screen = Screen { width: Some(80), color: false };

    #[test]
    fn a_line_is_put_for_people() {
        let zone = TimeZone::get("Europe/Helsinki").unwrap_or(TimeZone::UTC);
        let shown = |text: &str| people(text, &zone, PLAIN);
        let line = r#"{"timestamp":"2026-11-30T10:00:00.123456Z","level":"INFO","fields":{"message":"ready","http":"127.0.0.1:3000"},"target":"muistad::ready"}"#;
        assert_eq!(shown(line), "2026-11-30 12:00:00  INFO   ready  http=127.0.0.1:3000");
        assert_eq!(shown("thread 'main' panicked"), "thread 'main' panicked");
        let line =
            r#"{"timestamp":"2026-11-30T10:00:00Z","level":"WARN","fields":{"message":"a\u001b[31mb\nc","n":3}}"#;
        assert_eq!(shown(line), "2026-11-30 12:00:00  WARN   a\\u{1b}[31mb c  n=3");
    }
}
