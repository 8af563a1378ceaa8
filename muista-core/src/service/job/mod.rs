//! The use cases of jobs: making, listing, showing, changing and deleting them. What a definition may say is `define`'s,
//! asking for a run `run`'s, firing and running the engine's.

mod define;

pub(crate) use define::{refuse_command, run_params};

use super::schedule::Zones;
use super::task::assemble;
use super::tx::{Tx, transaction};
use super::{Caller, Service, Topic, page, run, schedule};
use crate::config::RunSlots;
use crate::error::{Error, Result};
use crate::model::{
    Id, Job, JobDetail, JobName, JobPage, JobPatch, JobQuery, NewJob, Role, Run, Scope, TaskRef, WithNotices, cursor,
    fold,
};
use crate::store::rows::{FailuresRow, JobRow, RunRow};
use crate::store::{self, Conn};
use crate::time::Instant;

/// How many coming times a job is shown with.
const UPCOMING: usize = 5;
/// How many runs a job is shown with.
const LAST_RUNS: i64 = 10;

/// Makes a job; one of that name already is a conflict.
pub async fn add(service: &Service, caller: &Caller, new: NewJob) -> Result<WithNotices<JobDetail>> {
    caller.require(Scope::JobsWrite)?;
    let settings = service.settings();
    let work = move |tx: &mut Tx<'_>| {
        let mut job = define::blank(tx, &new)?;
        define::apply(tx, &mut job, new.settings)?;
        define::check_call(&tx.caller, &settings, &job, &job.params)?;
        define::reschedule(&mut job, define::Must::Fire, tx.now)?;
        if store::job::insert(tx.conn, &JobRow::of(&job)?)? == 0 {
            return Err(taken(&job.name));
        }
        note_definer(tx, &job)?;
        tx.created(&job)?;
        tx.publish(Topic::Schedules);
        Ok(JobDetail { next: upcoming(&job, tx.now)?, failures: 0, failing_since: None, runs: Vec::new(), job })
    };
    let (value, told) = transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

/// One page of the jobs, by name.
pub async fn list(service: &Service, caller: &Caller, query: JobQuery) -> Result<JobPage> {
    caller.require(Scope::JobsRead)?;
    if query.all {
        return list_all(service, caller, query).await;
    }
    let owner = caller.user;
    let begin = query.cursor.as_deref().map(cursor::read::<String>).transpose()?;
    let work = move |conn: &mut Conn| {
        let read = |last: Option<&Job>, most: i64| {
            let after = last.map(|job| fold(&job.name)).or_else(|| begin.clone());
            let rows = store::job::list(conn, owner, after.as_deref(), most)?;
            rows.into_iter().map(JobRow::into_job).collect()
        };
        page::gather(page::limit(query.limit), read, size)
    };
    let (mut items, more) = service.store.read(work).await?;
    mark(&mut items);
    let next_cursor = items.last().filter(|_| more).map(|job| cursor::write(&fold(&job.name))).transpose()?;
    Ok(JobPage { items, next_cursor })
}

/// One page of the jobs of every account, by account and name.
async fn list_all(service: &Service, caller: &Caller, query: JobQuery) -> Result<JobPage> {
    caller.require_admin("sees the jobs of every account")?;
    let begin = query.cursor.as_deref().map(cursor::read::<(String, String)>).transpose()?;
    let place = |job: &Job| (job.owner.clone().unwrap_or_default(), fold(&job.name));
    let work = move |conn: &mut Conn| {
        let read = |last: Option<&Job>, most: i64| {
            let after = last.map(place).or_else(|| begin.clone());
            let rows = store::job::list_all(conn, after.as_ref(), most)?;
            rows.into_iter().map(|(row, owner)| Ok(Job { owner: Some(owner), ..row.into_job()? })).collect()
        };
        page::gather(page::limit(query.limit), read, size)
    };
    let (mut items, more) = service.store.read(work).await?;
    mark(&mut items);
    let next_cursor = items.last().filter(|_| more).map(|job| cursor::write(&place(job))).transpose()?;
    Ok(JobPage { items, next_cursor })
}

