//! Accounts.

use diesel::prelude::*;

use super::{Backend, Conn};
use crate::model::Id;
use crate::store::rows::AccountRow;
use crate::store::schema::users;
use crate::store::statements;
use crate::time::Instant;

/// Makes the account of the OS user where it is missing.
pub(crate) fn ensure_local(conn: &mut Conn, now: Instant) -> QueryResult<()> {
    let local = (
        users::id.eq(Id::LOCAL_USER),
        users::username.eq("local"),
        users::role.eq("admin"),
        users::created_at.eq(now),
        users::updated_at.eq(now),
    );
    diesel::insert_into(users::table).values(local).on_conflict_do_nothing().execute(conn).map(drop)
}

/// One page of the accounts, by name, from behind a name.
pub(crate) fn list(conn: &mut Conn, after: Option<&str>, limit: i64) -> QueryResult<Vec<AccountRow>> {
    let mut query = users::table.into_boxed::<Backend>();
    if let Some(after) = after {
        query = query.filter(users::username.gt(after.to_owned()));
    }
    query.select(AccountRow::as_select()).order(users::username).limit(limit).load(conn)
}

pub(crate) fn by_id(conn: &mut Conn, id: Id) -> QueryResult<Option<AccountRow>> {
    users::table.find(id).select(AccountRow::as_select()).first(conn).optional()
}

pub(crate) fn by_username(conn: &mut Conn, username: &str) -> QueryResult<Option<AccountRow>> {
    let named = users::table.filter(users::username.eq(username));
    named.select(AccountRow::as_select()).first(conn).optional()
}

pub(crate) fn by_email(conn: &mut Conn, email: &str) -> QueryResult<Option<AccountRow>> {
    users::table.filter(users::email.eq(email)).select(AccountRow::as_select()).first(conn).optional()
}

/// The account, locked until the end of the transaction.
pub(crate) fn lock(conn: &mut Conn, id: Id) -> QueryResult<Option<AccountRow>> {
    locked!(users::table.find(id).select(AccountRow::as_select())).first(conn).optional()
}

/// The hash of its password; none where it has no password.
pub(crate) fn password(conn: &mut Conn, id: Id) -> QueryResult<Option<String>> {
    let found: Option<Option<String>> = users::table.find(id).select(users::hashed_pw).first(conn).optional()?;
    Ok(found.flatten())
}

/// Makes an account; none where the name or the e-mail address is taken.
pub(crate) fn insert(conn: &mut Conn, row: &AccountRow) -> QueryResult<usize> {
    diesel::insert_into(users::table).values(row).on_conflict_do_nothing().execute(conn)
}

pub(crate) fn update(conn: &mut Conn, row: &AccountRow) -> QueryResult<usize> {
    statements::update(users::table, users::id.eq(row.id), row).execute(conn)
}

pub(crate) fn set_password(conn: &mut Conn, id: Id, hash: &str) -> QueryResult<usize> {
    diesel::update(users::table.find(id)).set(users::hashed_pw.eq(hash)).execute(conn)
}
