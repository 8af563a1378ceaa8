//! What an agent may undo: what it did itself. The account's other changes, a person's above all, are the account's to take
//! back, whatever change an agent names.

use crate::error::{Error, Result};
use crate::model::{Id, Role};
use crate::service::tx::Tx;
use crate::store;

/// Refuses to have an agent revert a change in which anything was done by somebody else.
///
/// # Errors
/// `Forbidden`, naming who did it.
pub(super) fn refuse_others(tx: &mut Tx<'_>, change: Id) -> Result<()> {
    if tx.caller.role != Role::Agent {
        return Ok(());
    }
    refuse_name_of_account(tx)?;
    match store::audit::other_actor(tx.conn, change, &tx.caller.actor)? {
        Some(other) => Err(others(&format!("the change {change} was made by {other}"), &tx.caller.actor)),
        None => Ok(()),
    }
}

/// Refuses to have an agent revert what an actor did who is not itself.
///
/// # Errors
/// `Forbidden`.
pub(super) fn refuse_other(tx: &mut Tx<'_>, actor: &str) -> Result<()> {
    if tx.caller.role == Role::Agent && actor != tx.caller.actor {
        return Err(others(&format!("what {actor} did is not yours"), &tx.caller.actor));
    }
    Ok(())
}

/// Refuses an agent that is called as the account it works for: the record of changes does not tell the two apart.
fn refuse_name_of_account(tx: &mut Tx<'_>) -> Result<()> {
    let account = store::user::by_id(tx.conn, tx.owner())?;
    let is_persons = account.is_some_and(|user| user.role != Role::Agent.as_str() && user.username == tx.caller.actor);
    if !is_persons {
        return Ok(());
    }
    let error = format!("the key is called {}, as its account is: what it did cannot be told apart", tx.caller.actor);
    Err(Error::forbidden(error).hint("the account makes it a key of another name, with `muista token create`"))
}

fn others(what: &str, agent: &str) -> Error {
    Error::forbidden(format!("{what}, and an agent undoes its own changes alone"))
        .hint(format!("undo what {agent} did, or ask who did it: `muista log` shows the changes"))
}
