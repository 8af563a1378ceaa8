//! The queue of messages, as the daemons that deliver them use it: taking messages under a lease, keeping the leases, and
//! writing down what came of them. Delivering is the daemon's.
//!
//! While a message is worked on, `next_attempt_at` is the lease's end, so that a message whose daemon is gone is found
//! like any other. Every later write matches the lease: what another daemon has taken meanwhile stays untouched.

use std::collections::{HashMap, HashSet};

use super::{LEASE, daemon, disabled};
use crate::error::Result;
use crate::metrics::DeliveryOutcome;
use crate::model::{Channel, Content, ContentKind, Id, NotificationStatus};
use crate::service::Service;
use crate::service::tx::{Tx, engine_transaction};
use crate::store::rows::{NotificationRow, RecordedRow};
use crate::store::{self, RollbackPolicy, delivery};
use crate::time::Instant;

/// Why a message of an account that is out of use waits.
const DISABLED: &str = "the account is disabled; the message goes out once it is enabled again";

/// A message to deliver.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The notification.
    pub id: Id,
    /// The lease it is taken under; counts up with each claim.
    pub lease: i64,
    /// Whose message it is.
    pub owner: Id,
    /// How it is delivered.
    pub channel: Channel,
    /// The address.
    pub recipient: String,
    /// What it says.
    pub content: Content,
    /// How many attempts were made before.
    pub attempts: i32,
    /// When it was made.
    pub created_at: Instant,
}

/// What came of a message.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The notification.
    pub id: Id,
    /// The lease it was taken under.
    pub lease: i64,
    /// Its channel.
    pub channel: Channel,
    /// What came of it.
    pub verdict: Verdict,
}

/// What came of a message, which decides what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The channel took it.
    Sent,
    /// It failed, and is tried again.
    Retry {
        /// When.
        at: Instant,
        /// Why it failed.
        error: String,
    },
    /// It is given up.
    Failed {
        /// Why.
        error: String,
    },
    /// It was not tried; anybody may take it.
    Released {
        /// From when on.
        at: Instant,
        /// Why, where something is wrong.
        error: Option<String>,
    },
}

/// Takes messages of a channel that may be delivered now, the longest waiting first, `limit` at most.
///
/// # Errors
/// When the database does not answer.
pub async fn claim_deliveries(service: &Service, channel: Channel, limit: usize) -> Result<Vec<Delivery>> {
    let work = move |tx: &mut Tx<'_>| {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let lease_now = tx.lease_now()?;
        let rows = delivery::available(tx.conn, channel.as_str(), tx.now, lease_now, limit)?;
        let rows = hold_disabled(tx, rows)?;
        let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
        delivery::lease(tx.conn, &ids, lease_now.plus(LEASE))?;
        let rescued = rows.iter().filter(|row| row.lease_until.is_some()).count();
        Ok((rows.into_iter().map(|row| taken(row, channel)).collect::<Vec<_>>(), rescued))
    };
    let (taken, rescued) = engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), work).await?;
    service.metrics.claimed(channel, taken.len(), rescued);
    Ok(taken)
}

/// Holds the messages of accounts that are out of use; returns the others.
fn hold_disabled(tx: &mut Tx<'_>, rows: Vec<NotificationRow>) -> Result<Vec<NotificationRow>> {
    let disabled = disabled(tx.conn, rows.iter().map(|row| row.user_id))?;
    let (held, rows): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| disabled.contains(&row.user_id));
    let held: Vec<Id> = held.into_iter().map(|row| row.id).collect();
    delivery::hold(tx.conn, &held, DISABLED)?;
    Ok(rows)
}

fn taken(row: NotificationRow, channel: Channel) -> Delivery {
    let read = row.payload.map(|doc| doc.read());
    Delivery {
        id: row.id,
        lease: row.lease + 1,
        owner: row.user_id,
        channel,
        recipient: row.recipient,
        // A message that cannot be read still tells that there was one.
        content: read.and_then(Result::ok).unwrap_or_else(unreadable),
        attempts: row.attempts.into(),
        created_at: row.created_at,
    }
}

fn unreadable() -> Content {
    Content {
        kind: ContentKind::Reminder,
        title: "A reminder owners text cannot be read".to_owned(),
        task_id: None,
        task_number: None,
        due: None,
        note: None,
        scheduled_for: None,
        late_seconds: None,
    }
}

