//! API keys.

use diesel::prelude::*;

use super::Conn;
use crate::model::Id;
use crate::store::rows::{AccountRow, ApiKeyRow};
use crate::store::schema::{api_keys, users};
use crate::store::statements;
use crate::time::Instant;

/// The key with this hash and its account, whatever became of either.
pub(crate) fn by_hash(conn: &mut Conn, hash: &[u8]) -> QueryResult<Option<(ApiKeyRow, AccountRow)>> {
    api_keys::table
        .inner_join(users::table)
        .filter(api_keys::key_hash.eq(hash))
        .select((ApiKeyRow::as_select(), AccountRow::as_select()))
        .first(conn)
        .optional()
}

/// The keys of an account that are not revoked, the newest first.
pub(crate) fn list(conn: &mut Conn, user: Id) -> QueryResult<Vec<ApiKeyRow>> {
    let living = api_keys::table.filter(api_keys::user_id.eq(user)).filter(api_keys::revoked_at.is_null());
    living.select(ApiKeyRow::as_select()).order((api_keys::created_at.desc(), api_keys::id.desc())).load(conn)
}

/// A key, locked until the end of the transaction.
pub(crate) fn lock(conn: &mut Conn, id: Id) -> QueryResult<Option<ApiKeyRow>> {
    locked!(api_keys::table.find(id).select(ApiKeyRow::as_select())).first(conn).optional()
}

pub(crate) fn insert(conn: &mut Conn, row: &ApiKeyRow) -> QueryResult<usize> {
    diesel::insert_into(api_keys::table).values(row).execute(conn)
}

pub(crate) fn revoke(conn: &mut Conn, id: Id, now: Instant) -> QueryResult<usize> {
    diesel::update(api_keys::table.find(id)).set(api_keys::revoked_at.eq(now)).execute(conn)
}

/// Notes that a key was used, unless that was noted after `before`.
pub(crate) fn touch(conn: &mut Conn, id: Id, now: Instant, before: Instant) -> QueryResult<usize> {
    let stale = api_keys::last_used_at.is_null().or(api_keys::last_used_at.lt(before));
    let stale = api_keys::id.eq(id).and(stale);
    statements::update(api_keys::table, stale, api_keys::last_used_at.eq(now)).execute(conn)
}

/// The living keys that were made with a key.
pub(crate) fn made_with(conn: &mut Conn, id: Id) -> QueryResult<Vec<ApiKeyRow>> {
    let living = api_keys::table.filter(api_keys::made_with.eq(id)).filter(api_keys::revoked_at.is_null());
    living.select(ApiKeyRow::as_select()).load(conn)
}

/// The living keys that an account made for other accounts.
pub(crate) fn made_for_others(conn: &mut Conn, user: Id) -> QueryResult<Vec<ApiKeyRow>> {
    let made = api_keys::table.filter(api_keys::made_by.eq(user)).filter(api_keys::user_id.ne(user));
    made.filter(api_keys::revoked_at.is_null()).select(ApiKeyRow::as_select()).load(conn)
}
