//! How the types that are written as one text stand in the OpenAPI document and in tools' schemas. Types with fields
//! derive it.

use std::borrow::Cow;

use utoipa::openapi::schema::{Schema, SchemaFormat, Type};
use utoipa::openapi::{ObjectBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::Id;
use crate::time::Instant;

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
