//! The rows of sessions: a session is a family of refresh tokens, of which at most one can still be used; it is the one
//! that tells when the session began.

use diesel::prelude::*;

use crate::model::{Id, Session};
use crate::store::schema::{refresh_tokens, signing_keys};
use crate::store::types::Doc;
use crate::time::Instant;

/// A row of `refresh_tokens`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = refresh_tokens, treat_none_as_default_value = false)]
pub(crate) struct RefreshTokenRow {
    pub(crate) id: Id,
    pub(crate) user_id: Id,
    pub(crate) family_id: Id,
    pub(crate) token_hash: Vec<u8>,
    pub(crate) user_agent: Option<String>,
    pub(crate) address: Option<String>,
    /// When the session began.
    pub(crate) created_at: Instant,
    pub(crate) expires_at: Instant,
    pub(crate) used_at: Option<Instant>,
    pub(crate) revoked_at: Option<Instant>,
    /// When the session was last refreshed: when this token was made.
    pub(crate) last_used_at: Option<Instant>,
}

impl RefreshTokenRow {
    /// The session of this row; `current` is the one that asks.
    pub(crate) fn into_session(self, current: Option<Id>) -> Session {
        Session {
            current: current == Some(self.family_id),
            id: self.family_id,
            user_id: self.user_id,
            user_agent: self.user_agent,
            address: self.address,
            last_used_at: self.last_used_at.unwrap_or(self.created_at),
            created_at: self.created_at,
            expires_at: self.expires_at,
        }
    }
}

/// A row of `signing_keys`.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys, treat_none_as_default_value = false)]
pub(crate) struct SigningKeyRow {
    pub(crate) id: String,
    pub(crate) private_key: Vec<u8>,
    pub(crate) public_key: Doc,
    pub(crate) created_at: Instant,
    pub(crate) retired_at: Option<Instant>,
    pub(crate) expires_at: Option<Instant>,
}