/// Marks the jobs that are at rest since their zones are not known.
fn mark(jobs: &mut [Job]) {
    let mut zones = Zones::default();
    jobs.iter_mut().for_each(|job| zones.mark_job(job));
}

fn size(job: &Job) -> usize {
    job.args.iter().chain(job.params.values()).map(String::len).sum()
}

/// A job with the next times it runs and its last runs.
pub async fn get(service: &Service, caller: &Caller, name: JobName) -> Result<JobDetail> {
    caller.require(Scope::JobsRead)?;
    let (caller, now, slots) = (caller.clone(), service.now(), service.settings().slots);
    let role = caller.role;
    service
        .store
        .read(move |conn| find(conn, &caller, &name).and_then(|job| detail(conn, role, job, &slots, now)))
        .await
}

/// Changes a job. One whose schedule is changed, or that is resumed, goes on from now. An admin may pause and resume
/// anybody's, and change nothing else of it.
pub async fn edit(
    service: &Service,
    caller: &Caller,
    name: JobName,
    patch: JobPatch,
) -> Result<WithNotices<JobDetail>> {
    caller.require(Scope::JobsWrite)?;
    let settings = service.settings();
    let work = move |tx: &mut Tx<'_>| {
        let before = lock_for(tx, &name, &patch)?;
        refuse_other(&before, patch.version)?;
        let mut job = before.clone();
        let resumed = patch.enabled == Some(true) && !before.enabled;
        let must = if resumed || !patch.trigger.is_keep() { define::Must::Fire } else { define::Must::Not };
        // A script that is gone by now does not keep the rest from being changed.
        let called_anew = patch.script.is_some() || patch.args.is_some() || patch.params.is_some();
        define::apply(tx, &mut job, patch)?;
        if called_anew {
            define::check_call(&tx.caller, &settings, &job, &job.params)?;
        }
        if timing(&job) != timing(&before) {
            define::reschedule(&mut job, must, tx.now)?;
        }
        if fold(&job.name) != fold(&before.name) {
            refuse_taken(tx, &job)?;
        }
        let job = save(tx, &before, job)?;
        note_definer(tx, &job)?;
        let (role, now) = (tx.caller.role, tx.now);
        detail(tx.conn, role, job, &settings.slots, now)
    };
    let (value, told) = transaction(service, caller, work).await?;
    Ok(told.answer(value))
}

/// A job by itself.
pub async fn look(service: &Service, caller: &Caller, name: JobName) -> Result<Job> {
    caller.require(Scope::JobsRead)?;
    let caller = caller.clone();
    let mut job = service.store.read(move |conn| find(conn, &caller, &name)).await?;
    Zones::default().mark_job(&mut job);
    Ok(job)
}

/// Deletes a job with its runs: those that wait are taken back, those that run are asked to end, as by [`run::cancel`], and
/// end some seconds later. It is kept for a while, so that undo brings it back with its runs. Returns how it was. Where a
/// version is given, another one now is refused.
pub async fn delete(service: &Service, caller: &Caller, name: JobName, version: Option<i64>) -> Result<Job> {
    caller.require(Scope::JobsWrite)?;
    let work = move |tx: &mut Tx<'_>| {
        let before = lock(tx, &name)?;
        refuse_other(&before, version)?;
        bury(tx, &before)?;
        tx.deleted(&before)?;
        Ok(before)
    };
    Ok(transaction(service, caller, work).await?.0)
}

