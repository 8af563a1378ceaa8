//! [`Task`] and what makes ([`NewTask`]) or changes ([`TaskPatch`]) one.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{
    Attachment, Category, Change, Comment, Due, FieldChanges, FieldValue, FieldValues, Id, NewReminder, NewSeries,
    Planning, Priority, ProjectRef, Reminder, SeriesScope, TagName, TaskRef, Text, Title, WorkTime,
};
use crate::time::{Context, Instant};

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    /// The identifier.
    pub id: Id,
    /// The short number: unique, never reused, never renumbered.
    pub number: i64,
    /// The account that owns it.
    pub owner_id: Id,
    /// One line that says what is to be done.
    pub title: String,
    /// A longer description.
    pub description: Option<String>,
    /// Further notes.
    pub note: Option<String>,
    /// The bucket it is in.
    pub category: Category,
    /// How much it matters.
    pub priority: Priority,
    /// When it is due; for a task due on a date, the last second of that day in `timezone`.
    pub due_date: Option<Instant>,
    /// The date it is due on, where no time of day was given.
    #[schema(value_type = Option<String>, format = Date)]
    pub due_on: Option<Date>,
    /// The zone that `dueOn` was read in.
    pub timezone: Option<String>,
    /// Until when it waits; for one that waits until a date, the first instant of that day where it was given.
    #[serde(default)]
    pub start_date: Option<Instant>,
    /// The date it waits until, where no time of day was given.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub start_on: Option<Date>,
    /// When it must be done at the latest; for a date, the last second of that day where it was given.
    #[serde(default)]
    pub deadline_date: Option<Instant>,
    /// The date it must be done on at the latest, where no time of day was given.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub deadline_on: Option<Date>,
    /// How long it will take, as an ISO 8601 duration.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "PT15M")]
    pub estimate: Option<WorkTime>,
    /// Its place in an order by hand, the smallest first.
    #[serde(default)]
    pub position: Option<i64>,
    /// How long it was worked on, without what goes on now, as an ISO 8601 duration.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "PT1H30M")]
    pub time_spent: Option<WorkTime>,
    /// Since when somebody works on it.
    #[serde(default)]
    pub active_since: Option<Instant>,
    /// Whether it is done.
    pub completed: bool,
    /// When it was done.
    pub completed_at: Option<Instant>,
    /// The project it is in.
    pub project_id: Option<Id>,
    /// That project's name.
    pub project: Option<String>,
    /// The task it is a part of.
    pub parent_id: Option<Id>,
    /// The tags' names, in alphabetical order.
    pub tags: Vec<String>,
    /// The tasks that must be done before it.
    pub depends_on: Vec<Id>,
    /// The values of its owner's own fields, by their names; left out where it has none.
    #[serde(default, skip_serializing_if = "FieldValues::is_empty")]
    #[schema(value_type = HashMap<String, FieldValue>, example = json!({"effort": 3}))]
    pub fields: FieldValues,
    /// How it recurs, in the user's words.
    #[serde(default)]
    pub recurrence: Option<String>,
    /// The series it is an occurrence of.
    #[serde(default)]
    pub series_id: Option<Id>,
    /// Which occurrence it is, from 1.
    #[serde(default)]
    pub series_number: Option<i64>,
    /// Counts up with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Task {
    /// A new task with nothing else said. Its number comes with the insertion.
    pub(crate) fn titled(id: Id, owner_id: Id, title: String, now: Instant) -> Self {
        Self {
            id,
            number: 0,
            owner_id,
            title,
            description: None,
            note: None,
            category: Category::default(),
            priority: Priority::default(),
            due_date: None,
            due_on: None,
            timezone: None,
            start_date: None,
            start_on: None,
            deadline_date: None,
            deadline_on: None,
            estimate: None,
            position: None,
            time_spent: None,
            active_since: None,
            completed: false,
            completed_at: None,
            project_id: None,
            project: None,
            parent_id: None,
            tags: Vec::new(),
            depends_on: Vec::new(),
            fields: FieldValues::new(),
            recurrence: None,
            series_id: None,
            series_number: None,
            version: 1,
            created_at: now,
            updated_at: now,
        }
    }

    /// Whether it is open and its due is over, for a reader in `context.zone`. What is due on a date is so until that day
    /// is over there. Whole seconds count, so that nothing is overdue within the second it is due in.
    #[must_use]
    pub fn is_overdue(&self, context: &Context) -> bool {
        let is_over = match self.due_on {
            Some(day) => day < context.today(),
            None => self.due_date.is_some_and(|due| due < context.now.whole_second()),
        };
        !self.completed && is_over
    }

    /// Whether it is open and waits for its start, for a reader in `context.zone`. What waits until a date does so until that
    /// day begins there.
    #[must_use]
    pub fn is_waiting(&self, context: &Context) -> bool {
        let waits = match self.start_on {
            Some(day) => day > context.today(),
            None => self.start_date.is_some_and(|start| start > context.now),
        };
        !self.completed && waits
    }

    /// The day it is due on, for a reader in `zone`.
    #[must_use]
    pub fn due_day(&self, zone: &TimeZone) -> Option<Date> {
        self.due_on.or_else(|| self.due_date.map(|due| due.date_in(zone)))
    }
}

