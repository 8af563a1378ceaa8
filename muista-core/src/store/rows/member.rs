//! The rows of a project's members.

use diesel::prelude::*;

use crate::error::Result;
use crate::model::{Id, Member, ProjectRole};
use crate::store::schema::project_members;
use crate::time::Instant;

/// A row of `project_members`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = project_members, treat_none_as_default_value = false)]
pub(crate) struct MemberRow {
    pub(crate) id: Id,
    pub(crate) project_id: Id,
    pub(crate) user_id: Id,
    pub(crate) role: String,
    pub(crate) added_by: Option<Id>,
    pub(crate) joined_at: Instant,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl MemberRow {
    /// The row of a project's owner, who is in it from its beginning. Its id is the project's, so that there is one.
    pub(crate) fn of_owner(project: Id, owner: Id, since: Instant) -> Self {
        Self {
            id: project,
            project_id: project,
            user_id: owner,
            role: ProjectRole::Owner.as_str().to_owned(),
            added_by: None,
            joined_at: since,
            created_at: since,
            updated_at: since,
        }
    }

    /// The member of this row.
    pub(crate) fn into_member(self, username: String, name: Option<String>) -> Result<Member> {
        Ok(Member {
            id: self.id,
            project_id: self.project_id,
            user_id: self.user_id,
            username,
            name,
            role: self.role.parse()?,
            added_by: self.added_by,
            joined_at: self.joined_at,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

impl From<&Member> for MemberRow {
    fn from(member: &Member) -> Self {
        Self {
            id: member.id,
            project_id: member.project_id,
            user_id: member.user_id,
            role: member.role.as_str().to_owned(),
            added_by: member.added_by,
            joined_at: member.joined_at,
            created_at: member.created_at,
            updated_at: member.updated_at,
        }
    }
}
