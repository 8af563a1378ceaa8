//! The queue of runs as those who work on it see it. What a worker writes matches the run, that it is running, and the
//! lease; where nothing matched, somebody else has the run by now.

use diesel::dsl::{exists, not};
use diesel::prelude::*;

use super::{Backend, Conn};
use crate::model::{Id, JobStatus, Overlap, RunStatus, Stream};
use crate::store::rows::{Pick, RunEndRow, RunLogRow, RunRow};
use crate::store::schema::{jobs, run_logs, runs, tasks, users};
use crate::store::statements;
use crate::time::Instant;

diesel::alias!(runs as others: Others);

/// Of the runs to pick from, the one that may start first, with its job and the instant: one that no other run of its job
/// stands in the way of, and whose account is in use.
pub(crate) fn first(conn: &mut Conn, pick: &Pick) -> QueryResult<Option<(Id, Id, Instant)>> {
    let of_same_job = others.filter(others.field(runs::job_id).eq(runs::job_id));
    let in_the_way = of_same_job
        .filter(others.field(runs::finished_at).is_null())
        .filter(others.field(runs::lease_until).is_not_null());
    let mut waiting = runs::table
        .inner_join(jobs::table.inner_join(users::table))
        .filter(runs::available_at.is_not_null())
        .filter(users::disabled_at.is_null())
        .filter(jobs::overlap.eq(Overlap::Allow.as_str()).or(not(exists(in_the_way))))
        .order((runs::available_at, runs::id))
        .select((runs::id, runs::job_id, runs::available_at.assume_not_null()))
        .into_boxed::<Backend>();
    // Those whose list is empty are left out, since most picks have none.
    if !pick.not_owners.is_empty() {
        waiting = waiting.filter(jobs::owner_id.ne_all(pick.not_owners.clone()));
    }
    if !pick.owners.is_empty() {
        waiting = waiting.filter(jobs::owner_id.eq_any(pick.owners.clone()));
    }
    if !pick.not_jobs.is_empty() {
        waiting = waiting.filter(jobs::id.ne_all(pick.not_jobs.clone()));
    }
    waiting.first(conn).optional()
}

/// The account and the job of each run that is being worked on, by one worker or by all.
pub(crate) fn taken(conn: &mut Conn, worker: Option<&str>) -> QueryResult<Vec<(Id, Id)>> {
    let leased = runs::table.inner_join(jobs::table).filter(runs::lease_until.is_not_null());
    let leased = leased.select((jobs::owner_id, jobs::id));
    match worker {
        Some(worker) => leased.filter(runs::worker.eq(worker)).load(conn),
        None => leased.load(conn),
    }
}

/// How many runs of the job are being worked on.
pub(crate) fn running(conn: &mut Conn, job: Id) -> QueryResult<i64> {
    runs::table
        .filter(runs::job_id.eq(job))
        .filter(runs::finished_at.is_null())
        .filter(runs::lease_until.is_not_null())
        .count()
        .get_result(conn)
}

/// Takes a waiting run under a new lease; none when it waits no more.
pub(crate) fn take(
    conn: &mut Conn,
    run: Id,
    worker: &str,
    now: Instant,
    until: Instant,
) -> QueryResult<Option<RunRow>> {
    let waiting = runs::table.filter(runs::id.eq(run)).filter(runs::available_at.le(now));
    let taken = (
        runs::status.eq(RunStatus::Running.as_str()),
        runs::lease.eq(runs::lease + 1),
        runs::lease_until.eq(until),
        runs::worker.eq(worker),
        runs::started_at.eq(now),
        runs::available_at.eq(None::<Instant>),
    );
    diesel::update(waiting).set(taken).returning(RunRow::as_returning()).get_result(conn).optional()
}

/// The run under this lease.
pub(crate) fn held(conn: &mut Conn, run: Id, lease: i64) -> QueryResult<Option<RunRow>> {
    let one = runs::table.filter(runs::id.eq(run)).filter(runs::lease.eq(lease));
    one.filter(runs::lease_until.is_not_null()).select(RunRow::as_select()).first(conn).optional()
}

/// The same, locked until the end of the transaction.
pub(crate) fn lock_held(conn: &mut Conn, run: Id, lease: i64) -> QueryResult<Option<RunRow>> {
    let one = runs::table.filter(runs::id.eq(run)).filter(runs::lease.eq(lease));
    Ok(locked!(one.filter(runs::lease_until.is_not_null()).select(RunRow::as_select())).load(conn)?.pop())
}

