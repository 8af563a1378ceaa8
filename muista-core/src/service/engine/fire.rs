//! Firing reminders: what is due becomes an occurrence with its messages, and the cursor moves on, all in one
//! transaction. Who fires the same cursor at the same time finds it moved; what was missed is told once, as late.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::outbox::{Message, Outbox};
use super::{BATCH, Blocked, Delivery, NextDue, daemon};
use crate::error::{Error, Result};
use crate::model::{Channel, Id, Reminder, Role, Scope};
use crate::service::tx::{Tx, engine_transaction, transaction};
use crate::service::{Caller, Service, schedule};
use crate::store::RollbackPolicy;
use crate::store::firing;
use crate::store::rows::{FiredTaskRow, MovedCursor, OccurrenceRow, ReminderRow};
use crate::time::{self, Duration, Instant};

/// How many messages, by channel, this daemon can begin to deliver at once: so many are made as taken by it already, which
/// spares a claim.
pub type Capacity = BTreeMap<Channel, usize>;

/// What came of firing.
#[derive(Debug, Default)]
pub struct Fired {
    /// How many reminders fired.
    pub fired: usize,
    /// The messages that this daemon has taken with it, under leases that began now.
    pub deliveries: Vec<Delivery>,
    /// When the next fall due; in the past when there is more to do.
    pub next: NextDue,
}

/// Fires reminders that are due, the longest due first, so many as one transaction takes on.
///
/// # Errors
/// When the database does not answer; nothing has fired then.
pub async fn fire_due(service: &Service, capacity: Capacity) -> Result<Fired> {
    let settings = service.settings();
    let blocked = Arc::clone(&service.blocked);
    let work = move |tx: &mut Tx<'_>| fire(tx, &mut Outbox::new(&settings, capacity), &blocked);
    let (fired, cursors) = engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), work).await?;
    for delivery in &fired.deliveries {
        service.metrics.claimed(delivery.channel, 1, 0);
    }
    let now = service.now();
    for scheduled in cursors {
        service.metrics.fired(now.since(scheduled));
    }
    Ok(fired)
}

/// How many batches of reminders one request fires at most: beyond that the engine goes on by itself.
const ROUNDS: usize = 20;

/// Fires what is due now because somebody asks for it, whoever it belongs to; returns how many. Whoever delivers is told.
///
/// # Errors
/// `Forbidden` for who is no admin; `Conflict` where a daemon fires the same at the same time.
pub async fn trigger(service: &Service, caller: &Caller) -> Result<usize> {
    caller.require(Scope::TasksWrite)?;
    if caller.role != Role::Admin {
        return Err(Error::forbidden("only an admin fires everybody's reminders").hint("they fire by themselves"));
    }
    let (settings, blocked) = (service.settings(), Arc::clone(&service.blocked));
    let work = move |tx: &mut Tx<'_>| {
        let mut outbox = Outbox::new(&settings, Capacity::new());
        let mut count = 0;
        for _ in 0..ROUNDS {
            let (fired, _) = fire(tx, &mut outbox, &blocked)?;
            count += fired.fired;
            if fired.next.reminder.is_none_or(|next| next > tx.now) {
                break;
            }
        }
        Ok(count)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// What is due, with what it takes to tell of it.
struct Due {
    reminder: Reminder,
    task: FiredTaskRow,
    /// The time it stands for.
    at: Instant,
}

fn fire(tx: &mut Tx<'_>, outbox: &mut Outbox<'_>, blocked: &Blocked) -> Result<(Fired, Vec<Instant>)> {
    let except = blocked.ids(tx.now);
    let rows = firing::due_reminders(tx.conn, tx.now, &except, i64::try_from(BATCH).unwrap_or(i64::MAX))?;
    let Looked { due, moved, parked } = look(tx, rows, outbox, blocked)?;
    let told = record(tx, due)?;
    if !told.is_empty() {
        outbox.take_from_now(tx)?;
    }
    for (occurrence, due) in &told {
        outbox.add(tx.now, message(*occurrence, due))?;
    }
    let deliveries = outbox.write(tx)?;
    let stood = firing::move_cursors(tx.conn, &moved)? + firing::park_reminders(tx.conn, &parked)?;
    if stood != moved.len() + parked.len() {
        return Err(Error::conflict("a reminder was fired by another daemon at the same time"));
    }
    let next = NextDue::read(tx.conn, blocked, tx.now)?;
    let cursors = told.iter().map(|(_, due)| due.at).collect();
    Ok((Fired { fired: told.len(), deliveries, next }, cursors))
}

fn message(occurrence: Id, due: &Due) -> Message<'_> {
    Message { occurrence, reminder: &due.reminder, task: &due.task, scheduled_for: due.at }
}

/// What becomes of reminders whose time has come.
struct Looked {
    /// What is to be told.
    due: Vec<Due>,
    /// How the cursors move.
    moved: Vec<MovedCursor>,
    /// Those of accounts that are out of use, with their cursors: they go on from there when it is in use again.
    parked: Vec<(Id, Instant)>,
}

