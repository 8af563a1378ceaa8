//! Instants as a reader in some time zone wants them: [`in_zone`] rewrites a document's UTC instants with the zone's
//! offset.

use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::Value;

use crate::time::Instant;

/// `value` as JSON, its instants in RFC 3339 with `zone`'s offset instead of `Z`.
///
/// An instant is recognised by its key: `dueDate`, `at`, or one that ends in `At`.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn in_zone<T: Serialize>(value: &T, zone: &TimeZone) -> serde_json::Result<Value> {
    let mut document = serde_json::to_value(value)?;
    rewrite(&mut document, zone);
    Ok(document)
}

fn rewrite(value: &mut Value, zone: &TimeZone) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if is_instant(key) => {
                        if let Ok(instant) = text.parse::<Instant>() {
                            *text = instant.rfc3339_in(zone).to_string();
                        }
                    }
                    other => rewrite(other, zone),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| rewrite(item, zone)),
        _ => {}
    }
}

fn is_instant(key: &str) -> bool {
    key == "dueDate" || key == "at" || key.ends_with("At")
}
