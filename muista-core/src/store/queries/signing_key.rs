//! The keys that access tokens are signed with.

use diesel::prelude::*;

use super::Conn;
use crate::model::Id;
use crate::store::rows::SigningKeyRow;
use crate::store::schema::signing_keys;
use crate::time::Instant;

/// The key that signs now, the newest of those that are not retired.
pub(crate) fn current(conn: &mut Conn) -> QueryResult<Option<SigningKeyRow>> {
    let serving = signing_keys::table.filter(signing_keys::retired_at.is_null());
    serving.select(SigningKeyRow::as_select()).order(signing_keys::created_at.desc()).first(conn).optional()
}

/// All keys whose tokens may still be believed, the newest first.
pub(crate) fn believed(conn: &mut Conn, now: Instant) -> QueryResult<Vec<SigningKeyRow>> {
    let believed = signing_keys::expires_at.is_null().or(signing_keys::expires_at.gt(now));
    let keys = signing_keys::table.filter(believed).select(SigningKeyRow::as_select());
    keys.order(signing_keys::created_at.desc()).load(conn)
}

/// Lets nobody else make a key until this transaction ends.
pub(crate) fn claim(conn: &mut Conn) -> QueryResult<()> {
    super::super::lock_key(conn, Id::NIL, b"signing_keys")
}

pub(crate) fn insert(conn: &mut Conn, row: &SigningKeyRow) -> QueryResult<usize> {
    diesel::insert_into(signing_keys::table).values(row).execute(conn)
}

/// Has the keys that sign now sign no more; what they signed is believed until `until`.
pub(crate) fn retire(conn: &mut Conn, now: Instant, until: Instant) -> QueryResult<usize> {
    diesel::update(signing_keys::table.filter(signing_keys::retired_at.is_null()))
        .set((signing_keys::retired_at.eq(now), signing_keys::expires_at.eq(until)))
        .execute(conn)
}

pub(crate) fn delete_expired(conn: &mut Conn, before: Instant) -> QueryResult<usize> {
    diesel::delete(signing_keys::table.filter(signing_keys::expires_at.lt(before))).execute(conn)
}
