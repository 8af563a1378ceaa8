//! Records by their short ids: the first characters of an id's last group. No index serves that; each of these looks through a
//! table, or an account's part of it.

use diesel::prelude::*;

use super::{Backend, Conn};
use crate::model::Id;
use crate::store::schema::{attachments, comments, devices, jobs, notifications, reminders, runs};

/// Reminders, whosever tasks they are of, each with its task.
pub(crate) fn reminders(conn: &mut Conn, short: &str) -> QueryResult<Vec<(Id, Id)>> {
    let found = reminders::table.filter(ends_with!("reminders.id", short));
    found.select((reminders::id, reminders::task_id)).load(conn)
}

/// Comments, whosever tasks they are on, each with its task.
pub(crate) fn comments(conn: &mut Conn, short: &str) -> QueryResult<Vec<(Id, Id)>> {
    let found = comments::table.filter(ends_with!("comments.id", short));
    found.select((comments::id, comments::task_id)).load(conn)
}

/// Attachments, whosever tasks they are of, each with its task.
pub(crate) fn attachments(conn: &mut Conn, short: &str) -> QueryResult<Vec<(Id, Id)>> {
    let found = attachments::table.filter(ends_with!("attachments.id", short));
    found.select((attachments::id, attachments::task_id)).load(conn)
}

/// The account's notifications.
pub(crate) fn notifications(conn: &mut Conn, user: Id, short: &str) -> QueryResult<Vec<Id>> {
    let own = notifications::table.filter(notifications::user_id.eq(user));
    own.filter(ends_with!("notifications.id", short)).select(notifications::id).load(conn)
}

/// The runs of the account's jobs, or of everybody's.
pub(crate) fn runs(conn: &mut Conn, owner: Option<Id>, short: &str) -> QueryResult<Vec<Id>> {
    let found = runs::table.inner_join(jobs::table).filter(ends_with!("runs.id", short));
    let mut query = found.into_boxed::<Backend>();
    if let Some(owner) = owner {
        query = query.filter(jobs::owner_id.eq(owner));
    }
    query.select(runs::id).load(conn)
}

/// The account's devices.
pub(crate) fn devices(conn: &mut Conn, user: Id, short: &str) -> QueryResult<Vec<Id>> {
    let own = devices::table.filter(devices::user_id.eq(user));
    own.filter(ends_with!("devices.id", short)).select(devices::id).load(conn)
}
