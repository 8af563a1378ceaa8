//! Runs and what they wrote, as the owners of their jobs see them. The queue that workers take runs from has queries of
//! its own.

use diesel::prelude::*;

use super::{Backend, Conn, chunked};
use crate::model::{Id, RunStatus};
use crate::store::rows::{NewRunRow, RunJobRow, RunLogRow, RunRow, WaitingRow};
use crate::store::schema::{jobs, run_logs, runs, users};
use crate::time::Instant;

/// A run with what is shown of its job.
pub(crate) type Named = (RunRow, RunJobRow);

/// What is shown of a run's job.
const JOB: (jobs::name, users::username, jobs::max_retries) = (jobs::name, users::username, jobs::max_retries);

/// The runs of an account, or of all, the newest first, from behind one on. Those of a deleted job are left out once they
/// have ended.
pub(crate) fn list(
    conn: &mut Conn,
    owner: Option<Id>,
    status: Option<&str>,
    before: Option<Id>,
    limit: i64,
) -> QueryResult<Vec<Named>> {
    let joined = runs::table.inner_join(jobs::table.inner_join(users::table));
    let shown = joined.filter(super::job::there().or(runs::finished_at.is_null()));
    let mut query = shown.into_boxed::<Backend>();
    if let Some(owner) = owner {
        query = query.filter(jobs::owner_id.eq(owner));
    }
    if let Some(status) = status {
        query = query.filter(runs::status.eq(status.to_owned()));
    }
    // Ids grow with time.
    if let Some(before) = before {
        query = query.filter(runs::id.lt(before));
    }
    query.select((RunRow::as_select(), JOB)).order(runs::id.desc()).limit(limit).load(conn)
}

/// A job's runs, the newest first, from behind one on.
pub(crate) fn of_job(
    conn: &mut Conn,
    job: Id,
    status: Option<&str>,
    before: Option<(Instant, Id)>,
    limit: i64,
) -> QueryResult<Vec<Named>> {
    let joined = runs::table.inner_join(jobs::table.inner_join(users::table)).filter(runs::job_id.eq(job));
    let mut query = joined.into_boxed::<Backend>();
    if let Some(status) = status {
        query = query.filter(runs::status.eq(status.to_owned()));
    }
    if let Some((at, id)) = before {
        let same = runs::created_at.eq(at).and(runs::id.lt(id));
        query = query.filter(runs::created_at.le(at)).filter(runs::created_at.lt(at).or(same));
    }
    let order = (runs::created_at.desc(), runs::id.desc());
    query.select((RunRow::as_select(), JOB)).order(order).limit(limit).load(conn)
}

/// A run of the owner's, or of anybody's. Those of a deleted job are there as long as it is kept.
pub(crate) fn by_id(conn: &mut Conn, owner: Option<Id>, id: Id) -> QueryResult<Option<Named>> {
    let joined = runs::table.inner_join(jobs::table.inner_join(users::table)).filter(runs::id.eq(id));
    let mut query = joined.into_boxed::<Backend>();
    if let Some(owner) = owner {
        query = query.filter(jobs::owner_id.eq(owner));
    }
    query.select((RunRow::as_select(), JOB)).first(conn).optional()
}

/// The job's newest run that was not skipped.
pub(crate) fn last_of(conn: &mut Conn, job: Id) -> QueryResult<Option<Named>> {
    let done = runs::table.inner_join(jobs::table.inner_join(users::table)).filter(runs::job_id.eq(job));
    let done = done.filter(runs::status.ne(RunStatus::Skipped.as_str()));
    let order = (runs::created_at.desc(), runs::id.desc());
    done.select((RunRow::as_select(), JOB)).order(order).first(conn).optional()
}

/// The job's newest run that is being worked on; else the newest that wrote something.
pub(crate) fn last_with_output(conn: &mut Conn, job: Id) -> QueryResult<Option<Id>> {
    let of_job = runs::table.filter(runs::job_id.eq(job)).select(runs::id);
    let order = (runs::created_at.desc(), runs::id.desc());
    let running = of_job.filter(runs::finished_at.is_null()).filter(runs::lease_until.is_not_null());
    if let Some(id) = running.order(order).first(conn).optional()? {
        return Ok(Some(id));
    }
    let wrote = diesel::dsl::exists(run_logs::table.filter(run_logs::run_id.eq(runs::id)));
    of_job.filter(wrote).order(order).first(conn).optional()
}

