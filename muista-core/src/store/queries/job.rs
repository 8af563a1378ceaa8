//! Jobs as their owners see them. What fires them and what runs them have queries of their own.

use diesel::prelude::*;

use super::{Backend, Conn};
use crate::model::Id;
use crate::store::rows::JobRow;
use crate::store::schema::jobs;
use crate::store::statements;

/// The owner's jobs by name, from behind a folded name on.
pub(crate) fn list(conn: &mut Conn, owner: Id, after: Option<&str>, limit: i64) -> QueryResult<Vec<JobRow>> {
    let mut own = jobs::table.into_boxed::<Backend>().filter(jobs::owner_id.eq(owner));
    if let Some(after) = after {
        own = own.filter(jobs::name_key.gt(after.to_owned()));
    }
    own.select(JobRow::as_select()).order(jobs::name_key).limit(limit).load(conn)
}

/// The owner's job of a folded name.
pub(crate) fn find(conn: &mut Conn, owner: Id, key: &str) -> QueryResult<Option<JobRow>> {
    let own = jobs::table.filter(jobs::owner_id.eq(owner)).filter(jobs::name_key.eq(key));
    own.select(JobRow::as_select()).first(conn).optional()
}

/// The owner's job of an id.
pub(crate) fn find_id(conn: &mut Conn, owner: Id, id: Id) -> QueryResult<Option<JobRow>> {
    let own = jobs::table.filter(jobs::id.eq(id)).filter(jobs::owner_id.eq(owner));
    own.select(JobRow::as_select()).first(conn).optional()
}

/// The same, locked until the end of the transaction.
pub(crate) fn lock(conn: &mut Conn, owner: Id, key: &str) -> QueryResult<Option<JobRow>> {
    let own = jobs::table.filter(jobs::owner_id.eq(owner)).filter(jobs::name_key.eq(key));
    Ok(locked!(own.select(JobRow::as_select())).load(conn)?.pop())
}

/// A job by its id, locked until the end of the transaction.
pub(crate) fn lock_id(conn: &mut Conn, id: Id) -> QueryResult<Option<JobRow>> {
    Ok(locked!(jobs::table.filter(jobs::id.eq(id)).select(JobRow::as_select())).load(conn)?.pop())
}

/// The jobs that belong to these tasks, locked until the end of the transaction.
pub(crate) fn lock_of_tasks(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<JobRow>> {
    super::chunked(tasks, |tasks| match tasks {
        [task] => {
            let some = jobs::table.select(JobRow::as_select()).filter(jobs::task_id.eq(task));
            locked!(some.order(jobs::id)).load(conn)
        }
        tasks => {
            let some = jobs::table.select(JobRow::as_select()).filter(among!(jobs::task_id, tasks));
            locked!(some.order(jobs::id)).load(conn)
        }
    })
}

/// Makes a job; 0 when there is one of that name.
pub(crate) fn insert(conn: &mut Conn, row: &JobRow) -> QueryResult<usize> {
    diesel::insert_into(jobs::table).values(row).on_conflict_do_nothing().execute(conn)
}

pub(crate) fn update(conn: &mut Conn, row: &JobRow) -> QueryResult<usize> {
    statements::update(jobs::table, jobs::id.eq(row.id), row).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(jobs::table.find(id)).execute(conn)
}
