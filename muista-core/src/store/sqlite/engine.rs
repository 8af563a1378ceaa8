//! The engine's bulk writes on SQLite: a statement a row, prepared once and kept, which is quicker there than one
//! statement for many rows.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::{MovedCursor, RecordedRow};
use crate::store::schema::{notifications, reminders};
use crate::store::statements;
use crate::time::Instant;

/// How many rows an insert of the engine's takes.
pub(crate) const BATCH: usize = 1;

/// Moves reminders' cursors on, where they stand as they were seen; returns how many.
pub(crate) fn move_cursors(conn: &mut Conn, moved: &[MovedCursor]) -> QueryResult<usize> {
    moved.iter().try_fold(0, |sum, row| {
        let seen = reminders::id.eq(row.id).and(reminders::next_trigger_at.eq(row.seen));
        let now = (
            reminders::next_trigger_at.eq(row.next),
            reminders::regular_at.eq(row.regular),
            reminders::repeat_at.eq(row.repeat),
            reminders::acknowledged_at.eq(row.acknowledged),
            reminders::last_triggered_at.eq(row.triggered),
        );
        Ok(sum + statements::update(reminders::table, seen, now).execute(conn)?)
    })
}

/// Writes down what came of messages, where the lease is still the one they were taken under; returns how many.
pub(crate) fn record(conn: &mut Conn, rows: &[RecordedRow]) -> QueryResult<usize> {
    rows.iter().try_fold(0, |sum, row| {
        let held = notifications::lease.eq(row.lease).and(notifications::lease_until.is_not_null());
        let ours = notifications::id.eq(row.id).and(held);
        let came = (
            notifications::status.eq(row.status),
            notifications::attempts.eq(notifications::attempts + row.spent),
            notifications::error_message.eq(row.error.as_deref()),
            notifications::next_attempt_at.eq(row.next),
            notifications::sent_at.eq(row.sent),
            notifications::lease_until.eq(None::<Instant>),
        );
        Ok(sum + statements::update(notifications::table, ours, came).execute(conn)?)
    })
}
