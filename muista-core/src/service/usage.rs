//! The use cases of what accounts take: one's own, and for admins everybody's. What is counted and refused is `limit`'s.

use super::access::quota;
use super::account::user;
use super::{Caller, Service};
use crate::error::Result;
use crate::model::{Amount, Id, Page, Quotas, Scope, Usage, UsagePage, User, UserQuery, UserRef, Weight, cursor, near};
use crate::store::rows::AccountRow;
use crate::store::{self, Conn};

/// How many accounts metrics tell of, and how many a warning names.
const LARGEST: i64 = 20;

/// What the caller's account takes, or, for admins, another one.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound` for an account that is not there.
pub async fn get(service: &Service, caller: &Caller, named: Option<UserRef>) -> Result<Usage> {
    let own = UserRef::Id(caller.user);
    let target = named.unwrap_or_else(|| own.clone());
    caller.require(if target == own { Scope::AccountRead } else { Scope::UsersRead })?;
    let limits = service.settings().quotas;
    service.store.read(move |conn| user::find(conn, &target).and_then(|user| of(conn, limits, &user))).await
}

/// One page of what all accounts take, by name.
///
/// # Errors
/// `Forbidden` without the scope, `Invalid` for a foreign cursor.
pub async fn list(service: &Service, caller: &Caller, query: UserQuery) -> Result<UsagePage> {
    caller.require(Scope::UsersRead)?;
    let after = query.cursor.as_deref().map(cursor::read::<String>).transpose()?;
    let limit = if query.limit == 0 { Page::MAX } else { query.limit.min(Page::MAX) };
    let limits = service.settings().quotas;
    let look = move |conn: &mut Conn| {
        let mut rows = store::user::list(conn, after.as_deref(), i64::from(limit) + 1)?;
        let more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let users = rows.into_iter().map(AccountRow::into_user).collect::<Result<Vec<_>>>()?;
        let items = users.iter().map(|user| of(conn, limits, user)).collect::<Result<Vec<_>>>()?;
        let last = items.last().filter(|_| more);
        let next_cursor = last.map(|last| cursor::write(&last.username)).transpose()?;
        Ok(UsagePage { items, next_cursor })
    };
    service.store.read(look).await
}

/// What an account takes, counted anew from all that it has; jobs' arguments are left out. For admins, who find out with it
/// whether what is kept is true.
///
/// # Errors
/// As [`get`].
pub async fn counted(service: &Service, caller: &Caller, named: UserRef) -> Result<Usage> {
    caller.require(Scope::UsersRead)?;
    let limits = service.settings().quotas;
    let count = move |conn: &mut Conn| {
        let user = user::find(conn, &named)?;
        let limits = (user.id != Id::LOCAL_USER).then_some(limits);
        Ok(with_limits(user.id, user.username, store::usage::counted(conn, user.id)?, limits))
    };
    service.store.read(count).await
}

/// The accounts that take the most, by bytes, with what they take; that of `local` is not counted.
///
/// # Errors
/// When the database does not answer.
pub async fn largest(service: &Service) -> Result<Vec<(String, [(&'static str, i64); 4])>> {
    let rows = service.store.read(|conn| store::usage::largest(conn, LARGEST)).await?;
    let named = |weight: Weight| {
        [
            ("tasks", weight.tasks),
            ("text_bytes", weight.text_bytes),
            ("files", weight.files),
            ("file_bytes", weight.file_bytes),
        ]
    };
    Ok(rows.into_iter().map(|(name, weight)| (name, named(weight))).collect())
}

/// Names the accounts that are near one of their limits, and how near.
pub(crate) fn near_limit(conn: &mut Conn, limits: Quotas) -> Result<Vec<String>> {
    let least = Weight {
        tasks: near(limits.tasks),
        text_bytes: near(limits.text_bytes),
        files: 0,
        file_bytes: near(limits.file_bytes),
    };
    let rows = store::usage::beyond(conn, least, LARGEST)?;
    let told = |(name, weight): (String, Weight)| {
        let usage = with_limits(Id::NIL, name, weight, Some(limits));
        let full = usage.amounts().into_iter().filter(|(_, amount)| amount.is_near());
        let full = full.map(|(what, amount)| format!("{} of {} {what}", amount.used, amount.limit.unwrap_or_default()));
        format!("{}: {}", usage.username, full.collect::<Vec<_>>().join(", "))
    };
    Ok(rows.into_iter().map(told).collect())
}

fn of(conn: &mut Conn, limits: Quotas, user: &User) -> Result<Usage> {
    let limits = (user.id != Id::LOCAL_USER).then_some(limits);
    Ok(with_limits(user.id, user.username.clone(), quota::taken(conn, user)?, limits))
}

fn with_limits(user_id: Id, username: String, taken: Weight, limits: Option<Quotas>) -> Usage {
    // A count that went astray is not told as less than nothing.
    let amount = |used: i64, limit: fn(&Quotas) -> i64| Amount { used: used.max(0), limit: limits.as_ref().map(limit) };
    Usage {
        user_id,
        username,
        tasks: amount(taken.tasks, |limits| limits.tasks),
        text_bytes: amount(taken.text_bytes, |limits| limits.text_bytes),
        file_bytes: amount(taken.file_bytes, |limits| limits.file_bytes),
        files: taken.files.max(0),
    }
}
