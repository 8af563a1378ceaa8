//! Tasks, without their tags and dependencies. The list query is in `list`.

use diesel::prelude::*;

use super::{Conn, chunked, chunked_count};
use crate::model::{Id, IdPrefix};
use crate::store::rows::TaskRow;
use crate::store::schema::{projects, tasks};

pub(crate) use super::list::{count, list, rank};

/// A task with its project's name.
pub(crate) type Joined = (TaskRow, Option<String>);

/// Numbers that no task has had, as many as asked for, ascending.
pub(crate) fn reserve_numbers(conn: &mut Conn, count: usize) -> QueryResult<Vec<i64>> {
    super::super::reserve_numbers(conn, count)
}

pub(crate) fn insert(conn: &mut Conn, rows: &[TaskRow]) -> QueryResult<usize> {
    chunked_count(rows, |rows| match rows {
        // The statement for one row is prepared once and kept.
        [row] => diesel::insert_into(tasks::table).values(row).execute(conn),
        rows => diesel::insert_into(tasks::table).values(rows).execute(conn),
    })
}

pub(crate) fn update(conn: &mut Conn, row: &TaskRow) -> QueryResult<usize> {
    diesel::update(tasks::table.find(row.id)).set(row).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, ids: &[Id]) -> QueryResult<usize> {
    chunked_count(ids, |ids| diesel::delete(tasks::table.filter(tasks::id.eq_any(ids))).execute(conn))
}

/// The owner's tasks among `ids`, in no particular order.
pub(crate) fn by_ids(conn: &mut Conn, owner: Id, ids: &[Id]) -> QueryResult<Vec<Joined>> {
    let columns = (TaskRow::as_select(), projects::name.nullable());
    let joined = tasks::table.left_join(projects::table);
    if let [id] = ids {
        let one = joined.filter(tasks::id.eq(id)).filter(tasks::owner_id.eq(owner));
        return one.select(columns).load(conn);
    }
    chunked(ids, |ids| {
        let some = joined.filter(tasks::id.eq_any(ids)).filter(tasks::owner_id.eq(owner));
        some.select(columns).load(conn)
    })
}

/// Locks the owner's tasks among `ids` until the end of the transaction, in an order that lets no two transactions wait
/// for each other; returns which there are.
pub(crate) fn lock(conn: &mut Conn, owner: Id, ids: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(ids, |ids| {
        let some = tasks::table.select(tasks::id).filter(tasks::id.eq_any(ids)).filter(tasks::owner_id.eq(owner));
        locked!(some.order(tasks::id)).load(conn)
    })
}

/// The ids of the owner's tasks with these numbers.
pub(crate) fn ids_of_numbers(conn: &mut Conn, owner: Id, numbers: &[i64]) -> QueryResult<Vec<(i64, Id)>> {
    let own = tasks::table.filter(tasks::owner_id.eq(owner)).select((tasks::number, tasks::id));
    if let [number] = numbers {
        return own.filter(tasks::number.eq(number)).load(conn);
    }
    let mut all = Vec::with_capacity(numbers.len());
    for numbers in numbers.chunks(super::CHUNK) {
        all.extend(own.filter(tasks::number.eq_any(numbers)).load::<(i64, Id)>(conn)?);
    }
    Ok(all)
}

/// The ids with the prefix, two at most.
pub(crate) fn ids_of_prefix(conn: &mut Conn, owner: Id, prefix: &IdPrefix) -> QueryResult<Vec<Id>> {
    let some = tasks::table.filter(tasks::id.ge(prefix.first)).filter(tasks::id.le(prefix.last));
    some.filter(tasks::owner_id.eq(owner)).select(tasks::id).limit(2).load(conn)
}

/// Which of `ids` exist, whoever owns them, with their owners.
pub(crate) fn existing(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<(Id, Id)>> {
    chunked(ids, |ids| tasks::table.filter(tasks::id.eq_any(ids)).select((tasks::id, tasks::owner_id)).load(conn))
}

/// Those of `ids` that are open.
pub(crate) fn open_among(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(ids, |ids| {
        let some = tasks::table.filter(tasks::id.eq_any(ids)).filter(tasks::completed_at.is_null());
        some.select(tasks::id).load(conn)
    })
}

/// The ids of the parts of `parents`.
pub(crate) fn children(conn: &mut Conn, parents: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(parents, |parents| {
        tasks::table.filter(tasks::parent_id.eq_any(parents)).select(tasks::id).order(tasks::number).load(conn)
    })
}

pub(crate) fn in_project(conn: &mut Conn, project: Id) -> QueryResult<Vec<Id>> {
    tasks::table.filter(tasks::project_id.eq(project)).select(tasks::id).order(tasks::number).load(conn)
}
