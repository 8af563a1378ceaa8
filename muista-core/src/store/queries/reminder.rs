//! Reminders and the channels that each names. Firing them is in `engine`.

use diesel::prelude::*;

use super::{Backend, Conn, chunked, chunked_count};
use crate::model::Id;
use crate::store::list::VisibleScope;
use crate::store::rows::ReminderRow;
use crate::store::schema::{reminder_channels, reminders, tasks};
use crate::store::statements;
use crate::time::Instant;

/// A reminder with its task's number and title.
pub(crate) type Named = (ReminderRow, i64, String);

pub(crate) fn insert(conn: &mut Conn, rows: &[ReminderRow]) -> QueryResult<usize> {
    insert_all!(conn, reminders::table, rows, |row| row)
}

pub(crate) fn update(conn: &mut Conn, row: &ReminderRow) -> QueryResult<usize> {
    statements::update(reminders::table, reminders::id.eq(row.id), row).execute(conn)
}

pub(crate) fn delete(conn: &mut Conn, ids: &[Id]) -> QueryResult<usize> {
    chunked_count(ids, |ids| diesel::delete(reminders::table.filter(among!(reminders::id, ids))).execute(conn))
}

/// Puts channels on reminders: pairs of reminder and channel.
pub(crate) fn add_channels(conn: &mut Conn, pairs: &[(Id, &'static str)]) -> QueryResult<usize> {
    insert_all!(conn, reminder_channels::table, pairs, |(reminder, channel)| {
        (reminder_channels::reminder_id.eq(reminder), reminder_channels::channel.eq(channel))
    })
}

/// The channels that each reminder names.
pub(crate) fn channels(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<(Id, String)>> {
    chunked(ids, |ids| {
        let some = reminder_channels::table.filter(among!(reminder_channels::reminder_id, ids));
        some.order(reminder_channels::channel).load(conn)
    })
}

/// The reminders of each task, the oldest first.
pub(crate) fn of_tasks(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<ReminderRow>> {
    let all = reminders::table.select(ReminderRow::as_select());
    if let [task] = tasks {
        return all.filter(reminders::task_id.eq(task)).order((reminders::created_at, reminders::id)).load(conn);
    }
    chunked(tasks, |tasks| {
        let some = all.filter(among!(reminders::task_id, tasks));
        some.order((reminders::created_at, reminders::id)).load(conn)
    })
}

/// The same, locked until the end of the transaction, so that none fires meanwhile.
pub(crate) fn lock_of_tasks(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<ReminderRow>> {
    chunked(tasks, |tasks| {
        let some = reminders::table.select(ReminderRow::as_select()).filter(among!(reminders::task_id, tasks));
        locked!(some.order(reminders::id)).load(conn)
    })
}

/// Locks the reminders among `ids` until the end of the transaction; returns which there are.
pub(crate) fn lock(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<Id>> {
    chunked(ids, |ids| {
        let some = reminders::table.select(reminders::id).filter(among!(reminders::id, ids));
        locked!(some.order(reminders::id)).load(conn)
    })
}

/// The reminders among `ids`, whosever tasks they are of, in no particular order.
pub(crate) fn by_ids(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<Named>> {
    chunked(ids, |ids| {
        let some = reminders::table.inner_join(tasks::table).filter(among!(reminders::id, ids));
        some.select((ReminderRow::as_select(), tasks::number, tasks::title)).load(conn)
    })
}

/// The active reminders of the tasks that are seen, or one task's, the next to fire first, from behind a place.
pub(crate) fn active(
    conn: &mut Conn,
    scope: &VisibleScope,
    task: Option<Id>,
    after: Option<(Instant, Id)>,
    limit: i64,
) -> QueryResult<Vec<Named>> {
    // IS NOT NULL, not a bound value, or the index over active reminders would not serve.
    let active = reminders::table.inner_join(tasks::table).filter(reminders::next_trigger_at.is_not_null());
    let mut query = active.into_boxed::<Backend>();
    query = match scope.projects.as_slice() {
        [] => query.filter(tasks::owner_id.eq(scope.user)),
        shared => {
            query.filter(tasks::owner_id.eq(scope.user).or(tasks::project_id.eq_any(shared.to_vec()).assume_not_null()))
        }
    };
    if let Some(task) = task {
        query = query.filter(reminders::task_id.eq(task));
    }
    if let Some((at, id)) = after {
        let behind = reminders::next_trigger_at.gt(at).or(reminders::id.gt(id));
        query = query.filter(reminders::next_trigger_at.ge(at).and(behind).assume_not_null());
    }
    query
        .select((ReminderRow::as_select(), tasks::number, tasks::title))
        .order((reminders::next_trigger_at, reminders::id))
        .limit(limit)
        .load(conn)
}

/// The reminders that are not active of the tasks that are seen, or one task's, the oldest first, from behind one.
pub(crate) fn inactive(
    conn: &mut Conn,
    scope: &VisibleScope,
    task: Option<Id>,
    after: Option<Id>,
    limit: i64,
) -> QueryResult<Vec<Named>> {
    let inactive = reminders::table.inner_join(tasks::table).filter(reminders::next_trigger_at.is_null());
    let mut query = inactive.into_boxed::<Backend>();
    query = match scope.projects.as_slice() {
        [] => query.filter(tasks::owner_id.eq(scope.user)),
        shared => {
            query.filter(tasks::owner_id.eq(scope.user).or(tasks::project_id.eq_any(shared.to_vec()).assume_not_null()))
        }
    };
    if let Some(task) = task {
        query = query.filter(reminders::task_id.eq(task));
    }
    if let Some(id) = after {
        query = query.filter(reminders::id.gt(id));
    }
    let columns = (ReminderRow::as_select(), tasks::number, tasks::title);
    query.select(columns).order(reminders::id).limit(limit).load(conn)
}