/// What makes a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewTask {
    /// Its identifier, where whoever makes it chooses one: made again, it is the same task.
    #[serde(default)]
    pub id: Option<Id>,
    /// One line that says what is to be done.
    pub title: Title,
    /// A longer description.
    #[serde(default)]
    pub description: Option<Text>,
    /// Further notes.
    #[serde(default)]
    pub note: Option<Text>,
    /// The bucket.
    #[serde(default)]
    pub category: Category,
    /// How much it matters.
    #[serde(default)]
    pub priority: Priority,
    /// When it is due.
    #[serde(default)]
    pub due: Option<Due>,
    /// When it is worked on.
    #[serde(default)]
    pub planning: Planning,
    /// The project, which is made when there is none of that name.
    #[serde(default)]
    pub project: Option<ProjectRef>,
    /// The task it is a part of.
    #[serde(default)]
    pub parent: Option<TaskRef>,
    /// The tags.
    #[serde(default)]
    pub tags: Vec<TagName>,
    /// The tasks that must be done before it.
    #[serde(default)]
    pub depends_on: Vec<TaskRef>,
    /// The values of own fields.
    #[serde(default)]
    pub fields: FieldChanges,
    /// Its reminders.
    #[serde(default)]
    pub reminders: Vec<NewReminder>,
    /// How it recurs. Without a due the first one is that of the rule.
    #[serde(default)]
    pub series: Option<NewSeries>,
}

impl NewTask {
    /// A task of that title with nothing else said.
    #[must_use]
    pub fn titled(title: Title) -> Self {
        Self {
            id: None,
            title,
            description: None,
            note: None,
            category: Category::default(),
            priority: Priority::default(),
            due: None,
            planning: Planning::default(),
            project: None,
            parent: None,
            tags: Vec::new(),
            depends_on: Vec::new(),
            fields: FieldChanges::default(),
            reminders: Vec::new(),
            series: None,
        }
    }
}

/// What changes a task; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TaskPatch {
    /// The new title.
    pub title: Option<Title>,
    /// The new description.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub description: Change<Text>,
    /// The new note.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub note: Change<Text>,
    /// The new bucket.
    pub category: Option<Category>,
    /// The new priority.
    pub priority: Option<Priority>,
    /// The new due.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub due: Change<Due>,
    /// When it is worked on.
    pub planning: Planning,
    /// The new project, which is made when there is none of that name.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub project: Change<ProjectRef>,
    /// The new parent.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub parent: Change<TaskRef>,
    /// All tags, in place of those there are.
    pub tags: Option<Vec<TagName>>,
    /// Tags to add.
    pub add_tags: Vec<TagName>,
    /// Tags to take away.
    pub remove_tags: Vec<TagName>,
    /// All tasks that must be done before, in place of those there are.
    pub depends_on: Option<Vec<TaskRef>>,
    /// What becomes of own fields.
    #[serde(skip_serializing_if = "FieldChanges::is_empty")]
    pub fields: FieldChanges,
    /// How it recurs from now on, or that it does not any more.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub every: Change<NewSeries>,
    /// Which occurrences of a recurring task are meant. Left out: this and those that come; this alone where it is not
    /// the latest.
    pub scope: Option<SeriesScope>,
    /// Its one reminder, in place of those there are.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub reminder: Change<NewReminder>,
    /// Whether it is done. One that recurs is followed by the next.
    pub completed: Option<bool>,
    /// Where it is completed: whether its open subtasks are completed with it.
    pub with_subtasks: bool,
    /// The version that the change was made from; with another one now nothing is changed.
    pub version: Option<i64>,
}

impl TaskPatch {
    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        Self { version: None, scope: None, ..self.clone() } == Self::default()
    }
}

/// A task with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskDetail {
    /// The task.
    #[serde(flatten)]
    pub task: Task,
    /// The task it is a part of.
    pub parent: Option<Box<Task>>,
    /// Its parts, by number.
    pub subtasks: Vec<Task>,
    /// The tasks that must be done before it, by number.
    pub dependencies: Vec<Task>,
    /// The open tasks that wait for it, by number.
    #[serde(default)]
    pub dependents: Vec<Task>,
    /// The comments on it, the oldest first.
    pub comments: Vec<Comment>,
    /// The files that belong to it, the oldest first.
    #[serde(default)]
    pub attachments: Vec<Attachment>,
    /// Its reminders, the oldest first.
    #[serde(default)]
    pub reminders: Vec<Reminder>,
    /// When the next occurrence would be due, were this one done now.
    #[serde(default)]
    pub next_due: Option<Due>,
    /// Whether the time zone in which it recurs is not known where this was asked: nothing follows it until it is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub zone_unknown: bool,
}
