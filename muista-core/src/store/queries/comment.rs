//! Comments.

use diesel::prelude::*;

use super::{Conn, chunked, chunked_count};
use crate::model::Id;
use crate::store::rows::CommentRow;
use crate::store::schema::comments;

/// The comments on each task, the oldest first.
pub(crate) fn of_tasks(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<CommentRow>> {
    chunked(tasks, |tasks| {
        let some = comments::table.filter(comments::task_id.eq_any(tasks)).select(CommentRow::as_select());
        some.order((comments::created_at, comments::id)).load(conn)
    })
}

pub(crate) fn by_id(conn: &mut Conn, id: Id) -> QueryResult<Option<CommentRow>> {
    comments::table.find(id).select(CommentRow::as_select()).first(conn).optional()
}

pub(crate) fn insert(conn: &mut Conn, rows: &[CommentRow]) -> QueryResult<usize> {
    chunked_count(rows, |rows| diesel::insert_into(comments::table).values(rows).execute(conn))
}

pub(crate) fn delete(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(comments::table.find(id)).execute(conn)
}
