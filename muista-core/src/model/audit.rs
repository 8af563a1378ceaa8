//! The record of changes: an [`AuditEntry`] a changed record, grouped by change; and what asks to undo one.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Id, Scope, TaskRef};
use crate::time::Instant;

string_enum! {
    /// What kind of record was changed.
    Entity, "entity" {
        /// A task, with its tags and dependencies.
        Task = "Task",
        /// A project.
        Project = "Project",
        /// A tag.
        Tag = "Tag",
        /// A comment.
        Comment = "Comment",
        /// A file of a task.
        Attachment = "Attachment",
        /// A stretch of work on a task.
        TimeEntry = "TimeEntry",
        /// A reminder, with its channels.
        Reminder = "Reminder",
        /// A job.
        Job = "Job",
        /// A run of a job that an admin stopped.
        Run = "Run",
        /// A device; never its token.
        Device = "Device",
        /// What a recurring task's occurrences are made from.
        Series = "Series",
        /// An account; never its password.
        User = "User",
        /// A log-in.
        Session = "Session",
        /// An API key; never the key itself.
        ApiKey = "ApiKey",
        /// A project's member.
        Member = "Member",
        /// A view.
        View = "View",
        /// A template.
        Template = "Template",
        /// An own field.
        Field = "Field",
    }
}

impl Entity {
    /// What is needed to see such a record, and so also what was done to it.
    #[must_use]
    pub fn scope(self) -> Scope {
        match self {
            Self::Task | Self::Tag | Self::Comment | Self::Attachment | Self::Field => Scope::TasksRead,
            Self::Reminder | Self::Series | Self::TimeEntry | Self::View | Self::Template => Scope::TasksRead,
            Self::Project | Self::Member => Scope::ProjectsRead,
            Self::Job | Self::Run => Scope::JobsRead,
            Self::Device => Scope::DevicesRead,
            Self::User | Self::Session | Self::ApiKey => Scope::AccountRead,
        }
    }

    /// The scope that changing such a record takes, and so also what undoing a change of one takes.
    #[must_use]
    pub fn write_scope(self) -> Scope {
        match self {
            Self::Task | Self::Tag | Self::Comment | Self::Attachment | Self::Field => Scope::TasksWrite,
            Self::Reminder | Self::Series | Self::TimeEntry | Self::View | Self::Template => Scope::TasksWrite,
            Self::Project | Self::Member => Scope::ProjectsWrite,
            Self::Job | Self::Run => Scope::JobsWrite,
            Self::Device => Scope::DevicesWrite,
            Self::User | Self::Session | Self::ApiKey => Scope::AccountWrite,
        }
    }

    /// What is recorded but not undone: who may come in is not changed by the way, and what has run has run.
    pub const NEVER_UNDONE: &[Self] = &[Self::Run, Self::User, Self::Session, Self::ApiKey, Self::Device];
}

string_enum! {
    /// What was done to the record.
    Action, "action" {
        /// It was made.
        Create = "CREATE",
        /// It was changed.
        Update = "UPDATE",
        /// It was deleted.
        Delete = "DELETE",
    }
}

string_enum! {
    /// Which way in the change came by.
    Origin, "origin" {
        /// The command line.
        Cli = "cli",
        /// REST.
        Rest = "rest",
        /// MCP.
        Mcp = "mcp",
        /// The agent envelope.
        Agent = "agent",
        /// The daemon itself.
        Daemon = "daemon",
    }
}

/// One changed record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its place in the record of all changes.
    pub seq: i64,
    /// Its identifier.
    pub id: Id,
    /// The change it is part of: one command is one change.
    pub change_id: Id,
    /// What kind of record.
    pub entity: Entity,
    /// The record.
    pub record_id: Id,
    /// The account that did it.
    pub user_id: Option<Id>,
    /// Who did it: the account's or agent's name.
    pub actor: String,
    /// The way in.
    pub origin: Origin,
    /// What was done.
    pub action: Action,
    /// The record before.
    #[serde(serialize_with = "super::zoned::document")]
    pub before: Option<Value>,
    /// The record after.
    #[serde(serialize_with = "super::zoned::document")]
    pub after: Option<Value>,
    /// The change that this one reverts.
    pub undoes: Option<Id>,
    /// Whether that was an undo itself, so that this one does again what it undid.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(nullable = false)]
    pub redo: bool,
    /// When.
    pub created_at: Instant,
}

/// Which audit entries are wanted; the newest come first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AuditQuery {
    /// Of this task alone, which may be deleted by now where its id is given.
    pub task: Option<TaskRef>,
    /// Of this record alone, of whatever kind.
    pub record: Option<Id>,
    /// By this actor: the name of an account, a key or an agent.
    pub actor: Option<String>,
    /// Of this kind of record.
    pub entity: Option<Entity>,
    /// From this instant on.
    pub since: Option<Instant>,
    /// Maximum number of entries.
    pub limit: u32,
    /// Older than this place.
    pub before: Option<i64>,
}

/// A part of the record of changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditPage {
    /// The entries, the newest first.
    pub items: Vec<AuditEntry>,
    /// What to give as `before` for the next page; none when this is the last.
    pub next: Option<i64>,
}

/// What to undo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UndoTarget {
    /// The caller's last change that is not undone, leaving undos aside.
    Last,
    /// The caller's last so many changes that are not undone, leaving undos aside.
    Steps(u32),
    /// This change of the caller's.
    Change(Id),
    /// All changes of the caller's account that this actor made from this instant on and that are not undone.
    Since(ActorSince),
}

/// What an actor did from an instant on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActorSince {
    /// The name of an account, a key or an agent.
    pub actor: String,
    /// From then on.
    pub since: Instant,
}

/// A request to undo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Undo {
    /// What to undo.
    pub target: UndoTarget,
}

/// What was undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Undone {
    /// The change that the undo itself is.
    pub change_id: Id,
    /// The changes it reverted, the newest first.
    pub changes: Vec<Id>,
    /// The entries it reverted, the newest first: 200 of them, or fewer where they are large, and only those of records
    /// that the caller's scopes let it read.
    pub entries: Vec<AuditEntry>,
    /// How many entries it reverted.
    #[schema(minimum = 1)]
    pub total: u64,
}
