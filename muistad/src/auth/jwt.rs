//! Access tokens (RFC 7519): what they say, how they are signed and read. Only RS256 is taken, whatever a token asks for.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use muista_core::error::{Error, Result};
use muista_core::model::{Id, Role};
use muista_core::time::Instant;
use serde::{Deserialize, Serialize};

use super::broken;

/// Who the tokens are for.
pub(super) const AUDIENCE: &str = "muista";
/// How far the clocks of two daemons may be apart.
const LEEWAY: Duration = Duration::from_secs(5);
/// Longer than any token that is signed here, in bytes.
const TOKEN_MAX: usize = 4096;

/// What an access token says.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) aud: String,
    /// The account.
    pub(super) sub: Id,
    pub(super) jti: Id,
    pub(super) role: Role,
    /// The scopes, between spaces.
    pub(super) scope: String,
    pub(super) iat: i64,
    pub(super) exp: i64,
    /// The session.
    pub(super) sid: Id,
}

impl Claims {
    /// When it expires.
    pub(super) fn expires_at(&self) -> Option<Instant> {
        Instant::from_micros(self.exp.checked_mul(1_000_000)?)
    }
}

/// The seconds since the epoch.
pub(super) fn seconds(at: Instant) -> i64 {
    at.as_micros().div_euclid(1_000_000)
}

/// The token of these claims.
pub(super) fn sign(kid: String, key: &EncodingKey, claims: &Claims) -> Result<String> {
    let header = Header { kid: Some(kid), ..Header::new(Algorithm::RS256) };
    encode(&header, claims, key).map_err(|e| broken(&e))
}

/// The name of the key that a token says it is signed with.
pub(super) fn kid(token: &str) -> Result<String> {
    if token.len() > TOKEN_MAX {
        return Err(refused());
    }
    let header = decode_header(token).map_err(|_| refused())?;
    header.kid.filter(|_| header.alg == Algorithm::RS256).ok_or_else(refused)
}

/// Who signs, and whose tokens are taken.
pub(super) struct Issuer {
    name: String,
    validation: Validation,
}

impl Issuer {
    pub(super) fn new(name: &str) -> Self {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[name]);
        // By the service's clock, below.
        validation.validate_exp = false;
        Self { name: name.to_owned(), validation }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What a token says, if it was signed by this key for us and has not expired.
    pub(super) fn read(&self, token: &str, key: &DecodingKey, now: Instant) -> Result<Claims> {
        let claims = decode::<Claims>(token, key, &self.validation).map_err(|_| refused())?.claims;
        let expires_at = claims.expires_at().ok_or_else(refused)?;
        if expires_at.plus(LEEWAY) <= now {
            return Err(Error::unauthenticated("the access token has expired").hint("refresh the session"));
        }
        Ok(claims)
    }
}

/// The refusal of a token. It does not tell what is wrong with it: who made it themselves must not learn.
pub(super) fn refused() -> Error {
    Error::unauthenticated("the token is not valid here").hint("log in again, or use an API key")
}
