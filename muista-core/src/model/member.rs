//! Members of a project: a [`Member`], and what makes one.

use serde::{Deserialize, Serialize};

use super::{Id, ProjectRole, UserRef};
use crate::time::Instant;

/// An account that is in a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
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

impl Member {
    /// Which state of the membership it is: nothing of it changes but the role.
    #[must_use]
    pub fn version(&self) -> i64 {
        match self.role {
            ProjectRole::Member => 1,
            ProjectRole::Admin => 2,
            ProjectRole::Owner => 3,
        }
    }
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
