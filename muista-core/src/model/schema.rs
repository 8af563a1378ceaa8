//! How the types that are written as one text stand in the OpenAPI document and in tools' schemas. Types with fields
//! derive it.

use std::borrow::Cow;

use utoipa::openapi::schema::{Schema, SchemaFormat, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::{Id, ProjectName, ProjectRef, RecordRef, TagName, TaskRef, Text, Title, UserRef};
use crate::time::Instant;

/// Gives a type that is written as one text its schema.
macro_rules! one_text {
    ($type:ty, $name:literal, $schema:expr) => {
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                $schema
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
        }
    };
}

one_text!(Title, "Title", line(1000, TITLE, "One line of plain text.", "Buy cat food"));
one_text!(ProjectName, "ProjectName", line(200, TITLE, "A project's name.", "home"));
one_text!(ProjectRef, "ProjectRef", line(200, TITLE, "A project's name, or its id.", "home"));
one_text!(UserRef, "UserRef", line(254, USER, "An account's name, its id, or its e-mail address.", "eva"));
one_text!(Text, "Text", line(65_536, TEXT, "A longer text.", "The grey bag."));
one_text!(TagName, "TagName", line(100, TAG, "A tag's name: plain text without commas.", "errand"));
one_text!(
    TaskRef,
    "TaskRef",
    line(36, TASK, "A task's number, its id, or the first 8 or more characters of its id.", "7")
);

one_text!(
    RecordRef,
    "RecordRef",
    line(
        36,
        RECORD,
        "An id, the first 8 or more characters of one, or the 4 or more of its last group that a table shows.",
        "0199c0de-0000-7000-8000-000000000007"
    )
);

/// A whole id, eight digits of one at least, or the beginning of its last group.
const RECORD: &str =
    r"^([0-9a-fA-F]{4,12}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}(-[0-9a-fA-F]{4}(-[0-9a-fA-F]{4}(-[0-9a-fA-F]{12})?)?)?)?)$";

/// One line without control characters that is not blank.
const TITLE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";
/// Lines without other control characters, not blank.
const TEXT: &str = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$";
/// A name, an id, or a plain e-mail address.
const USER: &str = r"^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?(@[a-z0-9]{1,20}(\.[a-z0-9]{1,20}){1,3})?$";
/// Words with single blanks or more between them, of characters that are seen, without commas.
const TAG: &str = r"^[^\s,\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]+( +[^\s,\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb]+)*$";
/// A number, or a whole id, or eight digits of one.
const TASK: &str =
    r"^([1-9][0-9]{0,17}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}(-[0-9a-fA-F]{4}(-[0-9a-fA-F]{4}(-[0-9a-fA-F]{12})?)?)?)?)$";

/// A text of one to `max` characters with a pattern.
fn line(max: usize, pattern: &str, description: &str, example: &str) -> RefOr<Schema> {
    let line = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(max));
    line.pattern(Some(pattern)).description(Some(description)).examples([example]).into()
}

/// A text of a format.
fn text(format: &str, description: &str, example: &str) -> RefOr<Schema> {
    let text = ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::Custom(format.to_owned())));
    text.description(Some(description)).examples([example]).into()
}

impl PartialSchema for Id {
    fn schema() -> RefOr<Schema> {
        text("uuid", "A UUID.", "0199c0de-0000-7000-8000-000000000007")
    }
}

impl ToSchema for Id {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Id")
    }
}

impl PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        text("date-time", "An instant, RFC 3339.", "2026-11-21T12:00:00Z")
    }
}

impl ToSchema for Instant {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("Instant")
    }
}

/// The IANA name of a zone.
#[derive(Debug)]
pub struct Zone;

impl PartialSchema for Zone {
    fn schema() -> RefOr<Schema> {
        let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let zone = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
        zone.description(Some("The IANA name of a zone.")).examples(["Europe/Helsinki"]).into()
    }
}

impl ToSchema for Zone {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("TimeZone")
    }
}
