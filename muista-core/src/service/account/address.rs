//! Confirming an address: before anything else goes to a mailbox or a phone of an account's, its owner has to show to read
//! what is sent there, by a code. What an admin sets counts as confirmed. How often codes are sent is bounded for each
//! account and for each address, so that nobody is flooded through somebody else's account.

use std::time::Duration;

use super::{login, token, user};
use crate::error::{Error, Result};
use crate::model::{Channel, Content, ContentKind, Scope, User};
use crate::service::notification::{Message, send};
use crate::service::tx::{Tx, transaction};
use crate::service::{Caller, Service, Settings};
use crate::store::rows::ConfirmationRow;
use crate::store::{self, Conn};
use crate::time::Instant;

/// How long a code can be used.
const LIFETIME: Duration = Duration::from_secs(3600);
/// In what time codes are counted.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// How many seconds after the last code of a day the next one may be sent, by how many there were.
const PAUSES: [u64; 5] = [0, 60, 300, 1800, 7200];

/// Confirms the address to which a code was sent.
///
/// # Errors
/// `Forbidden` without the scope, `Invalid` for a code that is wrong, used or too old, or was sent to another address than
/// the account has now, `RateLimited` after too many wrong ones.
pub async fn confirm(service: &Service, caller: &Caller, code: &str) -> Result<User> {
    caller.require(Scope::AccountWrite)?;
    let (hash, tries) = (token::hash(&token::code_of(code)), format!("code {}", caller.user));
    login::refuse_locked(service, tries.clone()).await?;
    let work = move |tx: &mut Tx<'_>| {
        let (owner, now) = (tx.owner(), tx.now);
        let Some(row) = store::address_confirmation::find(tx.conn, owner, &hash, now)? else { return Ok(None) };
        let channel: Channel = row.channel.parse()?;
        let confirmed = user::save_in(tx, owner, |_, user| {
            let (address, confirmed_at) = place(user, channel);
            if address.as_deref() == Some(&*row.address) {
                *confirmed_at = Some(now);
            }
            Ok(())
        })?;
        store::address_confirmation::use_up(tx.conn, owner, channel.as_str(), now)?;
        Ok(is_confirmed(&confirmed, channel).then_some(confirmed))
    };
    match transaction(service, caller, work).await?.0 {
        Some(confirmed) => Ok(confirmed),
        None => Err(login::count(service, tries).await?.unwrap_or_else(wrong)),
    }
}

/// Sends another code to the caller's address on a channel.
///
/// # Errors
/// `Forbidden` without the scope, `Invalid` for a channel that needs no confirmation, `Conflict` where there is no address
/// or nothing to confirm, `RateLimited` where one was sent not long ago.
pub async fn send_code(service: &Service, caller: &Caller, channel: Channel) -> Result<()> {
    caller.require(Scope::AccountWrite)?;
    if !matches!(channel, Channel::Email | Channel::Sms) {
        return Err(
            Error::invalid("channel", format!("an address for {channel} is not confirmed")).hint("choose email or SMS")
        );
    }
    let settings = service.settings().clone();
    let work = move |tx: &mut Tx<'_>| {
        let owner = tx.owner();
        let account = store::user::lock(tx.conn, owner)?;
        let mut user = account.ok_or_else(|| Error::not_found(format!("account {owner}")))?.into_user()?;
        if is_confirmed(&user, channel) {
            return Err(Error::conflict(format!("the account's address for {channel} is confirmed already")));
        }
        if place(&mut user, channel).0.is_none() {
            return Err(Error::conflict(format!("the account has no address for {channel}"))
                .hint("give it one first, with PATCH /users/me"));
        }
        match ask(tx, &settings, &user, channel)? {
            Sent::Yes => Ok(()),
            Sent::NotConfigured => Err(Error::conflict(format!("{channel} is not configured here"))
                .hint("an admin may set the address, which confirms it")),
            // It is on its way.
            Sent::JustNow => Ok(()),
            Sent::Later(seconds) => Err(Error::rate_limited(
                format!("a code was sent to the account's address for {channel} already"),
                seconds,
            )
            .hint(format!("look there, or ask again in {seconds} s"))),
        }
    };
    transaction(service, caller, work).await.map(drop)
}

/// What came of asking for a code.
pub(in crate::service) enum Sent {
    Yes,
    NotConfigured,
    /// One was, less than a minute ago.
    JustNow,
    /// Only after so many seconds.
    Later(u32),
}

