//! Views: queries that an account keeps under a name ([`View`]), what makes or changes one ([`NewView`], [`ViewPatch`]), and
//! how a query refers to one ([`ViewUse`]). What a view holds is found out by the service.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use utoipa::ToSchema;

use super::change::non_null;
use super::text::{limit, text};
use super::{Change, FieldName, Id, Sorting, clip, fold, nearest, shown};
use crate::error::{Error, Result};
use crate::time::{DateOrder, Instant};

/// The most characters of a view's name.
const NAME_MAX: usize = 64;
/// The most characters of a view's query.
const QUERY_MAX: usize = 2000;

/// A view's name: one word of 1 to 64 characters that begins with a letter, a digit or `_`. Two names that differ only in
/// case, or in how Unicode composes them, are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 64, pattern = r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$", example = "work")]
pub struct ViewName(String);

impl ViewName {
    /// Reads a name; one leading `:` is dropped.
    ///
    /// # Errors
    /// `Invalid` when it is empty, too long, or holds a character that would end a word of a query.
    pub fn parse(text: &str) -> Result<Self> {
        let name: String = text.strip_prefix(':').unwrap_or(text).nfc().collect();
        let ends = |c: char| c.is_whitespace() || c.is_control() || "\"'(),:;/\\<>=!".contains(c);
        let begins = name.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if !begins || name.contains(ends) || super::text::is_blank(&name) || name.eq_ignore_ascii_case("none") {
            return Err(Error::invalid("name", format!("“{}” cannot be the name of a view", shown(&clip(text))))
                .hint("choose one word that begins with a letter, as in work or this-week; none is taken"));
        }
        limit("name", &name, NAME_MAX)?;
        Ok(Self(name))
    }

    /// Returns the name as names are compared.
    #[must_use]
    pub fn key(&self) -> String {
        fold(&self.0)
    }
}

/// A view's query as it was written: 1 to 2,000 characters. Whether it can be read is the service's to check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "String", into = "String")]
#[schema(value_type = String, min_length = 1, max_length = 2000, example = "(+work or project:acme) -later")]
pub struct ViewQuery(String);

impl ViewQuery {
    /// Reads a query's text.
    ///
    /// # Errors
    /// `Invalid` when it is empty, too long, or holds a control character.
    pub fn parse(text: &str) -> Result<Self> {
        let query = text.trim();
        if query.is_empty() {
            return Err(Error::invalid("query", "the query of a view is empty")
                .hint("status:open holds all open tasks, status:all every task"));
        }
        limit("query", query, QUERY_MAX)?;
        if query.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n')) {
            return Err(Error::invalid("query", "the query of a view holds a control character").hint("take it out"));
        }
        Ok(Self(query.to_owned()))
    }
}

/// The columns of a view's table, by their names: those that every account has, and own fields. Whether there is a field of
/// such a name the service knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
#[schema(value_type = Vec<String>, example = json!(["number", "title", "due"]))]
pub struct ViewColumns(Vec<String>);

impl ViewColumns {
    /// The names of the columns that a table of tasks may have.
    pub const NAMES: &[&str] = &[
        "number", "title", "marks", "due", "deadline", "priority", "category", "project", "tags", "done", "start",
        "estimate", "position", "spent", "note", "repeats", "added", "changed", "id",
    ];

    /// Reads names with commas between them.
    ///
    /// # Errors
    /// `Invalid` for what can be no column's name, and for a column that is named twice.
    pub fn parse(text: &str) -> Result<Self> {
        text.split(',').map(str::to_owned).collect::<Vec<_>>().try_into()
    }

    /// What is told of a name that is neither a column's nor that of one of the account's `fields`.
    pub(crate) fn unknown<'a>(name: &str, fields: impl Iterator<Item = &'a str>) -> Error {
        let all: Vec<&str> = Self::NAMES.iter().copied().chain(fields).collect();
        let near = nearest(name, all.iter().copied()).map(|near| format!("did you mean {near}? ")).unwrap_or_default();
        Error::invalid("columns", format!("“{}” is not a column", shown(&clip(name))))
            .hint(format!("{near}choose from {}", all.join(", ")))
    }

    /// Returns the names.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.0
    }
}

