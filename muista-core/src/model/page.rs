//! Lists in pages: the order ([`SortOrder`]), the part wanted ([`Page`]) and the part returned ([`TaskPage`]).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{DateField, FieldName, Task, clip, nearest, shown};
use crate::error::{Error, Result};

/// What tasks can be sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum SortKey {
    Date(DateField),
    Priority,
    Created,
    Updated,
    Completed,
    Number,
    Title,
    Category,
    Project,
    Estimate,
    Position,
    Field(String),
}

impl SortKey {
    /// Returns all but own fields, in the order in which they are told.
    fn all() -> impl Iterator<Item = Self> {
        let known = [Self::Priority, Self::Created, Self::Updated, Self::Completed, Self::Number, Self::Title]
            .into_iter()
            .chain([Self::Category, Self::Project]);
        let planned = DateField::ALL.into_iter().filter(|field| *field != DateField::Due).map(Self::Date);
        let due = std::iter::once(Self::Date(DateField::Due));
        due.chain(known).chain(planned).chain([Self::Estimate, Self::Position])
    }

    /// Returns the names of all but own fields.
    pub(crate) fn names() -> Vec<String> {
        Self::all().map(|key| key.as_str().to_owned()).collect()
    }

    /// The key as it is written: `due`, `priority` …
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Date(field) => field.name(),
            Self::Priority => "priority",
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Completed => "completed",
            Self::Number => "number",
            Self::Title => "title",
            Self::Category => "category",
            Self::Project => "project",
            Self::Estimate => "estimate",
            Self::Position => "position",
            Self::Field(name) => name,
        }
    }

    /// What is told of a name that is no key, nor one of the reader's own fields.
    pub(crate) fn unknown<'a>(name: &str, fields: impl Iterator<Item = &'a str>) -> Error {
        let names: Vec<String> = Self::names().into_iter().chain(fields.map(str::to_owned)).collect();
        let near = nearest(name, names.iter().map(String::as_str))
            .map(|near| format!("did you mean {near}? "))
            .unwrap_or_default();
        Error::invalid("sort", format!("“{}” is not a sort key", shown(&clip(name)))).hint(format!(
            "{near}choose from {}, or urgency alone; a `-` before a key sorts the largest first",
            names.join(", ")
        ))
    }
}

/// One key and its direction, written `due` or `-due`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SortOrder {
    /// What to sort by.
    pub key: SortKey,
    /// The largest first.
    pub descending: bool,
}

impl SortOrder {
    /// Reads `KEY[,-KEY]`.
    ///
    /// # Errors
    /// `Invalid` for an unknown key, or more than four.
    pub fn read_list(text: &str) -> Result<Vec<Self>> {
        let orders: Vec<Self> = text.split(',').map(|part| part.trim().parse()).collect::<Result<_>>()?;
        if orders.len() > 4 {
            return Err(Error::invalid("sort", format!("“{}” has more than four keys", clip(text))));
        }
        Ok(orders)
    }
}

impl FromStr for SortOrder {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |rest| (rest, true));
        let known = SortKey::all().find(|known| known.as_str().eq_ignore_ascii_case(name));
        // Whether there is a field of that name only the service knows.
        let key = match known {
            Some(key) => key,
            None if FieldName::parse(name).is_ok() => SortKey::Field(name.to_owned()),
            None => return Err(SortKey::unknown(name, std::iter::empty())),
        };
        Ok(Self { key, descending })
    }
}

impl TryFrom<String> for SortOrder {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl fmt::Display for SortOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.descending { "-" } else { "" }, self.key.as_str())
    }
}

impl From<SortOrder> for String {
    fn from(order: SortOrder) -> Self {
        order.to_string()
    }
}

/// How a list of tasks is sorted, as it is written: up to four keys, as `due,-priority`, or `urgency`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Sorting {
    /// By these keys, the first the most important.
    Keys(Vec<SortOrder>),
    /// The most urgent first.
    Urgency,
}

impl Sorting {
    /// Returns a page in this order.
    #[must_use]
    pub fn page(&self, page: Page) -> Page {
        match self {
            Self::Keys(sort) => Page { sort: sort.clone(), ..page },
            Self::Urgency => Page { by_urgency: true, ..page },
        }
    }
}

impl FromStr for Sorting {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.trim().eq_ignore_ascii_case("urgency") {
            return Ok(Self::Urgency);
        }
        SortOrder::read_list(text).map(Self::Keys)
    }
}

impl TryFrom<String> for Sorting {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl fmt::Display for Sorting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Urgency => f.write_str("urgency"),
            Self::Keys(sort) => {
                let keys: Vec<String> = sort.iter().map(ToString::to_string).collect();
                f.write_str(&keys.join(","))
            }
        }
    }
}

impl From<Sorting> for String {
    fn from(sorting: Sorting) -> Self {
        sorting.to_string()
    }
}

/// Which part of a list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Page {
    /// Maximum number of items; no more than [`Page::MAX`] are returned at once.
    pub limit: u32,
    /// Where the previous page ended; none for the first page.
    pub cursor: Option<String>,
    /// Skip the first N; ignored with a cursor.
    pub offset: u32,
    /// The order; empty: the earliest due first, then by number.
    pub sort: Vec<SortOrder>,
    /// Whether the most urgent come first; then `sort` counts for nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_urgency: bool,
    /// Whether to count all that match.
    pub total: bool,
    /// How many to count at most: where more match, one more than that is told. None: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_most: Option<u32>,
}

impl Page {
    /// The most tasks in one page.
    pub const MAX: u32 = 500;
}

/// A part of a list of tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TaskPage {
    /// The tasks, in order.
    pub items: Vec<Task>,
    /// Where the next page begins; none when this is the last.
    pub next_cursor: Option<String>,
    /// How many match in all, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<i64>,
}

/// What it costs to list the tasks of a filter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryCost {
    /// How many tasks match.
    pub matching: i64,
    /// How long the first 50 took, in microseconds.
    pub micros: u64,
    /// How the database finds them, in its own words: a step a line, a list for one's own tasks and one for those that
    /// others share.
    pub plan: Vec<String>,
}
