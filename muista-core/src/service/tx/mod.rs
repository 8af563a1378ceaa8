//! [`Tx`]: one change in the making. It holds who changes what and when, and gathers the audit entries, which are
//! written with the change in its transaction.

pub(crate) mod epoch;
pub(crate) mod event_bus;
pub(crate) mod idempotency;

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::access::quota;
use super::audit::audited::{Audited, RecordScope};
use super::reminder::{self, Moved};
use super::{Caller, Service, Settings, Topic};
use crate::clock::LeaseClock;
use crate::error::{Error, Result};
use crate::model::{Action, Entity, Id, Origin, Role, Task, User, Weight, WithNotices};
use crate::store::rows::{EntryColumns, NewAuditRow};
use crate::store::{self, Conn, Party, RollbackPolicy, audit, signal};
use crate::time::Instant;

/// How many entries are gathered before they are written, and how many bytes of them.
const FLUSH: usize = 500;
const FLUSH_BYTES: usize = 1 << 20;

/// One change in the making.
pub(crate) struct Tx<'a> {
    pub(crate) conn: &'a mut Conn,
    /// Who makes it.
    pub(crate) caller: Caller,
    /// When.
    pub(crate) now: Instant,
    /// What groups its entries.
    pub(crate) change: Id,
    entries: Vec<NewAuditRow>,
    /// How many bytes the entries hold.
    gathered: usize,
    notices: Vec<String>,
    topics: Vec<Topic>,
    moved: Vec<Moved>,
    leases: LeaseClock,
    /// What accounts take more than before.
    usage: Vec<(Id, Weight)>,
    /// What the service goes by, as it was when this began.
    pub(crate) settings: Arc<Settings>,
    /// Where the task is that was noted or asked for last: what hangs on it is noted next.
    scope: Option<(Id, RecordScope)>,
}

/// What the caller is told beside the result of a change. It is kept with the answer of a request that may be repeated.
#[derive(Debug, Serialize, serde::Deserialize)]
#[serde(from = "KeptTold")]
pub(crate) struct Told {
    /// Sentences that the caller should be told.
    pub(crate) notices: Vec<String>,
    /// The change that it was.
    pub(crate) change_id: Option<Id>,
}

/// How it was kept: before it had the change it was the sentences alone.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum KeptTold {
    Sentences(Vec<String>),
    All { notices: Vec<String>, change_id: Option<Id> },
}

impl From<KeptTold> for Told {
    fn from(kept: KeptTold) -> Self {
        match kept {
            KeptTold::Sentences(notices) => Self { notices, change_id: None },
            KeptTold::All { notices, change_id } => Self { notices, change_id },
        }
    }
}

impl Told {
    /// The answer with this value.
    pub(crate) fn answer<T>(self, value: T) -> WithNotices<T> {
        WithNotices { value, notices: self.notices, change_id: self.change_id }
    }
}

impl<'a> Tx<'a> {
    fn new(conn: &'a mut Conn, caller: Caller, now: Instant, leases: LeaseClock, settings: Arc<Settings>) -> Self {
        let change = Id::new(now);
        let (entries, notices, topics, moved) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let usage = Vec::new();
        let (gathered, scope) = (0, None);
        Self { conn, caller, now, change, entries, gathered, notices, topics, moved, leases, usage, settings, scope }
    }

    /// Returns the time that leases are judged by: nobody sets it, and all daemons on the database share it.
    pub(crate) fn lease_now(&mut self) -> Result<Instant> {
        Ok(self.leases.now(store::clock::now(self.conn)?))
    }

    /// Notes that `after` was made.
    pub(crate) fn created<T: Audited>(&mut self, after: &T) -> Result<()> {
        self.record_audit::<T>(Action::Create, None, Some(after), None)
    }

    /// Notes that `before` became `after`.
    pub(crate) fn updated<T: Audited>(&mut self, before: &T, after: &T) -> Result<()> {
        self.record_audit(Action::Update, Some(before), Some(after), None)
    }

    /// Notes that `before` was deleted.
    pub(crate) fn deleted<T: Audited>(&mut self, before: &T) -> Result<()> {
        self.record_audit(Action::Delete, Some(before), None, None)
    }