/// Has the lease end later.
pub(crate) fn renew(conn: &mut Conn, run: Id, lease: i64, until: Instant) -> QueryResult<usize> {
    let one = runs::id.eq(run).and(runs::lease.eq(lease)).and(runs::lease_until.is_not_null());
    statements::update(runs::table, one, runs::lease_until.eq(until)).execute(conn)
}

/// Has the run wait again.
pub(crate) fn give_back(conn: &mut Conn, run: Id, lease: i64, available: Instant, rescues: i16) -> QueryResult<usize> {
    let one = runs::id.eq(run).and(runs::lease.eq(lease)).and(runs::lease_until.is_not_null());
    let waiting = (
        runs::status.eq(RunStatus::Pending.as_str()),
        runs::available_at.eq(available),
        runs::rescues.eq(rescues),
        runs::lease_until.eq(None::<Instant>),
        runs::worker.eq(None::<String>),
        runs::started_at.eq(None::<Instant>),
    );
    statements::update(runs::table, one, waiting).execute(conn)
}

/// Ends the run.
pub(crate) fn end(conn: &mut Conn, run: Id, lease: i64, end: &RunEndRow) -> QueryResult<usize> {
    let one = runs::id.eq(run).and(runs::lease.eq(lease)).and(runs::lease_until.is_not_null());
    statements::update(runs::table, one, end).execute(conn)
}

/// Sets why a run failed.
pub(crate) fn set_error(conn: &mut Conn, run: Id, why: Option<&str>) -> QueryResult<usize> {
    diesel::update(runs::table.find(run)).set(runs::error_message.eq(why)).execute(conn)
}

/// The runs whose lease ended before `now`, with their leases, in the order of their jobs, so that
/// no two rescuers wait for each other.
pub(crate) fn expired(conn: &mut Conn, now: Instant, limit: i64) -> QueryResult<Vec<(Id, i64)>> {
    runs::table
        .filter(runs::lease_until.lt(now))
        .order((runs::job_id, runs::id))
        .select((runs::id, runs::lease))
        .limit(limit)
        .load(conn)
}

/// Notes that the job's run has begun.
pub(crate) fn job_began(conn: &mut Conn, job: Id, now: Instant) -> QueryResult<usize> {
    let began = (jobs::status.eq(JobStatus::Running.as_str()), jobs::last_run_at.eq(now));
    statements::update(jobs::table, jobs::id.eq(job), began).execute(conn)
}

/// Sets how the job stands.
pub(crate) fn job_stands(conn: &mut Conn, job: Id, status: &str) -> QueryResult<usize> {
    statements::update(jobs::table, jobs::id.eq(job), jobs::status.eq(status)).execute(conn)
}

/// The place of the last piece of what a run wrote; 0 when it wrote nothing.
pub(crate) fn last_seq(conn: &mut Conn, run: Id) -> QueryResult<i32> {
    let of_run = run_logs::table.filter(run_logs::run_id.eq(run));
    Ok(of_run.select(diesel::dsl::max(run_logs::seq)).first::<Option<i32>>(conn)?.unwrap_or(0))
}

/// Adds pieces of what a run wrote.
pub(crate) fn append(conn: &mut Conn, rows: &[RunLogRow]) -> QueryResult<usize> {
    insert_all!(conn, run_logs::table, rows, |row| row)
}

/// The last pieces that a run wrote to its standard error, the newest first.
pub(crate) fn last_errors(conn: &mut Conn, run: Id, limit: i64) -> QueryResult<Vec<Vec<u8>>> {
    run_logs::table
        .filter(run_logs::run_id.eq(run))
        .filter(run_logs::stream.eq(Stream::Stderr.as_str()))
        .order(run_logs::seq.desc())
        .select(run_logs::data)
        .limit(limit)
        .load(conn)
}

/// How many open tasks of the owner have exactly this title.
pub(crate) fn open_titled(conn: &mut Conn, owner: Id, title: &str) -> QueryResult<i64> {
    tasks::table
        .filter(tasks::owner_id.eq(owner))
        .filter(tasks::completed_at.is_null())
        .filter(tasks::title.eq(title))
        .count()
        .get_result(conn)
}
