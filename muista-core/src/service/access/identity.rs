//! Who the caller is. Anyone may ask that of themselves, whatever the credential is for.

use crate::error::Result;
use crate::model::Identity;
use crate::service::{Caller, Credential, Service};
use crate::store::user;

/// The caller, as it is known.
///
/// # Errors
/// `Unavailable` when the database does not answer.
pub(crate) async fn get(service: &Service, caller: &Caller) -> Result<Identity> {
    let id = caller.user;
    let found = service.store.read(move |conn| user::by_id(conn, id)).await?;
    let key = match caller.credential {
        Credential::ApiKey(key) => Some(key),
        _ => None,
    };
    let (name, timezone) = found.map(|row| (row.username, row.timezone)).unzip();
    Ok(Identity {
        // The account of the OS user is made at the first change.
        user: name.unwrap_or_else(|| caller.actor.clone()),
        timezone: timezone.flatten(),
        user_id: id,
        role: caller.role,
        scopes: caller.scopes,
        key_name: key.map(|_| caller.actor.clone()),
        key,
    })
}
