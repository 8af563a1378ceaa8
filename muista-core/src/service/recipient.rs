//! Where an account is reached on a channel: the account `local` where the configuration says, as the daemon is its own;
//! any other where the account itself says, and nowhere else.

use super::Settings;
use crate::error::{Error, Result};
use crate::model::{Channel, Id};
use crate::store::rows::UserRow;
use crate::store::{Conn, firing};

/// Where the account `id` is reached on a channel; `user` is the account's row, which `local` does not need.
///
/// # Errors
/// `Conflict` when there is no such place, with what gives it one.
pub(crate) fn of(settings: &Settings, id: Id, user: Option<&UserRow>, channel: Channel) -> Result<String> {
    if id == Id::LOCAL_USER {
        return settings.recipient(channel).map(str::to_owned);
    }
    let (known, remedy) = match channel {
        Channel::Email => (user.and_then(|user| user.email.as_ref()), "give the account an e-mail address"),
        Channel::Sms => (user.and_then(|user| user.phone_number.as_ref()), "give the account a phone number"),
        // These are the daemon's own, and so its user's.
        Channel::Desktop | Channel::Webhook | Channel::Ntfy => (None, "choose email or sms"),
    };
    known.cloned().ok_or_else(|| {
        Error::conflict(format!("{channel} has no recipient: the account has none")).of_field("channel").hint(remedy)
    })
}

/// The row of the account `id` that [`of`] needs; none for `local`.
pub(crate) fn row(conn: &mut Conn, id: Id) -> Result<Option<UserRow>> {
    if id == Id::LOCAL_USER { Ok(None) } else { Ok(firing::users(conn, &[id])?.pop()) }
}