/// When the next attempts of these runs begin, where they wait.
pub(crate) fn retries(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<(Id, Instant)>> {
    chunked(ids, |ids| {
        let of_these = runs::table.filter(runs::retry_of.is_not_null()).filter(runs::retry_of.eq_any(ids));
        let waiting = of_these.filter(runs::available_at.is_not_null());
        waiting.select((runs::retry_of.assume_not_null(), runs::available_at.assume_not_null())).load(conn)
    })
}

/// What decides whether these runs may start, of those that wait.
pub(crate) fn waiting(conn: &mut Conn, ids: &[Id]) -> QueryResult<Vec<WaitingRow>> {
    chunked(ids, |ids| {
        let joined = runs::table.inner_join(jobs::table.inner_join(users::table));
        let waiting = joined.filter(runs::id.eq_any(ids)).filter(runs::available_at.is_not_null());
        waiting.select((runs::id, jobs::id, jobs::owner_id, jobs::overlap, users::disabled_at)).load(conn)
    })
}

/// How many runs of an account wait.
pub(crate) fn count_waiting(conn: &mut Conn, owner: Id) -> QueryResult<i64> {
    let waiting = runs::table.inner_join(jobs::table).filter(runs::available_at.is_not_null());
    waiting.filter(jobs::owner_id.eq(owner)).count().get_result(conn)
}

/// The job's runs that have not ended, the oldest first.
pub(crate) fn unfinished(conn: &mut Conn, job: Id) -> QueryResult<Vec<RunRow>> {
    let some = runs::table.filter(runs::job_id.eq(job)).filter(runs::finished_at.is_null());
    some.select(RunRow::as_select()).order((runs::created_at, runs::id)).load(conn)
}

/// Adds a run.
pub(crate) fn insert(conn: &mut Conn, row: &NewRunRow) -> QueryResult<usize> {
    diesel::insert_into(runs::table).values(row).execute(conn)
}

/// Takes a run back that waits.
pub(crate) fn cancel_waiting(conn: &mut Conn, id: Id, now: Instant, why: &str) -> QueryResult<usize> {
    let waiting = runs::table.filter(runs::id.eq(id)).filter(runs::available_at.is_not_null());
    diesel::update(waiting).set(taken_back(now, why)).execute(conn)
}

/// Takes back all runs of an account that wait.
pub(crate) fn cancel_waiting_of(conn: &mut Conn, owner: Id, now: Instant, why: &str) -> QueryResult<usize> {
    let own = jobs::table.filter(jobs::owner_id.eq(owner)).select(jobs::id);
    let waiting = runs::table.filter(runs::available_at.is_not_null()).filter(runs::job_id.eq_any(own));
    diesel::update(waiting).set(taken_back(now, why)).execute(conn)
}

type TakenBack<'a> = (
    diesel::dsl::Eq<runs::status, &'static str>,
    diesel::dsl::Eq<runs::available_at, Option<Instant>>,
    diesel::dsl::Eq<runs::finished_at, Instant>,
    diesel::dsl::Eq<runs::error_message, &'a str>,
);

fn taken_back(now: Instant, why: &str) -> TakenBack<'_> {
    (
        runs::status.eq(RunStatus::Cancelled.as_str()),
        runs::available_at.eq(None::<Instant>),
        runs::finished_at.eq(now),
        runs::error_message.eq(why),
    )
}

/// Asks that a run be stopped, and says why.
pub(crate) fn request_cancel(conn: &mut Conn, id: Id, now: Instant, why: Option<&str>) -> QueryResult<usize> {
    let running = runs::table.filter(runs::id.eq(id)).filter(runs::lease_until.is_not_null());
    let not_asked = running.filter(runs::cancel_requested_at.is_null());
    diesel::update(not_asked).set((runs::cancel_requested_at.eq(now), runs::cancel_reason.eq(why))).execute(conn)
}

/// Asks that all runs of an account be stopped.
pub(crate) fn request_cancel_of(conn: &mut Conn, owner: Id, now: Instant, why: &str) -> QueryResult<usize> {
    let own = jobs::table.filter(jobs::owner_id.eq(owner)).select(jobs::id);
    let running = runs::table.filter(runs::lease_until.is_not_null()).filter(runs::job_id.eq_any(own));
    let not_asked = running.filter(runs::cancel_requested_at.is_null());
    diesel::update(not_asked).set((runs::cancel_requested_at.eq(now), runs::cancel_reason.eq(why))).execute(conn)
}

/// What a run wrote behind a place, the oldest first.
pub(crate) fn log(conn: &mut Conn, run: Id, after: i32, limit: i64) -> QueryResult<Vec<RunLogRow>> {
    let some = run_logs::table.filter(run_logs::run_id.eq(run)).filter(run_logs::seq.gt(after));
    some.select(RunLogRow::as_select()).order(run_logs::seq).limit(limit).load(conn)
}
