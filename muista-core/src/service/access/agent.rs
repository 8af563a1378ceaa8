//! What only messages of agents ask for: by which name an agent is recorded, and what is to come for it. All else is the
//! nouns' own.

use crate::error::{Error, Result};
use crate::model::{AgentName, DueFilter, Page, Scope, TaskFilter, TaskPage, fold};
use crate::service::{Caller, Credential, Service, field, task};
use crate::store::list::{Keyset, ReadAt};
use crate::store::{self, Conn};

/// The caller as it is recorded when it says that it is `agent`. A key has a name of its own, which its owner gave it, and
/// which no message changes. An account that has logged in may name who works for it, unless that is somebody else's name.
///
/// # Errors
/// `Forbidden` for the name of another account, or of one of the account's keys.
pub async fn known_as(service: &Service, caller: Caller, agent: Option<&AgentName>) -> Result<Caller> {
    let Some(agent) = agent.filter(|agent| fold(agent) != fold(&caller.actor)) else { return Ok(caller) };
    if !matches!(caller.credential, Credential::Session(_)) {
        return Ok(caller);
    }
    let (user, key, reserved) = (caller.user, fold(agent), agent.is_reserved());
    let taken = move |conn: &mut Conn| {
        let of_account = reserved || store::user::by_username(conn, &key)?.is_some();
        Ok(of_account || store::api_key::list(conn, user)?.iter().any(|row| fold(&row.name) == key))
    };
    if service.store.read(taken).await? {
        let error = Error::forbidden(format!("{agent} is the name of an account or of a key"));
        return Err(error.of_field("context.agent").hint("choose another, or use the key of that name"));
    }
    Ok(Caller { actor: agent.to_string(), ..caller })
}

/// One page of the tasks that `filter` holds, and of those with a reminder to come where they have no due.
///
/// # Errors
/// `Forbidden` without the scope, `Invalid` for a cursor of another list.
pub async fn upcoming(service: &Service, caller: &Caller, filter: TaskFilter, page: Page) -> Result<TaskPage> {
    caller.require(Scope::TasksRead)?;
    let (user, now) = (caller.user, ReadAt::of(service.now(), caller.timezone.as_deref()));
    let keyset = Keyset::new(&page)?;
    let reminded = (filter.has_reminder != Some(false)).then(|| TaskFilter {
        due: Some(DueFilter::Unset),
        has_reminder: Some(true),
        ..filter.clone()
    });
    let work = move |conn: &mut Conn| {
        field::query::refuse_unknown_order(conn, user, &page)?;
        let mut filters = task::conditions(conn, user, filter, now)?;
        if let Some(reminded) = reminded {
            filters.extend(task::conditions(conn, user, reminded, now)?);
        }
        task::one_page(conn, &filters, &keyset, task::Total::of(&page))
    };
    service.store.read(work).await
}
