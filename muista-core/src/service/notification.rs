//! The use cases of notifications: listing them, trying those again that failed, and trying a channel. What is delivered
//! when is the engine's, how the daemon's.

use std::collections::{BTreeMap, HashMap};

use super::access::message_limit::MessageLimits;
use super::engine::{daemon, why};
use super::task::assemble;
use super::tx::{Tx, engine_transaction, transaction};
use super::{Caller, Service, Settings, Topic, recipient};
use crate::error::{Error, Result};
use crate::model::{
    Channel, Content, ContentKind, Id, Notification, NotificationPage, NotificationQuery, NotificationStatus, Page,
    Scope, cursor,
};
use crate::store::rows::{NewNotificationRow, NotificationRow};
use crate::store::types::Doc;
use crate::store::{self, Conn, RollbackPolicy};
use crate::time::Instant;

/// One page of the notifications, the newest first.
pub async fn list(service: &Service, caller: &Caller, query: NotificationQuery) -> Result<NotificationPage> {
    caller.require(Scope::NotificationsRead)?;
    let user = caller.user;
    let after = query.cursor.as_deref().map(cursor::read::<(Instant, Id)>).transpose()?;
    service.store.read(move |conn| page(conn, user, &query, after)).await
}

fn page(
    conn: &mut Conn,
    user: Id,
    query: &NotificationQuery,
    after: Option<(Instant, Id)>,
) -> Result<NotificationPage> {
    let task = match &query.task {
        Some(task) => assemble::resolve_existing(conn, user, std::slice::from_ref(task))?.pop(),
        None => None,
    };
    let limit = match query.limit {
        0 => Page::MAX,
        limit => limit.min(Page::MAX),
    };
    let narrowed = (query.status.map(NotificationStatus::as_str), query.channel.map(Channel::as_str));
    let mut rows = store::notification::list(conn, user, narrowed, task, after, i64::from(limit) + 1)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let items = rows.into_iter().map(NotificationRow::into_notification).collect::<Result<Vec<_>>>()?;
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|last| cursor::write(&(last.created_at, last.id))).transpose()?;
    Ok(NotificationPage { items, next_cursor })
}

/// One notification.
pub async fn get(service: &Service, caller: &Caller, id: Id) -> Result<Notification> {
    caller.require(Scope::NotificationsRead)?;
    let user = caller.user;
    let row = service.store.read(move |conn| store::notification::by_id(conn, user, id)).await?;
    row.ok_or_else(|| missing(id))?.into_notification()
}

/// Has notifications that failed delivered again, all or none: at once, and as often as if they had never been tried.
/// One that had no recipient goes to where the caller is reached by now.
pub async fn retry(service: &Service, caller: &Caller, ids: Vec<Id>) -> Result<Vec<Notification>> {
    caller.require(Scope::NotificationsWrite)?;
    let settings = service.settings();
    let work = move |tx: &mut Tx<'_>| {
        let user = tx.owner();
        let rows = store::notification::lock(tx.conn, user, &ids)?;
        let found: HashMap<Id, NotificationRow> = rows.into_iter().map(|row| (row.id, row)).collect();
        let mut limits = MessageLimits::new(&settings);
        limits.count(tx.conn, &[user], tx.now)?;
        for id in &ids {
            let row = found.get(id).ok_or_else(|| missing(*id))?.clone();
            retry_one(tx, &settings, &mut limits, row.into_notification()?)?;
        }
        tx.publish(Topic::Deliveries);
        let again = store::notification::lock(tx.conn, user, &ids)?;
        let mut again: HashMap<Id, NotificationRow> = again.into_iter().map(|row| (row.id, row)).collect();
        ids.iter().filter_map(|id| again.remove(id)).map(NotificationRow::into_notification).collect()
    };
    Ok(transaction(service, caller, work).await?.0)
}

fn retry_one(
    tx: &mut Tx<'_>,
    settings: &Settings,
    limits: &mut MessageLimits,
    notification: Notification,
) -> Result<()> {
    if notification.status != NotificationStatus::Failed {
        let status = notification.status.as_str().to_lowercase();
        return Err(Error::conflict(format!("the notification {} is {status}, not failed", notification.id))
            .hint("`muista notifications ls --failed` shows those that can be tried again"));
    }
    let recipient = match notification.recipient.as_str() {
        "" => {
            let owner = tx.owner();
            recipient::of(settings, owner, recipient::row(tx.conn, owner)?.as_ref(), notification.channel)?
        }
        known => known.to_owned(),
    };
    let (at, _) = limits.admit(tx.now, tx.owner())?;
    store::notification::retry(tx.conn, notification.id, &recipient, at).map(drop)
}

