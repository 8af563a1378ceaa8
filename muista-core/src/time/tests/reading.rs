//! What `muista date` shows.

use super::{context, saturday};
use crate::time::{Context, Kind, read};

fn json(text: &str, context: &Context) -> String {
    serde_json::to_string(&read(text, context).unwrap()).unwrap()
}

#[test]
fn shows_the_documented_fields() {
    assert_eq!(
        json("Tomorrow", &saturday()),
        r#"{"input":"Tomorrow","kind":"date","at":"2026-11-22T23:59:59+02:00","on":"2026-11-22","duration":null,"timezone":"Europe/Helsinki","next":[]}"#
    );
    assert_eq!(
        json("tomorrow 18:00", &saturday()),
        r#"{"input":"tomorrow 18:00","kind":"instant","at":"2026-11-22T18:00:00+02:00","on":null,"duration":null,"timezone":"Europe/Helsinki","next":[]}"#
    );
    assert_eq!(
        json("none", &context("2026-11-21T12:00:00Z", "+05:30")),
        r#"{"input":"none","kind":"none","at":null,"on":null,"duration":null,"timezone":"+05:30","next":[]}"#
    );
}

#[test]
fn lengths_have_their_duration_and_lead_from_now() {
    let table = [
        ("3 days", Kind::Date, Some("P3D")),
        ("+3d", Kind::Date, Some("P3D")),
        ("in 3 days", Kind::Date, None),
        ("1.5h", Kind::Instant, Some("PT1H30M")),
        ("+90min", Kind::Instant, Some("PT90M")),
        ("PT90M", Kind::Instant, Some("PT90M")),
        ("2h", Kind::Instant, Some("PT2H")),
        ("P1D", Kind::Duration, Some("P1D")),
        ("-P1DT2H", Kind::Duration, Some("-P1DT2H")),
        ("now+8d", Kind::Instant, None),
        ("eom-2d", Kind::Date, None),
        ("later", Kind::Date, None),
    ];
    for (text, kind, duration) in table {
        let reading = read(text, &saturday()).unwrap();
        assert_eq!(reading.kind, kind, "{text}");
        assert_eq!(reading.duration.map(|length| length.to_string()).as_deref(), duration, "{text}");
    }
}

#[test]
fn a_range_is_told_from_what_is_no_time_at_all() {
    for text in ["last 7 days", "this week", "fri..", "today..eom"] {
        let error = read(text, &saturday()).unwrap_err();
        assert_eq!(error.message, format!("`{text}` is a range, not a date"));
        assert!(error.hint.contains("muista ls --due"), "{}", error.hint);
    }
    assert!(read("last foo", &saturday()).unwrap_err().message.contains("is not a date Muista understands"));
}
