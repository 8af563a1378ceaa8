//! Notifications as their users see them. Claiming and delivering them is in `delivery`.

use diesel::prelude::*;

use super::{Backend, Conn, chunked, chunked_count};
use crate::model::{HELD, Id};
use crate::store::rows::{NewNotificationRow, NotificationRow};
use crate::store::schema::{notifications, reminders};
use crate::time::Instant;

const PENDING: &str = "PENDING";
const FAILED: &str = "FAILED";

pub(crate) fn insert(conn: &mut Conn, rows: &[NewNotificationRow]) -> QueryResult<usize> {
    insert_all!(conn, notifications::table, rows, |row| row)
}

/// The user's notifications that are wanted, the newest first, from behind a place.
pub(crate) fn list(
    conn: &mut Conn,
    user: Id,
    (status, channel): (Option<&str>, Option<&str>),
    task: Option<Id>,
    after: Option<(Instant, Id)>,
    limit: i64,
) -> QueryResult<Vec<NotificationRow>> {
    // What waits to be told of a deleted reminder is as good as gone.
    let shown = notifications::deleted_reminder_id.is_null().or(notifications::status.ne(PENDING));
    let own = notifications::table.filter(notifications::user_id.eq(user)).filter(shown);
    let mut query = own.into_boxed::<Backend>();
    if let Some(status) = status {
        query = query.filter(notifications::status.eq(status.to_owned()));
    }
    if let Some(channel) = channel {
        query = query.filter(notifications::channel.eq(channel.to_owned()));
    }
    if let Some(task) = task {
        let of_task = reminders::table.filter(reminders::task_id.eq(task)).select(reminders::id.nullable());
        query = query.filter(notifications::reminder_id.eq_any(of_task));
    }
    if let Some((at, id)) = after {
        let behind = notifications::created_at.lt(at).or(notifications::id.lt(id));
        query = query.filter(notifications::created_at.le(at).and(behind));
    }
    query
        .select(NotificationRow::as_select())
        .order((notifications::created_at.desc(), notifications::id.desc()))
        .limit(limit)
        .load(conn)
}

/// The user's notifications among `ids`, locked until the end of the transaction.
pub(crate) fn lock(conn: &mut Conn, user: Id, ids: &[Id]) -> QueryResult<Vec<NotificationRow>> {
    chunked(ids, |ids| {
        let some = notifications::table.filter(among!(notifications::id, ids)).filter(notifications::user_id.eq(user));
        locked!(some.select(NotificationRow::as_select()).order(notifications::id)).load(conn)
    })
}

pub(crate) fn by_id(conn: &mut Conn, user: Id, id: Id) -> QueryResult<Option<NotificationRow>> {
    let one = notifications::table.find(id).filter(notifications::user_id.eq(user));
    one.select(NotificationRow::as_select()).first(conn).optional()
}

/// How many messages of these accounts were made after `since`, but for those that were given up untried and those that are
/// held; an account with none is left out.
pub(crate) fn count_since(conn: &mut Conn, users: &[Id], since: Instant) -> QueryResult<Vec<(Id, i64)>> {
    chunked(users, |users| {
        let recent = notifications::table.filter(among!(notifications::user_id, users));
        let recent = recent.filter(notifications::created_at.gt(since));
        let recent = recent.filter(notifications::status.ne(FAILED).or(notifications::attempts.gt(0)));
        let is_held = notifications::next_attempt_at.is_not_null().and(notifications::next_attempt_at.eq(HELD));
        let recent = recent.filter(diesel::dsl::not(is_held.assume_not_null())).group_by(notifications::user_id);
        recent.select((notifications::user_id, diesel::dsl::count_star())).load(conn)
    })
}

/// How many messages of these accounts that were made after `made_since` went out after `since`, or are to go; an account
/// with none is left out.
pub(crate) fn count_going(
    conn: &mut Conn,
    users: &[Id],
    made_since: Instant,
    since: Instant,
) -> QueryResult<Vec<(Id, i64)>> {
    chunked(users, |users| {
        let recent = notifications::table.filter(among!(notifications::user_id, users));
        let recent = recent.filter(notifications::created_at.gt(made_since));
        let sent = notifications::sent_at.is_not_null().and(notifications::sent_at.gt(since));
        let waits = notifications::next_attempt_at.is_not_null().and(notifications::next_attempt_at.ne(HELD));
        let failed = notifications::status.eq(FAILED).and(notifications::attempts.gt(0));
        let failed = failed.and(notifications::created_at.gt(since));
        let going = sent.assume_not_null().or(waits.assume_not_null()).or(failed);
        let counted = recent.filter(going).group_by(notifications::user_id);
        counted.select((notifications::user_id, diesel::dsl::count_star())).load(conn)
    })
}

/// Makes one that failed wait for delivery again, as if it had never been tried; why it failed stays until it is.
pub(crate) fn retry(conn: &mut Conn, id: Id, recipient: &str, now: Instant) -> QueryResult<usize> {
    let failed = notifications::table.find(id).filter(notifications::status.eq(FAILED));
    diesel::update(failed)
        .set((
            notifications::status.eq(PENDING),
            notifications::recipient.eq(recipient),
            notifications::attempts.eq(0),
            notifications::next_attempt_at.eq(now),
        ))
        .execute(conn)
}

/// Remembers which reminders messages told of, before these are deleted; those that wait are held.
pub(crate) fn detach(conn: &mut Conn, reminders: &[Id]) -> QueryResult<usize> {
    chunked_count(reminders, |reminders| {
        let of_these = || notifications::table.filter(among!(notifications::reminder_id, reminders));
        let remember = notifications::deleted_reminder_id.eq(notifications::reminder_id);
        let count = diesel::update(of_these()).set(remember).execute(conn)?;
        // A worker that delivers one of them finds its lease gone.
        let held = (notifications::next_attempt_at.eq(HELD), notifications::lease_until.eq(None::<Instant>));
        diesel::update(of_these().filter(notifications::status.eq(PENDING))).set(held).execute(conn)?;
        Ok(count)
    })
}

/// Joins messages with the reminders that they told of, which are there again; those that waited are still held. Returns
/// whose messages they are.
pub(crate) fn rejoin(conn: &mut Conn, reminders: &[Id]) -> QueryResult<Vec<Id>> {
    let mut users = chunked(reminders, |reminders| {
        let of_these = || notifications::table.filter(among!(notifications::deleted_reminder_id, reminders));
        let users = of_these().select(notifications::user_id).distinct().load::<Id>(conn)?;
        let joined = (
            notifications::reminder_id.eq(notifications::deleted_reminder_id),
            notifications::deleted_reminder_id.eq(None::<Id>),
        );
        diesel::update(of_these()).set(joined).execute(conn)?;
        Ok(users)
    })?;
    users.sort_unstable();
    users.dedup();
    Ok(users)
}

/// Deletes what waits to be told of these reminders.
pub(crate) fn delete_pending(conn: &mut Conn, reminders: &[Id]) -> QueryResult<usize> {
    chunked_count(reminders, |reminders| {
        // In a transaction every status is settled: a worker that holds one of these finds it gone.
        let of_these = notifications::table.filter(among!(notifications::reminder_id, reminders));
        diesel::delete(of_these.filter(notifications::status.eq(PENDING))).execute(conn)
    })
}
