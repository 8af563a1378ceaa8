//! Projects: the [`ProjectName`] that a person writes, how a caller names one ([`ProjectRef`]), a [`Project`] with its
//! counts, and what makes or changes one. Its members are in `member`.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::text::{is_blank, limit, text};
use super::{Change, Id, ProjectRole, Text, clip};
use crate::error::{Error, Result};
use crate::time::Instant;

/// A project's name: one trimmed line of 1 to 200 characters without control characters. Two names that differ only in
/// case are the same project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ProjectName(String);

impl ProjectName {
    /// Reads a name.
    ///
    /// # Errors
    /// `Invalid` when it is empty, too long or holds a control character.
    pub fn parse(text: &str) -> Result<Self> {
        let name = text.trim();
        limit("project", name, 200)?;
        if is_blank(name) || name.chars().any(char::is_control) {
            return Err(Error::invalid("project", format!("“{}” is not a project name", super::shown(&clip(text))))
                .hint("a project name is one line of plain text, as in `--project home`"));
        }
        Ok(Self(name.to_owned()))
    }
}

impl TryFrom<String> for ProjectName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for ProjectName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

text!(ProjectName);

/// How a caller names a project: by its whole identifier, or by its name. A name means one's own project before one that
/// others share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ProjectRef {
    /// The identifier.
    Id(Id),
    /// The name.
    Name(ProjectName),
}

/// How many characters a UUID has as it is written everywhere.
const UUID_LENGTH: usize = 36;

impl std::str::FromStr for ProjectRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let whole = text.trim();
        match whole.parse() {
            Ok(id) if whole.len() == UUID_LENGTH => Ok(Self::Id(id)),
            _ => ProjectName::parse(text).map(Self::Name),
        }
    }
}

impl fmt::Display for ProjectRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

impl TryFrom<String> for ProjectRef {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<ProjectRef> for String {
    fn from(project: ProjectRef) -> Self {
        project.to_string()
    }
}

impl From<Id> for ProjectRef {
    fn from(id: Id) -> Self {
        Self::Id(id)
    }
}

impl From<ProjectName> for ProjectRef {
    fn from(name: ProjectName) -> Self {
        Self::Name(name)
    }
}

/// A project and how many tasks are in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    /// The project's identifier.
    pub id: Id,
    /// The account that made it.
    pub owner_id: Id,
    /// Its name, unique among its owner's projects without regard to case.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Further notes.
    pub note: Option<String>,
    /// Open tasks in it, whoever owns them.
    pub open: i64,
    /// All tasks in it.
    pub total: i64,
    /// What the caller may do in it.
    #[serde(default = "owner")]
    pub role: ProjectRole,
    /// Counts up with each change.
    pub version: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// The record of changes has projects from before there were roles.
fn owner() -> ProjectRole {
    ProjectRole::Owner
}

/// What makes a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewProject {
    /// Its name.
    pub name: ProjectName,
    /// What it is.
    #[serde(default)]
    pub description: Option<Text>,
    /// Further notes.
    #[serde(default)]
    pub note: Option<Text>,
}

/// What changes a project; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProjectPatch {
    /// The new name.
    pub name: Option<ProjectName>,
    /// The new description.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub description: Change<Text>,
    /// The new note.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub note: Change<Text>,
    /// The version that the change was made from; with another one now nothing is changed.
    pub version: Option<i64>,
}
