//! Records by their short ids: the first characters of an id, or of its last group. No index serves the latter; each of these
//! looks through a table, or an account's part of it.

use diesel::prelude::*;

use super::{Backend, Conn};
use crate::model::{Id, ShortId};
use crate::store::schema::{attachments, audit_entries, comments, devices, jobs, notifications, reminders, runs};

/// The condition that a column of ids has such a short id.
macro_rules! is_of {
    ($column:expr, $name:literal, $short:expr) => {{
        // No id is in a range that ends before it begins.
        let (first, last) =
            $short.prefix().map_or((Id::from_bytes([255; 16]), Id::NIL), |prefix| (prefix.first, prefix.last));
        $column.ge(first).and($column.le(last)).or(ends_with!($name, $short.as_str()))
    }};
}

/// Reminders, whosever tasks they are of, each with its task.
pub(crate) fn reminders(conn: &mut Conn, short: &ShortId) -> QueryResult<Vec<(Id, Id)>> {
    let found = reminders::table.filter(is_of!(reminders::id, "reminders.id", short));
    found.select((reminders::id, reminders::task_id)).load(conn)
}

/// Comments, whosever tasks they are on, each with its task.
pub(crate) fn comments(conn: &mut Conn, short: &ShortId) -> QueryResult<Vec<(Id, Id)>> {
    let found = comments::table.filter(is_of!(comments::id, "comments.id", short));
    found.select((comments::id, comments::task_id)).load(conn)
}

/// Attachments, whosever tasks they are of, each with its task.
pub(crate) fn attachments(conn: &mut Conn, short: &ShortId) -> QueryResult<Vec<(Id, Id)>> {
    let found = attachments::table.filter(is_of!(attachments::id, "attachments.id", short));
    found.select((attachments::id, attachments::task_id)).load(conn)
}

/// The account's notifications.
pub(crate) fn notifications(conn: &mut Conn, user: Id, short: &ShortId) -> QueryResult<Vec<Id>> {
    let own = notifications::table.filter(notifications::user_id.eq(user));
    own.filter(is_of!(notifications::id, "notifications.id", short)).select(notifications::id).load(conn)
}

/// The runs of the account's jobs, or of everybody's.
pub(crate) fn runs(conn: &mut Conn, owner: Option<Id>, short: &ShortId) -> QueryResult<Vec<Id>> {
    let found = runs::table.inner_join(jobs::table).filter(is_of!(runs::id, "runs.id", short));
    let mut query = found.into_boxed::<Backend>();
    if let Some(owner) = owner {
        query = query.filter(jobs::owner_id.eq(owner));
    }
    query.select(runs::id).load(conn)
}

/// The account's devices.
pub(crate) fn devices(conn: &mut Conn, user: Id, short: &ShortId) -> QueryResult<Vec<Id>> {
    let own = devices::table.filter(devices::user_id.eq(user));
    own.filter(is_of!(devices::id, "devices.id", short)).select(devices::id).load(conn)
}

/// The changes that an account made, or that were made to what is its own.
pub(crate) fn changes(conn: &mut Conn, user: Id, short: &ShortId) -> QueryResult<Vec<Id>> {
    let own = audit_entries::user_id.eq(user).or(audit_entries::owner_id.eq(user)).assume_not_null();
    let found = audit_entries::table.filter(is_of!(audit_entries::change_id, "audit_entries.change_id", short));
    found.filter(own).select(audit_entries::change_id).distinct().load(conn)
}
