//! What accounts take: [`Usage`] for people, with the limits; [`Weight`] for counting.

use serde::{Deserialize, Serialize};

use super::Id;

/// How much an account may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Tasks, done ones included.
    pub tasks: i64,
    /// Bytes of titles, notes, comments and the like.
    pub text_bytes: i64,
    /// Bytes of files.
    pub file_bytes: i64,
}

impl Default for Quotas {
    fn default() -> Self {
        Self { tasks: 100_000, text_bytes: 100 << 20, file_bytes: 1 << 30 }
    }
}

/// What a record takes beside its text, so that many small ones are bounded too.
pub(crate) const RECORD: i64 = 100;
/// What a record takes, or an account all in all, or a change more than before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Weight {
    pub(crate) tasks: i64,
    pub(crate) text_bytes: i64,
    pub(crate) files: i64,
    pub(crate) file_bytes: i64,
}

impl Weight {
    /// That of texts alone.
    pub(crate) fn of_text<'a>(texts: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let bytes: usize = texts.into_iter().flatten().map(str::len).sum();
        Self { text_bytes: i64::try_from(bytes).unwrap_or(i64::MAX), ..Self::default() }
    }

    /// That of a record with these texts.
    pub(crate) fn of_record<'a>(texts: impl IntoIterator<Item = Option<&'a str>>) -> Self {
        let text = Self::of_text(texts);
        Self { text_bytes: text.text_bytes.saturating_add(RECORD), ..text }
    }

    /// This and another.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            tasks: self.tasks.saturating_add(other.tasks),
            text_bytes: self.text_bytes.saturating_add(other.text_bytes),
            files: self.files.saturating_add(other.files),
            file_bytes: self.file_bytes.saturating_add(other.file_bytes),
        }
    }

    /// What takes this away again.
    pub(crate) fn negated(self) -> Self {
        Self {
            tasks: self.tasks.saturating_neg(),
            text_bytes: self.text_bytes.saturating_neg(),
            files: self.files.saturating_neg(),
            file_bytes: self.file_bytes.saturating_neg(),
        }
    }
}

/// How much is used of something, and how much may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Amount {
    /// How much is used.
    #[schema(minimum = 0)]
    pub used: i64,
    /// How much may be used; none: as much as there is room for.
    #[schema(minimum = 1)]
    pub limit: Option<i64>,
}

impl Amount {
    /// Whether nine tenths or more of the limit are used.
    #[must_use]
    pub fn is_near(&self) -> bool {
        self.limit.is_some_and(|limit| self.used >= near(limit))
    }
}

/// From where on a limit is near.
pub(crate) fn near(limit: i64) -> i64 {
    limit - limit / 10
}

/// What an account takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// The account.
    pub user_id: Id,
    /// Its name.
    pub username: String,
    /// Tasks, done ones included.
    pub tasks: Amount,
    /// Bytes of titles, notes, comments and the like; comments, reminders, projects and jobs count 100 bytes beside.
    pub text_bytes: Amount,
    /// Bytes of files.
    pub file_bytes: Amount,
    /// How many files these are.
    #[schema(minimum = 0)]
    pub files: i64,
}

impl Usage {
    /// Each amount with what it is of.
    #[must_use]
    pub fn amounts(&self) -> [(&'static str, Amount); 3] {
        [("tasks", self.tasks), ("bytes of text", self.text_bytes), ("bytes of files", self.file_bytes)]
    }
}

/// A part of the list of what accounts take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsagePage {
    /// The accounts, by name.
    pub items: Vec<Usage>,
    /// What to give as `cursor` for the next page; none when this is the last.
    pub next_cursor: Option<String>,
}