/// Hides a job and ends its runs.
pub(crate) fn bury(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let (now, why) = (tx.now, "the job was deleted");
    for run in store::run::unfinished(tx.conn, job.id)? {
        if run.available_at.is_some() {
            store::run::cancel_waiting(tx.conn, run.id, now, why)?;
        } else {
            store::run::request_cancel(tx.conn, run.id, now, Some(why))?;
        }
    }
    store::job::bury(tx.conn, job.id, now)?;
    tx.publish(Topic::Runs);
    Ok(())
}

/// Refuses a change that was made from another version.
fn refuse_other(job: &Job, version: Option<i64>) -> Result<()> {
    if version.is_none_or(|version| version == job.version) {
        return Ok(());
    }
    Err(Error::precondition_failed(format!("the job {} was changed meanwhile", job.name))
        .hint("look at it with `muista job show`, then make the change again"))
}

/// Takes the jobs of these tasks away from them, before the tasks are deleted.
pub(crate) fn unlink(tx: &mut Tx<'_>, tasks: &[Id]) -> Result<()> {
    for row in store::job::lock_of_tasks(tx.conn, tasks)? {
        let before = row.into_job()?;
        let job = Job { task_id: None, ..before.clone() };
        save(tx, &before, job)?;
    }
    Ok(())
}

/// Keeps whether it was an agent who defined the job last: what it makes counts among what agents may make in a day.
pub(crate) fn note_definer(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    store::job::set_by_agent(tx.conn, job.id, tx.caller.role == Role::Agent)?;
    Ok(())
}

/// Writes a job that differs from `before`, with its version counted up; one that does not is left alone.
fn save(tx: &mut Tx<'_>, before: &Job, mut job: Job) -> Result<Job> {
    if job == *before {
        return Ok(job);
    }
    job.version += 1;
    job.updated_at = tx.now;
    store::job::update(tx.conn, &JobRow::of(&job)?)?;
    tx.updated(before, &job)?;
    if job.next_run_at != before.next_run_at {
        tx.publish(Topic::Schedules);
    }
    Ok(job)
}

/// The caller's job of this name, or of this id; by its id an admin finds anybody's.
///
/// # Errors
/// `NotFound` when there is none.
pub(crate) fn find(conn: &mut Conn, caller: &Caller, name: &JobName) -> Result<Job> {
    let of_id = match name.parse::<Id>() {
        Ok(id) => store::job::find_id(conn, id)?.filter(|row| may_see(caller, row)),
        Err(_) => None,
    };
    let found = match of_id {
        Some(row) => Some(row),
        None => store::job::find(conn, caller.user, &fold(name))?,
    };
    found.ok_or_else(|| missing(name))?.into_job()
}

fn may_see(caller: &Caller, row: &JobRow) -> bool {
    row.owner_id == caller.user || caller.role == Role::Admin
}

/// The caller's own job, locked until the end of the transaction. Whoever starts or ends a run of a job locks the job
/// first.
///
/// # Errors
/// `NotFound` when there is none.
pub(crate) fn lock(tx: &mut Tx<'_>, name: &JobName) -> Result<Job> {
    let owner = tx.owner();
    let of_id = match name.parse::<Id>() {
        Ok(id) => lock_id(tx.conn, id)?.filter(|row| row.owner_id == owner),
        Err(_) => None,
    };
    let found = match of_id {
        Some(row) => Some(row),
        None => store::job::lock(tx.conn, owner, &fold(name))?,
    };
    found.ok_or_else(|| missing(name))?.into_job()
}

/// A job that is not deleted, locked.
fn lock_id(conn: &mut Conn, id: Id) -> Result<Option<JobRow>> {
    match store::job::lock_id(conn, id)? {
        Some(_) if store::job::is_deleted(conn, id)? => Ok(None),
        found => Ok(found),
    }
}

