//! Members of a project: a [`Member`], how a caller names an account ([`UserRef`]), and what makes one a member.

use std::fmt;
use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::text::{limit, text};
use super::{Id, ProjectRole, clip};
use crate::error::{Error, Result};
use crate::time::Instant;

/// How a caller names an account: by its username, its e-mail address or its identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserRef(String);

impl UserRef {
    /// Reads a name.
    ///
    /// # Errors
    /// `Invalid` when it is empty, too long, or holds white space or a control character.
    pub fn parse(text: &str) -> Result<Self> {
        let name = text.trim();
        limit("user", name, 320)?;
        if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(Error::invalid("user", format!("“{}” is no account", clip(text).escape_debug()))
                .hint("give a username, an e-mail address or an id, as in `muista project share house eva`"));
        }
        Ok(Self(name.to_owned()))
    }
}

impl TryFrom<String> for UserRef {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}

impl std::str::FromStr for UserRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text)
    }
}

impl From<Id> for UserRef {
    fn from(id: Id) -> Self {
        Self(id.to_string())
    }
}

text!(UserRef);

/// An account that is in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The membership's identifier.
    pub id: Id,
    /// The project.
    pub project_id: Id,
    /// The account.
    pub user_id: Id,
    /// The account's username.
    pub username: String,
    /// The account's full name.
    pub name: Option<String>,
    /// What it may do in the project.
    pub role: ProjectRole,
    /// Who added it; none for the project's owner.
    pub added_by: Option<Id>,
    /// Since when it is in the project.
    pub joined_at: Instant,
    /// When the membership was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

/// What makes an account a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewMember {
    /// The account.
    pub user: UserRef,
    /// What it may do.
    #[serde(default = "member")]
    pub role: ProjectRole,
}

fn member() -> ProjectRole {
    ProjectRole::Member
}
