//! Who a caller is, in its own eyes.

use serde::{Deserialize, Serialize};

use super::{Id, Role, Scopes};

/// The account on whose behalf a connection asks, and what it may do there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    /// The account's name.
    pub user: String,
    /// The account.
    pub user_id: Id,
    /// The role of the account, or the lesser one of the key.
    pub role: Role,
    /// What may be done.
    pub scopes: Scopes,
    /// The API key that was shown, where one was.
    pub key: Option<Id>,
    /// What that key is called.
    pub key_name: Option<String>,
    /// The zone in which the account reads dates; none: that of the machine that reads them.
    #[serde(default)]
    pub timezone: Option<String>,
}
