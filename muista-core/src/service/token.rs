//! Tokens that nobody can guess: API keys, refresh tokens and the tokens of forgotten passwords. Only their hashes are
//! kept. They are random throughout, so that a plain SHA-256 is hash enough.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::error::{Error, Result};

/// How many characters 32 bytes have in base64url without padding (RFC 4648 §5).
pub(crate) const LENGTH: usize = 43;

/// A new token.
pub(crate) fn random() -> Result<String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::internal("no random numbers"))?;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// What is kept of a token.
pub(crate) fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

/// Whether a text can be a token at all.
pub(crate) fn is_token(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