/// Sends a message to where the caller is reached on a channel, to try it; returns it as it waits.
pub async fn test(service: &Service, caller: &Caller, channel: Channel) -> Result<Notification> {
    caller.require(Scope::NotificationsWrite)?;
    let settings = service.settings();
    let work = move |tx: &mut Tx<'_>| {
        let user = tx.owner();
        let recipient = recipient::of(&settings, user, recipient::row(tx.conn, user)?.as_ref(), channel)?;
        let mut limits = MessageLimits::new(&settings);
        limits.count(tx.conn, &[user], tx.now)?;
        if let (_, Some(error)) = limits.admit(tx.now, user)? {
            return Err(error);
        }
        let content = Content {
            kind: ContentKind::Test,
            title: "Test message from Muista".to_owned(),
            task_id: None,
            task_number: None,
            due: None,
            note: Some("Your reminders will arrive like this.".to_owned()),
            scheduled_for: None,
            late_seconds: None,
        };
        let id = send(tx, Message { user, channel, recipient, content })?;
        let made = store::notification::by_id(tx.conn, user, id)?;
        made.ok_or_else(|| missing(id))?.into_notification()
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// A message that tells of no reminder and no run.
pub(crate) struct Message {
    pub(crate) user: Id,
    pub(crate) channel: Channel,
    pub(crate) recipient: String,
    pub(crate) content: Content,
}

/// Puts a message into the outbox.
pub(crate) fn send(tx: &mut Tx<'_>, message: Message) -> Result<Id> {
    let row = NewNotificationRow {
        id: Id::new(tx.now),
        user_id: message.user,
        occurrence_id: None,
        reminder_id: None,
        job_id: None,
        recipient: message.recipient,
        channel: message.channel.as_str(),
        status: NotificationStatus::Pending.as_str(),
        payload: Some(Doc::of(&message.content)?),
        error_message: None,
        next_attempt_at: Some(tx.now),
        created_at: tx.now,
        run_id: None,
    };
    store::notification::insert(tx.conn, std::slice::from_ref(&row))?;
    tx.publish(Topic::Deliveries);
    Ok(row.id)
}

/// Sends what waits of an account for something else than its time, as far as it has a recipient by now: the newest first,
/// no more in a minute than its limits say, and what is beyond a day's is given up. Whoever changes what keeps messages from
/// going out calls this, in the same transaction.
///
/// # Errors
/// When the database does not answer.
pub(crate) fn send_held(tx: &mut Tx<'_>, user: Id) -> Result<()> {
    let (settings, now) = (std::sync::Arc::clone(&tx.settings), tx.now);
    let (mut limits, mut row) = (MessageLimits::new(&settings), None);
    for &channel in Channel::ALL {
        let held = store::delivery::held(tx.conn, user, channel.as_str())?;
        if held.is_empty() {
            continue;
        }
        if row.is_none() {
            row = Some(recipient::row(tx.conn, user)?);
            limits.count(tx.conn, &[user], now)?;
        }
        let to = recipient::of(&settings, user, row.as_ref().and_then(Option::as_ref), channel).ok();
        let mut sent: BTreeMap<(Instant, String), (Option<String>, Vec<Id>)> = BTreeMap::new();
        for (id, known) in held {
            let Some(to) = Some(known).filter(|known| !known.is_empty()).or_else(|| to.clone()) else { continue };
            match limits.admit(now, user) {
                Ok((at, late)) => {
                    sent.entry((at, to)).or_insert_with(|| (late.as_ref().map(why), Vec::new())).1.push(id);
                }
                Err(error) => drop(store::delivery::give_up(tx.conn, id, &to, &why(&error))?),
            }
        }
        for ((at, to), (late, ids)) in sent {
            store::delivery::let_go(tx.conn, &ids, &to, at, late.as_deref())?;
            tx.publish(Topic::Deliveries);
        }
    }
    Ok(())
}

/// Sends what waited for `local` to be reached on a channel, where the configuration says by now how it is.
///
/// # Errors
/// When the database does not answer.
pub async fn send_held_of_local(service: &Service) -> Result<()> {
    engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), |tx| send_held(tx, Id::LOCAL_USER)).await
}

/// Holds what waits to be told of reminders that are to be deleted, and remembers of which each message told: undo joins
/// them again ([`rejoin`]).
pub(crate) fn detach(tx: &mut Tx<'_>, reminders: &[Id]) -> Result<()> {
    if reminders.is_empty() {
        return Ok(());
    }
    store::notification::detach(tx.conn, reminders).map(drop)
}

/// Joins messages with reminders that came back; what waited when they were deleted goes out.
pub(crate) fn rejoin(tx: &mut Tx<'_>, reminders: &[Id]) -> Result<()> {
    if reminders.is_empty() {
        return Ok(());
    }
    let users = store::notification::rejoin(tx.conn, reminders)?;
    users.into_iter().try_for_each(|user| send_held(tx, user))
}

/// Deletes what waits to be told of these reminders. A worker that is delivering one of these finds it gone, and
/// discards its result.
pub(crate) fn drop_pending(tx: &mut Tx<'_>, reminders: &[Id]) -> Result<()> {
    if reminders.is_empty() {
        return Ok(());
    }
    store::notification::delete_pending(tx.conn, reminders).map(drop)
}

fn missing(id: Id) -> Error {
    Error::not_found(format!("notification {id}")).hint("`muista notifications ls` shows what there is")
}
