//! The rows of accounts, and of the codes that confirm their addresses.

use diesel::prelude::*;

use crate::error::Result;
use crate::model::{Id, User};
use crate::store::schema::{address_confirmations, users};
use crate::time::Instant;

/// A row of `users`, without the password.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = users, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct AccountRow {
    pub(crate) id: Id,
    pub(crate) username: String,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) phone_number: Option<String>,
    pub(crate) role: String,
    pub(crate) timezone: Option<String>,
    pub(crate) disabled_at: Option<Instant>,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
    pub(crate) version: i64,
    pub(crate) email_confirmed_at: Option<Instant>,
    pub(crate) phone_confirmed_at: Option<Instant>,
}

impl AccountRow {
    /// The account of this row.
    pub(crate) fn into_user(self) -> Result<User> {
        Ok(User {
            role: self.role.parse()?,
            id: self.id,
            username: self.username,
            email: self.email,
            name: self.name,
            phone_number: self.phone_number,
            timezone: self.timezone,
            disabled_at: self.disabled_at,
            version: self.version,
            created_at: self.created_at,
            updated_at: self.updated_at,
            email_confirmed_at: self.email_confirmed_at,
            phone_confirmed_at: self.phone_confirmed_at,
        })
    }
}

impl From<&User> for AccountRow {
    fn from(user: &User) -> Self {
        Self {
            id: user.id,
            username: user.username.clone(),
            email: user.email.clone(),
            name: user.name.clone(),
            phone_number: user.phone_number.clone(),
            role: user.role.as_str().to_owned(),
            timezone: user.timezone.clone(),
            disabled_at: user.disabled_at,
            created_at: user.created_at,
            updated_at: user.updated_at,
            version: user.version,
            email_confirmed_at: user.email_confirmed_at,
            phone_confirmed_at: user.phone_confirmed_at,
        }
    }
}

/// A row of `address_confirmations`.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = address_confirmations, treat_none_as_default_value = false)]
pub(crate) struct ConfirmationRow {
    pub(crate) code_hash: Vec<u8>,
    pub(crate) user_id: Id,
    pub(crate) channel: String,
    pub(crate) address: String,
    pub(crate) created_at: Instant,
    pub(crate) expires_at: Instant,
    pub(crate) used_at: Option<Instant>,
}
