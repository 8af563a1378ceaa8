//! How the texts of accounts and credentials stand in the OpenAPI document.

use std::borrow::Cow;

use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{KnownFormat, Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::{ApiKeyRef, Email, FullName, KeyName, Password, PhoneNumber, Scope, Scopes, Secret, Username, ZoneName};

/// One line that is not blank, without control characters.
const LINE: &str = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$";

fn text(max: usize, description: &str) -> ObjectBuilder {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(max));
    text.description(Some(description))
}

macro_rules! schemas {
    ($($type:ident => $schema:expr;)*) => {
        $(
            impl PartialSchema for $type {
                fn schema() -> RefOr<Schema> {
                    $schema.into()
                }
            }

            impl ToSchema for $type {
                fn name() -> Cow<'static, str> {
                    Cow::Borrowed(stringify!($type))
                }
            }
        )*
    };
}

schemas! {
    Username => text(64, "The name of an account.").pattern(Some("^[A-Za-z0-9][A-Za-z0-9._-]*$")).examples(["eva"]);
    Email => text(254, "An e-mail address.")
        .pattern(Some(r"^[A-Za-z0-9]{1,20}([._+-][A-Za-z0-9]{1,20}){0,2}@[A-Za-z0-9]{1,20}(-[A-Za-z0-9]{1,20})?(\.[A-Za-z0-9]{1,20}){0,3}$"))
        .format(Some(SchemaFormat::Custom("email".to_owned())))
        .examples(["eva@example.org"]);
    PhoneNumber => text(16, "A phone number as E.164 has it.").pattern(Some(r"^\+[0-9]{6,15}$")).examples(["+358401234567"]);
    ZoneName => <super::Zone as PartialSchema>::schema();
    FullName => text(200, "What a person is called.").pattern(Some(LINE)).examples(["Eva Virtanen"]);
    ApiKeyRef => text(100, "An API key: its id or its name.").pattern(Some(LINE)).examples(["laptop"]);
    KeyName => text(100, "What an API key is called.").pattern(Some(LINE)).examples(["laptop"]);
    Password => text(1024, "A password of 10 to 1,024 characters.")
        .min_length(Some(10))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)))
        .examples(["my cat likes tuna"]);
    Secret => text(4096, "A password or a token.").format(Some(SchemaFormat::KnownFormat(KnownFormat::Password)));
    Scopes => ArrayBuilder::new().items(Ref::from_schema_name("Scope")).description(Some(
        "What a credential may be used for."
    )).examples([serde_json::json!([Scope::TasksRead, Scope::TasksWrite])]);
}
