//! [`deserialize_error`]: what is told of a value that its field does not take. serde's words name Rust's types and may
//! repeat a megabyte. Here they become those of whoever wrote the value, for every document: REST's, its queries', an
//! agent's, a tool's arguments.
//! What a field makes of a value that is of the right type is the field's own matter.

use std::borrow::Cow;

use crate::error::Error;
use crate::model::clip;

/// Words the error of a value in a document. `path` is where it stands, or `.` for the document itself, which is called
/// `document` then; `message` is serde's.
#[must_use]
pub fn deserialize_error(path: &str, message: &str, document: &str) -> Error {
    // Whoever wrote no lines knows none.
    let message = message.split(" at line ").next().unwrap_or(message);
    let named = message.split('`').nth(1).filter(|_| !message.starts_with("invalid "));
    let field = match (path, named) {
        // The field's own name stands in the message where it is missing or unknown.
        (".", named) => named.unwrap_or(document).to_owned(),
        (path, Some(named)) if message.starts_with("missing field") => format!("{path}.{named}"),
        (path, _) => path.to_owned(),
    };
    Error::invalid(&clip(&field), reworded(message))
}

/// Words the error of a value that was written as text, as in a query.
#[must_use]
pub fn deserialize_error_of_text(field: &str, value: &str, message: &str) -> Error {
    let wanted = match message {
        // std's `ParseIntError`.
        "invalid digit found in string" if value.starts_with('-') => "a whole number of 0 or more",
        "invalid digit found in string" => "a whole number",
        "number too large to fit in target type" => "a smaller number",
        "number too small to fit in target type" => "a larger number",
        message => return deserialize_error(field, message, field),
    };
    Error::invalid(field, format!("“{}” stands where {wanted} is expected", clip(&value.escape_debug().to_string())))
}

/// serde's words for another type or value than the one that is expected (`serde::de::Unexpected`), reworded.
fn reworded(message: &str) -> Cow<'_, str> {
    let rest = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    let Some((found, wanted)) = rest.and_then(|rest| rest.rsplit_once(", expected ")) else {
        return unknown(message).map_or(Cow::Borrowed(message), Cow::Owned);
    };
    format!("{} stands where {} is expected", found_text(found), expected(wanted)).into()
}

/// serde's words for a name that is none of those there are, where it is long.
fn unknown(message: &str) -> Option<String> {
    let (kind, rest) =
        message.split_once(" `").filter(|(kind, _)| matches!(*kind, "unknown field" | "unknown variant"))?;
    let name = rest.rfind("`, expected ").or_else(|| rest.rfind("`, there are no "))?;
    let (name, known) = rest.split_at(name);
    (clip(name) != name).then(|| format!("{kind} `{}{known}", clip(name)))
}

/// Returns what was found, as its writer calls it.
fn found_text(found: &str) -> Cow<'_, str> {
    if let Some(text) = found.strip_prefix("string \"").and_then(|rest| rest.strip_suffix('"')) {
        return format!("the text “{}”", clip(text)).into();
    }
    match found {
        "map" => "an object".into(),
        "sequence" => "a list".into(),
        "unit value" => "null".into(),
        // Numbers and booleans, and what else serde quotes.
        quoted => clip(quoted.split('`').nth(1).unwrap_or(quoted)).into(),
    }
}

/// Returns what was expected, without Rust's types.
fn expected(wanted: &str) -> Cow<'_, str> {
    match wanted {
        "a string" | "a borrowed string" | "string" | "a character" => "a text".into(),
        "a sequence" => "a list".into(),
        "a map" => "an object".into(),
        // The latter is how serde_html_form says it.
        "a boolean" | "\"true\", \"on\" or \"false\"" => "true or false".into(),
        "a JSON number" | "i64" => "a whole number".into(),
        "u64" | "usize" => "a whole number of 0 or more".into(),
        "u32" => format!("a whole number from 0 to {}", u32::MAX).into(),
        wanted if wanted.starts_with("struct ") => "an object".into(),
        wanted => wanted.into(),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only what is refused is looked at")]
    struct Document {
        #[serde(default)]
        some_text: String,
        #[serde(default)]
        count: Option<u32>,
        #[serde(default)]
        long: i64,
        #[serde(default)]
        yes: bool,
        #[serde(default)]
        parts: Vec<Part>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only what is refused is looked at")]
    struct Part {
        name: String,
    }

    fn refused(document: Value) -> (String, String) {
        let error = serde_path_to_error::deserialize::<_, Document>(document).unwrap_err();
        let error = deserialize_error(&error.path().to_string(), &error.inner().to_string(), "body");
        (error.field.unwrap(), error.message)
    }

    #[test]
    fn a_value_is_told_in_its_writers_words() {
        for (document, field, message) in [
            (json!({"someText": 5}), "someText", "5 stands where a text is expected"),
            (json!({"someText": null}), "someText", "null stands where a text is expected"),
            (json!({"someText": {}}), "someText", "an object stands where a text is expected"),
            (json!({"count": 1.5}), "count", "1.5 stands where a whole number from 0 to 4294967295 is expected"),
            (json!({"count": -1}), "count", "-1 stands where a whole number from 0 to 4294967295 is expected"),
            (
                json!({"long": "a, expected b"}),
                "long",
                "the text “a, expected b” stands where a whole number is expected",
            ),
            (json!({"yes": [true]}), "yes", "a list stands where true or false is expected"),
            (json!({"parts": true}), "parts", "true stands where a list is expected"),
            (json!({"parts": ["x"]}), "parts[0]", "the text “x” stands where an object is expected"),
            (json!({"parts": [{}]}), "parts[0].name", "missing field `name`"),
        ] {
            assert_eq!(refused(document), (field.to_owned(), message.to_owned()));
        }
        let (field, message) = refused(json!({"colour": 7}));
        assert_eq!(field, "colour");
        assert!(message.starts_with("unknown field `colour`, expected one of "), "{message}");
        assert_eq!(refused(json!(7)), ("body".to_owned(), "7 stands where an object is expected".to_owned()));
        let long = "x`".repeat(1 << 20);
        assert!(refused(json!({"count": long})).1.len() < 200);
        let (field, message) = refused(json!({(long): 7}));
        assert!(field.len() < 200 && message.len() < 250, "{field} {message}");
        assert!(message.ends_with("…`, expected one of `someText`, `count`, `long`, `yes`, `parts`"), "{message}");
    }

    #[test]
    fn so_is_one_that_was_written_as_text() {
        let message = |value, message| deserialize_error_of_text("limit", value, message).message;
        let digits = "invalid digit found in string";
        assert_eq!(message("x\n", digits), "“x\\n” stands where a whole number is expected");
        assert_eq!(message("-1", digits), "“-1” stands where a whole number of 0 or more is expected");
        let large = "99999999999".parse::<u32>().unwrap_err().to_string();
        assert_eq!(message("99999999999", &large), "“99999999999” stands where a smaller number is expected");
        assert_eq!(message("x", "duplicate field `limit`"), "duplicate field `limit`");
    }
}