impl TryFrom<Vec<String>> for ViewColumns {
    type Error = Error;

    fn try_from(names: Vec<String>) -> Result<Self> {
        let mut columns: Vec<String> = Vec::new();
        for name in names {
            let name = name.trim().to_lowercase();
            let known = Self::NAMES.contains(&name.as_str()) || FieldName::parse(&name).is_ok();
            if known && !columns.contains(&name) {
                columns.push(name);
                continue;
            }
            if !known {
                return Err(Self::unknown(&name, std::iter::empty()));
            }
            return Err(
                Error::invalid("columns", format!("“{}” is named twice", shown(&clip(&name)))).hint("name it once")
            );
        }
        if columns.is_empty() {
            return Err(Error::invalid("columns", "no column is named").hint("leave columns out for the usual ones"));
        }
        Ok(Self(columns))
    }
}

impl From<ViewColumns> for Vec<String> {
    fn from(columns: ViewColumns) -> Self {
        columns.0
    }
}

impl fmt::Display for ViewColumns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

/// What a list of tasks is grouped by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum GroupBy {
    /// The project.
    Project,
    /// Each tag; a task with several stands under each of them.
    Tag,
    /// The category.
    Category,
    /// The priority, the highest first.
    Priority,
    /// The day it is due: overdue, today, tomorrow, this week, later.
    Due,
    /// An own field of the account's. Whether there is one of that name the service knows.
    Field(FieldName),
}

impl GroupBy {
    /// What every account has, each by its name.
    pub const NAMES: &[(&str, Self)] = &[
        ("project", Self::Project),
        ("tag", Self::Tag),
        ("category", Self::Category),
        ("priority", Self::Priority),
        ("due", Self::Due),
    ];

    /// Reads a name, in any case.
    ///
    /// # Errors
    /// `Invalid` for what can be the name of nothing.
    pub fn parse(text: &str) -> Result<Self> {
        match Self::NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
            Some((_, group)) => Ok(group.clone()),
            None => FieldName::parse(text).map(Self::Field).map_err(|_| Self::unknown(text, std::iter::empty())),
        }
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Field(name) => name,
            group => Self::NAMES.iter().find(|(_, other)| other == group).map_or("due", |(name, _)| name),
        }
    }

    /// What is told of a name that is neither one of these nor one of the account's `fields`.
    pub fn unknown<'a>(name: &str, fields: impl Iterator<Item = &'a str>) -> Error {
        let all: Vec<&str> = Self::NAMES.iter().map(|(name, _)| *name).chain(fields).collect();
        let near = nearest(name, all.iter().copied()).map(|near| format!("did you mean {near}? ")).unwrap_or_default();
        Error::invalid("group", format!("“{}” is not a way to group", shown(&clip(name))))
            .hint(format!("{near}choose one of {}", all.join(", ")))
    }
}

impl fmt::Display for GroupBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<GroupBy> for String {
    fn from(group: GroupBy) -> Self {
        group.as_str().to_owned()
    }
}

// By hand, as the derive does not see that it is a text.
impl utoipa::PartialSchema for GroupBy {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        let names: Vec<&str> = Self::NAMES.iter().map(|(name, _)| *name).collect();
        let text = utoipa::openapi::ObjectBuilder::new().schema_type(utoipa::openapi::Type::String);
        let text = text.description(Some("project, tag, category, priority, due, or the name of an own field."));
        text.pattern(Some(format!("^({})$", names.join("|")))).examples(["project"]).into()
    }
}

impl ToSchema for GroupBy {
    fn name() -> std::borrow::Cow<'static, str> {
        std::borrow::Cow::Borrowed("GroupBy")
    }
}

macro_rules! parsed {
    ($($type:ty),*) => {
        $(
            impl TryFrom<String> for $type {
                type Error = Error;

                fn try_from(text: String) -> Result<Self> {
                    Self::parse(&text)
                }
            }

            impl std::str::FromStr for $type {
                type Err = Error;

                fn from_str(text: &str) -> Result<Self> {
                    Self::parse(text)
                }
            }
        )*
    };
}

