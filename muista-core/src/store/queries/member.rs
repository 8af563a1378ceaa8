//! Members of projects. A project that was ever shared has a row for its owner as well, so that one look into the index
//! by account tells all that somebody may see of others.

use diesel::prelude::*;

use super::Conn;
use crate::model::{Id, ProjectRole};
use crate::store::rows::MemberRow;
use crate::store::schema::{project_members, projects, users};
use crate::time::Instant;

/// A member with the account's username and name.
pub(crate) type Named = (MemberRow, String, Option<String>);

/// The projects that the account is a member of, and its role in each.
pub(crate) fn of_user(conn: &mut Conn, user: Id) -> QueryResult<Vec<(Id, String)>> {
    let own = project_members::table.filter(project_members::user_id.eq(user));
    own.select((project_members::project_id, project_members::role)).load(conn)
}

/// The members of a project, who joined first first.
pub(crate) fn of_project(conn: &mut Conn, project: Id) -> QueryResult<Vec<Named>> {
    let all = project_members::table.inner_join(users::table.on(users::id.eq(project_members::user_id)));
    all.filter(project_members::project_id.eq(project))
        .select((MemberRow::as_select(), users::username, users::name))
        .order((project_members::joined_at, project_members::id))
        .load(conn)
}

/// A member of a project, locked until the end of the transaction.
pub(crate) fn lock(conn: &mut Conn, project: Id, user: Id) -> QueryResult<Option<MemberRow>> {
    let one = project_members::table.filter(project_members::project_id.eq(project));
    let one = one.filter(project_members::user_id.eq(user)).select(MemberRow::as_select());
    Ok(locked!(one).load(conn)?.pop())
}

/// Adds a member, and the project's owner where that has no row yet; 0 when the account is a member already.
pub(crate) fn insert(conn: &mut Conn, row: &MemberRow) -> QueryResult<usize> {
    let added = diesel::insert_into(project_members::table).values(row).on_conflict_do_nothing().execute(conn)?;
    let project = projects::table.find(row.project_id).select((projects::owner_id, projects::created_at));
    if let Some((owner, since)) = project.first::<(Id, Instant)>(conn).optional()? {
        let owner = MemberRow::of_owner(row.project_id, owner, since);
        diesel::insert_into(project_members::table).values(&owner).on_conflict_do_nothing().execute(conn)?;
    }
    Ok(added)
}

pub(crate) fn set_role(conn: &mut Conn, id: Id, role: ProjectRole, now: Instant) -> QueryResult<usize> {
    let set = (project_members::role.eq(role.as_str()), project_members::updated_at.eq(now));
    diesel::update(project_members::table.find(id)).set(set).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(project_members::table.find(id)).execute(conn)
}
