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

/// The characters of a code: none that is taken for another.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// A new code that somebody may type: two groups of five characters, which is 50 bits.
pub(crate) fn code() -> Result<String> {
    let mut bytes = [0; 10];
    SystemRandom::new().fill(&mut bytes).map_err(|_| Error::internal("no random numbers"))?;
    let letters: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    Ok(format!("{}-{}", &letters[..5], &letters[5..]))
}

/// A code as it was made, however it was typed.
pub(crate) fn code_of(typed: &str) -> String {
    let letters: String = typed.chars().filter(char::is_ascii_alphanumeric).take(10).collect();
    let letters = letters.to_ascii_uppercase();
    if letters.len() < 10 { letters } else { format!("{}-{}", &letters[..5], &letters[5..]) }
}

/// What is kept of a token.
pub(crate) fn hash(token: &str) -> Vec<u8> {
    digest(&SHA256, token.as_bytes()).as_ref().to_vec()
}

/// Whether a text can be a token at all.
pub(crate) fn is_token(text: &str) -> bool {
    text.len() == LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}
