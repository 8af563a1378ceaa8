//! Forgotten passwords: a token goes by mail to the address of the account, and sets a new password once within an hour.
//! What is answered does not tell whether there is such an account.

use std::time::Duration;

use super::{address, api_key, token, user};
use crate::error::{Error, Result};
use crate::model::{Channel, Content, ContentKind, Id, PasswordReset, User, UserRef, fold};
use crate::service::notification::{Message, send};
use crate::service::tx::{Tx, transaction};
use crate::service::{Caller, Service};
use crate::store::{self, Conn};
use crate::time::Instant;

/// How long a token can be used.
const LIFETIME: Duration = Duration::from_secs(3600);
/// How many are sent to one account in that time.
const MOST: i64 = 3;

/// Sends a token to the account of this name or e-mail address, if there is one that has an address, and mail is
/// configured. It is done behind the answer, which would else come later where there is such an account.
pub fn forgot(service: &Service, caller: &Caller, name: &str) {
    if !service.settings().mail {
        tracing::warn!("a password was forgotten, but no mail server is configured");
        return;
    }
    let (service, caller, name) = (service.clone(), caller.clone(), fold(name.trim()));
    tokio::spawn(async move {
        if let Err(error) = mail(&service, &caller, name).await {
            tracing::error!(%error, "the mail for a forgotten password is not sent");
        }
    });
}

async fn mail(service: &Service, caller: &Caller, name: String) -> Result<()> {
    let settings = service.settings();
    let work = move |tx: &mut Tx<'_>| {
        let Some((user, address)) = reached(tx.conn, &name, settings.recipients.get(&Channel::Email))? else {
            return Ok(());
        };
        if store::password_reset::recent(tx.conn, user.id, tx.now.minus(LIFETIME))? >= MOST {
            return Ok(());
        }
        let token = token::random()?;
        let until: Instant = tx.now.plus(LIFETIME);
        store::password_reset::insert(tx.conn, &token::hash(&token), user.id, tx.now, until)?;
        let content = content(&user, &token, settings.url.as_deref());
        send(tx, Message { user: user.id, channel: Channel::Email, recipient: address, content })?;
        Ok(())
    };
    transaction(service, caller, work).await.map(drop)
}

/// The account that may be used, and where it is reached.
fn reached(conn: &mut Conn, name: &str, of_local: Option<&String>) -> Result<Option<(User, String)>> {
    let found = match name.contains('@') {
        true => store::user::by_email(conn, name)?,
        false => store::user::by_username(conn, name)?,
    };
    let Some(row) = found else { return Ok(None) };
    let user = row.into_user()?;
    let address = match user.id {
        Id::LOCAL_USER => user.email.as_ref().or(of_local),
        _ => user.email.as_ref(),
    };
    let confirmed = user.id == Id::LOCAL_USER || address::is_confirmed(&user, Channel::Email);
    let address = address.filter(|_| confirmed && user.disabled_at.is_none()).cloned();
    Ok(address.map(|address| (user, address)))
}

fn content(user: &User, token: &str, url: Option<&str>) -> Content {
    let how = match url {
        Some(url) => format!("Choose a new one within an hour: {url}/password/reset#token={token}"),
        None => format!("Your administrator can tell you where to enter this token, within an hour: {token}"),
    };
    Content {
        kind: ContentKind::PasswordReset,
        title: format!("A new password for {}", user.username),
        task_id: None,
        task_number: None,
        due: None,
        note: Some(format!(
            "Somebody, maybe you, has forgotten the password of the account {}. {how}\n\nIf it was not you, do nothing.",
            user.username
        )),
        scheduled_for: None,
        late_seconds: None,
    }
}

/// Sets the password of the account that a token was sent to; all its sessions end.
///
/// # Errors
/// `Unauthenticated` for a token that is unknown, used or too old, `Invalid` for a password that is guessed at once.
pub async fn reset(service: &Service, caller: &Caller, reset: PasswordReset) -> Result<User> {
    let (hash, now) = (token::hash(reset.token.reveal()), service.now());
    let key = hash.clone();
    let look = move |conn: &mut Conn| {
        let id = store::password_reset::find(conn, &key, now)?.ok_or_else(used_up)?;
        user::find(conn, &UserRef::Id(id))
    };
    let known = service.store.read(look).await;
    // A request that is repeated finds its token used, and is answered from what was kept.
    let owner = match known {
        Ok(user) => user,
        Err(error) if caller.idempotency.is_none() => return Err(error),
        Err(_) => return repeated(service, caller).await,
    };
    user::guessed(&owner, &reset.password)?;
    let (new, revoke) = (service.passwords.hash(reset.password).await?, reset.revoke_keys);
    take(service, caller, hash, new, revoke).await
}

async fn take(service: &Service, caller: &Caller, hash: Vec<u8>, new: String, revoke: bool) -> Result<User> {
    let work = move |tx: &mut Tx<'_>| {
        let id = store::password_reset::find(tx.conn, &hash, tx.now)?.ok_or_else(used_up)?;
        user::save_in(tx, id, move |tx, user| {
            // Another request with the same token held the account until now.
            store::password_reset::find(tx.conn, &hash, tx.now)?.ok_or_else(used_up)?;
            if user.disabled_at.is_some() {
                return Err(used_up());
            }
            tx.on_behalf_of(user);
            user::write_password(tx, user, &new, None)?;
            if revoke { api_key::end_all_of(tx, user.id, None) } else { Ok(()) }
        })
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// The answer of the first time.
async fn repeated(service: &Service, caller: &Caller) -> Result<User> {
    // Where nothing was kept, this is no repetition.
    Ok(transaction(service, caller, |_: &mut Tx<'_>| Err::<User, _>(used_up())).await?.0)
}

fn used_up() -> Error {
    Error::unauthenticated("the token is unknown, used or too old").hint("ask for another mail")
}
