//! Who shows a token: an access token, which this module signs and reads, or an API key. What either is worth is the
//! core's to say; its answer is kept here for a few seconds, and forgotten at once when accounts change.

mod cache;
mod jwt;
mod keys;
mod provider;
#[cfg(test)]
mod tests;

use muista_core::error::{Error, Result};
use muista_core::model::{Id, Origin, Scopes, SignedIn};
use muista_core::service::account::session;
use muista_core::service::account::signing_key::TOKEN_LIFETIME;
use muista_core::service::account::{self, KEY_PREFIX};
use muista_core::service::{AuthContext, Caller, Service, Topic};
use ring::digest::{SHA256, digest};

use cache::Cache;
use jwt::{Claims, Issuer};
use keys::Keys;

/// An access token that was just signed.
#[derive(Clone)]
pub(crate) struct AccessToken {
    /// The token.
    pub(crate) token: String,
    /// For how many seconds it is taken.
    pub(crate) expires_in: u64,
    /// What it may be used for.
    pub(crate) scopes: Scopes,
}

/// Finds out who shows a token, and signs tokens.
pub(crate) struct Authenticator {
    service: Service,
    issuer: Issuer,
    keys: Keys,
    cache: Cache,
}

impl Authenticator {
    /// One for a service; `issuer` is who signs, the same for all daemons on a database.
    pub(crate) fn new(service: Service, issuer: &str) -> Self {
        provider::install();
        Self {
            issuer: Issuer::new(issuer),
            keys: Keys::default(),
            cache: Cache::new(service.subscribe(Topic::Accounts)),
            service,
        }
    }

    /// Returns who shows `bearer`; `timezone` is the zone that it asks for, else its account's.
    pub(crate) async fn caller(&self, bearer: &str, origin: Origin, timezone: Option<String>) -> Result<Caller> {
        let name = name(bearer);
        let now = self.service.now();
        let (found, turn) = self.cache.get(&name, now);
        let caller = match found {
            Some(caller) => caller,
            None => {
                let known = self.look_up(bearer, origin).await?;
                self.cache.put(name, turn, &known, now);
                known.caller
            }
        };
        Ok(Caller { origin, timezone: timezone.or(caller.timezone), ..caller })
    }

    /// Asks the core.
    async fn look_up(&self, bearer: &str, origin: Origin) -> Result<AuthContext> {
        if bearer.starts_with(KEY_PREFIX) {
            return account::by_key(&self.service, bearer, origin).await;
        }
        let key = self.keys.public(&self.service, &jwt::kid(bearer)?).await?;
        let claims = self.issuer.read(bearer, &key, self.service.now())?;
        let known = session::caller(&self.service, claims.sid, origin).await?;
        narrow(known, &claims)
    }

    /// Signs an access token of a session.
    pub(crate) async fn issue(&self, signed_in: &SignedIn) -> Result<AccessToken> {
        let (kid, key) = self.keys.private(&self.service).await?;
        let (user, now) = (&signed_in.user, self.service.now());
        let scopes = Scopes::of(user.role);
        let claims = Claims {
            iss: self.issuer.name().to_owned(),
            aud: jwt::AUDIENCE.to_owned(),
            sub: user.id,
            jti: Id::new(now),
            role: user.role,
            scope: scopes.to_string(),
            iat: jwt::seconds(now),
            exp: jwt::seconds(now.plus(TOKEN_LIFETIME)),
            sid: signed_in.session.id,
        };
        Ok(AccessToken { token: jwt::sign(kid, &key, &claims)?, expires_in: TOKEN_LIFETIME.as_secs(), scopes })
    }
}

/// Returns what a token says may have become less since, by its account; and it may say less than its account has.
fn narrow(known: AuthContext, claims: &Claims) -> Result<AuthContext> {
    let of_token: Scopes = claims.scope.parse().map_err(|_| jwt::refused())?;
    if known.caller.user != claims.sub {
        return Err(jwt::refused());
    }
    let role = known.caller.role.and(claims.role);
    let scopes = known.caller.scopes.and(of_token).and(Scopes::of(role));
    let exp = claims.expires_at().ok_or_else(jwt::refused)?;
    let expires_at = known.expires_at.map_or(exp, |at| at.min(exp));
    Ok(AuthContext { caller: Caller { role, scopes, ..known.caller }, expires_at: Some(expires_at) })
}

/// Returns what a token goes by in memory: its hash, so that no token lies there.
fn name(token: &str) -> [u8; 32] {
    let mut name = [0; 32];
    name.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    name
}

/// Returns the failure of a signature that cannot be made.
fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::internal(format!("an access token cannot be signed: {error}"))
}
