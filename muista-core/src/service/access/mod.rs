//! `Access`: what a caller sees of tasks and projects, and what of that it may change. One's own needs no look; what
//! others share is found out once, by one look at the caller's memberships, where somebody else's is met at all.

pub mod agent;
pub(crate) mod allowance;
pub(crate) mod caller;
pub(crate) mod identity;
pub(crate) mod limit;
pub(crate) mod message_limit;
pub(crate) mod quota;

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::model::{Id, ProjectFilter, ProjectRef, ProjectRole, fold};
use crate::store::list::{InProject, OwnerFilter, VisibleScope};
use crate::store::rows::ProjectRow;
use crate::store::{self, Conn};

/// What a caller may do with something that it sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Permission {
    /// Look at it, and comment it.
    Read,
    /// Change and delete it as well.
    Write,
}

/// What a caller sees.
#[derive(Debug)]
pub(crate) struct Access {
    user: Id,
    /// The caller's role in each shared project; none until somebody asks.
    roles: Option<HashMap<Id, ProjectRole>>,
}

impl Access {
    /// What `user` sees. Reads nothing yet.
    pub(crate) fn of(user: Id) -> Self {
        Self { user, roles: None }
    }

    /// The caller's role in each project that is shared, its own among them.
    pub(crate) fn roles(&mut self, conn: &mut Conn) -> Result<&HashMap<Id, ProjectRole>> {
        let roles = match self.roles.take() {
            Some(roles) => roles,
            None => store::member::of_user(conn, self.user)?
                .into_iter()
                .map(|(project, role)| Ok((project, role.parse()?)))
                .collect::<Result<_>>()?,
        };
        Ok(self.roles.insert(roles))
    }

    /// The caller and its shared projects, for a query.
    pub(crate) fn scope(&mut self, conn: &mut Conn) -> Result<VisibleScope> {
        let mut projects: Vec<Id> = self.roles(conn)?.keys().copied().collect();
        projects.sort();
        Ok(VisibleScope { user: self.user, projects })
    }

    /// Whose tasks a list holds: where nothing is shared, the caller's own alone.
    pub(crate) fn owners(&mut self, conn: &mut Conn) -> Result<Vec<OwnerFilter>> {
        let scope = self.scope(conn)?;
        let others = (!scope.projects.is_empty()).then_some(OwnerFilter::Others(self.user, scope.projects));
        Ok([OwnerFilter::Own(self.user)].into_iter().chain(others).collect())
    }

    /// What the caller may do with a task of `owner` in `project`; none when it does not see it.
    pub(crate) fn permission(&mut self, conn: &mut Conn, owner: Id, project: Option<Id>) -> Result<Option<Permission>> {
        if owner == self.user {
            return Ok(Some(Permission::Write));
        }
        let Some(project) = project else { return Ok(None) };
        Ok(self.roles(conn)?.get(&project).map(|role| match role {
            ProjectRole::Owner | ProjectRole::Admin => Permission::Write,
            ProjectRole::Member => Permission::Read,
        }))
    }

    /// The caller's role in a project.
    pub(crate) fn role(&mut self, conn: &mut Conn, project: &ProjectRow) -> Result<Option<ProjectRole>> {
        if project.owner_id == self.user {
            return Ok(Some(ProjectRole::Owner));
        }
        Ok(self.roles(conn)?.get(&project.id).copied())
    }

    /// The project that is named and the caller's role in it; none when the caller sees no such project.
    ///
    /// # Errors
    /// `Invalid` for a name that several projects have which others share.
    pub(crate) fn find(&mut self, conn: &mut Conn, project: &ProjectRef) -> Result<Option<(ProjectRow, ProjectRole)>> {
        let row = match project {
            ProjectRef::Id(id) => store::project::by_id(conn, *id)?,
            ProjectRef::Name(name) => {
                let key = fold(name);
                match store::project::find(conn, self.user, std::slice::from_ref(&key))?.pop() {
                    Some(own) => Some(own),
                    None => self.shared(conn, project, &key)?,
                }
            }
        };
        let Some(row) = row else { return Ok(None) };
        Ok(self.role(conn, &row)?.map(|role| (row, role)))
    }

    fn shared(&mut self, conn: &mut Conn, project: &ProjectRef, key: &str) -> Result<Option<ProjectRow>> {
        if self.roles(conn)?.is_empty() {
            return Ok(None);
        }
        let mut rows = store::project::shared(conn, self.user, key)?;
        if rows.len() > 1 {
            let ids: Vec<String> = rows.iter().map(|row| row.id.to_string()).collect();
            return Err(Error::invalid("project", format!("several projects are called {project}"))
                .hint(format!("give the id of the one that is meant: {}", ids.join(" or "))));
        }
        Ok(rows.pop())
    }

    /// The same for a project that must be there.
    ///
    /// # Errors
    /// `NotFound` when the caller sees no such project.
    pub(crate) fn project(&mut self, conn: &mut Conn, project: &ProjectRef) -> Result<(ProjectRow, ProjectRole)> {
        self.find(conn, project)?.ok_or_else(|| {
            Error::not_found(format!("project {project}")).hint("`muista project ls` shows what there is")
        })
    }

    /// The projects of a filter, found: none, or the one that is named and those below it. In one that the caller does not
    /// see there is nothing.
    pub(crate) fn in_project(&mut self, conn: &mut Conn, filter: &ProjectFilter) -> Result<InProject> {
        let signed: ProjectRef;
        let (named, is_exact) = match filter {
            ProjectFilter::None => return Ok(InProject::None),
            ProjectFilter::Named(named) => (named, false),
            ProjectFilter::Exactly(named) => {
                // A name may end with the sign itself.
                signed = format!("{named}!").parse()?;
                if self.find(conn, &signed)?.is_some() { (&signed, false) } else { (named, true) }
            }
        };
        let found = self.find(conn, named)?.map(|(row, _)| row);
        let key = match (named, &found) {
            (_, Some(row)) => row.name_key.clone(),
            (ProjectRef::Name(name), None) => fold(name),
            (ProjectRef::Id(_), None) => return Ok(InProject::Any(Vec::new())),
        };
        let mut ids: Vec<Id> = found.iter().map(|row| row.id).collect();
        if !is_exact {
            // Below one's own are one's own, below one that others share theirs.
            let owner = found.map(|row| row.owner_id);
            let scope = self.scope(conn)?;
            let mut below = store::project::below(conn, &scope, &key)?;
            below.retain(|row| owner.is_none_or(|owner| owner == row.owner_id));
            ids.extend(below.into_iter().map(|row| row.id));
        }
        Ok(InProject::Any(ids))
    }

    /// Whose tasks a list in a project holds: where one of these is shared, all that is in them, for all of it is seen.
    pub(crate) fn whose_in(&mut self, conn: &mut Conn, project: Option<&InProject>) -> Result<Vec<OwnerFilter>> {
        match project {
            None => self.owners(conn),
            Some(InProject::None) => Ok(vec![OwnerFilter::Own(self.user)]),
            Some(InProject::Any(ids)) => {
                let roles = self.roles(conn)?;
                let is_shared = ids.iter().any(|id| roles.contains_key(id));
                Ok(vec![if is_shared { OwnerFilter::Anybody } else { OwnerFilter::Own(self.user) }])
            }
        }
    }
}

/// What somebody is told who sees a task but may not change it.
pub(crate) fn not_yours(number: i64) -> Error {
    Error::forbidden(format!("task {number} is another member's"))
        .hint("its owner may change it, and so may the project's admins; you may comment it: `muista comment`")
}
