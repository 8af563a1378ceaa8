//! How what is written in words stands in the OpenAPI document: the formats, and patterns of the commonest words. More is
//! read than a pattern can say; what stands here always is.

use crate::model::{DateField, SortKey, TaskFilter};
use serde_json::{Value, json};
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr};

use super::agent_schema;

/// Words for a date or an instant.
pub(crate) const WHEN: &str = r"^((today|tomorrow|yesterday|(next )?(mon|tues|wednes|thurs|fri|satur|sun)day|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) (1[0-9]|2[0-8]|[1-9])|20[2-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8]))( ([01]?[0-9]|2[0-3]):[0-5][0-9])?|now|later|someday|none|next (week|month|year)|(end|start) of (week|month|quarter|year)|in [1-9][0-9]? (minutes|hours|days|weeks|months|years))$";
/// Words for a time to come.
const LATER: &str = r"^(tomorrow( ([01]?[0-9]|2[0-3]):[0-5][0-9])?|next (week|month|year)|in [1-9][0-9]? (minutes|hours|days|weeks|months|years))$";
/// A length of time.
pub(crate) const LENGTH: &str = r"^([1-9][0-9]{0,2}(min|h|d|w)|P[1-9][0-9]{0,2}[DW]|PT[1-9][0-9]{0,2}[HM])$";
/// Where something begins: a date, an instant, or words for one.
const BEGIN: &str = r"^((today|tomorrow|next (week|month|year))|20[2-4][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-](0[0-9]|1[0-4]):00))?)$";
/// Where it ends, which is later.
const END: &str = r"^20[7-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](Z|[+-](0[0-9]|1[0-4]):00))?$";
/// So long before or after the due.
pub(crate) const OFFSET: &str = r"^(at due|[1-9][0-9]{0,2}(min|h|d|w|mo) (before|after)( due)?)$";
/// Words for a recurrence.
pub(crate) const RECURRENCE: &str = r"^(daily|weekly|monthly|yearly|weekdays|every (day|week|month|year|weekday)|every (other )?(mon|tues|wednes|thurs|fri|satur|sun)day|every ([2-9]|[1-9][0-9]) (days|weeks|months|years)|every (1st|2nd|3rd|[4-9]th|1[0-9]th|20th|21st|22nd|23rd|2[4-8]th))( at ([01]?[0-9]|2[0-3]):[0-5][0-9])?$";
/// Words for what recurs within a day.
const EVERY_FEW: &str = "^every ([2-9]|[1-5][0-9]) (minutes|hours)$";
/// Five fields of cron that always fire.
pub(crate) const CRON: &str =
    r"^(\*|\*/[1-9]|[0-5]?[0-9]) (\*|\*/[1-9]|1?[0-9]|2[0-3]) (\*|1?[1-9]|2[0-8]) (\*|[1-9]|1[0-2]) (\*|[0-6]|1-5)$";
/// An ISO 8601 duration.
pub(crate) const DURATION: &str = r"^(P[1-9][0-9]?[DWM]|P[1-9]Y|PT[1-9][0-9]{0,2}[HM])$";
/// What a list may hold by its due, besides dates.
pub(crate) const DUE: &str = r"^(overdue|upcoming|((this|next) )?(week|month|quarter|year)|(20[2-4][0-9]-[01][1-2]-[0-2][1-8])?\.\.20[5-9][0-9]-[01][1-2]-[0-2][1-8]|20[2-9][0-9]-[01][1-2]-[0-2][1-8]\.\.)$";

/// A span of time, besides dates.
pub(crate) const RANGE: &str = r"^(((this|next) )?(week|month|quarter|year)|(20[2-4][0-9]-[01][1-2]-[0-2][1-8])?\.\.20[5-9][0-9]-[01][1-2]-[0-2][1-8]|20[2-9][0-9]-[01][1-2]-[0-2][1-8]\.\.)$";

/// Returns a text of this pattern.
fn matching(pattern: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern))
}

/// Returns a text of this format.
fn formatted(format: KnownFormat) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).format(Some(SchemaFormat::KnownFormat(format)))
}

fn null() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::Null))
}

fn any(of: impl IntoIterator<Item = ObjectBuilder>, example: &str) -> RefOr<Schema> {
    let any = of.into_iter().fold(AnyOfBuilder::new(), AnyOfBuilder::item);
    any.examples([example]).into()
}

