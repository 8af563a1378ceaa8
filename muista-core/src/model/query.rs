//! [`Query`]: conditions on tasks joined by *and*, *or* and *not*, and the single [`Condition`]s. How a person writes one is
//! `input::query`'s, what SQL it becomes the store's.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{
    Category, DateField, DueFilter, FieldComparison, FieldTest, Priority, ProjectFilter, Status, TagName, TaskRef,
    ViewUse, WorkTime,
};
use crate::error::{Error, Result};
use crate::time::Range;

/// Conditions joined by *and*, *or* and *not*.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Query<C = Condition> {
    /// All of these hold; of none, always.
    All(Vec<Self>),
    /// Any of these holds; of none, never.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// One condition.
    Is(C),
}

/// One condition on a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Condition {
    /// By whether it is done.
    Status(Status),
    /// Whose start is still to come, done or not. Unlike a status it is a part of other conditions, such as `is:ready`.
    Waiting,
    /// Not done. Unlike a status it leaves what else a query holds as it is: it is a part of other conditions, such as
    /// `is:overdue`.
    Unfinished,
    /// With an estimate from the first to the second, both included, in seconds.
    Estimate(i64, i64),
    /// Made in this span of time.
    Created(Range),
    /// Last changed in this span of time.
    Updated(Range),
    /// Done in this span of time.
    Completed(Range),
    /// With a number from the first to the second, both included.
    Number(i64, i64),
    /// In any of these categories.
    Categories(Vec<Category>),
    /// With any of these priorities.
    Priorities(Vec<Priority>),
    /// In any of these projects.
    Projects(Vec<ProjectFilter>),
    /// With any of these tags.
    Tags(Vec<TagName>),
    /// A subtask of any of these.
    Parents(Vec<TaskRef>),
    /// Whose title, description, note or comments hold this text, in any case.
    Text(String),
    /// That has something.
    Has(Belonging),
    /// What a view of the account holds.
    View(ViewUse),
    /// By a value of one of the account's own fields.
    Field(FieldTest),
    /// By one of its dates. Written `{"due": …}`, as if each date were a condition of its own.
    #[serde(untagged)]
    Date(DateCondition),
}

/// A condition on one of a task's dates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "HashMap<DateField, DueFilter>", into = "HashMap<DateField, DueFilter>")]
pub struct DateCondition {
    /// Which one.
    pub field: DateField,
    /// When that is.
    pub when: DueFilter,
}

impl TryFrom<HashMap<DateField, DueFilter>> for DateCondition {
    type Error = &'static str;

    fn try_from(conditions: HashMap<DateField, DueFilter>) -> Result<Self, Self::Error> {
        let mut conditions = conditions.into_iter();
        match (conditions.next(), conditions.next()) {
            (Some((field, when)), None) => Ok(Self { field, when }),
            _ => Err("a condition is on one date"),
        }
    }
}

impl From<DateCondition> for HashMap<DateField, DueFilter> {
    fn from(condition: DateCondition) -> Self {
        Self::from([(condition.field, condition.when)])
    }
}

/// Something that a task has or lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Belonging {
    /// A description.
    Description,
    /// A note.
    Note,
    /// An estimate.
    Estimate,
    /// A project.
    Project,
    /// A tag.
    Tag,
    /// A parent task.
    Parent,
    /// A subtask, open or done.
    Subtask,
    /// A reminder that is active.
    Reminder,
    /// A script job.
    Job,
    /// A comment.
    Comment,
    /// An attachment.
    Attachment,
    /// An open task that it waits for.
    OpenPrerequisite,
    /// An open task that waits for it.
    OpenDependent,
    /// Somebody who works on it.
    Running,
    /// A recurrence.
    Recurrence,
    /// Other members, who see it in its project.
    Members,
    /// One of its dates, at an instant or on a day.
    #[serde(untagged)]
    Date(DateField),
}

