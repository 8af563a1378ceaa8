//! The use cases of a project's members: listing, adding and removing them, and changing what they may do. Owners manage
//! all members, admins those who are no more than that; anybody may leave but the account that owns the project.

use super::access::Access;
use super::account::user;
use super::audit::audited::{Audited, RecordScope};
use super::tx::{Tx, transaction};
use super::{Caller, Service, project};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    Entity, Id, Member, NewMember, Project, ProjectRef, ProjectRole, Scope, User, UserRef, WithNotices,
};
use crate::store;
use crate::store::Conn;
use crate::store::rows::MemberRow;

/// The most members of one project.
const MANY: usize = 500;

impl Audited for Member {
    const ENTITY: Entity = Entity::Member;

    fn record(&self) -> Id {
        self.id
    }

    /// It is the member's own affair, who is told of it also where it leaves.
    fn scope(&self, _: &mut Tx<'_>) -> Result<RecordScope> {
        Ok(RecordScope { owner: self.user_id, project: Some(self.project_id) })
    }
}

/// The members of a project, who joined first first; its owner among them.
///
/// # Errors
/// `NotFound` for a project that the caller is not in.
pub async fn list(service: &Service, caller: &Caller, named: ProjectRef) -> Result<Vec<Member>> {
    caller.require(Scope::ProjectsRead)?;
    let user = caller.user;
    let work = move |conn: &mut Conn| {
        let (project, _) = Access::of(user).project(conn, &named)?;
        let mut rows = store::member::of_project(conn, project.id)?;
        if rows.is_empty() {
            // Nobody else was ever in it.
            let owner = store::user::by_id(conn, project.owner_id)?;
            let row = MemberRow::of_owner(project.id, project.owner_id, project.created_at);
            rows.extend(owner.map(|owner| (row, owner.username, owner.name)));
        }
        rows.into_iter().map(|(row, username, name)| row.into_member(username, name)).collect()
    };
    service.store.read(work).await
}

/// One member of a project.
pub async fn get(service: &Service, caller: &Caller, named: ProjectRef, user: UserRef) -> Result<Member> {
    let missing = Error::not_found(format!("{user} in the project {named}"));
    let is_meant = |member: &Member| match &user {
        UserRef::Id(id) => member.user_id == *id || member.id == *id,
        UserRef::Name(name) => member.username == **name,
        // Members do not see each other's addresses.
        UserRef::Email(_) => false,
    };
    list(service, caller, named).await?.into_iter().find(is_meant).ok_or(missing)
}

