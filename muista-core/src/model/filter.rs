//! [`TaskFilter`]: which tasks a list holds. All conditions must hold together; a list of values within one
//! condition means any of them, but for tags and search words, where it means all.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::text::limit;
use super::{Category, Condition, Priority, ProjectRef, Query, TagName, Task, TaskRef, clip};
use crate::error::{Error, Result};
use crate::time::{Context, Instant, Range, range};

/// Which tasks by whether they are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Those neither done nor waiting.
    #[default]
    Open,
    /// Those not done whose start is still to come.
    Waiting,
    /// Those done.
    Done,
    /// All.
    All,
}

impl std::str::FromStr for Status {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.to_ascii_lowercase().as_str() {
            "open" | "pending" => Ok(Self::Open),
            "waiting" => Ok(Self::Waiting),
            "done" | "completed" => Ok(Self::Done),
            "all" => Ok(Self::All),
            _ => Err(Error::invalid("status", format!("“{}” is not a status", clip(text)))
                .hint("choose one of open, waiting, done, all")),
        }
    }
}

/// Which tasks by their due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DueFilter {
    /// Those without one.
    Unset,
    /// Those due in a span of time.
    Within(DueSpan),
}

/// A span of time for a reader in some zone: an instant is in it or not, and so is a day, wherever somebody is due on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DueSpan {
    /// The instants.
    pub at: Range,
    /// The days.
    pub on: Days,
}

/// A stretch of days, half open as [`Range`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Days {
    /// The first day in it.
    pub from: Option<Date>,
    /// The first day after it.
    pub until: Option<Date>,
}

impl DueSpan {
    /// Makes the span of a range: a day is in it when its last second in `zone` is.
    #[must_use]
    pub fn new(at: Range, zone: &TimeZone) -> Self {
        let first = |bound: Instant| {
            let day = bound.date_in(zone);
            let is_over = Instant::end_of(day, zone) < bound;
            if is_over { day.tomorrow().unwrap_or(day) } else { day }
        };
        Self { at, on: Days { from: at.from.map(first), until: at.until.map(first) } }
    }

    /// Whether a task is due in it.
    #[must_use]
    pub fn holds(&self, task: &Task) -> bool {
        let Days { from, until } = self.on;
        match task.due_on {
            Some(day) => from.is_none_or(|from| from <= day) && until.is_none_or(|until| day < until),
            None => task.due_date.is_some_and(|due| self.at.contains(due)),
        }
    }
}

impl DueFilter {
    /// Those whose due is over, as of `ctx.now`: what is due on a date is so once that day is over in `ctx.zone`. It is
    /// the same of each task as [`Task::is_overdue`].
    #[must_use]
    pub fn overdue(ctx: &Context) -> Self {
        Self::within(Range { from: None, until: Some(ctx.now.whole_second()) }, ctx)
    }

    /// Those due in a range, as a reader in `ctx.zone` sees it.
    #[must_use]
    pub fn within(range: Range, ctx: &Context) -> Self {
        Self::Within(DueSpan::new(range, &ctx.zone))
    }

    /// Reads `today`, `overdue`, `upcoming`, `none`, a date or `A..B`, as of `ctx.now` in `ctx.zone`.
    ///
    /// # Errors
    /// `Invalid` for what is no such text.
    pub fn read(text: &str, ctx: &Context) -> Result<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "none" => Ok(Self::Unset),
            "overdue" => Ok(Self::overdue(ctx)),
            "upcoming" => Ok(Self::within(Range { from: Some(ctx.now.whole_second()), until: None }, ctx)),
            _ => Ok(Self::within(range(text, ctx)?, ctx)),
        }
    }
}

/// Which tasks by their project. A dot parts a project's name from that of the one it is below: `home.kitchen` is below
/// `home`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProjectFilter {
    /// Those in none.
    None,
    /// Those in this project, and in those below it.
    Named(ProjectRef),
    /// Those in this project itself.
    Exactly(ProjectRef),
}

