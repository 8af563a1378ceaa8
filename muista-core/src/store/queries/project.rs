//! Projects.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::Conn;
use crate::model::Id;
use crate::store::rows::ProjectRow;
use crate::store::schema::{projects, tasks};

/// The owner's projects, by name, with how many open tasks and how many in all.
pub(crate) fn list(conn: &mut Conn, owner: Id) -> QueryResult<Vec<(ProjectRow, i64, i64)>> {
    projects::table
        .left_join(tasks::table)
        .filter(projects::owner_id.eq(owner))
        .group_by(projects::all_columns)
        .select((
            ProjectRow::as_select(),
            sql::<BigInt>("count(tasks.id) FILTER (WHERE tasks.completed_at IS NULL)"),
            sql::<BigInt>("count(tasks.id)"),
        ))
        .order(projects::name_key)
        .load(conn)
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

/// Makes projects; one that another transaction made meanwhile is left out of the count.
pub(crate) fn insert(conn: &mut Conn, rows: &[ProjectRow]) -> QueryResult<usize> {
    rows.iter().try_fold(0, |sum, row| {
        Ok(sum + diesel::insert_into(projects::table).values(row).on_conflict_do_nothing().execute(conn)?)
    })
}

pub(crate) fn update(conn: &mut Conn, row: &ProjectRow) -> QueryResult<usize> {
    diesel::update(projects::table.find(row.id)).set(row).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(projects::table.find(id)).execute(conn)
}