fn dates() -> [ObjectBuilder; 3] {
    [formatted(KnownFormat::DateTime), formatted(KnownFormat::Date), matching(WHEN)]
}

/// Returns a date or an instant, without the word for none.
fn some_dates() -> [ObjectBuilder; 3] {
    [formatted(KnownFormat::DateTime), formatted(KnownFormat::Date), matching(&WHEN.replace("|none", ""))]
}

/// Returns a date or an instant, or nothing.
#[must_use]
pub fn when() -> RefOr<Schema> {
    any(dates().into_iter().chain([null()]), "tomorrow 18:00")
}

/// Returns when a reminder fires, or nothing.
pub(crate) fn at() -> RefOr<Schema> {
    any(some_dates().into_iter().chain([matching(OFFSET), null()]), "30min before")
}

/// Returns how something repeats, or nothing.
pub(crate) fn recurrence() -> RefOr<Schema> {
    any([matching(RECURRENCE), matching(CRON), matching(DURATION), null()], "every friday at 9:00")
}

/// Returns what stands in `schedule`, or nothing.
pub(crate) fn schedule() -> RefOr<Schema> {
    any([matching(CRON), matching(DURATION), formatted(KnownFormat::DateTime), null()], "0 9 * * 1-5")
}

/// Returns what stands in a job's `schedule`, or nothing.
pub(crate) fn schedule_words() -> RefOr<Schema> {
    let repeats = [matching(RECURRENCE), matching(EVERY_FEW), matching(CRON), matching(DURATION)];
    any(repeats.into_iter().chain([formatted(KnownFormat::DateTime), null()]), "every 30 minutes")
}

/// Returns where something begins.
pub(crate) fn beginning() -> RefOr<Schema> {
    matching(BEGIN).examples(["tomorrow"]).into()
}

/// Returns where something ends.
pub(crate) fn ending() -> RefOr<Schema> {
    matching(END).examples(["2075-12-24"]).into()
}

/// Returns where something begins, or nothing.
#[must_use]
pub fn begin() -> RefOr<Schema> {
    any([matching(BEGIN), null()], "tomorrow")
}

/// Returns where something ends, or nothing.
pub(crate) fn end() -> RefOr<Schema> {
    any([matching(END), null()], "2075-12-24")
}

/// Returns an ISO 8601 duration, or nothing.
pub(crate) fn interval() -> RefOr<Schema> {
    any([matching(DURATION), null()], "PT30M")
}

/// Returns how long something takes, or nothing.
pub(crate) fn work_time() -> RefOr<Schema> {
    any([matching(r"^([1-9][0-9]{0,2}(min|h|d)|PT[1-9][0-9]{0,2}[HM])$"), null()], "PT15M")
}

/// Returns a length of time, or nothing.
pub(crate) fn length() -> RefOr<Schema> {
    any([matching(LENGTH), null()], "15min")
}

/// Returns a time to come.
#[must_use]
pub fn later() -> RefOr<Schema> {
    any([matching(LENGTH), matching(LATER)], "1h")
}

/// Returns a condition on the due.
pub(crate) fn due_filter() -> RefOr<Schema> {
    any(dates().into_iter().chain([matching(DUE)]), "today")
}

/// Returns a query of the query language.
pub(crate) fn query() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).max_length(Some(8192)).into()
}

/// Texts to look for.
pub(crate) fn words() -> RefOr<Schema> {
    let word =
        ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(TaskFilter::WORD_MAX));
    ArrayBuilder::new().items(word).max_items(Some(TaskFilter::WORDS_MAX)).into()
}

/// Returns a span of time in words.
pub(crate) fn range() -> RefOr<Schema> {
    any(some_dates().into_iter().chain([matching(RANGE)]), "week")
}