/// When the first message of each of these channels may be taken; a channel without messages is left out.
///
/// # Errors
/// When the database does not answer.
pub async fn next_delivery(service: &Service, channels: Vec<Channel>) -> Result<HashMap<Channel, Instant>> {
    let (now, leases) = (service.now(), service.leases.clone());
    let work = move |conn: &mut _| {
        let lease_now = leases.now(store::clock::now(conn)?);
        let next = |channel: Channel| {
            let waiting = delivery::next(conn, channel.as_str())?;
            // By the clock on the wall, which the daemon's timers go by.
            let taken = delivery::next_lease(conn, channel.as_str())?.map(|end| now.plus(end.since(lease_now)));
            Ok(waiting.into_iter().chain(taken).min().map(|at| (channel, at)))
        };
        channels.into_iter().map(next).filter_map(Result::transpose).collect()
    };
    service.store.read_for_engine(work).await
}

/// How many messages wait, by channel.
///
/// # Errors
/// When the database does not answer.
pub async fn queue_depth(service: &Service) -> Result<Vec<(Channel, i64)>> {
    let rows = service.store.read_for_engine(delivery::depth).await?;
    rows.into_iter().map(|(channel, count)| Ok((channel.parse()?, count))).collect()
}

/// Has leases last for [`LEASE`] from now; returns the messages whose lease was lost, which are to be left alone.
///
/// # Errors
/// When the database does not answer.
pub async fn renew_deliveries(service: &Service, held: Vec<(Id, i64)>) -> Result<HashSet<Id>> {
    let work = move |tx: &mut Tx<'_>| {
        let ids: Vec<Id> = held.iter().map(|(id, _)| *id).collect();
        let leases: HashMap<Id, i64> = delivery::leases(tx.conn, &ids)?.into_iter().collect();
        let (ours, lost): (Vec<_>, Vec<_>) = held.into_iter().partition(|(id, lease)| leases.get(id) == Some(lease));
        let ours: Vec<Id> = ours.into_iter().map(|(id, _)| id).collect();
        let until = tx.lease_now()?.plus(LEASE);
        delivery::extend(tx.conn, &ours, until)?;
        Ok(lost.into_iter().map(|(id, _)| id).collect())
    };
    engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), work).await
}

/// Writes down what came of messages, all in one transaction; what is no longer held under its lease stays as it is.
/// Returns how many were written.
///
/// # Errors
/// When the database does not answer; nothing is written then.
pub async fn record_deliveries(service: &Service, came: Vec<Recorded>) -> Result<usize> {
    let tally: Vec<_> = came.iter().map(|one| (one.channel, one.verdict.outcome())).collect();
    let work = move |tx: &mut Tx<'_>| {
        let rows: Vec<_> = came.into_iter().map(|one| row(one, tx.now)).collect();
        delivery::record(tx.conn, &rows)
    };
    let written = engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), work).await?;
    tally.into_iter().for_each(|(channel, came)| service.metrics.delivered(channel, came));
    Ok(written)
}

impl Verdict {
    fn outcome(&self) -> DeliveryOutcome {
        match self {
            Self::Sent => DeliveryOutcome::Sent,
            Self::Retry { .. } => DeliveryOutcome::Retried,
            Self::Failed { .. } => DeliveryOutcome::Failed,
            Self::Released { .. } => DeliveryOutcome::Released,
        }
    }
}

fn row(came: Recorded, now: Instant) -> RecordedRow {
    let pending = NotificationStatus::Pending.as_str();
    let (status, spent, next, error) = match came.verdict {
        Verdict::Sent => (NotificationStatus::Sent.as_str(), 1, None, None),
        Verdict::Failed { error } => (NotificationStatus::Failed.as_str(), 1, None, Some(error)),
        Verdict::Retry { at, error } => (pending, 1, Some(at), Some(error)),
        Verdict::Released { at, error } => (pending, 0, Some(at), error),
    };
    let sent = (status == NotificationStatus::Sent.as_str()).then_some(now);
    RecordedRow { id: came.id, lease: came.lease, status, spent, error, next, sent }
}

/// Ends the leases of a daemon that is gone, for one that knows itself alone on the database; returns how many. What was
/// being delivered then may be delivered twice, as it always may.
///
/// # Errors
/// When the database does not answer.
pub async fn release_deliveries(service: &Service) -> Result<usize> {
    let work = move |tx: &mut Tx<'_>| delivery::release_all(tx.conn, tx.now);
    engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), work).await
}
