//! Sessions. Whoever changes those of an account holds the account's row, so that none is begun or refreshed while all are
//! ended.

use diesel::prelude::*;

use super::Conn;
use crate::model::Id;
use crate::store::rows::{AccountRow, RefreshTokenRow};
use crate::store::schema::{refresh_tokens, users};
use crate::store::statements;
use crate::time::Instant;

/// The refresh token with this hash, whatever became of it.
pub(crate) fn by_hash(conn: &mut Conn, hash: &[u8]) -> QueryResult<Option<RefreshTokenRow>> {
    let found = refresh_tokens::table.filter(refresh_tokens::token_hash.eq(hash));
    found.select(RefreshTokenRow::as_select()).first(conn).optional()
}

pub(crate) fn insert(conn: &mut Conn, row: &RefreshTokenRow) -> QueryResult<usize> {
    diesel::insert_into(refresh_tokens::table).values(row).execute(conn)
}

pub(crate) fn mark_used(conn: &mut Conn, id: Id, now: Instant) -> QueryResult<usize> {
    statements::update(refresh_tokens::table, refresh_tokens::id.eq(id), refresh_tokens::used_at.eq(now)).execute(conn)
}

/// The sessions of an account that have not ended, the last used first.
pub(crate) fn list(conn: &mut Conn, user: Id, now: Instant) -> QueryResult<Vec<RefreshTokenRow>> {
    refresh_tokens::table
        .filter(refresh_tokens::user_id.eq(user))
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::revoked_at.is_null())
        .filter(refresh_tokens::expires_at.gt(now))
        .select(RefreshTokenRow::as_select())
        .order((refresh_tokens::last_used_at.desc(), refresh_tokens::id.desc()))
        .load(conn)
}

/// A session that has not ended, and its account.
pub(crate) fn living(conn: &mut Conn, session: Id, now: Instant) -> QueryResult<Option<(RefreshTokenRow, AccountRow)>> {
    refresh_tokens::table
        .inner_join(users::table)
        .filter(refresh_tokens::family_id.eq(session))
        .filter(refresh_tokens::used_at.is_null())
        .filter(refresh_tokens::revoked_at.is_null())
        .filter(refresh_tokens::expires_at.gt(now))
        .select((RefreshTokenRow::as_select(), AccountRow::as_select()))
        .first(conn)
        .optional()
}

/// Ends a session.
pub(crate) fn revoke(conn: &mut Conn, session: Id, now: Instant) -> QueryResult<usize> {
    let tokens = refresh_tokens::table
        .filter(refresh_tokens::family_id.eq(session))
        .filter(refresh_tokens::revoked_at.is_null());
    diesel::update(tokens).set(refresh_tokens::revoked_at.eq(now)).execute(conn)
}

/// Deletes tokens that have expired, so many at most.
pub(crate) fn delete_expired(conn: &mut Conn, before: Instant, limit: i64) -> QueryResult<usize> {
    let expired = refresh_tokens::table.filter(refresh_tokens::expires_at.lt(before)).limit(limit);
    let ids: Vec<Id> = expired.select(refresh_tokens::id).load(conn)?;
    super::chunked_count(&ids, |ids| {
        diesel::delete(refresh_tokens::table.filter(among!(refresh_tokens::id, ids))).execute(conn)
    })
}
