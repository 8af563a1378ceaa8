//! The keys that access tokens are signed with: RSA keys in the database, which all daemons on it share. One signs for 30
//! days; then the next does, while what the first one signed is believed until it expires. Signing is the daemon's.

use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use ring::digest::{SHA256, digest};
use rsa::pkcs8::EncodePrivateKey as _;
use rsa::traits::PublicKeyParts as _;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::Scope;
use crate::service::engine::daemon;
use crate::service::tx::{Tx, engine_transaction};
use crate::service::{Caller, Service, Topic};
use crate::store::rows::SigningKeyRow;
use crate::store::types::Doc;
use crate::store::{RollbackPolicy, signing_key};
use crate::time::Instant;

/// How long an access token is taken.
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// How long a key signs.
const SIGNS: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long what it signed is believed after that: for the last token's life, and for clocks that differ.
const BELIEVED: Duration = Duration::from_secs(20 * 60);
/// The size of a key in bits.
const BITS: usize = 2048;

/// A key that signs.
#[derive(Clone)]
pub struct SigningKey {
    /// Its name, the `kid` of tokens.
    pub id: String,
    /// The private key: PKCS #8, DER.
    pub private_key: Vec<u8>,
    /// Until when it signs.
    pub signs_until: Instant,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id)
            .field("signs_until", &self.signs_until)
            .finish_non_exhaustive()
    }
}

/// A public key as RFC 7517 writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of RFC 7517 §4 and RFC 7518 §6.3.1")]
pub struct Jwk {
    pub kty: String,
    #[serde(rename = "use")]
    pub usage: String,
    pub alg: String,
    pub kid: String,
    pub n: String,
    pub e: String,
}

/// The public keys of all that may be believed, as RFC 7517 §5 writes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwks {
    /// The keys, the newest first.
    pub keys: Vec<Jwk>,
}

/// The key that signs now; it is made where there is none, or none that is young enough.
///
/// # Errors
/// When the database does not answer.
pub async fn current(service: &Service) -> Result<SigningKey> {
    let row = service.store.read(signing_key::current).await?;
    match row.map(signs).filter(|key| key.signs_until > service.now()) {
        Some(key) => Ok(key),
        None => replace(service, |key, now| key.signs_until > now).await,
    }
}

/// Has a new key sign from now on. Tokens that were signed before are believed until they expire.
///
/// # Errors
/// `Forbidden` without the scope.
pub async fn rotate(service: &Service, caller: &Caller) -> Result<SigningKey> {
    caller.require(Scope::UsersWrite)?;
    replace(service, |_, _| false).await
}

/// The public keys, to check what was signed here.
///
/// # Errors
/// When the database does not answer.
pub async fn public(service: &Service) -> Result<Jwks> {
    let now = service.now();
    let rows = service.store.read(move |conn| signing_key::believed(conn, now)).await?;
    let keys = rows.into_iter().map(|row| row.public_key.read()).collect::<Result<_>>()?;
    Ok(Jwks { keys })
}

/// Makes a key and retires the others, unless one does by then that another daemon made.
async fn replace(service: &Service, does: fn(&SigningKey, Instant) -> bool) -> Result<SigningKey> {
    let made = tokio::task::spawn_blocking(make).await;
    let (id, private_key, public_key) = made.map_err(|_| Error::internal("making a key failed inside Muista"))??;
    let work = move |tx: &mut Tx<'_>| {
        signing_key::claim(tx.conn)?;
        let other = signing_key::current(tx.conn)?.map(signs).filter(|key| does(key, tx.now));
        if let Some(other) = other {
            return Ok(other);
        }
        signing_key::retire(tx.conn, tx.now, tx.now.plus(BELIEVED))?;
        let public_key = Doc::of(&public_key)?;
        let row = SigningKeyRow { id, private_key, public_key, created_at: tx.now, retired_at: None, expires_at: None };
        signing_key::insert(tx.conn, &row)?;
        tx.publish(Topic::Accounts);
        Ok(signs(row))
    };
    let key = engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), work).await?;
    tracing::info!(kid = key.id, "access tokens are signed with another key");
    Ok(key)
}

fn signs(row: SigningKeyRow) -> SigningKey {
    SigningKey { signs_until: row.created_at.plus(SIGNS), id: row.id, private_key: row.private_key }
}

/// A new key: its name, which is its thumbprint (RFC 7638), its private and its public half.
fn make() -> Result<(String, Vec<u8>, Jwk)> {
    let broken = |error: &dyn std::fmt::Display| Error::internal(format!("cannot make a key: {error}"));
    let key = rsa::PrivateKey::new(&mut getrandom::SysRng, BITS).map_err(|e| broken(&e))?;
    let private_key = key.to_pkcs8_der().map_err(|e| broken(&e))?.as_bytes().to_vec();
    let (n, e) = (BASE64.encode(key.n_bytes()), BASE64.encode(key.e_bytes()));
    let thumbprint = format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#);
    let kid = BASE64.encode(digest(&SHA256, thumbprint.as_bytes()));
    let jwk = Jwk { kty: "RSA".to_owned(), usage: "sig".to_owned(), alg: "RS256".to_owned(), kid: kid.clone(), n, e };
    Ok((kid, private_key, jwk))
}
