//! The outbox: messages that wait, leases on them, and what came of them.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, SmallInt};

use super::{Conn, chunked, chunked_count};
use crate::model::{HELD, Id};
use crate::store::rows::{NotificationRow, RecordedRow};
use crate::store::schema::notifications;
use crate::store::statements;
use crate::time::Instant;

/// Messages of a channel that may be taken, the longest waiting first, and locked; those that another process takes just
/// now are left out. A lease ends by the time of leases, anything else by the clock on the wall.
pub(crate) fn available(
    conn: &mut Conn,
    channel: &str,
    now: Instant,
    lease_now: Instant,
    limit: i64,
) -> QueryResult<Vec<NotificationRow>> {
    let is_over = notifications::lease_until.is_null().and(notifications::next_attempt_at.le(now));
    let is_over =
        is_over.or(notifications::lease_until.is_not_null().and(notifications::next_attempt_at.le(lease_now)));
    let waiting = notifications::table.filter(notifications::channel.eq(channel));
    // The later of the two for the index.
    let waiting = waiting.filter(notifications::next_attempt_at.is_not_null());
    let waiting =
        waiting.filter(notifications::next_attempt_at.le(now.max(lease_now))).filter(is_over.assume_not_null());
    let first = waiting.order(notifications::next_attempt_at).limit(limit).select(NotificationRow::as_select());
    claimable!(first).load(conn)
}

/// Takes messages until `until`: their leases count up, and what was another's before was rescued.
pub(crate) fn lease(conn: &mut Conn, ids: &[Id], until: Instant) -> QueryResult<usize> {
    chunked_count(ids, |ids| {
        let taken = (
            notifications::lease.eq(notifications::lease + 1),
            notifications::lease_until.eq(until),
            notifications::next_attempt_at.eq(until),
            notifications::rescues.eq(sql::<SmallInt>("rescues + CASE WHEN lease_until IS NULL THEN 0 ELSE 1 END")),
        );
        diesel::update(notifications::table.filter(among!(notifications::id, ids))).set(taken).execute(conn)
    })
}

/// Which of these messages are waiting under a lease, with the lease.
pub(crate) fn leases(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<(Id, i64)>> {
    chunked(ids, |ids| {
        let some = notifications::table.filter(among!(notifications::id, ids));
        let some = some.filter(notifications::lease_until.is_not_null());
        locked!(some.select((notifications::id, notifications::lease)).order(notifications::id)).load(conn)
    })
}

/// Moves the end of leases, which the caller has seen to be its own in this transaction.
pub(crate) fn extend(conn: &mut Conn, ids: &[Id], until: Instant) -> QueryResult<usize> {
    chunked_count(ids, |ids| {
        let longer = (notifications::lease_until.eq(until), notifications::next_attempt_at.eq(until));
        statements::update(notifications::table, among!(notifications::id, ids), longer).execute(conn)
    })
}

/// Writes down what came of messages, where the lease is still the one they were taken under; returns how many.
pub(crate) fn record(conn: &mut Conn, rows: &[RecordedRow]) -> QueryResult<usize> {
    super::super::record(conn, rows)
}

/// Ends all leases, for a process that knows itself alone.
pub(crate) fn release_all(conn: &mut Conn, now: Instant) -> QueryResult<usize> {
    let leased = notifications::table
        .filter(notifications::next_attempt_at.is_not_null())
        .filter(notifications::lease_until.is_not_null());
    let free = (
        notifications::next_attempt_at.eq(now),
        notifications::lease_until.eq(None::<Instant>),
        notifications::rescues.eq(notifications::rescues + 1),
    );
    diesel::update(leased).set(free).execute(conn)
}

/// When the first message of a channel may be taken that nobody has taken.
pub(crate) fn next(conn: &mut Conn, channel: &str) -> QueryResult<Option<Instant>> {
    let waiting = notifications::table.filter(notifications::channel.eq(channel));
    let waiting = waiting.filter(notifications::next_attempt_at.is_not_null());
    let waiting = waiting.filter(notifications::lease_until.is_null());
    let first = waiting.order(notifications::next_attempt_at).select(notifications::next_attempt_at);
    first.first::<Option<Instant>>(conn).optional().map(Option::flatten)
}

/// When the first lease on a message of a channel ends.
pub(crate) fn next_lease(conn: &mut Conn, channel: &str) -> QueryResult<Option<Instant>> {
    let taken = notifications::table.filter(notifications::channel.eq(channel));
    let taken = taken.filter(notifications::next_attempt_at.is_not_null());
    let taken = taken.filter(notifications::lease_until.is_not_null());
    let first = taken.order(notifications::next_attempt_at).select(notifications::next_attempt_at);
    first.first::<Option<Instant>>(conn).optional().map(Option::flatten)
}

/// How many messages wait, by channel.
pub(crate) fn depth(conn: &mut Conn) -> QueryResult<Vec<(String, i64)>> {
    let waiting = notifications::table.filter(notifications::next_attempt_at.is_not_null());
    let waiting = waiting.filter(notifications::next_attempt_at.ne(HELD));
    waiting.group_by(notifications::channel).select((notifications::channel, sql::<BigInt>("count(*)"))).load(conn)
}

/// Has messages wait until they are let go, and says why.
pub(crate) fn hold(conn: &mut Conn, ids: &[Id], why: &str) -> QueryResult<usize> {
    chunked_count(ids, |ids| {
        let waiting = notifications::table.filter(among!(notifications::id, ids));
        let waiting = waiting.filter(notifications::next_attempt_at.is_not_null());
        let held = (
            notifications::next_attempt_at.eq(HELD),
            notifications::lease_until.eq(None::<Instant>),
            notifications::error_message.eq(why),
        );
        diesel::update(waiting).set(held).execute(conn)
    })
}

/// The messages of an account on a channel that are held, but for those of deleted reminders, with their recipients: empty
/// where that was not known. The newest first.
pub(crate) fn held(conn: &mut Conn, user: Id, channel: &str) -> QueryResult<Vec<(Id, String)>> {
    let held = notifications::table.filter(notifications::channel.eq(channel));
    let held =
        held.filter(notifications::next_attempt_at.is_not_null()).filter(notifications::next_attempt_at.eq(HELD));
    let held = held.filter(notifications::user_id.eq(user)).filter(notifications::deleted_reminder_id.is_null());
    let newest = (notifications::created_at.desc(), notifications::id.desc());
    locked!(held.order(newest).select((notifications::id, notifications::recipient))).load(conn)
}

/// Lets held messages go to a recipient at a time, and says why where that is not now.
pub(crate) fn let_go(
    conn: &mut Conn,
    ids: &[Id],
    recipient: &str,
    at: Instant,
    why: Option<&str>,
) -> QueryResult<usize> {
    chunked_count(ids, |ids| {
        let free = (
            notifications::recipient.eq(recipient),
            notifications::next_attempt_at.eq(at),
            notifications::error_message.eq(why),
        );
        diesel::update(notifications::table.filter(among!(notifications::id, ids))).set(free).execute(conn)
    })
}

/// Gives a held message up, and says why.
pub(crate) fn give_up(conn: &mut Conn, id: Id, recipient: &str, why: &str) -> QueryResult<usize> {
    let given_up = (
        notifications::recipient.eq(recipient),
        notifications::status.eq("FAILED"),
        notifications::next_attempt_at.eq(None::<Instant>),
        notifications::error_message.eq(why),
    );
    statements::update(notifications::table, notifications::id.eq(id), given_up).execute(conn)
}