impl std::str::FromStr for ProjectFilter {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if text.eq_ignore_ascii_case("none") {
            return Ok(Self::None);
        }
        match text.strip_suffix('!') {
            Some(name) if !name.trim().is_empty() => name.parse().map(Self::Exactly),
            _ => text.parse().map(Self::Named),
        }
    }
}

impl std::fmt::Display for ProjectFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::None => f.write_str("none"),
            Self::Named(name) => write!(f, "{name}"),
            Self::Exactly(name) => write!(f, "{name}!"),
        }
    }
}

/// Which tasks a list holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TaskFilter {
    /// By whether they are done.
    pub status: Status,
    /// Whether `status` gives way where a view that `terms` name says of its own accord whether tasks are done.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub status_of_views: bool,
    /// By their due.
    pub due: Option<DueFilter>,
    /// Done in this span of time.
    pub completed: Option<Range>,
    /// In any of these categories.
    pub categories: Vec<Category>,
    /// With any of these priorities.
    pub priorities: Vec<Priority>,
    /// By their project.
    pub project: Option<ProjectFilter>,
    /// With all of these tags.
    pub tags: Vec<TagName>,
    /// With none of these tags.
    pub without_tags: Vec<TagName>,
    /// Without any tag at all.
    pub untagged: bool,
    /// With or without a reminder.
    pub has_reminder: Option<bool>,
    /// With or without a script job.
    pub script: Option<bool>,
    /// Whether they wait for another task that is not done.
    pub blocked: Option<bool>,
    /// Subtasks of this task.
    pub parent: Option<TaskRef>,
    /// Whose title, description, note or comments hold each of these, in any case.
    pub search: Vec<String>,
    /// Of this title, in any case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What no field above can say, all of which must hold as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub terms: Vec<Query>,
}

/// The most tags that one filter may name: each is a condition of its own to the database.
const TAGS_MAX: usize = 100;
/// The most characters of a title.
const TITLE_MAX: usize = 1000;

impl TaskFilter {
    /// The most characters of a search word. The time that a search may take grows with it.
    pub const WORD_MAX: usize = 100;
    /// The most search words: each is looked for in all the text there is.
    pub const WORDS_MAX: usize = 20;

    /// Whether texts are looked through for it, or may be: a view's query is not known yet.
    pub(crate) fn searches(&self) -> bool {
        let mut has_view = false;
        for term in &self.terms {
            term.each(&mut |condition| has_view |= matches!(condition, Condition::View(_)));
        }
        has_view || self.title.is_some() || !self.words().is_empty()
    }

    /// Returns what texts are looked through for.
    fn words(&self) -> Vec<&String> {
        let mut words: Vec<&String> = self.search.iter().collect();
        for term in &self.terms {
            term.each(&mut |condition| words.extend(condition.text()));
        }
        words
    }

    /// Refuses what no database could answer.
    ///
    /// # Errors
    /// `Invalid` for too many tags or search words, and for a word or title that is too long or holds a NUL.
    pub(crate) fn check(&self) -> Result<()> {
        let counts = [
            ("tags", self.tags.len(), TAGS_MAX),
            ("tags", self.without_tags.len(), TAGS_MAX),
            ("search", self.search.len(), Self::WORDS_MAX),
        ];
        if let Some((field, count, max)) = counts.into_iter().find(|(_, count, max)| count > max) {
            let message = format!("{count} values of {field} are too many, {max} at most are looked for");
            return Err(Error::invalid(field, message).hint("leave some out"));
        }
        for term in &self.terms {
            term.check()?;
        }
        let words = self.words().into_iter().map(|word| ("search", word, Self::WORD_MAX));
        for (field, text, max) in words.chain(self.title.iter().map(|title| ("title", title, TITLE_MAX))) {
            limit(field, text, max)?;
            if text.contains('\0') {
                return Err(Error::invalid(field, format!("the {field} holds a NUL, which no task does")));
            }
        }
        Ok(())
    }
}
