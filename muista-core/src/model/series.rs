//! [`Series`]: what a recurring task's occurrences are made from, and which of them an edit means ([`SeriesScope`]). Each
//! occurrence is a task of its own.

use serde::{Deserialize, Serialize};

use super::{Category, FieldValues, Id, Priority, WorkTime};
use crate::error::{Error, Result};
use crate::time::{Bound, Context, Instant, Recurrence, Rule, TimeError};

/// What recurring tasks are made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Series {
    /// The identifier.
    pub id: Id,
    /// The account that owns it.
    pub owner_id: Id,
    /// When: cron, or an ISO 8601 duration.
    pub rule: String,
    /// What the user wrote.
    pub words: String,
    /// Whether the next one counts from when the last was done, and not from when it was due.
    pub from_completion: bool,
    /// The zone of the rule: its IANA name.
    pub timezone: String,
    /// Where intervals count from: the first due.
    pub anchor_at: Instant,
    /// No occurrence is due after this.
    pub end_at: Option<Instant>,
    /// What the next occurrence is made of.
    pub template: Template,
    /// Counts up with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What the next occurrence is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Template {
    /// The title.
    pub title: String,
    /// The description.
    pub description: Option<String>,
    /// The note.
    pub note: Option<String>,
    /// The bucket.
    pub category: Category,
    /// How much it matters.
    pub priority: Priority,
    /// The project, where it still is.
    pub project_id: Option<Id>,
    /// The task it is a part of, where it still is.
    pub parent_id: Option<Id>,
    /// The tags' names.
    pub tags: Vec<String>,
    /// How long it will take.
    #[serde(default)]
    pub estimate: Option<WorkTime>,
    /// The values of the owner's own fields.
    #[serde(default, skip_serializing_if = "FieldValues::is_empty")]
    pub fields: FieldValues,
    /// Whether an occurrence is due on a date, and not at an instant.
    pub on_dates: bool,
    /// Whether the rule says a time of day of its own, which moving a due leaves alone.
    #[serde(default)]
    pub says_time: bool,
    /// When the open occurrence was to be due, where it was moved and the next is counted from there all the same.
    #[serde(default)]
    pub moved_from: Option<Instant>,
}

/// How a new task recurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewSeries {
    /// The identifier of the series elsewhere, where it is imported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<Id>,
    /// When.
    pub rule: Rule,
    /// What the user wrote.
    pub words: String,
    /// Whether the next one counts from when the last was done.
    #[serde(default)]
    pub from_completion: bool,
    /// Whether a time of day was said: without one, a task that has no due with a time is due on dates.
    #[serde(default)]
    pub says_time: bool,
    /// The zone in which the words were read, by name.
    #[serde(default)]
    pub timezone: Option<String>,
    /// No occurrence is due before this.
    #[serde(default)]
    pub start: Option<Instant>,
    /// No occurrence is due after this.
    #[serde(default)]
    pub end: Option<Instant>,
    /// How many occurrences there are, or for how long, from the first due on; then `end` is set anew.
    #[serde(default)]
    pub bound: Option<Bound>,
}

impl NewSeries {
    /// What a text says: cron, an ISO 8601 duration, or words, of which `every` may be left out.
    ///
    /// # Errors
    /// `Invalid` for what is no recurrence.
    pub fn read(text: &str, context: &Context) -> Result<Self> {
        let text = text.trim();
        let refuse = |error: TimeError| Error { field: Some("every".to_owned()), ..error.into() };
        let (words, read) = match Recurrence::read(text, context) {
            Ok(read) => (text.to_owned(), read),
            Err(error) => {
                let words = format!("every {text}");
                // What went wrong with the text as it was written is what the user can put right.
                let read = Recurrence::read(&words, context).map_err(|_| refuse(error))?;
                (words, read)
            }
        };
        Ok(Self {
            id: None,
            says_time: read.says_time(),
            rule: read.rule,
            words,
            from_completion: read.from_completion,
            timezone: Some(context.zone_name()),
            start: read.start,
            end: read.end,
            bound: read.bound,
        })
    }
}

/// Which occurrences an edit of a recurring task means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SeriesScope {
    /// This one alone; the next is as it would have been.
    This,
    /// This one and those that come.
    #[default]
    Later,
    /// Those that are done as well.
    All,
}

impl std::str::FromStr for SeriesScope {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.to_lowercase().as_str() {
            "this" => Ok(Self::This),
            "later" => Ok(Self::Later),
            "all" => Ok(Self::All),
            _ => Err(Error::invalid("scope", format!("“{}” says not which occurrences are meant", super::clip(text)))
                .hint("choose this, later (this and those that come) or all")),
        }
    }
}
