//! The outbox: the messages of what fired, one for each channel, with what they say and whom they go to. Those that this
//! daemon can begin to deliver at once are made as taken by it; one that has no recipient yet is held until it has, and one
//! beyond its account's limits waits or is given up.

use std::collections::{HashMap, HashSet};

use jiff::tz::TimeZone;

use super::delivery::Delivery;
use super::fire::Capacity;
use super::{BATCH, LATE, LEASE};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Channel, Content, ContentKind, HELD, Id, NotificationStatus, Reminder};
use crate::service::access::message_limit::MessageLimits;
use crate::service::tx::Tx;
use crate::service::{Settings, Topic, recipient};
use crate::store::rows::{FiredMessageRow, FiredTaskRow, UserRow};
use crate::store::types::Doc;
use crate::store::{Conn, firing};
use crate::time::{self, Instant};

/// A firing that is told of.
pub(super) struct Message<'a> {
    pub(super) occurrence: Id,
    pub(super) reminder: &'a Reminder,
    pub(super) task: &'a FiredTaskRow,
    pub(super) scheduled_for: Instant,
}

/// Messages in the making.
pub(super) struct Outbox<'a> {
    settings: &'a Settings,
    capacity: Capacity,
    users: HashMap<Id, UserRow>,
    limits: MessageLimits,
    rows: Vec<FiredMessageRow>,
    taken: Vec<Delivery>,
    /// Until when this daemon takes messages.
    taken_until: Option<Instant>,
}

impl<'a> Outbox<'a> {
    pub(super) fn new(settings: &'a Settings, capacity: Capacity) -> Self {
        Self {
            settings,
            capacity,
            users: HashMap::new(),
            limits: MessageLimits::new(settings),
            rows: Vec::with_capacity(BATCH),
            taken: Vec::new(),
            taken_until: None,
        }
    }

    /// Has this daemon take messages from now on, as many as there is room for.
    pub(super) fn take_from_now(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        if self.capacity.values().any(|room| *room > 0) {
            self.taken_until = Some(tx.lease_now()?.plus(LEASE));
        }
        Ok(())
    }

    /// Finds out where these accounts are reached.
    pub(super) fn find_users(&mut self, conn: &mut Conn, now: Instant, ids: impl Iterator<Item = Id>) -> Result<()> {
        let ids: HashSet<Id> = ids.filter(|id| *id != Id::LOCAL_USER).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let ids: Vec<Id> = ids.into_iter().collect();
        self.users = firing::users(conn, &ids)?.into_iter().map(|user| (user.id, user)).collect();
        self.limits.count(conn, &ids, now)
    }

    /// Whether an account whose place was found out is out of use.
    pub(super) fn is_disabled(&self, user: Id) -> bool {
        self.users.get(&user).is_some_and(|user| user.disabled_at.is_some())
    }

    /// Adds the messages of a firing: one for each of its channels, or of the usual ones.
    pub(super) fn add(&mut self, now: Instant, message: Message<'_>) -> Result<()> {
        let content = self.content(now, &message);
        let payload = Doc::of(&content)?;
        let (owner, own) = (message.task.owner_id, &message.reminder.channels);
        let channels = if own.is_empty() { recipient::usual(self.settings, owner) } else { own.clone() };
        for channel in channels {
            let standing = self.standing(now, owner, channel);
            let row = self.row(now, &message, channel, standing, payload.clone());
            if row.lease == 1 {
                self.taken.push(Delivery {
                    id: row.id,
                    lease: row.lease,
                    owner: row.user_id,
                    channel,
                    recipient: row.recipient.clone(),
                    content: content.clone(),
                    attempts: 0,
                    created_at: now,
                });
            }
            self.rows.push(row);
        }
        Ok(())
    }

    /// Writes the messages; returns those that this daemon has taken.
    pub(super) fn write(&mut self, tx: &mut Tx<'_>) -> Result<Vec<Delivery>> {
        firing::insert_messages(tx.conn, &self.rows)?;
        if self.rows.iter().any(|row| row.lease == 0 && row.next_attempt_at.is_some_and(|at| at != HELD)) {
            tx.publish(Topic::Deliveries);
        }
        Ok(std::mem::take(&mut self.taken))
    }

