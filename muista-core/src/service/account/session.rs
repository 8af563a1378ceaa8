//! The use cases of sessions: logging in, refreshing, logging out. A session is a family of refresh tokens, each good for
//! one use; one that comes a second time was stolen, and ends the session.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{login, token};
use crate::error::{Error, Result};
use crate::model::{Entity, Id, Login, Origin, Requester, Scope, Secret, Session, SignedIn, User};
use crate::service::audit::audited::{Audited, RecordScope};
use crate::service::tx::{Tx, transaction};
use crate::service::{AuthContext, Caller, Credential, Service, Topic};
use crate::store::rows::RefreshTokenRow;
use crate::store::{self, Conn};
use crate::time::Instant;

/// How long a session lasts that is not refreshed.
const LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// How much is kept of what a program calls itself.
const USER_AGENT_MAX: usize = 300;

impl Audited for Session {
    const ENTITY: Entity = Entity::Session;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, _: &mut Tx<'_>) -> Result<RecordScope> {
        Ok(RecordScope { owner: self.user_id, project: None })
    }
}

/// Begins a session with a name or an e-mail address and a password.
///
/// # Errors
/// `Unauthenticated` for a wrong name or password and for a disabled account, `RateLimited` while the name is locked.
pub async fn login(service: &Service, caller: &Caller, login: Login, from: Requester) -> Result<SignedIn> {
    let proven = login::by_password(service, &login.username, &login.password).await.inspect_err(|error| {
        tracing::warn!(address = from.address, code = error.kind.code(), error = error.message, "a log-in was refused");
    })?;
    let work = move |tx: &mut Tx<'_>| {
        let user = usable(tx, proven.user.id)?;
        if store::user::password(tx.conn, user.id)?.as_ref() != Some(&proven.hash) {
            // It was changed while this one was checked.
            return Err(login::wrong());
        }
        tx.on_behalf_of(&user);
        let user_agent = from.user_agent.map(|agent| agent.chars().take(USER_AGENT_MAX).collect());
        let (row, secret) = next(tx, &user, (Id::new(tx.now), tx.now), (user_agent, from.address))?;
        let session = row.into_session(None);
        tx.created(&session)?;
        Ok(SignedIn { user, session: Session { current: true, ..session }, refresh_token: secret })
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// What became of a refresh token.
#[derive(Serialize, Deserialize)]
enum Refreshed {
    Again(Box<SignedIn>),
    Reused,
}

/// Goes on with a session: the token is used up, and another one comes in its place.
///
/// # Errors
/// `Unauthenticated` for a token that is unknown, expired, revoked or used already, and for a disabled account.
pub async fn refresh(service: &Service, caller: &Caller, token: Secret) -> Result<SignedIn> {
    let hash = token::hash(token.reveal());
    let work = move |tx: &mut Tx<'_>| {
        let row = store::session::by_hash(tx.conn, &hash)?.ok_or_else(ended)?;
        let user = usable(tx, row.user_id)?;
        // Read again: whoever else refreshes this session held the account until now.
        let row = store::session::by_hash(tx.conn, &hash)?.ok_or_else(ended)?;
        if row.revoked_at.is_some() || row.expires_at <= tx.now {
            return Err(ended());
        }
        tx.on_behalf_of(&user);
        if row.used_at.is_some() {
            end_one(tx, row)?;
            return Ok(Refreshed::Reused);
        }
        store::session::mark_used(tx.conn, row.id, tx.now)?;
        let begun = (row.family_id, row.created_at);
        let (row, secret) = next(tx, &user, begun, (row.user_agent, row.address))?;
        let session = row.into_session(None);
        Ok(Refreshed::Again(Box::new(SignedIn {
            user,
            session: Session { current: true, ..session },
            refresh_token: secret,
        })))
    };
    match transaction(service, caller, work).await?.0 {
        Refreshed::Again(signed_in) => Ok(*signed_in),
        Refreshed::Reused => {
            tracing::warn!("a refresh token came a second time; its session was ended");
            Err(Error::unauthenticated("the refresh token was used already; the session was ended")
                .hint("log in again, and find out who else has the token"))
        }
    }
}

/// Makes the next token of a session.
fn next(
    tx: &mut Tx<'_>,
    user: &User,
    (family_id, created_at): (Id, Instant),
    (user_agent, address): (Option<String>, Option<String>),
) -> Result<(RefreshTokenRow, Secret)> {
    let token = token::random()?;
    let row = RefreshTokenRow {
        id: Id::new(tx.now),
        user_id: user.id,
        family_id,
        token_hash: token::hash(&token),
        user_agent,
        address,
        created_at,
        expires_at: tx.now.plus(LIFETIME),
        used_at: None,
        revoked_at: None,
        last_used_at: Some(tx.now),
    };
    store::session::insert(tx.conn, &row)?;
    Ok((row, Secret::new(token)))
}

