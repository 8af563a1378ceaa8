//! Projects.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::Conn;
use crate::model::Id;
use crate::store::list::{VisibleScope, literal};
use crate::store::rows::ProjectRow;
use crate::store::schema::{project_members, projects, tasks};
use crate::store::statements;

/// The projects that are seen, by name, with how many open tasks and how many in all.
pub(crate) fn list(conn: &mut Conn, scope: &VisibleScope) -> QueryResult<Vec<(ProjectRow, i64, i64)>> {
    projects::table
        .left_join(tasks::table)
        .filter(projects::owner_id.eq(scope.user).or(projects::id.eq_any(&scope.projects)))
        .group_by(projects::all_columns)
        .select((
            ProjectRow::as_select(),
            sql::<BigInt>("count(tasks.id) FILTER (WHERE tasks.completed_at IS NULL)"),
            sql::<BigInt>("count(tasks.id)"),
        ))
        .order((projects::name_key, projects::id))
        .load(conn)
}

/// How many open tasks are in a project, and how many in all.
pub(crate) fn counts(conn: &mut Conn, id: Id) -> QueryResult<(i64, i64)> {
    let all = tasks::table.filter(tasks::project_id.eq(id));
    all.select((sql::<BigInt>("count(*) FILTER (WHERE completed_at IS NULL)"), sql::<BigInt>("count(*)"))).first(conn)
}

/// The projects of a folded name that the account is a member of and does not own.
pub(crate) fn shared(conn: &mut Conn, user: Id, key: &str) -> QueryResult<Vec<ProjectRow>> {
    let of_others = project_members::table.inner_join(projects::table).filter(projects::owner_id.ne(user));
    let named = of_others.filter(project_members::user_id.eq(user)).filter(projects::name_key.eq(key));
    named.select(ProjectRow::as_select()).order(projects::id).load(conn)
}

/// The projects below the one of this folded name, as `home.kitchen` is below `home`: the owner's, and those that are shared
/// with it.
pub(crate) fn below(conn: &mut Conn, scope: &VisibleScope, key: &str) -> QueryResult<Vec<ProjectRow>> {
    let all = projects::table.select(ProjectRow::as_select());
    let beginning = format!("{}.%", literal(key));
    let mut own = all
        .filter(projects::owner_id.eq(scope.user).and(projects::name_key.like(&beginning).escape('\\')))
        .load(conn)?;
    if !scope.projects.is_empty() {
        let shared = all.filter(projects::id.eq_any(&scope.projects)).filter(projects::owner_id.ne(scope.user));
        own.extend(shared.filter(projects::name_key.like(&beginning).escape('\\')).load(conn)?);
    }
    Ok(own)
}

/// The owner's projects of these folded names.
pub(crate) fn find(conn: &mut Conn, owner: Id, keys: &[String]) -> QueryResult<Vec<ProjectRow>> {
    let own = projects::table.select(ProjectRow::as_select()).filter(projects::owner_id.eq(owner));
    match keys {
        [] => Ok(Vec::new()),
        [key] => own.filter(projects::name_key.eq(key)).load(conn),
        keys => own.filter(projects::name_key.eq_any(keys)).load(conn),
    }
}

pub(crate) fn by_id(conn: &mut Conn, id: Id) -> QueryResult<Option<ProjectRow>> {
    projects::table.find(id).select(ProjectRow::as_select()).first(conn).optional()
}

/// Locks a project until the end of the transaction; none where there is none.
pub(crate) fn lock(conn: &mut Conn, id: Id) -> QueryResult<Option<Id>> {
    Ok(locked!(projects::table.filter(projects::id.eq(id)).select(projects::id)).load(conn)?.pop())
}

/// Makes projects; one that another transaction made meanwhile is left out of the count.
pub(crate) fn insert(conn: &mut Conn, rows: &[ProjectRow]) -> QueryResult<usize> {
    rows.iter().try_fold(0, |sum, row| {
        Ok(sum + diesel::insert_into(projects::table).values(row).on_conflict_do_nothing().execute(conn)?)
    })
}

pub(crate) fn update(conn: &mut Conn, row: &ProjectRow) -> QueryResult<usize> {
    statements::update(projects::table, projects::id.eq(row.id), row).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(projects::table.find(id)).execute(conn)
}
