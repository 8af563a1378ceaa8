//! The use cases of runs: asking for one, stopping one, listing them and reading what they wrote. Carrying them out is
//! the engine's.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::write::{Tx, change};
use super::{Caller, Service, Work, job, page};
use crate::error::{Error, Result};
use crate::model::{
    Id, Job, JobName, Overlap, Run, RunLogPage, RunPage, RunQuery, RunRef, RunStatus, Scope, TaskRef, TriggeredBy,
    cursor,
};
use crate::store::rows::{NewRunRow, RunLogRow, RunRow};
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
    let settings = Arc::clone(&service.settings);
    let work = move |tx: &mut Tx<'_>| {
        let job = find(tx)?;
        let params = job::run_params(&settings, &job, params)?;
        make_room(tx, &job)?;
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
        };
        store::run::insert(tx.conn, &row)?;
        tx.wake(Work::Runs);
        by_id(tx.conn, job.owner_id, row.id)
    };
    Ok(change(service, caller, work).await?.0)
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
                store::run::request_cancel(tx.conn, run.id, now)?;
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

/// Stops a run: one that waits is taken back at once, one that runs is asked to end.
pub async fn cancel(service: &Service, caller: &Caller, run: RunRef) -> Result<Run> {
    caller.require(Scope::JobsRun)?;
    let work = move |tx: &mut Tx<'_>| {
        let (owner, now) = (tx.owner(), tx.now);
        let found = resolve(tx.conn, owner, &run)?;
        // Under the job's lock the run cannot begin or end meanwhile.
        store::job::lock_id(tx.conn, found.job_id)?;
        let waiting = store::run::cancel_waiting(tx.conn, found.id, now, "taken back before it began")?;
        if waiting == 0 {
            store::run::request_cancel(tx.conn, found.id, now)?;
        }
        let run = by_id(tx.conn, owner, found.id)?;
        if waiting == 0 && run.is_over() {
            return Err(Error::conflict(format!(
                "the run {} of {} has ended: {}",
                run.id,
                run.job_name,
                run.status.as_str()
            ))
            .hint("`muista job runs` shows which have not"));
        }
        tx.wake(Work::Runs);
        Ok(run)
    };
    Ok(change(service, caller, work).await?.0)
}

/// One page of the runs, the newest first.
pub async fn list(service: &Service, caller: &Caller, query: RunQuery) -> Result<RunPage> {
    caller.require(Scope::JobsRead)?;
    let owner = caller.user;
    let begin = query.cursor.as_deref().map(cursor::read::<(Instant, Id)>).transpose()?;
    let work = move |conn: &mut Conn| {
        let status = query.status.map(RunStatus::as_str);
        let job = query.job.as_ref().map(|name| job::find(conn, owner, name)).transpose()?;
        let read = |last: Option<&Run>, most: i64| {
            let before = last.map(|run| (run.created_at, run.id)).or(begin);
            let rows = match &job {
                Some(job) => store::run::of_job(conn, job.id, status, before, most)?,
                None => store::run::list(conn, owner, status, before.map(|(_, id)| id), most)?,
            };
            rows.into_iter().map(|(row, name)| row.into_run(name)).collect()
        };
        page::gather(page::limit(query.limit), read, |run| run.args.iter().map(String::len).sum())
    };
    let (items, more) = service.store.read(work).await?;
    let last = items.last().filter(|_| more);
    let next_cursor = last.map(|run| cursor::write(&(run.created_at, run.id))).transpose()?;
    Ok(RunPage { items, next_cursor })
}

/// A run.
pub async fn get(service: &Service, caller: &Caller, run: RunRef) -> Result<Run> {
    caller.require(Scope::JobsRead)?;
    let owner = caller.user;
    service.store.read(move |conn| resolve(conn, owner, &run)).await
}

/// What a run wrote behind the place `after`, as much as a page holds.
pub async fn log(service: &Service, caller: &Caller, run: RunRef, after: i32) -> Result<RunLogPage> {
    caller.require(Scope::JobsRead)?;
    let owner = caller.user;
    let work = move |conn: &mut Conn| {
        // The run is read first: what a run that is over wrote is all there then.
        let run = resolve(conn, owner, &run)?;
        let rows = store::run::log(conn, run.id, after, LOG_PIECES + 1)?;
        let found = rows.len();
        let kept = fitting(&rows);
        let items = rows.into_iter().take(kept).map(|row| row.into_chunk()).collect::<Result<Vec<_>>>()?;
        Ok(RunLogPage { run, items, more: found > kept })
    };
    service.store.read(work).await
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

/// The owner's run that is meant.
fn resolve(conn: &mut Conn, owner: Id, run: &RunRef) -> Result<Run> {
    match run {
        RunRef::Id(id) => by_id(conn, owner, *id),
        RunRef::LastOf(name) => {
            let job = job::find(conn, owner, name)?;
            let last = store::run::last_of(conn, job.id)?;
            let (row, name) = last.ok_or_else(|| {
                Error::not_found(format!("run of the job {}", job.name))
                    .hint(format!("`muista job run {}` makes one", job.name))
            })?;
            row.into_run(name)
        }
    }
}

fn by_id(conn: &mut Conn, owner: Id, id: Id) -> Result<Run> {
    let found = store::run::by_id(conn, owner, id)?;
    let (row, name) =
        found.ok_or_else(|| Error::not_found(format!("run {id}")).hint("`muista job runs` shows what there is"))?;
    row.into_run(name)
}