    /// Notes a changed record; `undoes` is the change it reverts.
    pub(crate) fn record_audit<T: Audited>(
        &mut self,
        action: Action,
        before: Option<&T>,
        after: Option<&T>,
        undoes: Option<Id>,
    ) -> Result<()> {
        let Some(subject) = after.or(before) else { return Ok(()) };
        let (record, scope) = (subject.record(), subject.scope(self)?);
        let was = before.map(|before| before.scope(self)).transpose()?;
        if T::ENTITY == Entity::Task {
            self.scope = Some((record, scope));
        }
        let more = [after.map(Audited::weight), before.map(|before| before.weight().negated())];
        self.takes(subject.payer().unwrap_or(scope.owner), more.into_iter().flatten());
        self.publish(Topic::Changes);
        let columns =
            EntryColumns { entity: T::ENTITY, record, owner: Some(scope.owner), project: scope.project, at: self.now };
        let document = |record: Option<&T>| record.map(|record| columns.write(record)).transpose();
        let (before, after) = (document(before)?, document(after)?);
        self.gathered += [&before, &after].into_iter().flatten().map(|doc| doc.0.len()).sum::<usize>();
        self.entries.push(NewAuditRow {
            id: Id::new(self.now),
            change_id: self.change,
            entity: T::ENTITY.as_str(),
            record_id: record,
            user_id: Some(self.caller.user),
            actor: self.caller.actor.clone(),
            origin: self.caller.origin.as_str(),
            action: action.as_str(),
            before,
            after,
            undoes,
            created_at: self.now,
            owner_id: Some(scope.owner),
            project_id: scope.project,
            left_project_id: was.and_then(|was| was.project).filter(|left| scope.project != Some(*left)),
        });
        if self.entries.len() >= FLUSH || self.gathered >= FLUSH_BYTES { self.flush() } else { Ok(()) }
    }

    /// Notes what an account takes more than before; that of `local` is not counted.
    fn takes(&mut self, user: Id, more: impl Iterator<Item = Weight>) {
        if user == Id::LOCAL_USER {
            return;
        }
        let more = more.fold(Weight::default(), Weight::plus);
        match self.usage.iter_mut().find(|(known, _)| *known == user) {
            Some((_, all)) => *all = all.plus(more),
            None => self.usage.push((user, more)),
        }
    }

    /// What accounts take more than before, as it was noted so far.
    pub(crate) fn take_usage(&mut self) -> Vec<(Id, Weight)> {
        std::mem::take(&mut self.usage)
    }

    /// Who may see a task, and what hangs on it.
    ///
    /// # Errors
    /// When there is no such task.
    pub(crate) fn scope_of(&mut self, task: Id) -> Result<RecordScope> {
        if let Some((known, scope)) = self.scope
            && known == task
        {
            return Ok(scope);
        }
        let found = store::task::places(self.conn, &[task])?.pop();
        let (_, owner, project) = found.ok_or_else(|| Error::internal(format!("task {task} is gone")))?;
        let scope = RecordScope { owner, project };
        self.scope = Some((task, scope));
        Ok(scope)
    }

    /// Writes the entries noted so far; those of a large change are not all held in memory.
    fn flush(&mut self) -> Result<()> {
        audit::insert(self.conn, &self.entries)?;
        self.entries.clear();
        self.gathered = 0;
        Ok(())
    }

    /// Has the reminders of a changed task rescheduled at the end of this, where they depend on what changed.
    pub(crate) fn mark_for_reschedule(&mut self, before: &Task, after: &Task) {
        self.moved.extend(Moved::of(before, after));
    }

    /// Reschedules them now: of a large change not all are held in memory.
    pub(crate) fn reschedule_marked(&mut self) -> Result<()> {
        let moved = std::mem::take(&mut self.moved);
        reminder::reschedule(self, &moved)
    }

    /// Adds a sentence that the caller should be told.
    pub(crate) fn notice(&mut self, sentence: String) {
        self.notices.push(sentence);
    }

    /// Has those who wait for `work` told, once this is committed.
    pub(crate) fn publish(&mut self, topic: Topic) {
        if !self.topics.contains(&topic) {
            self.topics.push(topic);
        }
    }