/// Whoever an access token of this session belongs to.
///
/// # Errors
/// `Unauthenticated` when the session has ended or the account is disabled.
pub async fn caller(service: &Service, session: Id, origin: Origin) -> Result<AuthContext> {
    let now = service.now();
    let found = service.store.read(move |conn| store::session::living(conn, session, now)).await?;
    let (row, user) = found.ok_or_else(ended)?;
    let user = user.into_user()?;
    if user.disabled_at.is_some() {
        return Err(login::disabled());
    }
    Ok(AuthContext { expires_at: Some(row.expires_at), caller: Caller::of(user, origin, Credential::Session(session)) })
}

/// Ends the session that asks.
///
/// # Errors
/// `Conflict` where no session asks.
pub async fn logout(service: &Service, caller: &Caller) -> Result<()> {
    let Credential::Session(id) = caller.credential else {
        return Err(Error::conflict("this is not a session").hint("revoke a key with `muista token revoke`"));
    };
    end_of(service, caller, id).await
}

/// Ends the session of a refresh token, whatever is left of it. It is no error where there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn logout_with(service: &Service, caller: &Caller, token: Secret) -> Result<()> {
    let hash = token::hash(token.reveal());
    let work = move |tx: &mut Tx<'_>| {
        let Some(row) = store::session::by_hash(tx.conn, &hash)? else { return Ok(()) };
        let Some(user) = store::user::lock(tx.conn, row.user_id)? else { return Ok(()) };
        tx.on_behalf_of(&user.into_user()?);
        living_of(tx, row.user_id)?
            .into_iter()
            .filter(|other| other.family_id == row.family_id)
            .try_for_each(|row| end_one(tx, row))
    };
    transaction(service, caller, work).await.map(drop)
}

/// The caller's sessions that have not ended, the last used first.
///
/// # Errors
/// `Forbidden` without the scope.
pub async fn list(service: &Service, caller: &Caller) -> Result<Vec<Session>> {
    caller.require(Scope::AccountRead)?;
    let (user, now, own) = (caller.user, service.now(), own(caller));
    let rows = service.store.read(move |conn: &mut Conn| store::session::list(conn, user, now)).await?;
    Ok(rows.into_iter().map(|row| row.into_session(own)).collect())
}

/// Ends one of the caller's sessions.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound`.
pub async fn end(service: &Service, caller: &Caller, session: Id) -> Result<()> {
    caller.require(Scope::AccountWrite)?;
    end_of(service, caller, session).await
}

async fn end_of(service: &Service, caller: &Caller, session: Id) -> Result<()> {
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        store::user::lock(tx.conn, owner)?;
        let found = living_of(tx, owner)?.into_iter().find(|row| row.family_id == session);
        end_one(tx, found.ok_or_else(|| Error::not_found(format!("session {session}")))?)
    };
    transaction(service, caller, work).await.map(drop)
}

/// Ends all of the caller's sessions, that which asks included.
///
/// # Errors
/// `Forbidden` without the scope.
pub async fn end_all(service: &Service, caller: &Caller) -> Result<()> {
    caller.require(Scope::AccountWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        store::user::lock(tx.conn, owner)?;
        end_all_of(tx, owner, None)
    };
    transaction(service, caller, work).await.map(drop)
}

/// Ends all sessions of an account but one. The account is locked already.
pub(crate) fn end_all_of(tx: &mut Tx<'_>, user: Id, kept: Option<Id>) -> Result<()> {
    living_of(tx, user)?.into_iter().filter(|row| kept != Some(row.family_id)).try_for_each(|row| end_one(tx, row))
}

fn end_one(tx: &mut Tx<'_>, row: RefreshTokenRow) -> Result<()> {
    store::session::revoke(tx.conn, row.family_id, tx.now)?;
    tx.deleted(&row.into_session(None))?;
    tx.publish(Topic::Accounts);
    Ok(())
}

fn living_of(tx: &mut Tx<'_>, user: Id) -> Result<Vec<RefreshTokenRow>> {
    store::session::list(tx.conn, user, tx.now)
}

/// The account, locked until the end of the transaction, if it may be used.
fn usable(tx: &mut Tx<'_>, user: Id) -> Result<User> {
    let user = store::user::lock(tx.conn, user)?.ok_or_else(ended)?.into_user()?;
    match user.disabled_at {
        Some(_) => Err(login::disabled()),
        None => Ok(user),
    }
}

fn own(caller: &Caller) -> Option<Id> {
    match caller.credential {
        Credential::Session(id) => Some(id),
        _ => None,
    }
}

fn ended() -> Error {
    Error::unauthenticated("the session has ended").hint("log in again")
}
