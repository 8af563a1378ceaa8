//! The schemas of tools, plain enough for every client: of what schemars derives, references are written out, and `null`
//! as a type, titles and formats are left out. So no `$ref`, `oneOf`, `anyOf`, `allOf` or list of types is left.

use rmcp::model::JsonObject;
use rmcp::schemars::generate::SchemaSettings;
use rmcp::schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// The schema of a tool's arguments.
pub(super) fn input<T: JsonSchema>() -> JsonObject {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    simplify(&mut schema);
    match schema {
        Value::Object(schema) => schema,
        _ => JsonObject::new(),
    }
}

/// What a field of an answer holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Object,
    Objects,
    Texts,
    Text,
    Number,
    Decimal,
    Flag,
}

/// The schema of an answer: those fields always, these sometimes.
pub(super) fn output(always: &[(&str, Kind)], sometimes: &[(&str, Kind)]) -> JsonObject {
    let describe = |kind| match kind {
        Kind::Object => json!({"type": "object"}),
        // What is in a list stands in the answer itself; said here it would be read with each list of the tools.
        Kind::Objects | Kind::Texts => json!({"type": "array"}),
        Kind::Text => json!({"type": "string"}),
        Kind::Number => json!({"type": "integer"}),
        Kind::Decimal => json!({"type": "number"}),
        Kind::Flag => json!({"type": "boolean"}),
    };
    let fields: JsonObject =
        always.iter().chain(sometimes).map(|(name, kind)| ((*name).to_owned(), describe(*kind))).collect();
    let required: Vec<&str> = always.iter().map(|(name, _)| *name).collect();
    [("type", json!("object")), ("properties", Value::Object(fields)), ("required", json!(required))]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

/// The schema of one of these names.
pub(super) fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> Schema {
    let names: Vec<&str> = names.into_iter().collect();
    Schema::try_from(json!({"type": "string", "enum": names})).unwrap_or_default()
}

fn simplify(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    for noise in ["$schema", "title", "format", "default"] {
        map.remove(noise);
    }
    if let Some(Value::Array(kinds)) = map.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        let kind = kinds.pop();
        map.insert("type".to_owned(), kind.unwrap_or_default());
    }
    if let Some(Value::Array(names)) = map.get_mut("enum") {
        names.retain(|name| !name.is_null());
    }
    // An option of what has a schema of its own.
    if let Some(Value::Array(choices)) = map.remove("anyOf") {
        let some = choices.into_iter().find(|choice| choice["type"] != "null");
        if let Some(Value::Object(some)) = some {
            some.into_iter().for_each(|(key, value)| {
                map.entry(key).or_insert(value);
            });
        }
    }
    if let Some(Value::Object(fields)) = map.get_mut("properties") {
        fields.values_mut().for_each(simplify);
    }
    if let Some(items) = map.get_mut("items") {
        simplify(items);
    }
}
