//! The use cases of runs: asking for one, stopping one, listing them and reading what they wrote. How many may wait is
//! `admission`'s, what they wait for `waiting`'s; carrying them out is the engine's.

pub(crate) mod admission;
mod waiting;

use std::collections::BTreeMap;

use admission::Admission;

use super::audit::audited::{Audited, RecordScope};
use super::tx::{Tx, transaction};
use super::{Caller, Service, Topic, job, page};
use crate::error::{Error, Result};
use crate::model::{
    Entity, Id, Job, JobName, Overlap, Role, Run, RunLogPage, RunPage, RunQuery, RunRef, RunStatus, Scope, TaskRef,
    TriggeredBy, cursor,
};
use crate::script;
use crate::store::rows::{NewRunRow, RunJobRow, RunLogRow, RunRow};
use crate::store::types::Doc;
use crate::store::{self, Conn};
use crate::time::Instant;

/// The most pieces of output in one page, and the bytes from which on a page takes no further piece.
const LOG_PIECES: i64 = 64;
const LOG_BYTES: usize = 512 << 10;

/// Asks for a run of a job, now. `params` hold over those of the job.
pub async fn request(
    service: &Service,
    caller: &Caller,
    name: JobName,
    params: BTreeMap<String, String>,
) -> Result<Run> {
    ask(service, caller, params, move |tx| job::lock(tx, &name)).await
}

/// The same of the one job that belongs to a task.
///
/// # Errors
/// `NotFound` where the task has no job of the caller's, `Conflict` where it has several.
pub async fn request_of_task(
    service: &Service,
    caller: &Caller,
    task: TaskRef,
    params: BTreeMap<String, String>,
) -> Result<Run> {
    ask(service, caller, params, move |tx| job::lock_of_task(tx, &task)).await
}

