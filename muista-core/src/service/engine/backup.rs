//! Backups and drills by schedule: each is done by one daemon, however many there are. One that fails is a task of the
//! local account, one at a time, and a message; when it succeeds again the task is done.

use jiff::tz::TimeZone;

use super::fire::Capacity;
use super::outbox::{self, Outbox};
use super::{LEASE, daemon};
use crate::config::Timetable;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{BackupDuty, Content, ContentKind, Id, NewTask, Task, Text, Title};
use crate::service::task::assemble;
use crate::service::tx::{Tx, engine_transaction};
use crate::service::{Service, Settings, Topic, backup, task};
use crate::store::rows::{BackupDutyRow, NewNotificationRow};
use crate::store::types::Doc;
use crate::store::{self, Conn, RollbackPolicy, backup_duty};
use crate::time::Instant;

/// What is done by schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupKind {
    /// A backup is made.
    Backup,
    /// The newest one is tried.
    Drill,
}

impl BackupKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Backup, Self::Drill];

    fn as_str(self) -> &'static str {
        match self {
            Self::Backup => "backup",
            Self::Drill => "drill",
        }
    }

    /// The task and the message of a failure.
    fn failure(self) -> &'static str {
        match self {
            Self::Backup => "Backup failed",
            Self::Drill => "Backup drill failed",
        }
    }

    fn timetable(self, settings: &Settings) -> Option<&Timetable> {
        match self {
            Self::Backup => settings.backup.schedule.as_ref(),
            Self::Drill => settings.backup.drill.as_ref(),
        }
    }
}

/// What a daemon has to do of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupTurn {
    /// It is due, and this daemon has taken it: [`perform_backup`] does it.
    Now,
    /// Nothing before then; none: nothing at all.
    Later(Option<Instant>),
}

/// Finds out whether something is due, and takes it.
///
/// # Errors
/// When the database does not answer.
pub async fn claim_backup(service: &Service, kind: BackupKind) -> Result<BackupTurn> {
    let settings = service.settings();
    let Some(timetable) = kind.timetable(&settings) else { return Ok(BackupTurn::Later(None)) };
    let (now, words, zone) = (service.now(), timetable.words().to_owned(), settings.backup.zone());
    let Some(next_at) = timetable.next(now, &zone) else { return Ok(BackupTurn::Later(None)) };
    let found = service.store.read_for_engine(move |conn| backup_duty::find(conn, kind.as_str())).await?;
    match found {
        Some(row) if row.schedule == words && row.next_at > now => return Ok(BackupTurn::Later(Some(row.next_at))),
        Some(row) if row.schedule == words => {}
        other => {
            // A schedule that is new, or another than it was, counts from now.
            let set = move |tx: &mut Tx<'_>| set_schedule(tx.conn, kind, other.clone(), words.clone(), next_at);
            engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), set).await?;
            return Ok(BackupTurn::Later(Some(next_at)));
        }
    }
    let claim = move |tx: &mut Tx<'_>| {
        let lease_now = tx.lease_now()?;
        backup_duty::claim(tx.conn, kind.as_str(), tx.now, lease_now, lease_now.plus(LEASE))
    };
    match engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), claim).await? {
        0 => Ok(BackupTurn::Later(Some(now.plus(LEASE)))),
        _ => Ok(BackupTurn::Now),
    }
}

fn set_schedule(
    conn: &mut Conn,
    kind: BackupKind,
    row: Option<BackupDutyRow>,
    schedule: String,
    next_at: Instant,
) -> Result<()> {
    match row {
        Some(row) => backup_duty::update(conn, &BackupDutyRow { schedule, next_at, ..row })?,
        None => backup_duty::insert(
            conn,
            &BackupDutyRow {
                kind: kind.as_str().to_owned(),
                schedule,
                next_at,
                lease_until: None,
                succeeded_at: None,
                failed_at: None,
                error_message: None,
                task_id: None,
            },
        )?,
    };
    Ok(())
}

/// Holds what this daemon has taken for longer.
///
/// # Errors
/// When the database does not answer.
pub async fn renew_backup(service: &Service, kind: BackupKind) -> Result<()> {
    let renew = move |tx: &mut Tx<'_>| {
        let until = tx.lease_now()?.plus(LEASE);
        backup_duty::renew(tx.conn, kind.as_str(), until)
    };
    engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), renew).await.map(drop)
}

/// How what was taken ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Performed {
    /// It is done.
    Done,
    /// It failed, of which a task tells.
    Failed(Error),
    /// The daemon stops, and has given it up. It is due as before.
    GivenUp,
}

/// Does what was taken, and writes down how it ended.
///
/// # Errors
/// When the database does not answer; what was taken is taken again once its lease is over.
pub async fn perform_backup(service: &Service, kind: BackupKind) -> Result<Performed> {
    let failed = match kind {
        BackupKind::Backup => backup::by_schedule(service).await.err(),
        BackupKind::Drill => backup::drill_by_schedule(service).await.err(),
    };
    if failed.is_some() && service.store.halt().is_ordered() {
        return let_go(service, kind).await.map(|()| Performed::GivenUp);
    }
    let settings = service.settings();
    let next_at =
        kind.timetable(&settings).and_then(|timetable| timetable.next(service.now(), &settings.backup.zone()));
    let failure = failed.clone();
    let settle = move |tx: &mut Tx<'_>| {
        let Some(row) = backup_duty::find(tx.conn, kind.as_str())? else { return Ok(()) };
        let row = BackupDutyRow { lease_until: None, next_at: next_at.unwrap_or(Instant::MAX), ..row };
        let row = match &failure {
            None => succeeded(tx, row)?,
            Some(error) => failed_again(tx, &settings, kind, row, error)?,
        };
        backup_duty::update(tx.conn, &row).map(drop)
    };
    engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), settle).await?;
    Ok(failed.map_or(Performed::Done, Performed::Failed))
}

