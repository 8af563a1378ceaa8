//! The tokens that were sent to those who forgot their password.

use diesel::prelude::*;

use super::Conn;
use crate::model::Id;
use crate::store::schema::password_resets;
use crate::time::Instant;

pub(crate) fn insert(conn: &mut Conn, hash: &[u8], user: Id, now: Instant, until: Instant) -> QueryResult<usize> {
    let row = (
        password_resets::token_hash.eq(hash),
        password_resets::user_id.eq(user),
        password_resets::created_at.eq(now),
        password_resets::expires_at.eq(until),
    );
    diesel::insert_into(password_resets::table).values(row).execute(conn)
}

/// How many were made for an account since `after`.
pub(crate) fn recent(conn: &mut Conn, user: Id, after: Instant) -> QueryResult<i64> {
    let of_user = password_resets::table.filter(password_resets::user_id.eq(user));
    of_user.filter(password_resets::created_at.gt(after)).count().get_result(conn)
}

/// Whose token this is, if it can still be used.
pub(crate) fn find(conn: &mut Conn, hash: &[u8], now: Instant) -> QueryResult<Option<Id>> {
    password_resets::table
        .find(hash)
        .filter(password_resets::used_at.is_null())
        .filter(password_resets::expires_at.gt(now))
        .select(password_resets::user_id)
        .first(conn)
        .optional()
}

/// Uses up all tokens of an account.
pub(crate) fn use_up(conn: &mut Conn, user: Id, now: Instant) -> QueryResult<usize> {
    let open =
        password_resets::table.filter(password_resets::user_id.eq(user)).filter(password_resets::used_at.is_null());
    diesel::update(open).set(password_resets::used_at.eq(now)).execute(conn)
}

pub(crate) fn delete_expired(conn: &mut Conn, before: Instant) -> QueryResult<usize> {
    diesel::delete(password_resets::table.filter(password_resets::expires_at.lt(before))).execute(conn)
}
