//! The rows that the queries read and write, each with its way from and to the noun. What one noun needs from several
//! tables is put together by `service`.

mod api_key;
mod attachment;
mod audit;
mod audit_document;
mod backup_duty;
mod device;
mod engine;
mod field;
mod idempotency;
mod job;
mod keys;
mod member;
mod notification;
mod reminder;
mod run;
mod series;
mod session;
mod template;
mod time_entry;
mod user;
mod view;

use diesel::prelude::*;

pub(crate) use api_key::ApiKeyRow;
pub(crate) use attachment::AttachmentRow;
pub(crate) use audit::{AuditOutline, AuditRow, NewAuditRow};
pub(crate) use audit_document::EntryColumns;
pub(crate) use backup_duty::BackupDutyRow;
pub(crate) use device::DeviceRow;
pub(crate) use engine::{FiredMessageRow, FiredTaskRow, MovedCursor, OpenRunRow, RecordedRow, UserRow};
pub(crate) use field::{FieldRow, FieldValueRow, NamedValueRow};
pub(crate) use idempotency::IdempotencyRow;
pub(crate) use job::{FailuresRow, JobRow};
pub(crate) use keys::{NameKind, NamedRow, Renewed, TextRow};
pub(crate) use member::MemberRow;
pub(crate) use notification::{NewNotificationRow, NotificationRow};
pub(crate) use reminder::ReminderRow;
pub(crate) use run::{NewRunRow, OccurrenceRow, Pick, RunEndRow, RunJobRow, RunLogRow, RunRow, WaitingRow};
pub(crate) use series::SeriesRow;
pub(crate) use session::{RefreshTokenRow, SigningKeyRow};
pub(crate) use template::TemplateRow;
pub(crate) use time_entry::TimeEntryRow;
pub(crate) use user::{AccountRow, ConfirmationRow};
pub(crate) use view::ViewRow;

use super::schema::{comments, projects, tags, tasks};
use super::types::RowDay;
use crate::model::{
    Category, Comment, DateField, Due, FieldValues, Id, Priority, Project, ProjectRole, Task, WorkTime, fold, fold_text,
};
use crate::time::Instant;

/// A row of `tasks`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = tasks, primary_key(id, number), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct TaskRow {
    /// Given by the database, unless the insertion says otherwise.
    #[diesel(skip_insertion)]
    pub(crate) number: i64,
    pub(crate) id: Id,
    pub(crate) owner_id: Id,
    pub(crate) project_id: Option<Id>,
    pub(crate) parent_id: Option<Id>,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) category: String,
    pub(crate) priority: i16,
    pub(crate) due_at: Option<Instant>,
    pub(crate) due_on: Option<RowDay>,
    pub(crate) timezone: Option<String>,
    pub(crate) completed_at: Option<Instant>,
    pub(crate) search_key: String,
    pub(crate) version: i64,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
    pub(crate) series_id: Option<Id>,
    pub(crate) series_number: Option<i64>,
    pub(crate) recurrence: Option<String>,
    /// How many tags it has: the ranking needs no more of them.
    pub(crate) tag_count: i16,
    pub(crate) start_at: Option<Instant>,
    pub(crate) start_on: Option<RowDay>,
    pub(crate) deadline_at: Option<Instant>,
    pub(crate) deadline_on: Option<RowDay>,
    /// In seconds.
    pub(crate) estimate: Option<i64>,
    pub(crate) position: Option<i64>,
}

/// A task as a query finds it. Most tasks depend on no other, and many have no tags: what says so spares a query for
/// them, which on PostgreSQL is a round trip.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct FoundTask {
    pub(crate) row: TaskRow,
    /// The name of its project.
    pub(crate) project: Option<String>,
    /// Whether it has tags.
    pub(crate) tagged: bool,
    /// Whether it depends on others.
    pub(crate) dependent: bool,
    /// Whether anybody worked on it.
    pub(crate) timed: bool,
    /// Whether it has values of own fields.
    pub(crate) fielded: bool,
}

impl FoundTask {
    /// How many bytes of text it holds.
    pub(crate) fn text(&self) -> usize {
        let TaskRow { title, description, note, .. } = &self.row;
        title.len() + [description, note].into_iter().flatten().map(String::len).sum::<usize>()
    }
}

impl TaskRow {
    /// Returns the instant of one of its dates.
    pub(crate) fn date_at(&self, field: DateField) -> Option<Instant> {
        match field {
            DateField::Due => self.due_at,
            DateField::Start => self.start_at,
            DateField::Deadline => self.deadline_at,
        }
    }

