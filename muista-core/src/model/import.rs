//! What other tools' data becomes on its way in ([`ImportTask`]) and ours on its way out ([`ExportedTask`]). Reading
//! and writing the file formats is the CLI's work.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    Category, Comment, Due, FieldKind, FieldValues, Id, NewSeries, Planning, Priority, ProjectName, TagName, Task,
    Text, TimeEntry, Title,
};
use crate::time::Instant;

/// A task to be made, or brought up to date, as it is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportTask {
    /// Its identifier, the same there and here.
    pub id: Id,
    /// One line that says what is to be done.
    pub title: Title,
    /// A longer description.
    pub description: Option<Text>,
    /// Further notes.
    pub note: Option<Text>,
    /// The bucket.
    pub category: Category,
    /// How much it matters.
    pub priority: Priority,
    /// When it is due.
    pub due: Option<Due>,
    /// When it is worked on; what is not said stays as it is here.
    #[serde(default)]
    pub planning: Planning,
    /// How it recurs, where it is new here: an open one begins a series.
    #[serde(default)]
    pub every: Option<NewSeries>,
    /// When it was done.
    pub completed_at: Option<Instant>,
    /// The project, which is made when there is none of that name.
    pub project: Option<ProjectName>,
    /// The task it is a part of, imported with it or here already.
    pub parent_id: Option<Id>,
    /// The tags.
    pub tags: Vec<TagName>,
    /// The tasks that must be done before, imported with it or here already.
    pub depends_on: Vec<Id>,
    /// The values of own fields, in place of those there are; none: what is here stays.
    #[serde(default)]
    pub fields: Option<FieldValues>,
    /// The comments on it.
    pub comments: Vec<ImportComment>,
    /// The stretches of work on it.
    #[serde(default)]
    pub work: Vec<ImportWork>,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Option<Instant>,
}

/// A stretch of work to be made, which is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportWork {
    /// When it began.
    pub began_at: Instant,
    /// When it ended.
    pub ended_at: Instant,
}

/// A comment to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportComment {
    /// What it says.
    pub text: Text,
    /// When it was written.
    pub created_at: Instant,
}

impl ImportTask {
    /// How many bytes of text it holds, and of times.
    #[must_use]
    pub fn text(&self) -> usize {
        let texts = [self.description.as_deref(), self.note.as_deref(), self.project.as_deref()];
        let texts = texts.into_iter().flatten().map(str::len);
        let comments = self.comments.iter().map(|comment| comment.text.len());
        let work = self.work.len() * size_of::<ImportWork>();
        let values = self.fields.iter().flatten().map(|(name, value)| name.len() + value.to_string().len());
        self.title.len() + texts.sum::<usize>() + comments.sum::<usize>() + values.sum::<usize>() + work
    }
}

/// A part of an import. The parts of one connection are gathered until the last, which puts all into effect in one
/// transaction, or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportBatch {
    /// Tasks to make or bring up to date.
    pub tasks: Vec<ImportTask>,
    /// Tasks to delete where they are here.
    pub deleted: Vec<Id>,
    /// Whether this is the last part.
    pub last: bool,
    /// Whether also what was changed here later than in the file gets the file's values.
    #[serde(default)]
    pub force: bool,
    /// The own fields of which there are values, which are made where there are none of that name.
    #[serde(default)]
    pub fields: BTreeMap<String, FieldKind>,
}

/// What an import did; zeros until the last part.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportSummary {
    /// Tasks made.
    pub created: u64,
    /// Tasks that were here and differed.
    pub updated: u64,
    /// Tasks that were here just so.
    pub unchanged: u64,
    /// Tasks that were changed here later than in the file, and stayed as they are.
    #[serde(default)]
    pub older: u64,
    /// Tasks that were changed here later than in the file, and got the file's values all the same; counted as updated too.
    #[serde(default)]
    pub forced: u64,
    /// Tasks deleted.
    pub deleted: u64,
    /// Comments made.
    pub comments: u64,
    /// What had to be left out, in sentences.
    pub notices: Vec<String>,
}

/// A task as it is exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportedTask {
    /// The task.
    #[serde(flatten)]
    pub task: Task,
    /// When the series of an open task that recurs ends, where it does: no occurrence is due after this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recurrence_end: Option<Instant>,
    /// The comments on it, the oldest first.
    pub comments: Vec<Comment>,
    /// The stretches of work on it, the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub time_entries: Vec<TimeEntry>,
}

/// A part of an export, by number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExportPage {
    /// The tasks.
    pub items: Vec<ExportedTask>,
    /// Where the next page begins; none when this is the last.
    pub next_cursor: Option<String>,
}