/// Makes an account a member of a project.
///
/// # Errors
/// `NotFound` for a project that the caller is not in and for an account that is not there, `Forbidden` for a caller who may
/// not manage such members, `Conflict` for one who is a member already.
pub async fn add(service: &Service, caller: &Caller, named: ProjectRef, new: NewMember) -> Result<Member> {
    caller.require(Scope::ProjectsWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let project = managed(tx, &named, &[new.role])?;
        let account = account(tx.conn, &new.user)?;
        refuse_more(tx.conn, &project)?;
        let member = Member {
            id: Id::new(tx.now),
            project_id: project.id,
            user_id: account.id,
            username: account.username,
            name: account.name,
            role: new.role,
            added_by: Some(tx.owner()),
            joined_at: tx.now,
            created_at: tx.now,
            updated_at: tx.now,
        };
        let owns = project.owner_id == account.id;
        if owns || store::member::insert(tx.conn, &MemberRow::from(&member))? == 0 {
            return Err(Error::conflict(format!("{} is in the project {} already", member.username, project.name))
                .hint("`muista project members` shows who is; `muista project share … --role` changes a role"));
        }
        tx.created(&member)?;
        Ok(member)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Changes what a member may do. Where a version is given, another one now is refused.
///
/// # Errors
/// `NotFound` for a project that the caller is not in and for who is no member, `Forbidden` for a caller who may not manage
/// such members, and for the account that owns the project, `PreconditionFailed` for one that was changed meanwhile.
pub async fn edit(
    service: &Service,
    caller: &Caller,
    named: ProjectRef,
    user: UserRef,
    role: ProjectRole,
    version: Option<i64>,
) -> Result<Member> {
    caller.require(Scope::ProjectsWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let project = managed(tx, &named, &[role])?;
        let before = member(tx, &project, &user)?;
        refuse_unmanaged(tx, project.id, &[before.role])?;
        if before.user_id == project.owner_id {
            return Err(stays(&project));
        }
        refuse_other(&before, version)?;
        if before.role == role {
            return Ok(before);
        }
        let after = Member { role, updated_at: tx.now, ..before.clone() };
        store::member::set_role(tx.conn, after.id, role, tx.now)?;
        tx.updated(&before, &after)?;
        Ok(after)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Takes a member out of a project; anybody may take out itself. The tasks of who leaves stay in the project, and with
/// their owner. Returns how the member was.
///
/// # Errors
/// As [`edit`].
pub async fn remove(
    service: &Service,
    caller: &Caller,
    named: ProjectRef,
    user: UserRef,
    version: Option<i64>,
) -> Result<WithNotices<Member>> {
    caller.require(Scope::ProjectsWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let me = tx.owner();
        let project = project::find(tx.conn, me, &named)?;
        let before = member(tx, &project, &user)?;
        if before.user_id == project.owner_id {
            return Err(stays(&project));
        }
        refuse_removing(tx, &before)?;
        refuse_other(&before, version)?;
        store::member::delete(tx.conn, before.id)?;
        tx.deleted(&before)?;
        let left = store::task::owned_in(tx.conn, before.user_id, project.id)?;
        if left > 0 {
            let (who, name) = (&before.username, &project.name);
            tx.notice(format!(
                "{who}'s tasks in the project {name} stay there ({left}); {who} still sees them, and may move them"
            ));
        }
        Ok(before)
    };
    let (value, told) = transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

/// Refuses a change that was made from another version.
fn refuse_other(member: &Member, version: Option<i64>) -> Result<()> {
    if version.is_none_or(|version| version == member.version()) {
        return Ok(());
    }
    Err(Error::precondition_failed(format!("what {} may do was changed meanwhile", member.username))
        .hint("look at it, then make the change again"))
}

/// The project that is named, in which the caller may give these roles.
fn managed(tx: &mut Tx<'_>, named: &ProjectRef, roles: &[ProjectRole]) -> Result<Project> {
    let project = project::allowed(tx, named, ProjectRole::Admin)?;
    refuse_unmanaged(tx, project.id, roles)?;
    Ok(project)
}

/// Refuses a caller who may not manage members of these roles.
///
/// # Errors
/// `NotFound` for a caller who is not in the project, `Forbidden` for one whose role is too little.
pub(crate) fn refuse_unmanaged(tx: &mut Tx<'_>, project: Id, roles: &[ProjectRole]) -> Result<()> {
    let least =
        if roles.iter().all(|role| *role == ProjectRole::Member) { ProjectRole::Admin } else { ProjectRole::Owner };
    project::allowed(tx, &ProjectRef::Id(project), least).map(drop)
}

/// Refuses a caller who may not take a member out of its project: anybody may take out itself.
///
/// # Errors
/// As [`refuse_unmanaged`].
pub(crate) fn refuse_removing(tx: &mut Tx<'_>, member: &Member) -> Result<()> {
    if member.user_id == tx.owner() {
        return Ok(());
    }
    refuse_unmanaged(tx, member.project_id, &[member.role])
}

/// Refuses a caller who may not make an account a member: for want of a role, since the account is out of use, or since
/// the project has as many as it may.
///
/// # Errors
/// As [`refuse_unmanaged`], `NotFound` for the account, `Conflict` for too many.
pub(crate) fn refuse_adding(tx: &mut Tx<'_>, member: &Member) -> Result<()> {
    let project = managed(tx, &ProjectRef::Id(member.project_id), &[member.role])?;
    account(tx.conn, &UserRef::Id(member.user_id))?;
    refuse_more(tx.conn, &project)
}

fn refuse_more(conn: &mut Conn, project: &Project) -> Result<()> {
    if store::member::of_project(conn, project.id)?.len() < MANY {
        return Ok(());
    }
    Err(Error::quota(format!("the project {} has {MANY} members, which is the most", project.name))
        .hint("remove somebody first, with `muista project unshare`"))
}

/// The member of a project that an account is, locked until the end of the transaction.
pub(crate) fn locked(tx: &mut Tx<'_>, project: Id, user: Id) -> Result<Option<Member>> {
    let Some(row) = store::member::lock(tx.conn, project, user)? else { return Ok(None) };
    let Some(account) = store::user::by_id(tx.conn, user)? else { return Ok(None) };
    row.into_member(account.username, account.name).map(Some)
}

/// The member that is named by its account or by its own id.
fn member(tx: &mut Tx<'_>, project: &Project, user: &UserRef) -> Result<Member> {
    let missing = || {
        Error::not_found(format!("{user} in the project {}", project.name))
            .hint(format!("`muista project members {}` shows who is in it", project.id))
    };
    for (row, username, _) in store::member::of_project(tx.conn, project.id)? {
        let named = match user {
            UserRef::Id(id) => row.user_id == *id || row.id == *id,
            UserRef::Name(name) => *username == **name,
            UserRef::Email(_) => false,
        };
        if named {
            return locked(tx, project.id, row.user_id)?.ok_or_else(missing);
        }
    }
    let account = account(tx.conn, user).map_err(|_| missing())?;
    match locked(tx, project.id, account.id)? {
        Some(member) => Ok(member),
        // Nobody else was ever in it.
        None if account.id == project.owner_id => Err(stays(project)),
        None => Err(missing()),
    }
}

/// The account that is named, where it is in use.
fn account(conn: &mut Conn, named: &UserRef) -> Result<User> {
    let missing = || {
        Error::not_found(format!("account {named}"))
            .hint("give the username, the e-mail address or the id of an account")
    };
    match user::find(conn, named) {
        Ok(user) if user.disabled_at.is_none() => Ok(user),
        Err(error) if error.kind != ErrorKind::NotFound => Err(error),
        _ => Err(missing()),
    }
}

fn stays(project: &Project) -> Error {
    Error::forbidden(format!("the project {} is this account's own: it stays its owner", project.name))
        .hint("delete the project with `muista project rm`")
}