    /// The task of this row, without its tags, dependencies and own fields.
    pub(crate) fn into_task(self, project: Option<String>) -> Task {
        Task {
            id: self.id,
            number: self.number,
            owner_id: self.owner_id,
            title: self.title,
            description: self.description,
            note: self.note,
            // The database's CHECK lets no other name in.
            category: self.category.parse().unwrap_or(Category::Personal),
            priority: Priority::of_level(self.priority),
            due_date: self.due_at,
            due_on: self.due_on.map(|RowDay(date)| date),
            timezone: self.timezone,
            start_date: self.start_at,
            start_on: self.start_on.map(|RowDay(date)| date),
            deadline_date: self.deadline_at,
            deadline_on: self.deadline_on.map(|RowDay(date)| date),
            estimate: self.estimate.map(WorkTime::of_seconds),
            position: self.position,
            time_spent: None,
            active_since: None,
            completed: self.completed_at.is_some(),
            completed_at: self.completed_at,
            project_id: self.project_id,
            project,
            parent_id: self.parent_id,
            tags: Vec::new(),
            depends_on: Vec::new(),
            fields: FieldValues::new(),
            recurrence: self.recurrence,
            series_id: self.series_id,
            series_number: self.series_number,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl From<&Task> for TaskRow {
    fn from(task: &Task) -> Self {
        Self {
            number: task.number,
            id: task.id,
            owner_id: task.owner_id,
            project_id: task.project_id,
            parent_id: task.parent_id,
            title: task.title.clone(),
            description: task.description.clone(),
            note: task.note.clone(),
            category: task.category.as_str().to_owned(),
            priority: task.priority.level(),
            due_at: task.due_date,
            due_on: task.due_on.map(RowDay),
            timezone: task.timezone.clone(),
            completed_at: task.completed_at,
            search_key: search_key(&task.title, task.description.as_deref(), task.note.as_deref()),
            version: task.version,
            created_at: task.created_at,
            updated_at: task.updated_at,
            series_id: task.series_id,
            series_number: task.series_number,
            recurrence: task.recurrence.clone(),
            tag_count: i16::try_from(task.tags.len()).unwrap_or(i16::MAX),
            start_at: task.start_date,
            start_on: task.start_on.map(RowDay),
            deadline_at: task.deadline_date,
            deadline_on: task.deadline_on.map(RowDay),
            estimate: task.estimate.map(WorkTime::seconds),
            position: task.position,
        }
    }
}

/// What a search looks through. It begins with the title, so that sorting by it sorts by title.
pub(crate) fn search_key(title: &str, description: Option<&str>, note: Option<&str>) -> String {
    let mut key = String::with_capacity(title.len() + 8);
    for text in [Some(title), description, note].into_iter().flatten() {
        if !key.is_empty() {
            key.push('\n');
        }
        key.push_str(&fold_text(text));
    }
    key
}

/// Sets a task's due fields.
pub(crate) fn set_due(task: &mut Task, due: Option<&Due>) {
    task.due_date = due.map(Due::at);
    task.due_on = due.and_then(Due::on);
    task.timezone = due.and_then(|due| due.timezone().map(str::to_owned));
}

/// What ranking needs of an open task.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct RankRow {
    pub(crate) id: Id,
    pub(crate) number: i64,
    pub(crate) priority: i16,
    pub(crate) due_at: Option<Instant>,
    pub(crate) due_on: Option<RowDay>,
    pub(crate) created_at: Instant,
    pub(crate) project_id: Option<Id>,
    pub(crate) tag_count: i16,
    pub(crate) deadline_at: Option<Instant>,
    pub(crate) deadline_on: Option<RowDay>,
}

impl RankRow {
    /// Returns the instant by which those of one weight are read: the earlier of due and deadline.
    pub(crate) fn urge_key(&self) -> Instant {
        [self.due_at, self.deadline_at].into_iter().flatten().min().unwrap_or(Instant::MAX)
    }
}

/// A row of `projects`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = projects, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct ProjectRow {
    pub(crate) id: Id,
    pub(crate) owner_id: Id,
    pub(crate) name: String,
    pub(crate) name_key: String,
    pub(crate) description: Option<String>,
    pub(crate) note: Option<String>,
    pub(crate) version: i64,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl ProjectRow {
    /// The project of this row with the caller's role and its counts.
    pub(crate) fn into_project(self, role: ProjectRole, (open, total): (i64, i64)) -> Project {
        Project {
            id: self.id,
            owner_id: self.owner_id,
            name: self.name,
            description: self.description,
            note: self.note,
            open,
            total,
            role,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

impl From<&Project> for ProjectRow {
    fn from(project: &Project) -> Self {
        Self {
            id: project.id,
            owner_id: project.owner_id,
            name: project.name.clone(),
            name_key: fold(&project.name),
            description: project.description.clone(),
            note: project.note.clone(),
            version: project.version,
            created_at: project.created_at,
            updated_at: project.updated_at,
        }
    }
}

/// A row of `tags`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = tags, treat_none_as_default_value = false)]
pub(crate) struct TagRow {
    pub(crate) id: Id,
    pub(crate) owner_id: Id,
    pub(crate) name: String,
    pub(crate) name_key: String,
    pub(crate) created_at: Instant,
}

/// A row of `comments`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = comments, treat_none_as_default_value = false)]
pub(crate) struct CommentRow {
    pub(crate) id: Id,
    pub(crate) task_id: Id,
    pub(crate) author_id: Id,
    pub(crate) text: String,
    pub(crate) created_at: Instant,
}

impl From<CommentRow> for Comment {
    fn from(row: CommentRow) -> Self {
        Self { id: row.id, task_id: row.task_id, author_id: row.author_id, text: row.text, created_at: row.created_at }
    }
}

impl From<&Comment> for CommentRow {
    fn from(comment: &Comment) -> Self {
        Self {
            id: comment.id,
            task_id: comment.task_id,
            author_id: comment.author_id,
            text: comment.text.clone(),
            created_at: comment.created_at,
        }
    }
}