/// What of these rows is to be told, and how all their cursors move.
fn look(tx: &mut Tx<'_>, rows: Vec<ReminderRow>, outbox: &mut Outbox<'_>, blocked: &Blocked) -> Result<Looked> {
    let mut tasks = tasks_of(tx, &rows)?;
    outbox.find_users(tx.conn, tx.now, tasks.values().map(|task| task.owner_id))?;
    let ids: Vec<Id> = rows.iter().map(|row| row.id).collect();
    let mut channels: HashMap<Id, Vec<Channel>> = HashMap::new();
    for (reminder, channel) in firing::channels(tx.conn, &ids)? {
        channels.entry(reminder).or_default().push(channel.parse()?);
    }
    let (mut due, mut moved) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    let mut parked = Vec::new();
    for row in rows {
        let Some(mut cursor) = MovedCursor::inactive(&row) else { continue };
        if tasks.get(&row.task_id).is_some_and(|task| outbox.is_disabled(task.owner_id)) {
            parked.push((cursor.id, cursor.seen));
            continue;
        }
        let (task, channels) = (tasks.get_mut(&row.task_id), channels.remove(&row.id).unwrap_or_default());
        let open = task.filter(|task| task.completed_at.is_none());
        let zone = row.timezone.clone();
        match open.map(|task| advance(row, task, channels, tx.now, &mut cursor)).transpose() {
            Ok(fires) => due.extend(fires),
            // It must not keep the others from firing.
            Err(_) if !schedule::zone_is_known(zone.as_deref()) => {
                blocked.add("reminder", cursor.id, zone.as_deref(), tx.now);
                continue;
            }
            Err(error) => tracing::error!(reminder = %cursor.id, %error, "a reminder that cannot be read is given up"),
        }
        moved.push(cursor);
    }
    Ok(Looked { due, moved, parked })
}

fn tasks_of(tx: &mut Tx<'_>, rows: &[ReminderRow]) -> Result<HashMap<Id, FiredTaskRow>> {
    let ids: HashSet<Id> = rows.iter().map(|row| row.task_id).collect();
    let ids: Vec<Id> = ids.into_iter().collect();
    Ok(firing::tasks(tx.conn, &ids)?.into_iter().map(|task| (task.id, task)).collect())
}

impl MovedCursor {
    /// The cursor of a reminder that fires no more; none for one that is not active.
    fn inactive(row: &ReminderRow) -> Option<Self> {
        Some(Self {
            id: row.id,
            seen: row.next_trigger_at?,
            next: None,
            regular: row.regular_at,
            repeat: row.repeat_at,
            acknowledged: row.acknowledged_at,
            triggered: row.last_triggered_at,
        })
    }
}

/// Fires one: the time that it stands for, the latest where several were missed, and how its cursor moves.
fn advance(
    row: ReminderRow,
    task: &FiredTaskRow,
    channels: Vec<Channel>,
    now: Instant,
    cursor: &mut MovedCursor,
) -> Result<Due> {
    let reminder = row.into_reminder(task.number, task.title.clone(), channels)?;
    let task_due = task.due_at.map(|at| (at, task.due_on.map(|day| day.0)));
    let (mut at, mut regular) = (cursor.seen, reminder.regular_at);
    if let Some(first) = reminder.regular_at.filter(|first| *first <= now) {
        at = at.max(schedule::latest_between(&reminder, task_due, first, now)?.unwrap_or(first));
        regular = schedule::regular_after(&reminder, task_due, now)?;
    }
    if let Some(repeat) = reminder.repeat_at.filter(|repeat| *repeat <= now) {
        at = at.max(repeat);
    }
    let repeat = reminder.nag.as_deref().map(|nag| repeat_after(&reminder, nag, now)).transpose()?.flatten();
    *cursor = MovedCursor {
        next: schedule::cursor(regular, repeat),
        regular,
        repeat,
        acknowledged: None,
        triggered: Some(now),
        ..cursor.clone()
    };
    Ok(Due { reminder, task: task.clone(), at })
}

/// When it is told again while nobody acknowledges it; not any more once its time is over.
fn repeat_after(reminder: &Reminder, nag: &str, now: Instant) -> Result<Option<Instant>> {
    let zone = reminder.timezone.as_deref().map_or(Ok(jiff::tz::TimeZone::UTC), time::zone)?;
    let at = Duration::read(nag)?.after(now, &zone)?;
    Ok(Some(at).filter(|at| *at > now && reminder.end_at.is_none_or(|end| *at <= end)))
}

/// Records the occurrences; returns those that were not there before.
fn record(tx: &mut Tx<'_>, due: Vec<Due>) -> Result<Vec<(Id, Due)>> {
    let now = tx.now;
    let row = |due: &Due| OccurrenceRow {
        id: Id::new(now),
        reminder_id: Some(due.reminder.id),
        job_id: None,
        scheduled_for: due.at,
        fired_at: now,
    };
    let rows: Vec<_> = due.iter().map(row).collect();
    let mut told: Vec<_> = rows.iter().map(|row| row.id).zip(due).collect();
    if firing::insert_occurrences(tx.conn, &rows)? < rows.len() {
        let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
        let made: HashSet<Id> = firing::known_occurrences(tx.conn, &ids)?.into_iter().collect();
        told.retain(|(id, _)| made.contains(id));
    }
    Ok(told)
}
