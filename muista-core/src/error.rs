//! The one error type that every layer and every way in shares. It owns the kinds and their wire form; the tables
//! that turn a kind into an exit status, a problem document or an MCP error live with those ways in.

use serde::{Deserialize, Serialize};

/// The result of everything in Muista that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What sort of failure it was. A way in maps each kind to exactly one exit status, HTTP code or MCP error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ErrorKind {
    /// No such thing, or none that the caller may see.
    NotFound,
    /// A value that cannot be accepted.
    Invalid,
    /// The thing is not in the state the request supposed.
    Conflict,
    /// The thing was changed since the caller saw it.
    PreconditionFailed,
    /// It is not known who the caller is: the credential is missing, wrong, expired or revoked.
    Unauthenticated,
    /// The caller may not do this.
    Forbidden,
    /// The database or the daemon cannot be reached or cannot take more work now.
    Unavailable,
    /// Too many requests.
    RateLimited,
    /// More than an agent may do in a day.
    DailyLimit,
    /// More than there may be of something: for an account, or of one thing, such as a task's files.
    Quota,
    /// A fault of Muista itself.
    Internal,
}

impl ErrorKind {
    /// The kind's stable code, as it stands in JSON: `NOT_FOUND`, `INVALID` …
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotFound => "NOT_FOUND",
            Self::Invalid => "INVALID",
            Self::Conflict => "CONFLICT",
            Self::PreconditionFailed => "PRECONDITION_FAILED",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::Unavailable => "UNAVAILABLE",
            Self::RateLimited => "RATE_LIMITED",
            Self::DailyLimit => "DAILY_LIMIT",
            Self::Quota => "QUOTA",
            Self::Internal => "INTERNAL",
        }
    }
}

impl ErrorKind {
    /// The status that a program ends with because of it (as the command's help says): 1 failed, 2 bad value, 3 not found, 4 refused,
    /// 5 not reachable.
    #[must_use]
    pub fn exit_status(self) -> u8 {
        match self {
            Self::Internal => 1,
            Self::Invalid => 2,
            Self::NotFound => 3,
            Self::Unauthenticated
            | Self::Forbidden
            | Self::Conflict
            | Self::PreconditionFailed
            | Self::RateLimited
            | Self::DailyLimit
            | Self::Quota => 4,
            Self::Unavailable => 5,
        }
    }
}

/// Why the database can do nothing, or write nothing, at all: what whoever watches a daemon is told, without details that
/// are nobody's business. It stays within the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It cannot be reached, or takes nobody in.
    Unreachable,
    /// It takes no writes: a standby, a read-only role or file.
    ReadOnly,
    /// Its disk has no room.
    DiskFull,
    /// It, or its disk, is damaged.
    Damaged,
    /// Its file is no longer the one that was opened.
    Replaced,
}

impl Trouble {
    /// Returns the stable code, as it stands in JSON.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unreachable => "DATABASE_UNREACHABLE",
            Self::ReadOnly => "DATABASE_READ_ONLY",
            Self::DiskFull => "DISK_FULL",
            Self::Damaged => "DATABASE_DAMAGED",
            Self::Replaced => "DATABASE_REPLACED",
        }
    }

    /// Returns what it means, for anybody.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Unreachable => "the database does not answer",
            Self::ReadOnly => "the database takes no writes",
            Self::DiskFull => "the database's disk is full",
            Self::Damaged => "the database or its disk is damaged",
            Self::Replaced => "the database's file was replaced",
        }
    }
}

/// A failure: its kind, a message that names the value, and where there is one a remedy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
#[serde(rename_all = "camelCase")]
pub struct Error {
    /// What sort of failure.
    pub kind: ErrorKind,
    /// A lowercase sentence without a full stop that names the offending value.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The field that was wrong, in camelCase.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// After how many seconds it may be tried again, for [`ErrorKind::RateLimited`] and
    /// [`ErrorKind::DailyLimit`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u32>,
    /// The setting that raises the limit, for [`ErrorKind::Quota`]; none where it is fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// What is the matter with the database, where that is why.
    #[serde(skip)]
    pub trouble: Option<Trouble>,
}

impl Error {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None, field: None, retry_after: None, limit: None, trouble: None }
    }

    /// No such thing: `what` names it, as in "task 7".
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(ErrorKind::NotFound, format!("no {what}"))
    }

    /// `field` has a value that cannot be accepted.
    pub fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self { field: Some(field.to_owned()), ..Self::new(ErrorKind::Invalid, message) }
    }

    /// The thing is not in the state the request supposed.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Conflict, message)
    }

    /// The thing was changed since the caller saw it.
    pub fn precondition_failed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::PreconditionFailed, message)
    }

    /// It is not known who the caller is.
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unauthenticated, message)
    }

    /// Too many requests; `seconds` is when to come again.
    pub fn rate_limited(message: impl Into<String>, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(ErrorKind::RateLimited, message) }
    }

    /// More than an agent may do in a day, which ends in so many `seconds`.
    pub fn daily_limit(message: impl Into<String>, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(ErrorKind::DailyLimit, message) }
    }

    /// More than there may be: the message says how much that is, the hint what helps.
    pub fn quota(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Quota, message)
    }

    /// The same error of a limit that the setting `key` raises.
    #[must_use]
    pub fn limited_by(mut self, key: impl Into<String>) -> Self {
        self.limit = Some(key.into());
        self
    }

    /// The caller may not do this.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Forbidden, message)
    }

    /// The database or daemon cannot be reached or is overloaded.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unavailable, message)
    }

    /// A fault of Muista itself.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// The same error of the field `name`, in camelCase.
    #[must_use]
    pub fn of_field(mut self, name: impl Into<String>) -> Self {
        self.field = Some(name.into());
        self
    }

    /// The same error of a field within the field `outer`; of `outer` itself where it names none.
    #[must_use]
    pub fn within(self, outer: &str) -> Self {
        let field = self.field.as_deref().map_or_else(|| outer.to_owned(), |inner| format!("{outer}.{inner}"));
        self.of_field(field)
    }

    /// The same error, which says what is the matter with the database.
    #[must_use]
    pub(crate) fn of_trouble(mut self, trouble: impl Into<Option<Trouble>>) -> Self {
        self.trouble = trouble.into();
        self
    }

    /// The same error with a remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<crate::time::TimeError> for Error {
    fn from(error: crate::time::TimeError) -> Self {
        Self::invalid("date", error.message).hint(error.hint)
    }
}
