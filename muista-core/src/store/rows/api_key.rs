//! The rows of API keys, with which a key is found by its hash.

use diesel::prelude::*;

use crate::error::Result;
use crate::model::{ApiKey, Id};
use crate::store::schema::api_keys;
use crate::store::types::Doc;
use crate::time::Instant;

/// A row of `api_keys`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
pub(crate) struct ApiKeyRow {
    pub(crate) id: Id,
    pub(crate) user_id: Id,
    pub(crate) name: String,
    pub(crate) key_hash: Vec<u8>,
    pub(crate) role: String,
    pub(crate) scopes: Doc,
    pub(crate) created_at: Instant,
    pub(crate) expires_at: Option<Instant>,
    pub(crate) last_used_at: Option<Instant>,
    pub(crate) revoked_at: Option<Instant>,
    pub(crate) hint: String,
    pub(crate) made_by: Option<Id>,
    pub(crate) made_with: Option<Id>,
}

impl ApiKeyRow {
    /// The key of this row.
    pub(crate) fn into_key(self) -> Result<ApiKey> {
        Ok(ApiKey {
            role: self.role.parse()?,
            scopes: self.scopes.read()?,
            id: self.id,
            user_id: self.user_id,
            name: self.name,
            hint: self.hint,
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
            revoked_at: self.revoked_at,
        })
    }
}