/// Sends a code to an account's address, if that is configured and was not done a moment ago. The account is locked.
pub(in crate::service) fn ask(tx: &mut Tx<'_>, settings: &Settings, user: &User, channel: Channel) -> Result<Sent> {
    let configured = if channel == Channel::Email { settings.mail } else { settings.sms };
    let mut user = user.clone();
    let Some(address) = place(&mut user, channel).0.clone().filter(|_| configured) else {
        return Ok(Sent::NotConfigured);
    };
    if let Some(not_yet) = pause(tx.conn, &user, &address, tx.now)? {
        return Ok(not_yet);
    }
    let code = token::code()?;
    let row = ConfirmationRow {
        code_hash: token::hash(&code),
        user_id: user.id,
        channel: channel.as_str().to_owned(),
        address: address.clone(),
        created_at: tx.now,
        expires_at: tx.now.plus(LIFETIME),
        used_at: None,
    };
    // The last one sent counts.
    store::address_confirmation::use_up(tx.conn, user.id, channel.as_str(), tx.now)?;
    store::address_confirmation::insert(tx.conn, &row)?;
    let content = content(&user, &code);
    send(tx, Message { user: user.id, channel, recipient: address, content })?;
    Ok(Sent::Yes)
}

/// How long no code may be sent; none: one may.
fn pause(conn: &mut Conn, user: &User, address: &str, now: Instant) -> Result<Option<Sent>> {
    let (count, last) = store::address_confirmation::sent(conn, user.id, address, now.minus(DAY))?;
    let pause =
        usize::try_from(count).ok().and_then(|count| PAUSES.get(count)).map_or(DAY, |s| Duration::from_secs(*s));
    let Some(last) = last.filter(|last| last.plus(pause) > now) else { return Ok(None) };
    if now.since(last).as_secs() < PAUSES[1] {
        return Ok(Some(Sent::JustNow));
    }
    let left = last.plus(pause).since(now).as_secs();
    Ok(Some(Sent::Later(u32::try_from(left).unwrap_or(u32::MAX).max(1))))
}

/// Notes that an address was said for an account, which had `before`: by an admin it is confirmed with that, else a code is
/// sent there where it is another one. What was mailed to the one before sets no password any more.
pub(in crate::service) fn said(
    tx: &mut Tx<'_>,
    settings: &Settings,
    user: &mut User,
    channel: Channel,
    before: Option<&str>,
) -> Result<()> {
    let by_admin = tx.caller.scopes.has(Scope::UsersWrite);
    let (id, (address, confirmed_at)) = (user.id, place(user, channel));
    if address.as_deref() == before {
        if by_admin && address.is_some() {
            *confirmed_at = confirmed_at.or(Some(tx.now));
        }
        return Ok(());
    }
    if channel == Channel::Email {
        store::password_reset::use_up(tx.conn, id, tx.now)?;
    }
    *confirmed_at = (by_admin && address.is_some()).then_some(tx.now);
    if address.is_some() && !by_admin {
        ask(tx, settings, user, channel)?;
    }
    Ok(())
}

/// Returns what decides whether messages go to an account, and where.
pub(in crate::service) fn reached(user: &User) -> impl PartialEq + '_ {
    let (mail, phone) = ((&user.email, user.email_confirmed_at), (&user.phone_number, user.phone_confirmed_at));
    // What waits for an account that is out of use waits on.
    user.disabled_at.is_none().then_some((mail, phone))
}

/// Whether messages may go to an account's address on a channel.
pub(in crate::service) fn is_confirmed(user: &User, channel: Channel) -> bool {
    match channel {
        Channel::Email => user.email_confirmed_at.is_some(),
        Channel::Sms => user.phone_confirmed_at.is_some(),
        Channel::Desktop | Channel::Webhook | Channel::Ntfy => true,
    }
}

/// What somebody is told to whose address nothing goes yet.
pub(in crate::service) fn unconfirmed(channel: Channel) -> Error {
    let word = if channel == Channel::Email { "email" } else { "sms" };
    Error::conflict(format!("the account's address for {channel} is not confirmed")).of_field("channel").hint(format!(
        "confirm it with the code that was sent there: `muista user confirm CODE`; another one comes with \
         `muista user confirm --send {word}`"
    ))
}

fn place(user: &mut User, channel: Channel) -> (&Option<String>, &mut Option<Instant>) {
    match channel {
        Channel::Sms => (&user.phone_number, &mut user.phone_confirmed_at),
        _ => (&user.email, &mut user.email_confirmed_at),
    }
}

fn content(user: &User, code: &str) -> Content {
    Content {
        kind: ContentKind::AddressConfirmation,
        title: format!("Confirm your address for {}", user.username),
        task_id: None,
        task_number: None,
        due: None,
        note: Some(format!(
            "Somebody, maybe you, has given this address to the account {} of Muista. To have messages sent here, confirm \
             it within an hour: muista user confirm {code}\n\nIf it was not you, do nothing.",
            user.username
        )),
        scheduled_for: None,
        late_seconds: None,
    }
}

fn wrong() -> Error {
    Error::invalid("code", "the code is wrong, used, too old, or was sent to another address")
        .hint("have another one sent: `muista user confirm --send email`")
}