async fn ask(
    service: &Service,
    caller: &Caller,
    params: BTreeMap<String, String>,
    find: impl FnOnce(&mut Tx<'_>) -> Result<Job> + Clone + Send + 'static,
) -> Result<Run> {
    caller.require(Scope::JobsRun)?;
    let settings = service.settings();
    let work = move |tx: &mut Tx<'_>| {
        let job = find(tx)?;
        let params = job::run_params(&tx.caller, &settings, &job, params)?;
        make_room(tx, &job)?;
        Admission::new(settings.limits.waiting_runs).require(tx.conn, job.owner_id)?;
        let row = NewRunRow {
            id: Id::new(tx.now),
            job_id: job.id,
            occurrence_id: None,
            requested_by: Some(tx.owner()),
            triggered_by: TriggeredBy::Manual.as_str().to_owned(),
            args: Doc::of(&job.args)?,
            params: Doc::of(&params)?,
            status: RunStatus::Pending.as_str().to_owned(),
            attempt: 1,
            available_at: Some(tx.now),
            scheduled_for: None,
            finished_at: None,
            error_message: None,
            created_at: tx.now,
            retry_of: None,
            by_agent: tx.caller.role == Role::Agent,
        };
        store::run::insert(tx.conn, &row)?;
        tx.publish(Topic::Runs);
        let (run, now) = (by_id(tx.conn, Some(job.owner_id), row.id)?, tx.now);
        explained(tx.conn, &settings.slots, now, run)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Does with the job's other runs what its overlap says. A retry that waits gives way: the new run tries the same.
fn make_room(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let now = tx.now;
    for run in store::run::unfinished(tx.conn, job.id)? {
        let waits = run.available_at.is_some();
        if waits && run.triggered_by == TriggeredBy::Retry.as_str() {
            store::run::cancel_waiting(tx.conn, run.id, now, "superseded by a run that was asked for")?;
            continue;
        }
        match job.overlap {
            Overlap::Forbid => return Err(in_the_way(job, &run)),
            Overlap::Queue | Overlap::Allow => {}
            Overlap::Replace if waits => {
                store::run::cancel_waiting(tx.conn, run.id, now, "replaced by a run that was asked for")?;
            }
            Overlap::Replace => {
                store::run::request_cancel(tx.conn, run.id, now, Some("replaced by a run that was asked for"))?;
            }
        }
    }
    Ok(())
}

fn in_the_way(job: &Job, run: &RunRow) -> Error {
    let name = &job.name;
    let state = if run.available_at.is_some() { "waits for its turn already" } else { "runs already" };
    Error::conflict(format!("the job {name} {state}, and its runs may not overlap")).hint(format!(
        "stop it with `muista job cancel {name}`, or let runs wait with `muista job edit {name} --overlap queue`"
    ))
}

impl Audited for Run {
    const ENTITY: Entity = Entity::Run;

    fn record(&self) -> Id {
        self.id
    }

    fn scope(&self, tx: &mut Tx<'_>) -> Result<RecordScope> {
        let job = store::job::lock_id(tx.conn, self.job_id)?.ok_or_else(|| missing(self.id))?;
        Ok(RecordScope { owner: job.owner_id, project: None })
    }
}

/// Stops a run: one that waits is taken back at once, one that runs is asked to end. An admin may stop anybody's, which
/// is recorded as theirs.
pub async fn cancel(service: &Service, caller: &Caller, run: RunRef) -> Result<Run> {
    caller.require(Scope::JobsRun)?;
    let work = move |tx: &mut Tx<'_>| {
        let now = tx.now;
        let found = resolve(tx.conn, &tx.caller, &run)?;
        // Under the job's lock the run cannot begin or end meanwhile.
        let job = store::job::lock_id(tx.conn, found.job_id)?.ok_or_else(|| missing(found.id))?;
        let others = job.owner_id != tx.owner();
        let by = if others { format!(" by {}", tx.caller.actor) } else { String::new() };
        let before = by_id(tx.conn, None, found.id)?;
        let why = format!("taken back{by} before it began");
        let waiting = store::run::cancel_waiting(tx.conn, found.id, now, &why)?;
        if waiting == 0 {
            let why = others.then(|| format!("stopped{by}"));
            store::run::request_cancel(tx.conn, found.id, now, why.as_deref())?;
        }
        let run = by_id(tx.conn, None, found.id)?;
        if waiting == 0 && run.is_over() {
            return Err(Error::conflict(format!(
                "the run {} of {} has ended: {}",
                run.id,
                run.job_name,
                run.status.as_str()
            ))
            .hint("`muista job runs` shows which have not"));
        }
        if others {
            tx.updated(&before, &run)?;
        }
        tx.publish(Topic::Runs);
        Ok(run)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// One page of the runs, the newest first; of every account where an admin asks for all.
///
/// # Errors
/// `Forbidden` for all runs to who is no admin.
pub async fn list(service: &Service, caller: &Caller, query: RunQuery) -> Result<RunPage> {
    caller.require(Scope::JobsRead)?;
    if query.all {
        caller.require_admin("sees the runs of every account")?;
    }
    let role = caller.role;
    let (caller, now, slots) = (caller.clone(), service.now(), service.settings().slots);
    let begin = query.cursor.as_deref().map(cursor::read::<(Instant, Id)>).transpose()?;
    let work = move |conn: &mut Conn| {
        let status = query.status.map(RunStatus::as_str);
        let job = query.job.as_ref().map(|name| job::find(conn, &caller, name)).transpose()?;
        let owner = Some(caller.user).filter(|_| !query.all);
        let read = |last: Option<&Run>, most: i64| {
            let before = last.map(|run| (run.created_at, run.id)).or(begin);
            let rows = match &job {
                Some(job) => store::run::of_job(conn, job.id, status, before, most)?,
                None => store::run::list(conn, owner, status, before.map(|(_, id)| id), most)?,
            };
            let shown = |(row, job): (RunRow, RunJobRow)| {
                let owner = query.all.then(|| job.owner.clone());
                Ok(Run { owner, ..row.into_run(job)? })
            };
            rows.into_iter().map(shown).collect()
        };
        let (mut items, more) =
            page::gather(page::limit(query.limit), read, |run| run.args.iter().map(String::len).sum())?;
        waiting::explain(conn, &slots, now, &mut items)?;
        Ok((items, more))
    };
    let (items, more) = service.store.read(work).await?;
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|run| cursor::write(&(run.created_at, run.id))).transpose()?;
    let items = items.into_iter().map(|run| as_told(role, run)).collect();
    Ok(RunPage { items, next_cursor })
}

/// A run.
pub async fn get(service: &Service, caller: &Caller, run: RunRef) -> Result<Run> {
    caller.require(Scope::JobsRead)?;
    let (caller, now, slots) = (caller.clone(), service.now(), service.settings().slots);
    let role = caller.role;
    let work = move |conn: &mut Conn| {
        let run = resolve(conn, &caller, &run)?;
        explained(conn, &slots, now, run)
    };
    Ok(as_told(role, service.store.read(work).await?))
}

/// A run as it is told: why it failed without the folders of this machine, which concern admins alone.
pub(crate) fn as_told(role: Role, run: Run) -> Run {
    let why = match role {
        Role::Admin => run.error_message,
        _ => run.error_message.as_deref().map(script::without_folders),
    };
    Run { error_message: why, ..run }
}

/// What a run wrote behind the place `after`, as much as a page holds. The last of a job is the one that runs, else the
/// newest that wrote something: an attempt that waits has nothing to show.
pub async fn log(service: &Service, caller: &Caller, run: RunRef, after: i32) -> Result<RunLogPage> {
    caller.require(Scope::JobsRead)?;
    let (caller, now, slots) = (caller.clone(), service.now(), service.settings().slots);
    let role = caller.role;
    let work = move |conn: &mut Conn| {
        // The run is read first: what a run that is over wrote is all there then.
        let run = resolve_log(conn, &caller, &run)?;
        let run = explained(conn, &slots, now, run)?;
        let rows = store::run::log(conn, run.id, after, LOG_PIECES + 1)?;
        let found = rows.len();
        let kept = fitting(&rows);
        let items = rows.into_iter().take(kept).map(|row| row.into_chunk()).collect::<Result<Vec<_>>>()?;
        Ok(RunLogPage { run: as_told(role, run), items, more: found > kept })
    };
    service.store.read(work).await
}

fn explained(conn: &mut Conn, slots: &crate::config::RunSlots, now: Instant, mut run: Run) -> Result<Run> {
    waiting::explain(conn, slots, now, std::slice::from_mut(&mut run))?;
    Ok(run)
}

/// Adds to a job's runs what they wait for.
pub(crate) fn explain(conn: &mut Conn, slots: &crate::config::RunSlots, now: Instant, runs: &mut [Run]) -> Result<()> {
    waiting::explain(conn, slots, now, runs)
}

/// How many pieces a page takes: one at least.
fn fitting(rows: &[RunLogRow]) -> usize {
    let mut bytes = 0;
    let within = |row: &&RunLogRow| {
        bytes += row.data.len();
        bytes <= LOG_BYTES
    };
    let pieces = usize::try_from(LOG_PIECES).unwrap_or(usize::MAX);
    rows.iter().take(pieces).take_while(within).count().max(1).min(rows.len())
}

/// The caller's run that is meant; an admin may mean anybody's.
fn resolve(conn: &mut Conn, caller: &Caller, run: &RunRef) -> Result<Run> {
    match run {
        RunRef::Id(id) => by_id(conn, owner_of(caller), *id),
        RunRef::LastOf(name) => {
            let job = job::find(conn, caller, name)?;
            last_of(conn, &job)
        }
    }
}

fn resolve_log(conn: &mut Conn, caller: &Caller, run: &RunRef) -> Result<Run> {
    let RunRef::LastOf(name) = run else { return resolve(conn, caller, run) };
    let job = job::find(conn, caller, name)?;
    match store::run::last_with_output(conn, job.id)? {
        Some(id) => by_id(conn, None, id),
        None => last_of(conn, &job),
    }
}

fn last_of(conn: &mut Conn, job: &Job) -> Result<Run> {
    let last = store::run::last_of(conn, job.id)?;
    let (row, job) = last.ok_or_else(|| {
        Error::not_found(format!("run of the job {}", job.name))
            .hint(format!("`muista job run {}` makes one", job.name))
    })?;
    row.into_run(job)
}

/// Whose runs a caller may see and stop: those of its account, an admin everybody's.
pub(crate) fn owner_of(caller: &Caller) -> Option<Id> {
    Some(caller.user).filter(|_| caller.role != Role::Admin)
}

fn by_id(conn: &mut Conn, owner: Option<Id>, id: Id) -> Result<Run> {
    let (row, job) = store::run::by_id(conn, owner, id)?.ok_or_else(|| missing(id))?;
    row.into_run(job)
}

fn missing(id: Id) -> Error {
    Error::not_found(format!("run {id}")).hint("`muista job runs` shows what there is")
}
