//! Accounts.

use diesel::prelude::*;

use super::Conn;
use crate::model::Id;
use crate::store::schema::users;
use crate::time::Instant;

/// Makes the account of the OS user where it is missing.
pub(crate) fn ensure_local(conn: &mut Conn, now: Instant) -> QueryResult<()> {
    let local = (
        users::id.eq(Id::LOCAL_USER),
        users::username.eq("local"),
        users::created_at.eq(now),
        users::updated_at.eq(now),
    );
    diesel::insert_into(users::table).values(local).on_conflict_do_nothing().execute(conn).map(drop)
}
