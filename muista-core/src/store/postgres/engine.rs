//! The engine's bulk writes on PostgreSQL: one statement for many rows, which go as arrays, so that a batch costs one
//! round trip.

use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Nullable, SmallInt, Text};

use super::Conn;
use crate::store::rows::{MovedCursor, RecordedRow};
use crate::store::types::{Moment, Uid};
use crate::time::Instant;

/// How many rows an insert of the engine's takes: a message has 15 values, and a statement takes 65,535.
pub(crate) const BATCH: usize = 500;

/// Moves reminders' cursors on, where they stand as they were seen; returns how many.
pub(crate) fn move_cursors(conn: &mut Conn, moved: &[MovedCursor]) -> QueryResult<usize> {
    let column = |value: fn(&MovedCursor) -> _| moved.iter().map(value).collect::<Vec<_>>();
    diesel::sql_query(
        "UPDATE reminders SET next_trigger_at = moved.next, regular_at = moved.regular, repeat_at = moved.repeat,
            acknowledged_at = moved.acknowledged, last_triggered_at = moved.triggered
         FROM unnest($1, $2, $3, $4, $5, $6, $7) AS moved (id, seen, next, regular, repeat, acknowledged, triggered)
         WHERE reminders.id = moved.id AND reminders.next_trigger_at = moved.seen",
    )
    .bind::<Array<Uid>, _>(moved.iter().map(|row| row.id).collect::<Vec<_>>())
    .bind::<Array<Nullable<Moment>>, _>(column(|row| Some(row.seen)))
    .bind::<Array<Nullable<Moment>>, _>(column(|row| row.next))
    .bind::<Array<Nullable<Moment>>, _>(column(|row| row.regular))
    .bind::<Array<Nullable<Moment>>, _>(column(|row| row.repeat))
    .bind::<Array<Nullable<Moment>>, _>(column(|row| row.acknowledged))
    .bind::<Array<Nullable<Moment>>, _>(column(|row| row.triggered))
    .execute(conn)
}

/// Writes down what came of messages, where the lease is still the one they were taken under; returns how many.
pub(crate) fn record(conn: &mut Conn, rows: &[RecordedRow]) -> QueryResult<usize> {
    diesel::sql_query(
        "UPDATE notifications SET status = came.status, attempts = notifications.attempts + came.spent,
            error_message = came.error, next_attempt_at = came.next, sent_at = came.sent, lease_until = NULL
         FROM unnest($1, $2, $3, $4, $5, $6, $7) AS came (id, lease, status, spent, error, next, sent)
         WHERE notifications.id = came.id AND notifications.lease = came.lease
            AND notifications.lease_until IS NOT NULL",
    )
    .bind::<Array<Uid>, _>(rows.iter().map(|row| row.id).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.lease).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(rows.iter().map(|row| row.status).collect::<Vec<_>>())
    .bind::<Array<SmallInt>, _>(rows.iter().map(|row| row.spent).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|row| row.error.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Moment>>, _>(rows.iter().map(|row| row.next).collect::<Vec<_>>())
    .bind::<Array<Nullable<Moment>>, _>(rows.iter().map(|row| row.sent).collect::<Vec<_>>())
    .execute(conn)
}

/// Returns what time the server's clock shows, also within a transaction.
pub(crate) fn clock_now(conn: &mut Conn) -> QueryResult<Option<Instant>> {
    diesel::select(diesel::dsl::sql::<Moment>("clock_timestamp()")).get_result(conn).map(Some)
}
