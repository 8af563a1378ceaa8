//! What lists mark tasks with: which of some tasks have something beside them.

use diesel::prelude::*;

use super::{Conn, chunked};
use crate::model::Id;
use crate::store::schema::{attachments, comments, reminders, task_dependencies, tasks};

/// Those among `tasks` that wait for a task that is open.
pub(crate) fn blocked(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(tasks, |ids| {
        let waits =
            task_dependencies::table.inner_join(tasks::table.on(tasks::id.eq(task_dependencies::depends_on_id)));
        let waits = waits.filter(among!(task_dependencies::task_id, ids)).filter(tasks::completed_at.is_null());
        waits.select(task_dependencies::task_id).distinct().load(conn)
    })
}

/// Those among `tasks` that have a part that is open.
pub(crate) fn with_parts(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(tasks, |ids| {
        let parts = tasks::table.filter(among!(tasks::parent_id, ids)).filter(tasks::completed_at.is_null());
        parts.select(tasks::parent_id.assume_not_null()).distinct().load(conn)
    })
}

/// Those among `tasks` that have a reminder to come.
pub(crate) fn with_reminders(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(tasks, |ids| {
        let active = reminders::table.filter(among!(reminders::task_id, ids));
        active.filter(reminders::next_trigger_at.is_not_null()).select(reminders::task_id).distinct().load(conn)
    })
}

/// Those among `tasks` that have comments.
pub(crate) fn with_comments(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(tasks, |ids| {
        comments::table.filter(among!(comments::task_id, ids)).select(comments::task_id).distinct().load(conn)
    })
}

/// Those among `tasks` that have files.
pub(crate) fn with_attachments(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(tasks, |ids| {
        attachments::table.filter(among!(attachments::task_id, ids)).select(attachments::task_id).distinct().load(conn)
    })
}
