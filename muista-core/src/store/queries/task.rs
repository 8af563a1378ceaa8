//! Tasks, without their tags and dependencies. The list query is in `list`.

use diesel::dsl::{AsSelect, Nullable, auto_type, exists};
use diesel::prelude::*;

use super::{Backend, Conn, chunked, chunked_count};
use crate::model::{Id, IdPrefix};
use crate::store::list::VisibleScope;
use crate::store::rows::{FoundTask, TaskRow};
use crate::store::schema::{fields, projects, task_dependencies, task_fields, task_tags, tasks, time_entries};
use crate::store::statements;

pub(crate) use super::conditions::lead;
pub(crate) use super::list::{count, list, plan, rank};

/// A task's id, its owner, and the project it is in.
pub(crate) type Placed = (Id, Id, Option<Id>);

/// What is read of a task, joined with its project: a [`FoundTask`].
#[auto_type(no_type_alias)]
pub(super) fn found() -> _ {
    let row: AsSelect<TaskRow, Backend> = TaskRow::as_select();
    let project: Nullable<projects::name> = projects::name.nullable();
    let tags = task_tags::table.filter(task_tags::task_id.eq(tasks::id));
    let dependencies = task_dependencies::table.filter(task_dependencies::task_id.eq(tasks::id));
    let timed = time_entries::table.filter(time_entries::task_id.eq(tasks::id));
    // The first is found out once: where no account has fields, no task is looked at.
    let fielded = task_fields::table.filter(task_fields::task_id.eq(tasks::id));
    let some = fields::table.select(fields::id);
    (row, project, exists(tags), exists(dependencies), exists(timed), exists(some).and(exists(fielded)))
}

/// Numbers that no task has had, as many as asked for, ascending.
pub(crate) fn reserve_numbers(conn: &mut Conn, count: usize) -> QueryResult<Vec<i64>> {
    super::super::reserve_numbers(conn, count)
}

/// Inserts a task whose number the database gives, and returns it. What the row has for a number does not count.
pub(crate) fn insert_new(conn: &mut Conn, row: &TaskRow) -> QueryResult<i64> {
    diesel::insert_into(tasks::table).values(row).returning(tasks::number).get_result(conn)
}

/// Inserts tasks with the numbers that they have.
pub(crate) fn insert(conn: &mut Conn, rows: &[TaskRow]) -> QueryResult<usize> {
    insert_all!(conn, tasks::table, rows, |row| (row, tasks::number.eq(row.number)))
}

pub(crate) fn update(conn: &mut Conn, row: &TaskRow) -> QueryResult<usize> {
    statements::update(tasks::table, tasks::id.eq(row.id), row).execute(conn)
}

/// Deletes tasks. Their parts are let go first: a cascade takes SQLite a time that grows with the cube of how deep parts
/// lie, and it gives up at a thousand levels.
pub(crate) fn delete(conn: &mut Conn, ids: &[Id]) -> QueryResult<usize> {
    if ids.len() > 1 {
        chunked_count(ids, |ids| {
            let parts = tasks::table.filter(among!(tasks::parent_id, ids));
            diesel::update(parts).set(tasks::parent_id.eq(None::<Id>)).execute(conn)
        })?;
    }
    chunked_count(ids, |ids| diesel::delete(tasks::table.filter(among!(tasks::id, ids))).execute(conn))
}

/// The tasks among `ids`, whoever owns them, in no particular order.
pub(crate) fn by_ids(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<FoundTask>> {
    let joined = tasks::table.left_join(projects::table);
    if let [id] = ids {
        return joined.filter(tasks::id.eq(id)).select(found()).load(conn);
    }
    chunked(ids, |ids| joined.filter(among!(tasks::id, ids)).select(found()).load(conn))
}

/// Locks the tasks among `ids` until the end of the transaction, in an order that lets no two transactions wait for each
/// other; returns which there are.
pub(crate) fn lock(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(ids, |ids| {
        let some = tasks::table.select(tasks::id).filter(among!(tasks::id, ids));
        locked!(some.order(tasks::id)).load(conn)
    })
}

/// The ids of the tasks with these numbers, whoever owns them.
pub(crate) fn ids_of_numbers(conn: &mut Conn, numbers: &[i64]) -> QueryResult<Vec<(i64, Id)>> {
    let all = tasks::table.select((tasks::number, tasks::id));
    if let [number] = numbers {
        return all.filter(tasks::number.eq(number)).load(conn);
    }
    let mut found = Vec::with_capacity(numbers.len());
    for numbers in numbers.chunks(super::CHUNK) {
        found.extend(all.filter(tasks::number.eq_any(numbers)).load::<(i64, Id)>(conn)?);
    }
    Ok(found)
}

/// The first ids with the prefix of what is seen, `most` at most.
pub(crate) fn ids_of_prefix(
    conn: &mut Conn,
    scope: &VisibleScope,
    prefix: &IdPrefix,
    most: usize,
) -> QueryResult<Vec<Id>> {
    let some = tasks::table.filter(tasks::id.ge(prefix.first)).filter(tasks::id.le(prefix.last));
    let mine = tasks::owner_id.eq(scope.user).or(tasks::project_id.eq_any(&scope.projects).assume_not_null());
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    some.filter(mine).select(tasks::id).order(tasks::id).limit(most).load(conn)
}

/// Which of `ids` exist, and where.
pub(crate) fn places(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<Placed>> {
    let columns = (tasks::id, tasks::owner_id, tasks::project_id);
    chunked(ids, |ids| tasks::table.filter(among!(tasks::id, ids)).select(columns).load(conn))
}

/// Which of `ids` exist, and what each is a part of.
pub(crate) fn parents(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<(Id, Option<Id>)>> {
    let columns = (tasks::id, tasks::parent_id);
    chunked(ids, |ids| tasks::table.filter(among!(tasks::id, ids)).select(columns).load(conn))
}

/// Those of `ids` that are open.
pub(crate) fn open_among(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(ids, |ids| {
        let some = tasks::table.filter(among!(tasks::id, ids)).filter(tasks::completed_at.is_null());
        some.select(tasks::id).load(conn)
    })
}

/// The parts of `parents`, by number, whoever owns them.
pub(crate) fn children(conn: &mut Conn, parents: &[Id]) -> QueryResult<Vec<Placed>> {
    let columns = (tasks::id, tasks::owner_id, tasks::project_id);
    chunked(parents, |parents| {
        tasks::table.filter(among!(tasks::parent_id, parents)).select(columns).order(tasks::number).load(conn)
    })
}

pub(crate) fn in_project(conn: &mut Conn, project: Id) -> QueryResult<Vec<Id>> {
    tasks::table.filter(tasks::project_id.eq(project)).select(tasks::id).order(tasks::number).load(conn)
}

/// How many tasks of the owner's are in a project.
pub(crate) fn owned_in(conn: &mut Conn, owner: Id, project: Id) -> QueryResult<i64> {
    let own = tasks::table.filter(tasks::project_id.eq(project)).filter(tasks::owner_id.eq(owner));
    own.count().first(conn)
}