impl Belonging {
    /// Returns all of them, in the order in which they are told.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        // The dates come behind the texts.
        let (texts, others) = Self::WORDS.split_at(2);
        let of = |(belonging, _): &(Self, _)| *belonging;
        texts.iter().map(of).chain(DateField::ALL.map(Self::Date)).chain(others.iter().map(of))
    }

    /// Those that are no dates, with the words of a query that ask for them.
    const WORDS: &[(Self, &'static str)] = &[
        (Self::Description, "has:description"),
        (Self::Note, "has:note"),
        (Self::Estimate, "has:estimate"),
        (Self::Project, "has:project"),
        (Self::Tag, "has:tag"),
        (Self::Parent, "has:parent"),
        (Self::Subtask, "has:subtasks"),
        (Self::Reminder, "has:reminder"),
        (Self::Job, "has:job"),
        (Self::Comment, "has:comment"),
        (Self::Attachment, "has:attachment"),
        (Self::OpenPrerequisite, "is:blocked"),
        (Self::OpenDependent, "is:blocking"),
        (Self::Running, "is:active"),
        (Self::Recurrence, "is:recurring"),
        (Self::Members, "is:shared"),
    ];

    /// Returns the words of a query that ask for it.
    pub(crate) fn words(self) -> Cow<'static, str> {
        match self {
            Self::Date(field) => Cow::Owned(format!("has:{}", field.name())),
            known => Cow::Borrowed(Self::WORDS.iter().find(|(of, _)| *of == known).map_or("", |(_, words)| words)),
        }
    }
}

impl Condition {
    /// How many values it compares with.
    fn values(&self) -> usize {
        match self {
            Self::Categories(some) => some.len(),
            Self::Priorities(some) => some.len(),
            Self::Projects(some) => some.len(),
            Self::Tags(some) => some.len(),
            Self::Parents(some) => some.len(),
            _ => 1,
        }
    }

    /// Returns the condition on one of a task's dates.
    #[must_use]
    pub fn date(field: DateField, when: DueFilter) -> Self {
        Self::Date(DateCondition { field, when })
    }

    /// The text that it searches for.
    pub(crate) fn text(&self) -> Option<&String> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl<C> Query<C> {
    /// The most conditions that one query may hold.
    pub const CONDITIONS_MAX: usize = 100;
    /// How deep parentheses may stand in each other.
    pub const DEPTH_MAX: usize = 20;

    /// Returns the query that holds where this one does not.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Not(query) => *query,
            query => Self::Not(Box::new(query)),
        }
    }

    /// Converts each condition into a query of others.
    ///
    /// # Errors
    /// The first that a conversion gives.
    pub fn try_map<D, E>(self, convert: &mut impl FnMut(C) -> Result<Query<D>, E>) -> Result<Query<D>, E> {
        let each = |queries: Vec<Self>, convert: &mut _| {
            queries.into_iter().map(|query| query.try_map(convert)).collect::<Result<Vec<_>, E>>()
        };
        Ok(match self {
            Self::All(queries) => Query::All(each(queries, convert)?),
            Self::Any(queries) => Query::Any(each(queries, convert)?),
            Self::Not(query) => Query::Not(Box::new(query.try_map(convert)?)),
            Self::Is(condition) => convert(condition)?,
        })
    }

    /// Calls `visit` with each condition.
    pub fn each<'a>(&'a self, visit: &mut impl FnMut(&'a C)) {
        match self {
            Self::All(queries) | Self::Any(queries) => queries.iter().for_each(|query| query.each(visit)),
            Self::Not(query) => query.each(visit),
            Self::Is(condition) => visit(condition),
        }
    }

    fn depth(&self) -> usize {
        1 + match self {
            Self::All(queries) | Self::Any(queries) => queries.iter().map(Self::depth).max().unwrap_or(0),
            Self::Not(query) => query.depth(),
            Self::Is(_) => 0,
        }
    }
}

impl Query {
    /// Refuses what no database could answer in time.
    ///
    /// # Errors
    /// `Invalid` for too many conditions, and for parentheses too deep in each other.
    pub(crate) fn check(&self) -> Result<()> {
        let mut count = 0;
        self.each(&mut |condition| count += condition.values().max(1));
        if count > Self::CONDITIONS_MAX {
            let message = format!("{count} conditions are too many, a query holds {} at most", Self::CONDITIONS_MAX);
            return Err(Error::invalid("q", message).hint("ask in several queries, or use lists, as in tag:a,b,c"));
        }
        // Each pair of parentheses adds two levels at most: what it joins, and a `not` before it.
        if self.depth() > 2 * Self::DEPTH_MAX + 2 {
            return Err(Error::invalid("q", "the query is nested too deeply").hint("leave some parentheses out"));
        }
        Ok(())
    }
}

