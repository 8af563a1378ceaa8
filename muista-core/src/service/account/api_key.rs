//! The use cases of API keys: making, listing and revoking them. What a key may do is never more than who made it may, and
//! it ends with what it rests on: the key with which it was made, and the admin who made it for another account.

use std::time::Duration;

use super::KEY_PREFIX;
use super::{token, user};
use crate::error::{Error, Result};
use crate::model::{
    ApiKey, ApiKeyRef, CreatedApiKey, Entity, Id, NewApiKey, Role, Scope, Scopes, Secret, ShortId, User, UserRef,
};
use crate::service::audit::audited::{Audited, RecordScope};
use crate::service::tx::{Tx, transaction};
use crate::service::{Caller, Credential, Service, Topic};
use crate::store::rows::ApiKeyRow;
use crate::store::types::Doc;
use crate::store::{self, Conn};
use crate::time::Instant;

/// How much of a key is kept to be shown: its prefix and five characters of 43.
const HINT: usize = 12;
/// How many keys an account may have.
const MOST: usize = 200;

impl Audited for ApiKey {
    const ENTITY: Entity = Entity::ApiKey;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, _: &mut Tx<'_>) -> Result<RecordScope> {
        Ok(RecordScope { owner: self.user_id, project: None })
    }
}

/// Makes a key. The answer is the only time that it is told.
///
/// # Errors
/// `Forbidden` for a role or scopes that the caller or the account does not have, `NotFound` for an account that is not
/// there, `Invalid` for a time that is none.
pub async fn create(service: &Service, caller: &Caller, new: NewApiKey) -> Result<CreatedApiKey> {
    caller.require(Scope::AccountWrite)?;
    let owner = owner(service, caller, Scope::UsersWrite, new.user.as_ref()).await?;
    let ttl = new.ttl_seconds.map(Duration::from_secs);
    if ttl.is_some_and(|ttl| ttl.is_zero() || ttl > NewApiKey::TTL_MAX) {
        return Err(Error::invalid("ttlSeconds", "a key is valid for 1 second to 10 years")
            .hint("leave the time out for a key that is valid until it is revoked"));
    }
    let (role, scopes) = allowed(caller, &owner, new.role, new.scopes)?;
    let made_with = match caller.credential {
        Credential::ApiKey(id) => Some(id),
        _ => None,
    };
    let work = move |tx: &mut Tx<'_>| {
        let expires_at = lifetime(tx, made_with, ttl)?;
        if store::api_key::list(tx.conn, owner.id)?.len() >= MOST {
            return Err(Error::quota(format!("the account {} has {MOST} keys already", owner.username))
                .hint("revoke those that are not used: `muista token revoke ID`"));
        }
        let key = format!("{KEY_PREFIX}{}", token::random()?);
        let row = ApiKeyRow {
            id: Id::new(tx.now),
            user_id: owner.id,
            name: new.name.into(),
            key_hash: token::hash(&key),
            role: role.as_str().to_owned(),
            scopes: Doc::of(&scopes)?,
            created_at: tx.now,
            expires_at,
            last_used_at: None,
            revoked_at: None,
            hint: key.chars().take(HINT).collect(),
            made_by: Some(tx.owner()),
            made_with,
        };
        store::api_key::insert(tx.conn, &row)?;
        let api_key = row.into_key()?;
        tx.created(&api_key)?;
        Ok(CreatedApiKey { key: Secret::new(key), api_key })
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Until when a new key is taken: not longer than the key with which it is made.
fn lifetime(tx: &mut Tx<'_>, made_with: Option<Id>, ttl: Option<Duration>) -> Result<Option<Instant>> {
    let asked = ttl.map(|ttl| tx.now.plus(ttl));
    let Some(maker) = made_with else { return Ok(asked) };
    // Locked, so that it is not revoked meanwhile.
    let row = store::api_key::lock(tx.conn, maker)?.filter(|row| row.revoked_at.is_none());
    let maker = row.ok_or_else(|| Error::unauthenticated("the key was revoked"))?;
    match (asked, maker.expires_at) {
        (Some(asked), Some(most)) if asked > most => {
            let left = most.since(tx.now).as_secs();
            Err(Error::forbidden(format!(
                "a key cannot make one that outlives it, and {} is valid for {left} s more",
                maker.name
            ))
            .of_field("ttlSeconds")
            .hint("leave the time out, or log in to make a key that is valid for longer"))
        }
        (None, most) => Ok(most),
        (asked, _) => Ok(asked),
    }
}

/// What a new key is for and may be used for.
fn allowed(caller: &Caller, owner: &User, role: Option<Role>, scopes: Option<Scopes>) -> Result<(Role, Scopes)> {
    let most = caller.role.and(owner.role);
    let role = role.unwrap_or(most);
    if role != role.and(most) {
        return Err(Error::forbidden(format!("a key of {} cannot have the role {role}", owner.username))
            .hint(format!("{most} is the most that it can have")));
    }
    let possible = Scopes::of(role).and(caller.scopes);
    let scopes = scopes.unwrap_or(possible);
    match scopes.beyond(possible).first() {
        Some(scope) => Err(Error::forbidden(format!("a key of the role {role} cannot have the scope {scope}"))
            .hint(format!("choose from: {possible}"))),
        None => Ok((role, scopes)),
    }
}

/// The keys of the caller, or for admins of an account, that are not revoked; the newest first.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound` for an account that is not there.
pub async fn list(service: &Service, caller: &Caller, user: Option<UserRef>) -> Result<Vec<ApiKey>> {
    caller.require(Scope::AccountRead)?;
    let owner = owner(service, caller, Scope::UsersRead, user.as_ref()).await?;
    let rows = service.store.read(move |conn: &mut Conn| store::api_key::list(conn, owner.id)).await?;
    rows.into_iter().map(ApiKeyRow::into_key).collect()
}

/// A key of the caller's, or for admins of an account, that is not revoked.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound`, `Conflict` for a name that several keys have.
pub async fn get(service: &Service, caller: &Caller, key: ApiKeyRef, user: Option<UserRef>) -> Result<ApiKey> {
    let all = list(service, caller, user).await?;
    let meant = |one: &ApiKey| match &key {
        ApiKeyRef::Id(id) => one.id == *id,
        ApiKeyRef::Name(name) => one.name == **name,
    };
    let mut found: Vec<_> = all.iter().filter(|one| meant(one)).cloned().collect();
    if found.is_empty()
        && let Some(short) = short(&key)
    {
        found = all.into_iter().filter(|one| short.is_of(one.id)).collect();
    }
    match (found.pop(), found.len()) {
        (None, _) => Err(missing(&key)),
        (Some(one), 0) => Ok(one),
        (Some(_), others) => Err(several(others + 1, &key)),
    }
}

/// Revokes a key; returns how it is then. A key may always revoke itself.
///
/// # Errors
/// `Forbidden` without the scope, `NotFound`, `Conflict` for a name that several keys have.
pub async fn revoke(service: &Service, caller: &Caller, key: ApiKeyRef, user: Option<UserRef>) -> Result<ApiKey> {
    let itself = matches!((&key, caller.credential), (ApiKeyRef::Id(id), Credential::ApiKey(own)) if *id == own);
    if !itself {
        caller.require(Scope::AccountWrite)?;
    }
    let owner = owner(service, caller, Scope::UsersWrite, user.as_ref()).await?;
    let any = caller.require(Scope::UsersWrite).is_ok();
    let work = move |tx: &mut Tx<'_>| {
        let id = find(tx.conn, owner.id, &key)?;
        let row = store::api_key::lock(tx.conn, id)?.filter(|row| any || row.user_id == owner.id);
        let before = row.ok_or_else(|| missing(&key))?.into_key()?;
        if before.revoked_at.is_some() {
            return Ok(before);
        }
        end(tx, before)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Revokes a key, and those that were made with it; returns how it is then.
fn end(tx: &mut Tx<'_>, key: ApiKey) -> Result<ApiKey> {
    let mut ended = Vec::new();
    let mut rest = vec![key];
    while let Some(before) = rest.pop() {
        let after = ApiKey { revoked_at: Some(tx.now), ..before.clone() };
        store::api_key::revoke(tx.conn, after.id, tx.now)?;
        tx.updated(&before, &after)?;
        let made = store::api_key::made_with(tx.conn, after.id)?;
        rest.extend(made.into_iter().map(ApiKeyRow::into_key).collect::<Result<Vec<_>>>()?);
        ended.push(after);
    }
    tx.publish(Topic::Accounts);
    Ok(ended.swap_remove(0))
}

/// The keys of an account that are taken still, the newest first.
pub(crate) fn living_of(conn: &mut Conn, user: Id) -> Result<Vec<ApiKey>> {
    store::api_key::list(conn, user)?.into_iter().map(ApiKeyRow::into_key).collect()
}

/// Revokes all keys of an account but one.
pub(crate) fn end_all_of(tx: &mut Tx<'_>, user: Id, kept: Option<Id>) -> Result<()> {
    for key in living_of(tx.conn, user)?.into_iter().filter(|key| kept != Some(key.id)) {
        end(tx, key)?;
    }
    Ok(())
}

/// Revokes the keys that an account made for others, since it may not any more.
pub(crate) fn end_made_for_others(tx: &mut Tx<'_>, user: Id) -> Result<()> {
    for row in store::api_key::made_for_others(tx.conn, user)? {
        end(tx, row.into_key()?)?;
    }
    Ok(())
}

fn find(conn: &mut Conn, owner: Id, key: &ApiKeyRef) -> Result<Id> {
    let name = match key {
        ApiKeyRef::Id(id) => return Ok(*id),
        ApiKeyRef::Name(name) => name,
    };
    let all = store::api_key::list(conn, owner)?;
    let mut named: Vec<_> = all.iter().filter(|row| *row.name == **name).collect();
    if named.is_empty()
        && let Some(short) = short(key)
    {
        named = all.iter().filter(|row| short.is_of(row.id)).collect();
    }
    match named.as_slice() {
        [] => Err(missing(key)),
        [one] => Ok(one.id),
        all => Err(several(all.len(), key)),
    }
}

/// Returns the short id that a name may be, where no key is called so.
fn short(key: &ApiKeyRef) -> Option<ShortId> {
    match key {
        ApiKeyRef::Id(_) => None,
        ApiKeyRef::Name(name) => name.parse().ok(),
    }
}

fn several(count: usize, key: &ApiKeyRef) -> Error {
    Error::conflict(format!("{count} keys are called {key}")).hint("name it by its id, which `muista token ls` shows")
}

/// The account whose keys are meant; another one's only with the scope for that.
async fn owner(service: &Service, caller: &Caller, others: Scope, user: Option<&UserRef>) -> Result<User> {
    let own = UserRef::Id(caller.user);
    let target = user.unwrap_or(&own).clone();
    let found = service.store.read(move |conn| user::find(conn, &target)).await;
    if user.is_some() && !found.as_ref().is_ok_and(|user| user.id == caller.user) {
        caller.require(others)?;
    }
    found
}

fn missing(key: &ApiKeyRef) -> Error {
    Error::not_found(format!("key {key}")).hint("`muista token ls` shows what there is")
}