/// The same for a change: an admin may pause and resume the job of another account, by its id.
///
/// # Errors
/// `NotFound` when there is none, `Forbidden` for any other change of another account's job.
fn lock_for(tx: &mut Tx<'_>, name: &JobName, patch: &JobPatch) -> Result<Job> {
    let (Role::Admin, Ok(id)) = (tx.caller.role, name.parse::<Id>()) else { return lock(tx, name) };
    let row = lock_id(tx.conn, id)?.filter(|row| row.owner_id != tx.caller.user);
    let Some(row) = row else { return lock(tx, name) };
    let pauses = JobPatch { enabled: patch.enabled, version: patch.version, ..JobPatch::default() };
    if *patch != pauses {
        return Err(Error::forbidden(format!("the job {} is another account's", row.name))
            .hint("an admin may pause it, resume it and stop its runs; the rest is its owner's"));
    }
    row.into_job()
}

/// The caller's one job that belongs to a task, locked.
///
/// # Errors
/// `NotFound` when there is no such task or no such job, `Conflict` when there are several.
pub(crate) fn lock_of_task(tx: &mut Tx<'_>, task: &TaskRef) -> Result<Job> {
    let owner = tx.owner();
    let task = assemble::find_visible(tx.conn, owner, task)?;
    let mut rows = store::job::lock_of_tasks(tx.conn, &[task.id])?;
    rows.retain(|row| row.owner_id == owner);
    match (rows.pop(), rows.is_empty()) {
        (Some(row), true) => row.into_job(),
        (Some(_), false) => Err(Error::conflict(format!("task {} has several jobs", task.number))
            .of_field("taskId")
            .hint("name the job instead")),
        (None, _) => Err(Error::not_found(format!("job of task {}", task.number)).hint("name the job instead")),
    }
}

/// Refuses a name that another job of the owner's has.
///
/// # Errors
/// `Conflict` when one has.
pub(crate) fn refuse_taken(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let other = store::job::find(tx.conn, job.owner_id, &fold(&job.name))?;
    if other.is_some_and(|other| other.id != job.id) { Err(taken(&job.name)) } else { Ok(()) }
}

/// When the job runs next on its schedule, seen from `now`: never while it is paused.
///
/// # Errors
/// As [`schedule::job_next`].
pub(crate) fn next_run(job: &Job, now: Instant) -> Result<Option<Instant>> {
    match schedule::job_next(job, now) {
        _ if !job.enabled => Ok(None),
        // The engine finds out when, once the zone is known.
        Err(_) if !schedule::zone_is_known(job.timezone.as_deref()) => Ok(Some(job.next_run_at.unwrap_or(now))),
        next => next,
    }
}

fn detail(conn: &mut Conn, role: Role, mut job: Job, slots: &RunSlots, now: Instant) -> Result<JobDetail> {
    let runs = store::run::of_job(conn, job.id, None, None, LAST_RUNS)?;
    let told = |(row, job): (RunRow, _)| row.into_run(job).map(|run| run::as_told(role, run));
    let mut runs = runs.into_iter().map(told).collect::<Result<Vec<Run>>>()?;
    run::explain(conn, slots, now, &mut runs)?;
    Zones::default().mark_job(&mut job);
    let FailuresRow { failures, failing_since, .. } = store::job::failures(conn, job.id)?;
    Ok(JobDetail { next: upcoming(&job, now)?, failures, failing_since, runs, job })
}

fn upcoming(job: &Job, now: Instant) -> Result<Vec<Instant>> {
    let is_known = job.enabled && schedule::zone_is_known(job.timezone.as_deref());
    if is_known { schedule::job_upcoming(job, now, UPCOMING) } else { Ok(Vec::new()) }
}

/// What the next time it runs is computed from.
fn timing(job: &Job) -> impl PartialEq + use<'_> {
    (job.enabled, &job.schedule, &job.timezone, job.start_at, job.end_at)
}

fn missing(name: &JobName) -> Error {
    Error::not_found(format!("job {name}")).hint("`muista job ls` shows what there is")
}

fn taken(name: &str) -> Error {
    Error::conflict(format!("there is a job {name} already")).hint("`muista job ls` shows what there is")
}
