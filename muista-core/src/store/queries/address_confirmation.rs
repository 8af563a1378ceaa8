//! The codes that were sent to addresses to have them confirmed.

use diesel::prelude::*;

use super::Conn;
use crate::model::Id;
use crate::store::rows::ConfirmationRow;
use crate::store::schema::address_confirmations as codes;
use crate::time::Instant;

/// How many are counted at most.
const MOST: i64 = 10;

pub(crate) fn insert(conn: &mut Conn, row: &ConfirmationRow) -> QueryResult<usize> {
    diesel::insert_into(codes::table).values(row).execute(conn)
}

/// How many were sent for an account, or to an address whoever asked, since `after`, and when the last was: of the two,
/// that with more.
pub(crate) fn sent(conn: &mut Conn, user: Id, address: &str, after: Instant) -> QueryResult<(i64, Option<Instant>)> {
    let times = codes::table.select(codes::created_at).filter(codes::created_at.gt(after));
    let times = times.order(codes::created_at.desc()).limit(MOST);
    let of_user: Vec<Instant> = times.filter(codes::user_id.eq(user)).load(conn)?;
    let to_address: Vec<Instant> = times.filter(codes::address.eq(address)).load(conn)?;
    let last = |times: Vec<Instant>| (i64::try_from(times.len()).unwrap_or(MOST), times.first().copied());
    Ok(last(of_user).max(last(to_address)))
}

/// A code of an account that can still be used.
pub(crate) fn find(conn: &mut Conn, user: Id, hash: &[u8], now: Instant) -> QueryResult<Option<ConfirmationRow>> {
    let open = codes::table.find(hash).filter(codes::user_id.eq(user)).filter(codes::used_at.is_null());
    open.filter(codes::expires_at.gt(now)).select(ConfirmationRow::as_select()).first(conn).optional()
}

/// Uses up all codes of an account for a channel.
pub(crate) fn use_up(conn: &mut Conn, user: Id, channel: &str, now: Instant) -> QueryResult<usize> {
    let open = codes::table.filter(codes::user_id.eq(user)).filter(codes::channel.eq(channel));
    diesel::update(open.filter(codes::used_at.is_null())).set(codes::used_at.eq(now)).execute(conn)
}

/// Deletes those that expired before `before`; how many were sent is counted for a day.
pub(crate) fn delete_expired(conn: &mut Conn, before: Instant) -> QueryResult<usize> {
    diesel::delete(codes::table.filter(codes::expires_at.lt(before))).execute(conn)
}