/// Lets any daemon take at once what this one has taken.
async fn let_go(service: &Service, kind: BackupKind) -> Result<()> {
    let release = move |tx: &mut Tx<'_>| {
        let now = tx.lease_now()?;
        backup_duty::renew(tx.conn, kind.as_str(), now)
    };
    engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), release).await.map(drop)
}

/// Ends the task that told of a failure.
fn succeeded(tx: &mut Tx<'_>, row: BackupDutyRow) -> Result<BackupDutyRow> {
    if let Some(before) = open_task(tx, row.task_id)? {
        let done = Task { completed: true, completed_at: Some(tx.now), ..before.clone() };
        task::save(tx, &before, done)?;
    }
    Ok(BackupDutyRow { succeeded_at: Some(tx.now), failed_at: None, error_message: None, task_id: None, ..row })
}

/// Leaves a task where none is open, and a message where it succeeded before.
fn failed_again(
    tx: &mut Tx<'_>,
    settings: &Settings,
    kind: BackupKind,
    row: BackupDutyRow,
    error: &Error,
) -> Result<BackupDutyRow> {
    let why = outbox::why(error);
    if row.failed_at.is_none() {
        tell(tx, settings, kind, &why)?;
    }
    let task_id = match open_task(tx, row.task_id)? {
        Some(open) => open.id,
        None => {
            let mut new = NewTask::titled(Title::parse(kind.failure())?);
            new.description = Text::parse("description", &why)?;
            task::insert(tx, settings, new)?.id
        }
    };
    Ok(BackupDutyRow { failed_at: Some(tx.now), error_message: Some(why), task_id: Some(task_id), ..row })
}

fn open_task(tx: &mut Tx<'_>, id: Option<Id>) -> Result<Option<Task>> {
    let Some(id) = id else { return Ok(None) };
    store::task::lock(tx.conn, &[id])?;
    Ok(assemble::all_by_ids(tx.conn, &[id])?.into_iter().find(|task| !task.completed))
}

/// Puts a message of the local account into the outbox, one for each of the usual channels.
fn tell(tx: &mut Tx<'_>, settings: &Settings, kind: BackupKind, why: &str) -> Result<()> {
    let content = Content {
        kind: ContentKind::BackupFailed,
        title: kind.failure().to_owned(),
        task_id: None,
        task_number: None,
        due: None,
        note: Some(why.to_owned()),
        scheduled_for: None,
        late_seconds: None,
    };
    let payload = Doc::of(&content)?;
    let (mut outbox, now) = (Outbox::new(settings, Capacity::new()), tx.now);
    let row = |channel: &crate::model::Channel| {
        let standing = outbox.standing(now, Id::LOCAL_USER, *channel);
        NewNotificationRow {
            id: Id::new(now),
            user_id: Id::LOCAL_USER,
            occurrence_id: None,
            reminder_id: None,
            job_id: None,
            channel: channel.as_str(),
            status: standing.status.as_str(),
            payload: Some(payload.clone()),
            error_message: standing.why,
            next_attempt_at: standing.next,
            recipient: standing.recipient,
            created_at: now,
            run_id: None,
        }
    };
    let rows: Vec<_> = settings.channels.iter().map(row).collect();
    store::notification::insert(tx.conn, &rows)?;
    tx.publish(Topic::Deliveries);
    Ok(())
}

/// Returns how what is done by schedule stands; nothing of what no schedule asks for any more.
///
/// # Errors
/// When the database does not answer.
pub(crate) fn backup_duties(settings: &Settings, conn: &mut Conn, now: Instant) -> Result<Vec<BackupDuty>> {
    let zone = settings.backup.zone();
    let rows = backup_duty::list(conn)?;
    let of = |kind: BackupKind| {
        let timetable = kind.timetable(settings)?;
        let row = rows.iter().find(|row| row.kind == kind.as_str() && row.schedule == timetable.words())?;
        Some(BackupDuty {
            kind: row.kind.clone(),
            schedule: row.schedule.clone(),
            next_at: row.next_at,
            succeeded_at: row.succeeded_at,
            failed_at: row.failed_at,
            error: row.error_message.clone(),
            overdue: row.succeeded_at.is_some_and(|last| is_overdue(timetable, &zone, last, now)),
        })
    };
    Ok(BackupKind::ALL.into_iter().filter_map(of).collect())
}

/// Whether two of its times have passed since it last succeeded.
fn is_overdue(timetable: &Timetable, zone: &TimeZone, last: Instant, now: Instant) -> bool {
    let second = timetable.next(last, zone).and_then(|first| timetable.next(first, zone));
    second.is_some_and(|second| second < now)
}

/// Makes an error of what a drill found.
pub(in crate::service) fn of_faults(file: &str, faults: &[String]) -> Option<Error> {
    let first = faults.first()?;
    let mut error = Error::internal(format!("{file} cannot be relied on: {first}"));
    error.kind = ErrorKind::Internal;
    Some(error.hint("make a new one with `muista backup`, and look at the disk"))
}
