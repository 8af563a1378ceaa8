//! What an account may take: how many tasks, how many bytes of text and of files. Each record that is noted in the record
//! of changes says what it takes ([`Weight`]), so every way in is counted, undo and import among them; the counts are
//! written with the change, in its transaction. The account `local` has no limit and is not counted. How many tasks agents
//! make in a day is `allowance`'s.

use super::limit;
use crate::error::{Error, Result};
use crate::model::{Id, Origin, Quotas, User, Weight};
use crate::service::tx::Tx;
use crate::store::{self, Conn};

/// Writes what the accounts of a change take more than before.
///
/// # Errors
/// `Quota` when the caller's own account takes more than it may. What grows with another's change, or with what the daemon
/// does, is counted and not refused: whoever changes something could not help it.
pub(crate) fn settle(tx: &mut Tx<'_>) -> Result<()> {
    let mut grown = tx.take_usage();
    // In one order for all, so that no two changes wait for each other.
    grown.sort_by_key(|(user, _)| *user);
    for (user, more) in grown {
        if user == Id::LOCAL_USER || more == Weight::default() {
            continue;
        }
        let total = store::usage::add(tx.conn, user, more)?;
        if user == tx.caller.user && tx.caller.origin != Origin::Daemon {
            refuse_over(tx, more, total)?;
        }
    }
    Ok(())
}

fn refuse_over(tx: &mut Tx<'_>, more: Weight, total: Weight) -> Result<()> {
    let limits = tx.settings.quotas;
    let kinds = [
        ("limits.tasks", "tasks", more.tasks, total.tasks, limits.tasks),
        ("limits.text_bytes", "bytes of text", more.text_bytes, total.text_bytes, limits.text_bytes),
        ("limits.file_bytes", "bytes of files", more.file_bytes, total.file_bytes, limits.file_bytes),
    ];
    match kinds.into_iter().find(|(_, _, more, total, limit)| *more > 0 && total > limit) {
        Some((setting, what, more, total, limit)) => Err(over(setting, what, total - more, limit)),
        None => Ok(()),
    }
}

/// What somebody is told whose account is full.
pub(crate) fn over(setting: &str, what: &str, used: i64, limit: i64) -> Error {
    let message = format!("the account may have {limit} {what}, and has {used}");
    limit::exceeded(message, "delete what is not needed any more (`muista usage` shows what is used)", setting)
}

/// What somebody is told who asks for more than an account may have at all.
pub(crate) fn beyond(setting: &str, what: &str, limit: i64) -> Error {
    let message = format!("that is more than the {limit} {what} that an account may have");
    limit::exceeded(message, "leave some out", setting)
}

/// Refuses to begin to take in a file for an account that has no room for one.
///
/// # Errors
/// `Quota`.
pub(crate) fn refuse_full(conn: &mut Conn, limits: Quotas, user: Id) -> Result<()> {
    if user == Id::LOCAL_USER {
        return Ok(());
    }
    let used = store::usage::of(conn, user)?.unwrap_or_default().file_bytes;
    if used < limits.file_bytes {
        return Ok(());
    }
    Err(over("limits.file_bytes", "bytes of files", used, limits.file_bytes))
}

/// What an account takes; that of `local` is counted when it is asked for.
pub(crate) fn taken(conn: &mut Conn, user: &User) -> Result<Weight> {
    match user.id {
        Id::LOCAL_USER => store::usage::counted(conn, user.id),
        id => Ok(store::usage::of(conn, id)?.unwrap_or_default()),
    }
}
