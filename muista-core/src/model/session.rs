//! [`Session`]s: who logged in where; and what logging in, refreshing and setting passwords take. The access tokens that
//! belong to a session are the daemon's.

use serde::{Deserialize, Serialize};

use super::{ApiKey, Id, Password, Secret, User, UserRef};
use crate::time::Instant;

/// A log-in that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Its identifier.
    pub id: Id,
    /// The account.
    pub user_id: Id,
    /// What the program that logged in calls itself.
    pub user_agent: Option<String>,
    /// The machine that it asks from.
    pub address: Option<String>,
    /// When it began.
    pub created_at: Instant,
    /// When it was last refreshed.
    pub last_used_at: Instant,
    /// When it ends, unless it is refreshed before.
    pub expires_at: Instant,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// What logs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Login {
    /// The account's name or e-mail address.
    #[serde(alias = "email", alias = "name")]
    pub username: String,
    /// Its password.
    pub password: Secret,
}

/// Where a request comes from, as far as it says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requester {
    /// What the program calls itself.
    pub user_agent: Option<String>,
    /// The machine.
    pub address: Option<String>,
}

/// A session that was begun or refreshed. This is the only time that its refresh token is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedIn {
    /// The account.
    pub user: User,
    /// The session.
    pub session: Session,
    /// What refreshes it, once.
    pub refresh_token: Secret,
}

/// What sets a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewPassword {
    /// The account; none: the caller's own.
    #[serde(default)]
    pub user: Option<UserRef>,
    /// Current password, which whoever sets their own over the network has to know.
    #[serde(default)]
    pub old_password: Option<Secret>,
    /// The new one.
    pub password: Password,
    /// Whether the account's API keys are revoked, all but that which asks.
    #[serde(default)]
    pub revoke_keys: bool,
}

/// What came of setting a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordSet {
    /// The account.
    #[serde(flatten)]
    pub user: User,
    /// Its API keys that are taken still.
    pub keys: Vec<ApiKey>,
}

/// What sets the password of an account whose owner has forgotten it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PasswordReset {
    /// What was sent by mail.
    pub token: Secret,
    /// The new password.
    pub password: Password,
    /// Whether the account's API keys are revoked too.
    #[serde(default)]
    pub revoke_keys: bool,
}