    fn row(
        &mut self,
        now: Instant,
        message: &Message<'_>,
        channel: Channel,
        standing: Standing,
        payload: Doc,
    ) -> FiredMessageRow {
        let may_go = standing.next == Some(now);
        let room = self.capacity.get_mut(&channel).filter(|room| **room > 0 && may_go);
        let lease_until = room.zip(self.taken_until).map(|(room, until)| {
            *room -= 1;
            until
        });
        FiredMessageRow {
            id: Id::new(now),
            user_id: message.task.owner_id,
            occurrence_id: message.occurrence,
            reminder_id: message.reminder.id,
            error_message: standing.why,
            next_attempt_at: lease_until.or(standing.next),
            recipient: standing.recipient,
            channel: channel.as_str(),
            status: standing.status.as_str(),
            payload,
            created_at: now,
            lease: i64::from(lease_until.is_some()),
            lease_until,
        }
    }

    /// How a new message to an account on a channel stands; it counts as one of the account's messages.
    pub(super) fn standing(&mut self, now: Instant, user: Id, channel: Channel) -> Standing {
        let recipient = match recipient::of(self.settings, user, self.users.get(&user), channel) {
            Ok(recipient) => recipient,
            Err(error) if error.kind == ErrorKind::Conflict => {
                return Standing::pending(String::new(), HELD, Some(why(&error)));
            }
            Err(error) => return Standing::failed(String::new(), why(&error)),
        };
        match self.limits.admit(now, user) {
            Ok((at, late)) => Standing::pending(recipient, at, late.as_ref().map(why)),
            Err(error) => Standing::failed(recipient, why(&error)),
        }
    }

    fn content(&self, now: Instant, message: &Message<'_>) -> Content {
        let late = now.since(message.scheduled_for);
        Content {
            kind: ContentKind::Reminder,
            title: message.task.title.clone(),
            task_id: Some(message.task.id),
            task_number: Some(message.task.number),
            due: self.due(message),
            note: message.reminder.note.clone(),
            scheduled_for: Some(message.scheduled_for),
            late_seconds: (late >= LATE).then(|| i64::try_from(late.as_secs()).unwrap_or(i64::MAX)),
        }
    }

    /// The task's due as it is shown: a date, or a time of the zone of the task, the reminder or the account.
    fn due(&self, message: &Message<'_>) -> Option<String> {
        if let Some(day) = message.task.due_on {
            return Some(day.0.to_string());
        }
        let due = message.task.due_at?;
        let user = self.users.get(&message.task.owner_id);
        let names = [
            message.task.timezone.as_deref(),
            message.reminder.timezone.as_deref(),
            user.and_then(|user| user.timezone.as_deref()),
        ];
        let zone = names.into_iter().flatten().find_map(|name| time::zone(name).ok());
        Some(match zone {
            Some(zone) => due.in_zone(&zone).strftime("%Y-%m-%d %H:%M").to_string(),
            None => due.in_zone(&TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string(),
        })
    }
}

/// How a new message stands.
pub(super) struct Standing {
    pub(super) status: NotificationStatus,
    /// Whom it goes to; empty where that is not known.
    pub(super) recipient: String,
    /// When it goes out; none where it is given up.
    pub(super) next: Option<Instant>,
    /// Why it does not go out now.
    pub(super) why: Option<String>,
}

impl Standing {
    fn pending(recipient: String, next: Instant, why: Option<String>) -> Self {
        Self { status: NotificationStatus::Pending, recipient, next: Some(next), why }
    }

    fn failed(recipient: String, why: String) -> Self {
        Self { status: NotificationStatus::Failed, recipient, next: None, why: Some(why) }
    }
}

/// An error as it stands in the ledger, with its remedy.
pub(crate) fn why(error: &Error) -> String {
    match &error.hint {
        Some(hint) => format!("{}: {hint}", error.message),
        None => error.message.clone(),
    }
}
