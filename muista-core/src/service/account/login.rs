//! Knowing somebody by name and password, and the lockout of names under which wrong passwords are tried. A name that no
//! account has is treated just the same, in what is answered and in how long it takes.

use std::time::Duration;

use crate::error::{Error, Result};
use crate::model::{Secret, User, fold};
use crate::service::Service;
use crate::service::engine::daemon;
use crate::service::tx::{Tx, engine_transaction};
use crate::store::rows::AccountRow;
use crate::store::{self, Conn, RollbackPolicy, login_failure};
use crate::time::Instant;

/// How many wrong passwords in a row lock a name.
const FREE: i64 = 5;
/// How long it is locked at first; each further wrong password doubles it, up to [`LONGEST`].
const LOCK: Duration = Duration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(3600);
/// Longer than any name or address.
const NAME_MAX: usize = 254;

/// Who has proven to know the password, and the hash that it was checked against.
pub(crate) struct Proven {
    pub(crate) user: User,
    pub(crate) hash: String,
}

/// What became of an attempt.
enum Attempt {
    Counted,
    Locked(Instant),
}

/// The account of this name or e-mail address, if `password` is its password and it may be used.
///
/// # Errors
/// `Unauthenticated` for a wrong name or password and for a disabled account, `RateLimited` while the name is locked.
pub(crate) async fn by_password(service: &Service, name: &str, password: &Secret) -> Result<Proven> {
    let name = fold(name.trim());
    if name.len() > NAME_MAX || name.contains('\0') {
        return Err(wrong());
    }
    let look = move |conn: &mut Conn| {
        let found = find(conn, &name)?;
        // Wrong passwords for an address count for the name of its account, so that nobody has as many again.
        let key = found.as_ref().map_or(name, |(row, _)| row.username.clone());
        Ok((login_failure::find(conn, &key)?, found, key))
    };
    let (failures, found, key) = service.store.read(look).await?;
    open(service, failures)?;
    let (user, hash) = found.unzip();
    let hash = hash.flatten();
    let right = service.passwords.is(password.clone(), hash.clone()).await?;
    let Some((user, hash)) = user.zip(hash).filter(|_| right) else {
        return Err(count(service, key).await?.unwrap_or_else(wrong));
    };
    forget(service, key).await?;
    let user = user.into_user()?;
    match user.disabled_at {
        Some(_) => Err(disabled()),
        None => Ok(Proven { user, hash }),
    }
}

/// The account that goes by this folded name or address, and its password's hash.
fn find(conn: &mut Conn, name: &str) -> Result<Option<(AccountRow, Option<String>)>> {
    let found = match name.contains('@') {
        true => store::user::by_email(conn, name)?,
        false => store::user::by_username(conn, name)?,
    };
    let Some(row) = found else { return Ok(None) };
    let hash = store::user::password(conn, row.id)?;
    Ok(Some((row, hash)))
}

/// Refuses what is locked after too many wrong tries.
///
/// # Errors
/// `RateLimited`.
pub(crate) async fn refuse_locked(service: &Service, key: String) -> Result<()> {
    let failures = service.store.read(move |conn| login_failure::find(conn, &key)).await?;
    open(service, failures)
}

/// Counts a wrong password, or another wrong try; returns what is to be answered where it is locked. Those that come while
/// it is, because they were sent together, tell nothing and do not count.
pub(crate) async fn count(service: &Service, key: String) -> Result<Option<Error>> {
    let work = move |tx: &mut Tx<'_>| {
        let locked = login_failure::find(tx.conn, &key)?.and_then(|(_, until)| until).filter(|until| *until > tx.now);
        if let Some(until) = locked {
            return Ok(Attempt::Locked(until));
        }
        let failures = login_failure::count(tx.conn, &key, tx.now)?;
        if failures >= FREE {
            login_failure::lock_until(tx.conn, &key, tx.now.plus(lock_of(failures)))?;
        }
        Ok(Attempt::Counted)
    };
    match engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), work).await? {
        Attempt::Counted => Ok(None),
        Attempt::Locked(until) => Ok(Some(locked(service.now(), until))),
    }
}

/// Begins to count anew after a right password. It is not taken where others, sent together with it, have locked the name
/// meanwhile: else whoever sends many at once would learn which is right.
async fn forget(service: &Service, key: String) -> Result<()> {
    let name = key.clone();
    let failures = service.store.read(move |conn| login_failure::find(conn, &name)).await?;
    open(service, failures)?;
    if failures.is_some() {
        let work = move |tx: &mut Tx<'_>| login_failure::forget(tx.conn, &key);
        engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), work).await?;
    }
    Ok(())
}

/// Refuses a name that is locked.
fn open(service: &Service, failures: Option<(i64, Option<Instant>)>) -> Result<()> {
    let now = service.now();
    match failures.and_then(|(_, until)| until).filter(|until| *until > now) {
        Some(until) => Err(locked(now, until)),
        None => Ok(()),
    }
}

fn lock_of(failures: i64) -> Duration {
    let doublings = u32::try_from(failures - FREE).unwrap_or(u32::MAX).min(16);
    (LOCK * 2_u32.pow(doublings)).min(LONGEST)
}

fn locked(now: Instant, until: Instant) -> Error {
    let seconds = u32::try_from(until.since(now).as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1);
    Error::rate_limited("too many wrong tries", seconds).hint(format!("wait {seconds} s before the next attempt"))
}

pub(crate) fn wrong() -> Error {
    Error::unauthenticated("wrong name or password").hint("an admin can set a new password: `muista user passwd NAME`")
}

pub(crate) fn disabled() -> Error {
    Error::unauthenticated("the account is disabled").hint("ask an admin: `muista user enable NAME`")
}
