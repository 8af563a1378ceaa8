//! Runs and what they wrote, as the owners of their jobs see them. The queue that workers take runs from has queries of
//! its own.

use diesel::prelude::*;

use super::{Backend, Conn};
use crate::model::{Id, RunStatus};
use crate::store::rows::{NewRunRow, RunLogRow, RunRow};
use crate::store::schema::{jobs, run_logs, runs};
use crate::time::Instant;

/// A run with its job's name.
pub(crate) type Named = (RunRow, String);

/// The owner's runs, the newest first, from behind one on.
pub(crate) fn list(
    conn: &mut Conn,
    owner: Id,
    status: Option<&str>,
    before: Option<Id>,
    limit: i64,
) -> QueryResult<Vec<Named>> {
    let joined = runs::table.inner_join(jobs::table).filter(jobs::owner_id.eq(owner));
    let mut query = joined.into_boxed::<Backend>();
    if let Some(status) = status {
        query = query.filter(runs::status.eq(status.to_owned()));
    }
    // Ids grow with time.
    if let Some(before) = before {
        query = query.filter(runs::id.lt(before));
    }
    query.select((RunRow::as_select(), jobs::name)).order(runs::id.desc()).limit(limit).load(conn)
}

/// A job's runs, the newest first, from behind one on.
pub(crate) fn of_job(
    conn: &mut Conn,
    job: Id,
    status: Option<&str>,
    before: Option<(Instant, Id)>,
    limit: i64,
) -> QueryResult<Vec<Named>> {
    let joined = runs::table.inner_join(jobs::table).filter(runs::job_id.eq(job));
    let mut query = joined.into_boxed::<Backend>();
    if let Some(status) = status {
        query = query.filter(runs::status.eq(status.to_owned()));
    }
    if let Some((at, id)) = before {
        let same = runs::created_at.eq(at).and(runs::id.lt(id));
        query = query.filter(runs::created_at.le(at)).filter(runs::created_at.lt(at).or(same));
    }
    let order = (runs::created_at.desc(), runs::id.desc());
    query.select((RunRow::as_select(), jobs::name)).order(order).limit(limit).load(conn)
}

/// A run of the owner's.
pub(crate) fn by_id(conn: &mut Conn, owner: Id, id: Id) -> QueryResult<Option<Named>> {
    let joined = runs::table.inner_join(jobs::table).filter(runs::id.eq(id)).filter(jobs::owner_id.eq(owner));
    joined.select((RunRow::as_select(), jobs::name)).first(conn).optional()
}

/// The job's newest run that was not skipped.
pub(crate) fn last_of(conn: &mut Conn, job: Id) -> QueryResult<Option<Named>> {
    let done = runs::table.inner_join(jobs::table).filter(runs::job_id.eq(job));
    let done = done.filter(runs::status.ne(RunStatus::Skipped.as_str()));
    let order = (runs::created_at.desc(), runs::id.desc());
    done.select((RunRow::as_select(), jobs::name)).order(order).first(conn).optional()
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
    let cancelled = (
        runs::status.eq(RunStatus::Cancelled.as_str()),
        runs::available_at.eq(None::<Instant>),
        runs::finished_at.eq(now),
        runs::error_message.eq(why),
    );
    diesel::update(waiting).set(cancelled).execute(conn)
}

/// Asks that a run be stopped.
pub(crate) fn request_cancel(conn: &mut Conn, id: Id, now: Instant) -> QueryResult<usize> {
    let running = runs::table.filter(runs::id.eq(id)).filter(runs::lease_until.is_not_null());
    let not_asked = running.filter(runs::cancel_requested_at.is_null());
    diesel::update(not_asked).set(runs::cancel_requested_at.eq(now)).execute(conn)
}

/// What a run wrote behind a place, the oldest first.
pub(crate) fn log(conn: &mut Conn, run: Id, after: i32, limit: i64) -> QueryResult<Vec<RunLogRow>> {
    let some = run_logs::table.filter(run_logs::run_id.eq(run)).filter(run_logs::seq.gt(after));
    some.select(RunLogRow::as_select()).order(run_logs::seq).limit(limit).load(conn)
}
