//! The rows of answers that are kept for requests that come again.

use diesel::prelude::*;

use crate::model::Id;
use crate::store::schema::idempotency_keys;
use crate::time::Instant;

/// A row of `idempotency_keys`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = idempotency_keys, primary_key(scope_id, key_hash))]
pub(crate) struct IdempotencyRow {
    pub(crate) scope_id: Id,
    pub(crate) key_hash: Vec<u8>,
    pub(crate) request_hash: Vec<u8>,
    pub(crate) answer: Vec<u8>,
    pub(crate) expires_at: Instant,
}
