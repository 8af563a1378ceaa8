//! [`Idempotency`]: a request that is sent again is done once. The answer is kept in the transaction of the change, so
//! that whoever repeats the request, also after the daemon died, gets what the first one got. Stored answers are sealed
//! with the client's own key, since some hold what is shown only once.

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{Context, SHA256, digest};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Tx;
use crate::error::{Error, Result};
use crate::model::RequestId;
use crate::store;
use crate::store::rows::IdempotencyRow;

/// How long an answer is kept, in seconds.
const KEPT: i64 = 24 * 60 * 60;

/// What makes a repeated request the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    key_hash: [u8; 32],
    seal: [u8; 32],
    request_hash: [u8; 32],
}

impl Idempotency {
    /// The most characters of a key.
    pub const KEY_MAX: usize = 255;

    /// The request that says `request`, all that makes it what it is, under the `key` that the client chose.
    ///
    /// # Errors
    /// `Invalid` for a key that is empty, too long or not of visible ASCII characters.
    pub fn new(key: &str, request: &[&[u8]]) -> Result<Self> {
        if key.is_empty()
            || key.len() > Self::KEY_MAX
            || !key.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
        {
            let message = format!("an idempotency key has 1 to {} visible ASCII characters", Self::KEY_MAX);
            return Err(Error::invalid("Idempotency-Key", message).hint("use a new UUID for each request"));
        }
        Ok(Self::keyed(key.as_bytes(), request))
    }

    /// The message of an agent that goes by `id`. Agents of one account count for themselves, so each has ids of its own.
    #[must_use]
    pub fn of_message(actor: &str, id: &RequestId, request: &[&[u8]]) -> Self {
        Self::keyed(format!("/agent/message\0{actor}\0{id}").as_bytes(), request)
    }

    fn keyed(key: &[u8], request: &[&[u8]]) -> Self {
        let mut of_request = Context::new(&SHA256);
        for part in request {
            of_request.update(&(part.len() as u64).to_be_bytes());
            of_request.update(part);
        }
        let seal = digest(&SHA256, &[b"muista answer\0", key].concat());
        Self { key_hash: sha256(key), seal: array(seal.as_ref()), request_hash: array(of_request.finish().as_ref()) }
    }

    fn open(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        let (nonce, rest) = sealed.split_at_checked(NONCE_LEN).ok_or_else(unreadable)?;
        let mut rest = rest.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| unreadable())?;
        let opened = self.cipher()?.open_in_place(nonce, Aad::from(self.request_hash), &mut rest);
        let length = opened.map_err(|_| unreadable())?.len();
        rest.truncate(length);
        Ok(rest)
    }

    /// The nonce is random: a key seals one answer a day, or a few where clients choose the same key.
    fn close(&self, mut answer: Vec<u8>) -> Result<Vec<u8>> {
        let mut sealed = vec![0; NONCE_LEN];
        let random = ring::rand::SystemRandom::new();
        ring::rand::SecureRandom::fill(&random, &mut sealed).map_err(|_| Error::internal("no random numbers"))?;
        let nonce = Nonce::try_assume_unique_for_key(&sealed).map_err(|_| unreadable())?;
        self.cipher()?
            .seal_in_place_append_tag(nonce, Aad::from(self.request_hash), &mut answer)
            .map_err(|_| unreadable())?;
        sealed.append(&mut answer);
        Ok(sealed)
    }

    fn cipher(&self) -> Result<LessSafeKey> {
        UnboundKey::new(&CHACHA20_POLY1305, &self.seal).map(LessSafeKey::new).map_err(|_| unreadable())
    }
}

/// Does `work` unless the caller's request was done before: then the answer of that time comes back.
pub(crate) fn once<T: Serialize + DeserializeOwned>(
    tx: &mut Tx<'_>,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T>,
) -> Result<T> {
    let Some(request) = tx.caller.idempotency.take() else { return work(tx) };
    let scope = tx.caller.user;
    if let Some(row) = store::idempotency::claim(tx.conn, scope, &request.key_hash, tx.now)? {
        if row.request_hash != request.request_hash {
            return Err(Error::invalid("Idempotency-Key", "this idempotency key was used for another request")
                .hint("use a new key for each request, and the same one only to repeat it"));
        }
        return serde_json::from_slice(&request.open(&row.answer)?).map_err(|_| unreadable());
    }
    let value = work(tx)?;
    let answer = serde_json::to_vec(&value).map_err(|e| Error::internal(format!("cannot keep the answer: {e}")))?;
    let row = IdempotencyRow {
        scope_id: scope,
        key_hash: request.key_hash.to_vec(),
        request_hash: request.request_hash.to_vec(),
        answer: request.close(answer)?,
        expires_at: tx.now.plus(std::time::Duration::from_secs(KEPT.unsigned_abs())),
    };
    store::idempotency::keep(tx.conn, &row)?;
    Ok(value)
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    array(digest(&SHA256, bytes).as_ref())
}

fn array(bytes: &[u8]) -> [u8; 32] {
    let mut array = [0; 32];
    array.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    array
}

fn unreadable() -> Error {
    Error::internal("a kept answer cannot be read").hint("repeat the request with a new Idempotency-Key")
}
