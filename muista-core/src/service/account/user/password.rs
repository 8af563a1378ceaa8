//! Setting a password: one's own with the one so far, another's as an admin. What a password is hashed with is
//! `password`'s of the service, forgotten ones are `reset`'s.

use super::{find, save_in};
use crate::error::{Error, Result};
use crate::model::{Change, Id, NewPassword, Password, PasswordSet, Scope, Scopes, User, UserPatch, UserRef};
use crate::service::account::{api_key, login, session};
use crate::service::tx::{Tx, transaction};
use crate::service::{Caller, Credential, Service};
use crate::store::{self, Conn};

/// Sets a password. Whoever sets their own keeps the session that asks; all other sessions of the account end. Its keys stay,
/// unless they are to be revoked with it.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound`, `Unauthenticated` for a wrong old password, `Invalid` for a new one that is
/// guessed at once.
pub async fn set_password(service: &Service, caller: &Caller, new: NewPassword) -> Result<PasswordSet> {
    let target = new.user.unwrap_or(UserRef::Id(caller.user));
    let known = target.clone();
    let user = service.store.read(move |conn| find(conn, &known)).await;
    let own = target == UserRef::Id(caller.user) || user.as_ref().is_ok_and(|user| user.id == caller.user);
    caller.require(if own { Scope::AccountWrite } else { Scope::UsersWrite })?;
    let user = user?;
    if own && caller.credential != Credential::Local {
        let old = new.old_password.ok_or_else(|| {
            Error::invalid("oldPassword", "the old password is missing").hint("give the current password")
        })?;
        login::by_password(service, &user.username, &old).await?;
    }
    new.password.differs_from(&names(&user.username, user.email.as_deref(), user.name.as_deref()))?;
    let hash = service.passwords.hash(new.password).await?;
    let kept = match caller.credential {
        Credential::Session(id) if own => Some(id),
        _ => None,
    };
    let (id, revoke) = (user.id, new.revoke_keys);
    let work = move |tx: &mut Tx<'_>| {
        let user = save_in(tx, id, |tx, user| write_password(tx, user, &hash, kept))?;
        if revoke {
            let asks = match tx.caller.credential {
                Credential::ApiKey(key) => Some(key),
                _ => None,
            };
            api_key::end_all_of(tx, id, asks)?;
        }
        Ok(PasswordSet { user, keys: api_key::living_of(tx.conn, id)? })
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Refuses another e-mail address to whoever does not show to be the account's owner.
pub(in crate::service) async fn prove_owner(service: &Service, caller: &Caller, patch: &UserPatch) -> Result<()> {
    let id = caller.user;
    let look = move |conn: &mut Conn| Ok((find(conn, &UserRef::Id(id))?, store::user::password(conn, id)?));
    let (user, hash) = service.store.read(look).await?;
    let stays = match &patch.email {
        Change::Keep => true,
        Change::Clear => user.email.is_none(),
        Change::Set(email) => user.email.as_deref() == Some(&**email),
    };
    if stays {
        return Ok(());
    }
    if hash.is_none() {
        return match Scopes::of(user.role).beyond(caller.scopes).first() {
            None => Ok(()),
            Some(_) => Err(Error::forbidden("the e-mail address is not changed with a token of few scopes")
                .hint("log in, or show a token that may do all that the account may")),
        };
    }
    let password = patch.password.as_ref().ok_or_else(|| {
        Error::invalid("password", "the password is missing, without which the e-mail address stays")
            .hint("give the account's password too")
    })?;
    login::by_password(service, &user.username, password).await.map(drop)
}

/// Writes the hash of a new password, ends all sessions but one and lets the name be tried again.
pub(crate) fn write_password(tx: &mut Tx<'_>, user: &mut User, hash: &str, kept: Option<Id>) -> Result<()> {
    store::user::set_password(tx.conn, user.id, hash)?;
    store::password_reset::use_up(tx.conn, user.id, tx.now)?;
    session::end_all_of(tx, user.id, kept)?;
    for name in [Some(&user.username), user.email.as_ref()].into_iter().flatten() {
        store::login_failure::forget(tx.conn, name)?;
    }
    // That it was set is recorded, what it is is not.
    user.version += 1;
    Ok(())
}

/// What everybody knows of an account.
pub(in crate::service) fn names<'a>(username: &'a str, email: Option<&'a str>, name: Option<&'a str>) -> Vec<&'a str> {
    [Some(username), email, name].into_iter().flatten().collect()
}

/// Refuses a password that everybody knows.
pub(crate) fn guessed(user: &User, password: &Password) -> Result<()> {
    password.differs_from(&names(&user.username, user.email.as_deref(), user.name.as_deref()))
}
