//! How what is written in words stands in the OpenAPI document: the formats, and patterns of the commonest words. More is
//! read than a pattern can say; what stands here always is.

use std::borrow::Cow;

use utoipa::openapi::schema::{AnyOfBuilder, Schema, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

/// Words for a date or an instant.
pub(crate) const WHEN: &str = r"^((today|tomorrow|yesterday|(next )?(mon|tues|wednes|thurs|fri|satur|sun)day|(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec) (1[0-9]|2[0-8]|[1-9])|20[2-9][0-9]-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8]))( ([01]?[0-9]|2[0-3]):[0-5][0-9])?|now|later|someday|none|next (week|month|year)|(end|start) of (week|month|quarter|year)|in [1-9][0-9]? (minutes|hours|days|weeks|months|years))$";
/// A length of time.
pub(crate) const LENGTH: &str = r"^([1-9][0-9]{0,2}(min|h|d|w)|P[1-9][0-9]{0,2}[DW]|PT[1-9][0-9]{0,2}[HM])$";
/// So long before or after the due.
pub(crate) const OFFSET: &str = r"^(at due|[1-9][0-9]{0,2}(min|h|d|w|mo) (before|after)( due)?)$";
/// Words for a recurrence.
pub(crate) const RECURRENCE: &str = r"^(daily|weekly|monthly|yearly|weekdays|every (day|week|month|year|weekday)|every (other )?(mon|tues|wednes|thurs|fri|satur|sun)day|every ([2-9]|[1-9][0-9]) (days|weeks|months|years)|every (1st|2nd|3rd|[4-9]th|1[0-9]th|20th|21st|22nd|23rd|2[4-8]th))( at ([01]?[0-9]|2[0-3]):[0-5][0-9])?$";
/// Five fields of cron that always fire.
pub(crate) const CRON: &str =
    r"^(\*|\*/[1-9]|[0-5]?[0-9]) (\*|\*/[1-9]|1?[0-9]|2[0-3]) (\*|1?[1-9]|2[0-8]) (\*|[1-9]|1[0-2]) (\*|[0-6]|1-5)$";
/// An ISO 8601 duration.
pub(crate) const DURATION: &str = r"^(P[1-9][0-9]?[DWMY]|PT[1-9][0-9]{0,2}[HM])$";
/// What a list may hold by its due, besides dates.
pub(crate) const DUE: &str = r"^(overdue|upcoming|((this|next) )?(week|month|quarter|year)|(20[2-4][0-9]-[01][1-2]-[0-2][1-8])?\.\.20[5-9][0-9]-[01][1-2]-[0-2][1-8]|20[2-9][0-9]-[01][1-2]-[0-2][1-8]\.\.)$";

/// A text of this pattern.
fn matching(pattern: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern))
}

/// A text of this format.
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

/// A date or an instant, or nothing.
#[must_use]
pub fn when() -> RefOr<Schema> {
    any(dates().into_iter().chain([null()]), "tomorrow 18:00")
}

/// When a reminder fires, or nothing.
pub(crate) fn at() -> RefOr<Schema> {
    let no_none = matching(&WHEN.replace("|none", ""));
    let dates = [formatted(KnownFormat::DateTime), formatted(KnownFormat::Date), no_none];
    any(dates.into_iter().chain([matching(OFFSET), null()]), "30min before")
}

/// How something repeats, or nothing.
pub(crate) fn recurrence() -> RefOr<Schema> {
    any([matching(RECURRENCE), matching(CRON), matching(DURATION), null()], "every friday at 9:00")
}

/// What stands in `schedule`, or nothing.
pub(crate) fn schedule() -> RefOr<Schema> {
    any([matching(CRON), matching(DURATION), formatted(KnownFormat::DateTime), null()], "0 9 * * 1-5")
}

/// What stands in a job's `schedule`, or nothing.
pub(crate) fn schedule_words() -> RefOr<Schema> {
    let repeats = [matching(RECURRENCE), matching(CRON), matching(DURATION)];
    any(repeats.into_iter().chain([formatted(KnownFormat::DateTime), null()]), "every 30 minutes")
}

/// A date or an instant.
pub(crate) fn date() -> RefOr<Schema> {
    let no_none = matching(&WHEN.replace("|none", ""));
    any([formatted(KnownFormat::DateTime), formatted(KnownFormat::Date), no_none], "end of year")
}

/// An ISO 8601 duration, or nothing.
pub(crate) fn interval() -> RefOr<Schema> {
    any([matching(DURATION), null()], "PT30M")
}

/// A length of time, or nothing.
pub(crate) fn length() -> RefOr<Schema> {
    any([matching(LENGTH), null()], "15min")
}

/// A condition on the due.
pub(crate) fn due_filter() -> RefOr<Schema> {
    any(dates().into_iter().chain([matching(DUE)]), "today")
}

/// A longer text, or nothing.
pub(crate) fn text() -> RefOr<Schema> {
    let kinds = SchemaType::from_iter([Type::String, Type::Null]);
    let text = ObjectBuilder::new().schema_type(kinds).max_length(Some(65_536));
    text.pattern(Some(r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$")).examples(["The grey bag."]).into()
}

/// Keys to sort tasks by.
pub(crate) fn sort() -> RefOr<Schema> {
    const KEY: &str = "-?(due|priority|created|updated|completed|number|title|category|project)";
    matching(&format!("^{KEY}(,{KEY}){{0,3}}$")).examples(["due,-priority"]).into()
}

/// Where a page ended.
pub(crate) fn cursor() -> RefOr<Schema> {
    matching("^([0-9a-f]{2})+$").description(Some("The `nextCursor` of the page before, unchanged.")).into()
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
