//! Which tasks must be done before which.

use diesel::prelude::*;

use super::{Conn, chunked, chunked_count};
use crate::model::Id;
use crate::store::list::VisibleScope;
use crate::store::schema::{task_dependencies, tasks};

/// What each task depends on: pairs of task and the task before it.
pub(crate) fn of_tasks(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<(Id, Id)>> {
    let columns = (task_dependencies::task_id, task_dependencies::depends_on_id);
    let all = task_dependencies::table.select(columns).order(task_dependencies::depends_on_id);
    if let [task] = tasks {
        return all.filter(task_dependencies::task_id.eq(task)).load(conn);
    }
    chunked(tasks, |tasks| all.filter(among!(task_dependencies::task_id, tasks)).load(conn))
}

/// What the open tasks depend on that are seen: pairs of task and the task before it.
pub(crate) fn of_open(conn: &mut Conn, scope: &VisibleScope) -> QueryResult<Vec<(Id, Id)>> {
    let mine = tasks::owner_id.eq(scope.user).or(tasks::project_id.eq_any(&scope.projects).assume_not_null());
    task_dependencies::table
        .inner_join(tasks::table.on(tasks::id.eq(task_dependencies::task_id)))
        .filter(mine)
        .filter(tasks::completed_at.is_null())
        .select((task_dependencies::task_id, task_dependencies::depends_on_id))
        .load(conn)
}

/// The tasks that depend on any of `tasks`.
pub(crate) fn dependents(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(tasks, |tasks| {
        let some = task_dependencies::table.filter(among!(task_dependencies::depends_on_id, tasks));
        some.select(task_dependencies::task_id).load(conn)
    })
}

/// Adds dependencies: pairs of task and the task before it.
pub(crate) fn insert(conn: &mut Conn, pairs: &[(Id, Id)]) -> QueryResult<usize> {
    insert_all!(conn, task_dependencies::table, pairs, |(task, before)| {
        (task_dependencies::task_id.eq(task), task_dependencies::depends_on_id.eq(before))
    })
}

/// Removes what `tasks` depend on.
pub(crate) fn delete_all(conn: &mut Conn, tasks: &[Id]) -> QueryResult<usize> {
    chunked_count(tasks, |tasks| {
        diesel::delete(task_dependencies::table.filter(among!(task_dependencies::task_id, tasks))).execute(conn)
    })
}
