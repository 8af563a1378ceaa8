//! Where an account is reached on a channel: the account `local` where the configuration says, as the daemon is its own;
//! any other where the account itself says, and nowhere else. Which channels an account can be reached on at all.

use super::Settings;
use super::account::address;
use crate::error::{Error, Result};
use crate::model::{Channel, Id};
use crate::store::rows::UserRow;
use crate::store::{Conn, firing};

/// The channels on which accounts other than `local` can be reached: the others are the daemon's own, and so its user's.
pub(crate) const OF_ACCOUNTS: [Channel; 2] = [Channel::Email, Channel::Sms];

/// Where the account `id` is reached on a channel; `user` is the account's row, which `local` does not need.
///
/// # Errors
/// `Conflict` when there is no such place yet, or it is not confirmed, with what helps; `Invalid` when there never is.
pub(crate) fn of(settings: &Settings, id: Id, user: Option<&UserRow>, channel: Channel) -> Result<String> {
    if id == Id::LOCAL_USER {
        return settings.recipient(channel).map(str::to_owned);
    }
    of_account(user, channel)
}

/// The same of an account other than `local`.
///
/// # Errors
/// As [`of`].
pub(crate) fn of_account(user: Option<&UserRow>, channel: Channel) -> Result<String> {
    let (known, confirmed, what, flag) = match channel {
        Channel::Email => {
            let confirmed = user.is_some_and(|user| user.email_confirmed_at.is_some());
            (user.and_then(|user| user.email.as_ref()), confirmed, "email address", "--email me@example.org")
        }
        Channel::Sms => {
            let confirmed = user.is_some_and(|user| user.phone_confirmed_at.is_some());
            (user.and_then(|user| user.phone_number.as_ref()), confirmed, "phone number", "--phone +358401234567")
        }
        Channel::Desktop | Channel::Webhook | Channel::Ntfy => return Err(not_offered(channel)),
    };
    if known.is_some() && !confirmed {
        return Err(address::unconfirmed(channel));
    }
    known.cloned().ok_or_else(|| {
        let Some(UserRow { username, .. }) = user else { return Error::conflict("there is no such account") };
        Error::conflict(format!("account {username} has no {what}"))
            .of_field("channel")
            .hint(format!("set one with `muista user edit {username} {flag}`"))
    })
}

/// Refuses channels on which an account is never reached.
///
/// # Errors
/// `Invalid` for the first of them.
pub(crate) fn refuse_others(owner: Id, channels: &[Channel]) -> Result<()> {
    let bad = channels.iter().find(|channel| owner != Id::LOCAL_USER && !OF_ACCOUNTS.contains(channel));
    bad.map_or(Ok(()), |channel| Err(not_offered(*channel)))
}

/// The channels of what names none: the configured ones, as far as the account can be reached there; e-mail where there is
/// none of these.
pub(crate) fn usual(settings: &Settings, owner: Id) -> Vec<Channel> {
    if owner == Id::LOCAL_USER {
        return settings.channels.clone();
    }
    let offered: Vec<_> = settings.channels.iter().copied().filter(|channel| OF_ACCOUNTS.contains(channel)).collect();
    if offered.is_empty() { vec![Channel::Email] } else { offered }
}

fn not_offered(channel: Channel) -> Error {
    Error::invalid("channels", format!("{channel} is only for the account local")).hint("choose email or SMS")
}

/// The row of the account `id` that [`of`] needs; none for `local`.
pub(crate) fn row(conn: &mut Conn, id: Id) -> Result<Option<UserRow>> {
    if id == Id::LOCAL_USER { Ok(None) } else { Ok(firing::users(conn, &[id])?.pop()) }
}
