//! How names and values of own fields are read, and in which order they are.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
use jiff::tz::TimeZone;

use super::*;

fn field(kind: FieldKind, choices: &[&str]) -> Field {
    let at = Instant::MAX;
    let choices = choices.iter().map(|choice| (*choice).to_owned()).collect();
    let name = "effort".to_owned();
    let (id, owner_id) = (Id::NIL, Id::NIL);
    Field { id, owner_id, name, kind, choices, tasks: 0, version: 1, created_at: at, updated_at: at }
}

fn context() -> Context {
    Context { now: "2026-11-21T10:00:00Z".parse().unwrap(), zone: TimeZone::UTC, date_order: None }
}

#[test]
fn a_name_is_one_word_that_means_nothing_else() {
    assert_eq!(FieldName::parse("Größe_2").unwrap().key(), "größe_2");
    for bad in ["", "a b", "2a", "a-b", "a.b", "due", "Title", "or", "none", "muistax", &"a".repeat(65)] {
        assert_eq!(FieldName::parse(bad).unwrap_err().field.as_deref(), Some("name"), "{bad:?}");
    }
}

#[test]
fn a_value_is_read_by_the_kind_and_reads_back() {
    for (kind, text, value) in [
        (FieldKind::Number, "3", "3"),
        (FieldKind::Number, "-2.50", "-2.5"),
        (FieldKind::Number, "-0", "0"),
        (FieldKind::Number, "1e3", "1000"),
        (FieldKind::Text, " Anna B. ", "Anna B."),
        (FieldKind::Date, "tomorrow", "2026-11-22"),
        (FieldKind::Date, "2027-01-05", "2027-01-05"),
        (FieldKind::Duration, "1h 30min", "PT1H30M"),
        (FieldKind::Choice, "LARGE", "large"),
    ] {
        let field = field(kind, &["small", "large"]);
        let read = field.read(text, &context()).unwrap().unwrap();
        assert_eq!(read.to_string(), value, "{text}");
        assert_eq!(FieldValue::stored(kind, value.to_owned()), read, "{text}");
        assert_eq!(field.read(value, &context()).unwrap().unwrap(), read, "{text}");
    }
    assert_eq!(field(FieldKind::Number, &[]).read("none", &context()).unwrap(), None);
}

#[test]
fn what_is_no_value_is_refused_with_the_field_and_the_remedy() {
    for (kind, text, told) in [
        (FieldKind::Number, "three", "“three” is not a number"),
        (FieldKind::Number, "inf", "“inf” is not a number"),
        (FieldKind::Number, "1e16", "15 digits"),
        (FieldKind::Text, "a\nb", "one line"),
        (FieldKind::Text, &"x".repeat(501), "501 characters"),
        (FieldKind::Date, "whenever", "whenever"),
        (FieldKind::Duration, "1mo", "months"),
        (FieldKind::Choice, "larg", "“larg” is none of its choices"),
    ] {
        let error = field(kind, &["small", "large"]).read(text, &context()).unwrap_err();
        assert!(error.message.contains(told) && error.message.starts_with("effort: "), "{error}");
        assert_eq!(error.field.as_deref(), Some("fields.effort"), "{text}");
    }
}

#[test]
fn keys_are_in_the_order_of_the_values() {
    let keys = |kind, texts: &[&str]| -> Vec<String> {
        let field = field(kind, &["small", "large"]);
        texts.iter().map(|text| field.sort_key(&field.read(text, &context()).unwrap().unwrap())).collect()
    };
    for (kind, texts) in [
        (FieldKind::Number, &["-1e15", "-20", "-3", "-0.5", "0", "1e-9", "0.5", "3", "20", "1e15"][..]),
        (FieldKind::Date, &["0999-12-31", "2026-01-01", "2026-11-01"]),
        (FieldKind::Duration, &["0min", "30min", "2h", "1d", "3000d"]),
        (FieldKind::Choice, &["small", "large"]),
    ] {
        assert!(keys(kind, texts).is_sorted(), "{kind}: {:?}", keys(kind, texts));
    }
}