/// Writes a query as it was understood, with all parentheses and dates in full. It reads again as the same query.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, queries: &[Self], word: &str| {
            for (place, query) in queries.iter().enumerate() {
                if place > 0 {
                    write!(f, " {word} ")?;
                }
                match query {
                    Self::All(_) | Self::Any(_) => write!(f, "({query})")?,
                    query => write!(f, "{query}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::All(queries) if queries.is_empty() => f.write_str("status:all"),
            Self::Any(queries) if queries.is_empty() => f.write_str("not status:all"),
            Self::All(queries) => joined(f, queries, "and"),
            Self::Any(queries) => joined(f, queries, "or"),
            Self::Not(query) => match &**query {
                Self::Is(condition) => write!(f, "not {condition}"),
                query => write!(f, "not ({query})"),
            },
            Self::Is(condition) => write!(f, "{condition}"),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(Status::Open) => f.write_str("is:open"),
            Self::Status(Status::Waiting) | Self::Waiting => f.write_str("is:waiting"),
            Self::Unfinished => f.write_str("not is:done"),
            Self::Status(Status::Done) => f.write_str("is:done"),
            Self::Status(Status::All) => f.write_str("status:all"),
            Self::Date(DateCondition { field, when }) => due_words(f, field.name(), when),
            Self::Estimate(from, until) => estimate_words(f, *from, *until),
            Self::Created(range) => span_words(f, "created", *range),
            Self::Updated(range) => span_words(f, "updated", *range),
            Self::Completed(range) => span_words(f, "completed", *range),
            Self::Number(from, i64::MAX) => write!(f, "number>={from}"),
            Self::Number(i64::MIN, until) => write!(f, "number<={until}"),
            Self::Number(from, until) if from == until => write!(f, "number:{from}"),
            Self::Number(from, until) => write!(f, "number:{from}..{until}"),
            Self::Categories(categories) => list(f, "category", categories),
            Self::Priorities(priorities) => list(f, "priority", priorities),
            Self::Projects(projects) => list(f, "project", projects),
            Self::Tags(tags) => list(f, "tag", tags),
            Self::Parents(parents) => list(f, "parent", parents),
            Self::Text(text) => write!(f, "text:{}", quoted(text)),
            Self::Has(belonging) => f.write_str(&belonging.words()),
            Self::View(view) => write!(f, ":{}", view.name),
            Self::Field(test) => field_words(f, test),
        }
    }
}

fn due_words(f: &mut fmt::Formatter<'_>, name: &str, due: &DueFilter) -> fmt::Result {
    match due {
        DueFilter::Unset => write!(f, "{name}:none"),
        DueFilter::Within(span) => span_words(f, name, span.at),
    }
}

fn estimate_words(f: &mut fmt::Formatter<'_>, from: i64, until: i64) -> fmt::Result {
    let iso = WorkTime::of_seconds;
    match (from, until) {
        (_, i64::MAX) => write!(f, "estimate>={}", iso(from)),
        (i64::MIN, _) => write!(f, "estimate<={}", iso(until)),
        (from, until) if from == until => write!(f, "estimate:{}", iso(from)),
        (from, until) => write!(f, "estimate:{}..{}", iso(from), iso(until)),
    }
}

fn field_words(f: &mut fmt::Formatter<'_>, FieldTest { name, comparison, text, .. }: &FieldTest) -> fmt::Result {
    let sign = match comparison {
        FieldComparison::Any => return write!(f, "{name}:any"),
        FieldComparison::Is => ":",
        FieldComparison::Below => "<",
        FieldComparison::AtMost => "<=",
        FieldComparison::Above => ">",
        FieldComparison::AtLeast => ">=",
    };
    let list = text.contains(',') && !text.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '(' | ')'));
    if list { write!(f, "{name}{sign}{text}") } else { write!(f, "{name}{sign}{}", quoted(text)) }
}

fn span_words(f: &mut fmt::Formatter<'_>, name: &str, Range { from, until }: Range) -> fmt::Result {
    match (from, until) {
        (Some(from), Some(until)) => write!(f, "{name}:{from}..{until}"),
        (Some(from), None) => write!(f, "{name}:{from}.."),
        (None, Some(until)) => write!(f, "{name}:..{until}"),
        (None, None) => write!(f, "has:{name}"),
    }
}

fn list(f: &mut fmt::Formatter<'_>, name: &str, values: &[impl fmt::Display]) -> fmt::Result {
    write!(f, "{name}:")?;
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            f.write_str(",")?;
        }
        f.write_str(&quoted(&value.to_string()))?;
    }
    Ok(())
}

/// Returns a value as a query has it: in quotation marks where it would otherwise be read as more than one word.
fn quoted(value: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !matches!(c, '"' | '(' | ')' | ',');
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}
