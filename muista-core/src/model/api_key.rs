//! API keys, with which programs ask on behalf of an account: the [`ApiKey`] that is kept, and what makes one. The key
//! itself is shown once.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::text::{is_blank, limit, text};
use super::{Id, Role, Scopes, Secret, UserRef, clip};
use crate::error::{Error, Result};
use crate::time::Instant;

/// What an API key is called: one trimmed line of 1 to 100 characters. It stands in the record of what was done with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyName(String);

impl FromStr for KeyName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let name = text.trim();
        limit("name", name, 100)?;
        if is_blank(name) || name.chars().any(char::is_control) || name.parse::<Id>().is_ok() {
            return Err(Error::invalid("name", format!("“{}” is not a valid key name", super::shown(&clip(text))))
                .hint("name it after what uses it, as in `laptop`"));
        }
        Ok(Self(name.to_owned()))
    }
}

impl TryFrom<String> for KeyName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

text!(KeyName);

/// An API key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// Its identifier.
    pub id: Id,
    /// The account that it asks for.
    pub user_id: Id,
    /// What it is called.
    pub name: String,
    /// Its first characters, to tell keys apart.
    pub hint: String,
    /// What it is for.
    pub role: Role,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Instant,
    /// Until when it is taken; none: until it is revoked.
    pub expires_at: Option<Instant>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Instant>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
}

/// What makes an API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewApiKey {
    /// What it is called.
    pub name: KeyName,
    /// What it is for; no more than the caller's role, which it is where nothing is said.
    #[serde(default)]
    pub role: Option<Role>,
    /// What it may be used for; all that its role and the caller may, where nothing is said.
    #[serde(default)]
    pub scopes: Option<Scopes>,
    /// For how many seconds it is taken; none: until it is revoked.
    #[serde(default, deserialize_with = "super::integer_or_null")]
    #[schema(minimum = 1, maximum = 315_619_200)]
    pub ttl_seconds: Option<u64>,
    /// The account that it asks for, where it is not the caller's own. For admins.
    #[serde(default)]
    pub user: Option<UserRef>,
}

impl NewApiKey {
    /// How long a key may be taken at most, where it says how long: ten years.
    pub const TTL_MAX: Duration = Duration::from_secs(3653 * 24 * 3600);
}

/// A key that was just made. This is the only time that the key itself is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedApiKey {
    /// The key itself.
    pub key: Secret,
    /// The rest.
    #[serde(flatten)]
    pub api_key: ApiKey,
}

/// How a key is named: by its id, by its name where only one living key of the account has it, or by its short id where none
/// has that name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ApiKeyRef {
    /// Its identifier.
    Id(Id),
    /// Its name.
    Name(KeyName),
}

impl FromStr for ApiKeyRef {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text.parse() {
            Ok(id) => Ok(Self::Id(id)),
            Err(_) => text.parse().map(Self::Name),
        }
    }
}

impl TryFrom<String> for ApiKeyRef {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<ApiKeyRef> for String {
    fn from(key: ApiKeyRef) -> Self {
        key.to_string()
    }
}

impl fmt::Display for ApiKeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}