    /// Has the rest recorded as done by an account that has proven who it is only now.
    pub(crate) fn on_behalf_of(&mut self, user: &User) {
        self.caller.user = user.id;
        self.caller.actor.clone_from(&user.username);
    }

    /// The caller's account, which owns what it makes.
    pub(crate) fn owner(&self) -> Id {
        self.caller.user
    }
}

/// Makes one change: runs `work` and writes what it noted, in one transaction. Returns its result and its notices. A
/// request that was done before is not done again.
pub(crate) async fn transaction<T: Serialize + DeserializeOwned + Send + 'static>(
    service: &Service,
    caller: &Caller,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
) -> Result<(T, Told)> {
    idempotent_transaction(RollbackPolicy::Savepoint, service, caller, work).await
}

/// The same for work that may change thousands of records one by one.
pub(crate) async fn bulk_transaction<T: Serialize + DeserializeOwned + Send + 'static>(
    service: &Service,
    caller: &Caller,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
) -> Result<(T, Told)> {
    idempotent_transaction(RollbackPolicy::OwnTransaction, service, caller, work).await
}

/// The same for work that checks everything before it writes anything, which lets it share a commit at less cost. What an
/// agent makes is counted first, and what an account takes last, so these have written when they fail.
pub(crate) async fn checked_transaction<T: Serialize + DeserializeOwned + Send + 'static>(
    service: &Service,
    caller: &Caller,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
) -> Result<(T, Told)> {
    let counted = caller.role == Role::Agent || caller.user != Id::LOCAL_USER;
    let rollback = if counted { RollbackPolicy::Savepoint } else { RollbackPolicy::ChecksFirst };
    idempotent_transaction(rollback, service, caller, work).await
}

async fn idempotent_transaction<T: Serialize + DeserializeOwned + Send + 'static>(
    rollback: RollbackPolicy,
    service: &Service,
    caller: &Caller,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
) -> Result<(T, Told)> {
    let work = |tx: &mut Tx<'_>| idempotency::once(tx, |tx| complete(tx, work));
    in_transaction(rollback, service, caller, work).await
}

/// The same for work that nobody asks for twice: the engine's own.
pub(crate) async fn engine_transaction<T: Send + 'static>(
    rollback: RollbackPolicy,
    service: &Service,
    caller: &Caller,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
) -> Result<T> {
    let work = |tx: &mut Tx<'_>| complete(tx, work);
    Ok(in_transaction(rollback, service, caller, work).await?.0)
}

/// Runs `work` and what follows from it.
fn complete<T>(tx: &mut Tx<'_>, work: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<(T, Told)> {
    let result = work(tx)?;
    tx.reschedule_marked()?;
    quota::settle(tx)?;
    Ok((result, Told { notices: std::mem::take(&mut tx.notices), change_id: Some(tx.change) }))
}

async fn in_transaction<T: Send + 'static>(
    rollback: RollbackPolicy,
    service: &Service,
    caller: &Caller,
    work: impl FnOnce(&mut Tx<'_>) -> Result<T> + Clone + Send + 'static,
) -> Result<T> {
    // What the daemon does by itself waits for nobody.
    let party = if caller.origin == Origin::Daemon { Party::Engine } else { store::party() };
    let (caller, now, leases) = (caller.clone(), service.now(), service.leases.clone());
    let (settings, epoch) = (service.settings(), Arc::clone(&service.epoch));
    let work = move |conn: &mut Conn| {
        epoch.check(conn, caller.epoch)?;
        let mut tx = Tx::new(conn, caller, now, leases, settings);
        let result = work(&mut tx)?;
        tx.flush()?;
        let payload: Vec<_> = tx.topics.iter().filter_map(|topic| topic.payload()).collect();
        if !payload.is_empty() {
            signal::notify(tx.conn, &payload.join(","))?;
        }
        Ok((result, tx.topics))
    };
    let (result, topics) = service.store.write(rollback, party, work).await?;
    topics.into_iter().for_each(|topic| service.bus.publish(topic));
    Ok(result)
}
