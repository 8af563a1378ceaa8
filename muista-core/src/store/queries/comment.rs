//! Comments.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{Backend, Conn, chunked};
use crate::model::{Id, fold_text};
use crate::store::rows::CommentRow;
use crate::store::schema::comments;
use crate::time::Instant;

/// The comments on each task, the oldest first.
pub(crate) fn of_tasks(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<CommentRow>> {
    chunked(tasks, |tasks| {
        let some = comments::table.filter(among!(comments::task_id, tasks)).select(CommentRow::as_select());
        some.order((comments::created_at, comments::id)).load(conn)
    })
}

/// How much text the comments on each task hold, about in bytes; a task without any is left out.
pub(crate) fn sizes(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<(Id, i64)>> {
    let size = sql::<BigInt>("CAST(sum(length(text)) AS bigint)");
    chunked(tasks, |tasks| {
        let some = comments::table.filter(among!(comments::task_id, tasks)).group_by(comments::task_id);
        some.select((comments::task_id, size.clone())).load(conn)
    })
}

/// The comments on a task, the oldest first, from behind a place.
pub(crate) fn page(
    conn: &mut Conn,
    task: Id,
    after: Option<(Instant, Id)>,
    limit: i64,
) -> QueryResult<Vec<CommentRow>> {
    let mut query = comments::table.into_boxed::<Backend>().filter(comments::task_id.eq(task));
    if let Some((at, id)) = after {
        let behind = comments::created_at.gt(at).or(comments::id.gt(id));
        query = query.filter(comments::created_at.ge(at).and(behind));
    }
    query.select(CommentRow::as_select()).order((comments::created_at, comments::id)).limit(limit).load(conn)
}

pub(crate) fn by_id(conn: &mut Conn, id: Id) -> QueryResult<Option<CommentRow>> {
    comments::table.find(id).select(CommentRow::as_select()).first(conn).optional()
}

pub(crate) fn insert(conn: &mut Conn, rows: &[CommentRow]) -> QueryResult<usize> {
    insert_all!(conn, comments::table, rows, |row| (row, comments::search_key.eq(fold_text(&row.text))))
}

pub(crate) fn delete(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(comments::table.find(id)).execute(conn)
}