parsed!(ViewName, ViewQuery, GroupBy);
text!(ViewName);
text!(ViewQuery);

impl std::str::FromStr for ViewColumns {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

/// A query that an account keeps under a name, with how a list of it looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// The view's identifier.
    pub id: Id,
    /// The account that it belongs to.
    pub owner_id: Id,
    /// Its name, unique among the account's views.
    #[schema(example = "work")]
    pub name: String,
    /// The query as it was written.
    #[schema(example = "(+work or project:acme) -later")]
    pub query: String,
    /// How `1/2` in the query is read: `dmy` or `mdy`; none: such a date was refused.
    #[schema(value_type = Option<String>, example = "dmy")]
    pub date_order: Option<DateOrder>,
    /// The order; none: the earliest due first.
    #[schema(value_type = Option<String>, example = "due,-priority")]
    pub sort: Option<Sorting>,
    /// The columns of its table; none: the usual ones.
    pub columns: Option<ViewColumns>,
    /// What its table is grouped by.
    pub group: Option<GroupBy>,
    /// Counts up with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What makes a view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewView {
    /// Its name.
    pub name: ViewName,
    /// The query, which is checked now and kept as it is written.
    pub query: ViewQuery,
    /// How `1/2` in the query is read: `dmy` or `mdy`; none refuses such a date.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^(dmy|mdy)$", example = "dmy")]
    pub date_order: Option<DateOrder>,
    /// The order.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "due,-priority")]
    pub sort: Option<Sorting>,
    /// The columns of its table.
    #[serde(default)]
    pub columns: Option<ViewColumns>,
    /// What its table is grouped by.
    #[serde(default)]
    pub group: Option<GroupBy>,
}

/// What changes a view; what is left out stays, `null` empties a field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ViewPatch {
    /// The new name.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "non_null")]
    #[schema(nullable = false)]
    pub name: Option<ViewName>,
    /// The new query.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "non_null")]
    #[schema(nullable = false)]
    pub query: Option<ViewQuery>,
    /// How `1/2` in the query is read.
    #[serde(skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<String>, pattern = "^(dmy|mdy)$", example = "dmy")]
    pub date_order: Change<DateOrder>,
    /// The new order.
    #[serde(skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<String>, example = "due,-priority")]
    pub sort: Change<Sorting>,
    /// The new columns.
    #[serde(skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<ViewColumns>)]
    pub columns: Change<ViewColumns>,
    /// What its table is grouped by from now on.
    #[serde(skip_serializing_if = "Change::is_keep")]
    #[schema(value_type = Option<GroupBy>)]
    pub group: Change<GroupBy>,
    /// The version that the change was made from; with another one now nothing is changed.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "super::integer")]
    #[schema(nullable = false)]
    pub version: Option<i64>,
}

/// A view where a query names it, with what the dates in its own query are read against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ViewUse {
    /// Which one.
    pub name: ViewName,
    /// The moment "now" of the reader.
    pub now: Instant,
    /// The reader's zone.
    pub timezone: String,
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn a_name_is_one_word_whatever_its_case_and_composition() {
        let key = |name: &str| ViewName::parse(name).unwrap().key();
        assert_eq!(key(":Työ"), key("TYO\u{308}"));
        assert_eq!(key("this-week"), "this-week");
        for bad in ["", ":", "a b", "-a", "a(b", "a,b", "a:b", "None", "\u{200b}", "a\"b", &"a".repeat(65)] {
            assert_eq!(ViewName::parse(bad).unwrap_err().field.as_deref(), Some("name"), "{bad:?}");
        }
    }

    #[test]
    fn columns_are_known_and_named_once() {
        assert_eq!(ViewColumns::parse("Number, title").unwrap().to_string(), "number,title");
        assert_eq!(ViewColumns::parse("title,Effort").unwrap().to_string(), "title,effort");
        assert!(ViewColumns::parse("titel!").unwrap_err().hint.unwrap().contains("did you mean title?"));
        assert!(ViewColumns::parse("due,due").is_err() && ViewColumns::parse("").is_err());
    }
}
