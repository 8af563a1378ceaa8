//! Who a connection or a request belongs to: a [`Caller`] from what was [`Credentials`]. Access tokens are
//! the daemon's, which signs and reads them itself.

pub mod address;
pub mod api_key;
pub(crate) mod login;
pub(crate) mod password;
pub mod reset;
pub mod session;
pub mod signing_key;
pub(crate) mod token;
pub mod user;

use std::time::Duration;

use super::engine::daemon;
use super::tx::{Tx, engine_transaction};
use super::{Caller, Credential, Service};
use crate::error::{Error, Result};
use crate::model::{ApiKey, Origin, Scopes, Secret, User};
use crate::store::{self, RollbackPolicy};
use crate::time::Instant;

/// What every API key begins with, so that one that leaked is recognised.
pub const KEY_PREFIX: &str = "muista_";
/// What helps where a key does not.
const ANOTHER_KEY: &str = "make one with `muista token create --name …`";
/// How exactly it is noted when a key was last used.
const TOUCH: Duration = Duration::from_secs(60);

/// The credentials by which somebody is known.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// An API key.
    Token(String),
    /// The name or e-mail address of an account, and its password.
    Password {
        /// The name or address.
        name: String,
        /// The password.
        password: String,
    },
}

/// A caller that was found out, and until when its credential is taken.
#[derive(Debug, Clone)]
pub struct AuthContext {
    /// The caller.
    pub caller: Caller,
    /// When the credential expires.
    pub expires_at: Option<Instant>,
}

/// The caller who presents this; `timezone` is the one it asks for, else its account's. `address` is the machine that
/// asks, for the log.
///
/// # Errors
/// `Unauthenticated` for what is wrong, expired or revoked and for disabled accounts, `RateLimited` after too many wrong
/// passwords.
pub async fn authenticate(
    service: &Service,
    presented: Credentials,
    origin: Origin,
    timezone: Option<String>,
    address: Option<&str>,
) -> Result<Caller> {
    let known = match presented {
        Credentials::Token(key) => by_key(service, &key, origin).await.map(|known| known.caller),
        Credentials::Password { name, password } => {
            let proven = login::by_password(service, &name, &Secret::new(password)).await;
            proven.map(|proven| Caller::of(proven.user, origin, Credential::Password))
        }
    };
    let caller = known.inspect_err(|error| {
        tracing::warn!(address, origin = origin.as_str(), code = error.kind.code(), error = error.message, "refused");
    })?;
    Ok(Caller { timezone: timezone.or_else(|| caller.timezone.clone()), ..caller })
}

/// The caller with this API key.
///
/// # Errors
/// `Unauthenticated` when there is no such key, or it or its account may not be used.
pub async fn by_key(service: &Service, key: &str, origin: Origin) -> Result<AuthContext> {
    if !key.strip_prefix(KEY_PREFIX).is_some_and(token::is_token) {
        return Err(unknown_key());
    }
    let hash = token::hash(key);
    let found = service.store.read(move |conn| store::api_key::by_hash(conn, &hash)).await?;
    let (key, user) = found.ok_or_else(unknown_key)?;
    let (key, user) = (key.into_key()?, user.into_user()?);
    let now = service.now();
    if key.revoked_at.is_some() {
        return Err(Error::unauthenticated(format!("the key {} was revoked", key.name)).hint(ANOTHER_KEY));
    }
    if key.expires_at.is_some_and(|at| at <= now) {
        return Err(Error::unauthenticated(format!("the key {} has expired", key.name)).hint(ANOTHER_KEY));
    }
    if user.disabled_at.is_some() {
        return Err(login::disabled());
    }
    touch(service, &key, now);
    Ok(AuthContext { expires_at: key.expires_at, caller: of_key(user, key, origin) })
}

/// An account that lost rights since takes them from its keys too.
fn of_key(user: User, key: ApiKey, origin: Origin) -> Caller {
    let role = user.role.and(key.role);
    let of_account = Caller::of(user, origin, Credential::ApiKey(key.id));
    Caller { actor: key.name, role, scopes: key.scopes.and(Scopes::of(role)), ..of_account }
}

fn unknown_key() -> Error {
    Error::unauthenticated("there is no such key").hint(ANOTHER_KEY)
}

/// Notes that a key was used, without holding up who uses it.
fn touch(service: &Service, key: &ApiKey, now: Instant) {
    if key.last_used_at.is_some_and(|at| now.since(at) < TOUCH) {
        return;
    }
    let (service, id) = (service.clone(), key.id);
    tokio::spawn(async move {
        let work = move |tx: &mut Tx<'_>| store::api_key::touch(tx.conn, id, tx.now, tx.now.minus(TOUCH));
        if let Err(error) = engine_transaction(RollbackPolicy::Savepoint, &service, &daemon(), work).await {
            tracing::debug!(%error, "the use of a key is not noted");
        }
    });
}
