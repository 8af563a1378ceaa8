//! [`Password`] and [`Secret`]: what only one person or program knows. Neither is shown by `Debug`, so that no log and no
//! error holds it by accident. Hashing is `service`'s.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::limit;
use crate::error::{Error, Result};

/// The fewest and the most characters of a password (NIST SP 800-63B §3.1.1.2 wants 8 and 64 at least).
const SHORTEST: usize = 10;
const LONGEST: usize = 1024;

/// A password that an account may have: 10 to 1,024 characters of any kind.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Password(String);

impl Password {
    /// Reads a new password.
    ///
    /// # Errors
    /// `Invalid` when it is too short or too long; the message does not hold it.
    pub fn parse(text: String) -> Result<Self> {
        limit("password", &text, LONGEST)?;
        if text.chars().count() < SHORTEST {
            return Err(Error::invalid("password", "the password is too short")
                .hint(format!("use at least {SHORTEST} characters; a passphrase works well")));
        }
        Ok(Self(text))
    }

    /// Refuses a password that is one of the names by which everybody knows the account.
    ///
    /// # Errors
    /// `Invalid` for such a one.
    pub fn differs_from(&self, names: &[&str]) -> Result<()> {
        let folded = self.0.to_lowercase();
        if names.iter().any(|name| name.to_lowercase() == folded) {
            return Err(Error::invalid("password", "the password is the name or the e-mail address of the account")
                .hint("choose one that is hard to guess"));
        }
        Ok(())
    }

    /// The password itself, for who hashes it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Password {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(text)
    }
}

impl From<Password> for String {
    fn from(password: Password) -> Self {
        password.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// A password as somebody typed it to log in, a key or a token: nothing is known of it but that it must not be seen.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text as a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for who presents or checks it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn password(text: &str) -> Result<Password> {
        Password::parse(text.to_owned())
    }

    #[test]
    fn a_password_is_long_enough_and_no_name() {
        assert!(password("123456789").is_err());
        assert!(password(&"ä".repeat(1024)).is_ok());
        assert!(password(&"ä".repeat(1025)).is_err());
        let spaces = password(" blank ends ").unwrap();
        assert_eq!(spaces.reveal(), " blank ends ");
        let name = password("Eva@Example.org").unwrap();
        assert!(name.differs_from(&["eva", "eva@example.org"]).is_err());
        assert!(name.differs_from(&["eva", "eva@example.com"]).is_ok());
    }

    #[test]
    fn nobody_sees_one_by_accident() {
        let password = password("correct horse").unwrap();
        assert!(!format!("{password:?} {:?}", Secret::new("correct horse")).contains("horse"));
        let error = serde_json::from_str::<Password>("\"horse\"").unwrap_err();
        assert!(!error.to_string().contains("horse"), "{error}");
    }
}
