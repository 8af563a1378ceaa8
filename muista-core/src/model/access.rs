//! What a caller may do: the account's [`Role`], the [`Scope`]s of its credential, and the [`ProjectRole`] it has in a
//! project. What each allows is decided by `service`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

string_enum! {
    /// What an account or a key is for. Later ones may less.
    Role, "role" {
        /// Manages accounts, beside all that a user may.
        Admin = "admin",
        /// A person.
        User = "user",
        /// A program that works for a person.
        Agent = "agent",
    }
}

string_enum! {
    /// What a member of a project may do in it. Later ones may less.
    ProjectRole, "role" {
        /// Everything, also delete the project and make owners.
        Owner = "OWNER",
        /// See and change every task, and manage members.
        Admin = "ADMIN",
        /// See and comment every task, add tasks, change those of one's own.
        Member = "MEMBER",
    }
}

string_enum! {
    /// One thing that a credential may be used for.
    Scope, "scope" {
        /// See tasks, their comments, attachments, reminders and tags.
        TasksRead = "tasks:read",
        /// Change them.
        TasksWrite = "tasks:write",
        /// See projects and their members.
        ProjectsRead = "projects:read",
        /// Change them.
        ProjectsWrite = "projects:write",
        /// See jobs, runs and what they wrote, and scripts.
        JobsRead = "jobs:read",
        /// Make, change and delete jobs.
        JobsWrite = "jobs:write",
        /// Have jobs run, and stop runs.
        JobsRun = "jobs:run",
        /// See notifications.
        NotificationsRead = "notifications:read",
        /// Have notifications sent again, and try channels.
        NotificationsWrite = "notifications:write",
        /// See devices.
        DevicesRead = "devices:read",
        /// Register and remove devices.
        DevicesWrite = "devices:write",
        /// See the record of changes, and events as they happen.
        AuditRead = "audit:read",
        /// See the account, its sessions and its keys.
        AccountRead = "account:read",
        /// Change the account and its password, end sessions, make and revoke keys.
        AccountWrite = "account:write",
        /// See all accounts. For admins.
        UsersRead = "users:read",
        /// Make, change and disable accounts. For admins.
        UsersWrite = "users:write",
        /// See the daemon's metrics and state, check the database. For admins.
        SystemRead = "system:read",
    }
}

impl Role {
    /// The role that may less, of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }
}

/// The scopes of a credential. Written as a list of names in JSON, and as names between spaces in a token
/// (RFC 6749 §3.3).
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Scope>", into = "Vec<Scope>")]
pub struct Scopes(u32);

impl Scopes {
    /// None at all.
    pub const NONE: Self = Self(0);

    /// What a role may be given at most.
    #[must_use]
    pub fn of(role: Role) -> Self {
        use Scope::*;
        let all: Self = Scope::ALL.iter().copied().collect();
        match role {
            Role::Admin => all,
            Role::User => all.without(&[UsersRead, UsersWrite, SystemRead]),
            Role::Agent => {
                [TasksRead, TasksWrite, ProjectsRead, JobsRead, JobsWrite, JobsRun, NotificationsRead, AuditRead]
                    .into_iter()
                    .collect()
            }
        }
    }

    /// Whether it holds `scope`.
    #[must_use]
    pub fn has(self, scope: Scope) -> bool {
        self.0 & bit(scope) != 0
    }

    /// Those in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that are not in `other`, in the order of [`Scope::ALL`].
    #[must_use]
    pub fn beyond(self, other: Self) -> Vec<Scope> {
        Self(self.0 & !other.0).into()
    }

    /// The same without some.
    #[must_use]
    pub fn without(self, some: &[Scope]) -> Self {
        Self(some.iter().fold(self.0, |bits, scope| bits & !bit(*scope)))
    }
}

fn bit(scope: Scope) -> u32 {
    1 << (scope as u32)
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<T: IntoIterator<Item = Scope>>(scopes: T) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | bit(scope)))
    }
}

impl From<Vec<Scope>> for Scopes {
    fn from(scopes: Vec<Scope>) -> Self {
        scopes.into_iter().collect()
    }
}

impl From<Scopes> for Vec<Scope> {
    fn from(scopes: Scopes) -> Self {
        Scope::ALL.iter().copied().filter(|scope| scopes.has(*scope)).collect()
    }
}

impl FromStr for Scopes {
    type Err = Error;

    /// Reads names with spaces or commas between them.
    fn from_str(text: &str) -> Result<Self> {
        text.split([' ', ',']).filter(|name| !name.is_empty()).map(str::parse).collect()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = Vec::from(*self).into_iter().map(Scope::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scopes({self})")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written() {
        let scopes = Scopes::of(Role::Agent);
        assert_eq!(scopes.to_string().parse::<Scopes>().unwrap(), scopes);
        assert_eq!(serde_json::from_value::<Scopes>(serde_json::to_value(scopes).unwrap()).unwrap(), scopes);
        let error = "tasks:read tasks:fly".parse::<Scopes>().unwrap_err();
        assert!(error.message.contains("tasks:fly") && error.hint.unwrap().contains("tasks:write"));
    }

    #[test]
    fn only_admins_manage_accounts() {
        assert!(Scopes::of(Role::Admin).has(Scope::UsersWrite));
        assert!(!Scopes::of(Role::User).has(Scope::UsersWrite));
        assert_eq!(Scopes::of(Role::Admin).beyond(Scopes::of(Role::User)).len(), 3);
        assert!(!Scopes::of(Role::Agent).has(Scope::AccountWrite));
    }
}
