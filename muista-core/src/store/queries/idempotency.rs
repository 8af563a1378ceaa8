//! Answers that are kept for requests that come again.

use diesel::prelude::*;

use super::Conn;
use crate::model::Id;
use crate::store::rows::IdempotencyRow;
use crate::store::schema::idempotency_keys;
use crate::time::Instant;

/// The answer that is kept for a key. Nobody else can keep one until this transaction ends.
pub(crate) fn claim(conn: &mut Conn, scope: Id, key_hash: &[u8], now: Instant) -> QueryResult<Option<IdempotencyRow>> {
    super::super::lock_key(conn, scope, key_hash)?;
    let kept = idempotency_keys::table.find((scope, key_hash)).filter(idempotency_keys::expires_at.gt(now));
    kept.select(IdempotencyRow::as_select()).first(conn).optional()
}

/// Keeps an answer, in place of one that has expired.
pub(crate) fn keep(conn: &mut Conn, row: &IdempotencyRow) -> QueryResult<usize> {
    let keys = (idempotency_keys::scope_id, idempotency_keys::key_hash);
    diesel::insert_into(idempotency_keys::table).values(row).on_conflict(keys).do_update().set(row).execute(conn)
}

/// Deletes what has expired, so many at most.
pub(crate) fn delete_expired(conn: &mut Conn, now: Instant, limit: i64) -> QueryResult<usize> {
    let expired = idempotency_keys::table.filter(idempotency_keys::expires_at.le(now)).limit(limit);
    let keys: Vec<(Id, Vec<u8>)> =
        expired.select((idempotency_keys::scope_id, idempotency_keys::key_hash)).load(conn)?;
    let mut gone = 0;
    for (scope, key) in keys {
        gone += diesel::delete(idempotency_keys::table.find((scope, key))).execute(conn)?;
    }
    Ok(gone)
}
