//! Values of every shape with instants in them, and records that are kept as documents.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde::Serialize;
use serde_json::json;
use utoipa::PartialSchema;

use super::*;
use crate::model::*;

fn helsinki() -> TimeZone {
    crate::time::zone("Europe/Helsinki").unwrap()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// All shapes in which an instant can stand.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Everything {
    scheduled_for: Option<Instant>,
    next: Vec<Instant>,
    pair: (Instant, String),
    by_name: BTreeMap<String, Instant>,
    newtype: Newtype,
    variant: Variant,
    r#struct: Variant,
    #[serde(flatten)]
    flat: Flat,
    created_at: String,
    nothing: Option<Instant>,
}

#[derive(Serialize)]
struct Newtype(Instant);

#[derive(Serialize)]
enum Variant {
    One(Instant),
    Fields { at: Instant },
}

#[derive(Serialize)]
#[serde(tag = "kind")]
enum Flat {
    Tagged { when: Instant },
}

fn everything(text: &str) -> Everything {
    let noon = at("2026-11-21T10:00:00Z");
    Everything {
        scheduled_for: Some(at("2026-11-21T10:00:00.25Z")),
        next: vec![noon, at("2026-07-01T10:00:00Z")],
        pair: (noon, text.to_owned()),
        by_name: [(text.to_owned(), noon)].into(),
        newtype: Newtype(noon),
        variant: Variant::One(noon),
        r#struct: Variant::Fields { at: noon },
        flat: Flat::Tagged { when: noon },
        created_at: text.to_owned(),
        nothing: None,
    }
}

#[test]
fn instants_get_the_zones_offset_wherever_they_stand_and_texts_stay() {
    let text = "2026-11-21T10:00:00Z";
    let noon = "2026-11-21T12:00:00+02:00";
    let expected = json!({
        "scheduledFor": "2026-11-21T12:00:00.250+02:00", "next": [noon, "2026-07-01T13:00:00+03:00"],
        "pair": [noon, text], "byName": {text: noon}, "newtype": noon, "variant": {"One": noon},
        "struct": {"Fields": {"at": noon}}, "kind": "Tagged", "when": noon, "createdAt": text, "nothing": null,
    });
    assert_eq!(in_zone(&everything(text), &helsinki()).unwrap(), expected);
    let whole = to_the_second(&everything(text), &helsinki()).unwrap();
    assert_eq!(whole["scheduledFor"], noon);
    // Without a zone nothing changes.
    let plain = serde_json::to_value(everything(text)).unwrap();
    assert_eq!((&plain["next"][0], &plain["scheduledFor"]), (&json!(text), &json!("2026-11-21T10:00:00.250Z")));
}

proptest! {
    #[test]
    fn the_line_is_that_of_the_document(text in any::<String>()) {
        let (zone, value) = (helsinki(), everything(&text));
        let line: Value = serde_json::from_str(&line_in_zone(&value, &zone).unwrap()).unwrap();
        prop_assert_eq!(line, in_zone(&value, &zone).unwrap());
    }
}

#[test]
fn a_record_that_is_kept_as_a_document_has_its_instants_too() {
    let record = json!({"dueDate": "2026-11-21T10:00:00Z", "title": "2026-11-21T10:00:00Z", "completedAt": null,
        "template": {"movedFrom": "2026-11-21T10:00:00Z"}, "tags": ["2026-11-21T10:00:00Z"]});
    let written = serde_json::to_value(Document(&record)).unwrap();
    assert_eq!(written, record);
    let zoned = in_zone(&Document(&record), &helsinki()).unwrap();
    let noon = "2026-11-21T12:00:00+02:00";
    let expected = json!({"dueDate": noon, "title": "2026-11-21T10:00:00Z", "completedAt": null,
        "template": {"movedFrom": noon}, "tags": ["2026-11-21T10:00:00Z"]});
    assert_eq!(zoned, expected);
}

/// The keys of a type's fields that are instants.
fn instants<T: PartialSchema>() -> Vec<String> {
    let schema = serde_json::to_value(T::schema()).unwrap();
    let fields = schema["properties"].as_object().cloned().unwrap_or_default();
    fields.into_iter().filter(|(_, field)| field.to_string().contains("/Instant")).map(|(key, _)| key).collect()
}

#[test]
fn all_instants_of_records_are_listed() {
    let of_types = [
        instants::<Task>(),
        instants::<Project>(),
        instants::<Comment>(),
        instants::<Attachment>(),
        instants::<Reminder>(),
        instants::<Job>(),
        instants::<Run>(),
        instants::<User>(),
        instants::<Session>(),
        instants::<ApiKey>(),
        instants::<Device>(),
        instants::<Member>(),
    ];
    let others = ["anchorAt", "beganAt", "endAt", "endedAt", "movedFrom", "createdAt", "updatedAt"].map(str::to_owned);
    let all: BTreeSet<String> = of_types.into_iter().flatten().chain(others).collect();
    let dates = DateField::ALL.map(DateField::at_key);
    assert_eq!(all, INSTANTS.into_iter().chain(dates).map(str::to_owned).collect());
    assert!(INSTANTS.is_sorted());
}
