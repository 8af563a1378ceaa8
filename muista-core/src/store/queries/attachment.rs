//! Attachments. Their files are the service's.

use diesel::prelude::*;

use super::{Conn, chunked};
use crate::model::Id;
use crate::store::rows::AttachmentRow;
use crate::store::schema::attachments;

/// The attachments of each task, the oldest first.
pub(crate) fn of_tasks(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<AttachmentRow>> {
    chunked(tasks, |tasks| {
        let columns = attachments::table.select(AttachmentRow::as_select());
        let order = (attachments::created_at, attachments::id);
        match tasks {
            [task] => columns.filter(attachments::task_id.eq(task)).order(order).load(conn),
            tasks => columns.filter(among!(attachments::task_id, tasks)).order(order).load(conn),
        }
    })
}

pub(crate) fn by_id(conn: &mut Conn, id: Id) -> QueryResult<Option<AttachmentRow>> {
    attachments::table.find(id).select(AttachmentRow::as_select()).first(conn).optional()
}

/// Which of `ids` there are.
pub(crate) fn existing(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(ids, |ids| attachments::table.filter(among!(attachments::id, ids)).select(attachments::id).load(conn))
}

pub(crate) fn insert(conn: &mut Conn, row: &AttachmentRow) -> QueryResult<usize> {
    diesel::insert_into(attachments::table).values(row).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(attachments::table.find(id)).execute(conn)
}