/// Returns a longer text, or nothing.
pub(crate) fn text() -> RefOr<Schema> {
    let kinds = SchemaType::from_iter([Type::String, Type::Null]);
    let text = ObjectBuilder::new().schema_type(kinds).max_length(Some(65_536));
    text.pattern(Some(r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$")).examples(["The grey bag."]).into()
}

/// Returns the values of own fields, by their names. Which there are no schema can say.
pub(crate) fn fields() -> RefOr<Schema> {
    let kinds = SchemaType::from_iter([Type::Number, Type::String, Type::Null]);
    let value = ObjectBuilder::new().schema_type(kinds);
    let fields = ObjectBuilder::new().schema_type(Type::Object).additional_properties(Some(value));
    fields.examples([json!({"effort": 3})]).into()
}

/// Keys to sort tasks by.
pub(crate) fn sort() -> RefOr<Schema> {
    let key = format!("-?({})", SortKey::names().join("|"));
    matching(&format!("^(urgency|{key}(,{key}){{0,3}})$")).examples(["due,-priority"]).into()
}

/// Returns where a page ended.
pub(crate) fn cursor() -> RefOr<Schema> {
    matching("^([0-9a-f]{2})+$").description(Some("The `nextCursor` of the page before, unchanged.")).into()
}

/// Says in a document's schemas, by their names, what holds between fields. The types themselves can't be made to say it.
pub fn relate(schemas: &mut Value) {
    let mut input = json!({});
    for field in DateField::ALL {
        input[field.on_key()] = without(&[field.at_key()]);
    }
    input["projectId"] = without(&["project"]);
    set(schemas, "TaskInput", &input);
    let mut changes = input;
    changes["tags"] = without(&["addTags", "removeTags"]);
    changes["every"] = json!({"properties": {"scope": {"not": {"const": "this"}}}});
    set(schemas, "TaskChanges", &changes);
    let reminder = json!({
        "at": without(&["every", "schedule", "interval", "startAt"]),
        "every": without(&["schedule", "interval"]),
        "schedule": without(&["interval"]),
        "startAt": {"anyOf": [without(&["schedule"]), repeats()]},
        "endAt": {"anyOf": [without(&["schedule"]), repeats()]},
        "recurrenceType": {"required": ["schedule"], "oneOf": [
            typed("CRON", json!({"pattern": CRON})),
            typed("INTERVAL", json!({"pattern": DURATION})),
            typed("ONCE", json!({"format": "date-time"})),
        ]},
    });
    set(schemas, "ReminderInput", &reminder);
    let says_when = ["at", "every", "schedule", "interval"].map(is_given);
    extend(schemas, "ReminderInput", "anyOf", json!(says_when));
    let mut actor = without(&["steps", "changeId"]);
    actor["allOf"] = json!([is_given("since")]);
    let undo = json!({"changeId": without(&["steps"]), "actor": actor, "since": is_given("actor")});
    set(schemas, "UndoInput", &undo);
    let mut scheduled = repeats();
    scheduled["required"] = json!(["schedule"]);
    for job in ["JobInput", "JobChanges"] {
        set(schemas, job, &json!({"startAt": scheduled, "endAt": scheduled}));
    }
    set(schemas, "TriggerScript", &json!({"job": without(&["taskId"])}));
    let of_task = json!({"required": ["taskId"], "properties": {"taskId": {"type": ["string", "integer"]}}});
    extend(schemas, "TriggerScript", "anyOf", json!([is_given("job"), of_task]));
    agent_schema::write(schemas);
}

/// What a field that is given asks of the others (JSON Schema, `dependentSchemas`).
fn set(schemas: &mut Value, name: &str, rules: &Value) {
    extend(schemas, name, "dependentSchemas", rules.clone());
}

/// Adds a keyword to a schema.
fn extend(schemas: &mut Value, name: &str, keyword: &str, value: Value) {
    if let Some(Value::Object(schema)) = schemas.get_mut(name) {
        schema.insert(keyword.to_owned(), value);
    }
}

/// Requires that the field is there, and not `null`.
fn is_given(field: &str) -> Value {
    json!({"required": [field], "properties": {field: {"type": "string"}}})
}

/// Requires that the schedule repeats.
fn repeats() -> Value {
    let repeats = [RECURRENCE, CRON, DURATION].map(|pattern| json!({"type": "string", "pattern": pattern}));
    json!({"properties": {"schedule": {"anyOf": repeats}}})
}

/// Requires that the others are left out, or `null`.
fn without(others: &[&str]) -> Value {
    let nothing = others.iter().map(|other| ((*other).to_owned(), json!({"type": "null"})));
    json!({"properties": nothing.collect::<serde_json::Map<_, _>>()})
}

/// Returns a schedule of this type.
fn typed(name: &str, schedule: Value) -> Value {
    json!({"required": ["recurrenceType"], "properties": {"recurrenceType": {"const": name}, "schedule": {"type": "string", "allOf": [schedule]}}})
}
