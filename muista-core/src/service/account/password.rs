//! Hashing passwords by Argon2id with the parameters of OWASP's cheat sheet, away from the threads that serve, and a few at
//! a time: each takes 19 MiB and tens of milliseconds, which a flood of log-ins must not turn into all there is.

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::error::{Error, Result};
use crate::model::{Password, Secret};

/// Memory in KiB, passes and lanes.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);
/// How many are hashed at a time, and how many more may wait.
const AT_ONCE: usize = 2;
const WAITING: usize = 64;
/// Longer than any password that an account may have, in bytes.
const TYPED_MAX: usize = 4096;
/// What the password of an account that is not there is hashed with, so that it takes as long as any other.
const NOBODYS_SALT: &[u8] = b"nobody-has-this-";

/// Who hashes passwords.
#[derive(Debug)]
pub(crate) struct Hashing {
    working: Semaphore,
    places: Semaphore,
}

impl Hashing {
    pub(crate) fn new() -> Self {
        Self { working: Semaphore::new(AT_ONCE), places: Semaphore::new(AT_ONCE + WAITING) }
    }

    /// The PHC string of a new password.
    pub(crate) async fn hash(&self, password: Password) -> Result<String> {
        self.work(move |argon2| {
            let hash = argon2.hash_password(password.reveal().as_bytes()).map_err(|e| broken(&e))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether `typed` is the password of this PHC string. Where there is none it is not, which takes as long.
    pub(crate) async fn is(&self, typed: Secret, hash: Option<String>) -> Result<bool> {
        if typed.reveal().len() > TYPED_MAX {
            return Ok(false);
        }
        self.work(move |argon2| {
            let typed = typed.reveal().as_bytes();
            let Some(hash) = hash else {
                let nobodys = argon2.hash_password_with_salt(typed, NOBODYS_SALT);
                return nobodys.map(|_| false).map_err(|e| broken(&e));
            };
            match argon2.verify_password(typed, hash.as_str()) {
                Ok(()) => Ok(true),
                Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                Err(e) => Err(broken(&e)),
            }
        })
        .await
    }

    /// Does the work on a thread that may be blocked.
    async fn work<T: Send + 'static>(&self, work: impl FnOnce(&Argon2<'_>) -> Result<T> + Send + 'static) -> Result<T> {
        let _place = self.places.try_acquire().map_err(|_| {
            Error::rate_limited("too many passwords wait to be checked", 1).hint("try again in a moment")
        })?;
        let _turn = self.working.acquire().await.map_err(|_| Error::internal("passwords are no longer checked"))?;
        let worked = tokio::task::spawn_blocking(move || work(&argon2()?));
        worked.await.map_err(|_| Error::internal("checking a password failed inside Muista"))?
    }
}

fn argon2() -> Result<Argon2<'static>> {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, None).map_err(|e| broken(&e))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::internal(format!("a password cannot be hashed: {error}"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other() {
        let hashing = Hashing::new();
        let password = Password::parse("correct horse".to_owned()).unwrap();
        let hash = hashing.hash(password.clone()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_ne!(hashing.hash(password).await.unwrap(), hash, "each has a salt of its own");
        assert!(hashing.is(Secret::new("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!hashing.is(Secret::new("correct horsE"), Some(hash.clone())).await.unwrap());
        assert!(!hashing.is(Secret::new("x".repeat(1 << 20)), Some(hash)).await.unwrap());
        assert!(!hashing.is(Secret::new("correct horse"), None).await.unwrap());
    }

    #[tokio::test]
    async fn a_flood_is_turned_away() {
        let hashing = Hashing::new();
        let all = (0..500).map(|_| hashing.is(Secret::new("x"), None));
        let answers = futures::future::join_all(all).await;
        let refused = answers.iter().filter(|answer| answer.is_err()).count();
        assert_eq!(refused, 500 - AT_ONCE - WAITING);
    }
}
