//! Jobs as their owners see them. What fires them and what runs them have queries of their own.

use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::{Backend, Conn};
use crate::model::Id;
use crate::store::rows::{FailuresRow, JobRow};
use crate::store::schema::{job_states, jobs, users};
use crate::store::statements;
use crate::time::Instant;

/// Whether a job is not deleted.
pub(super) fn there() -> SqlLiteral<Bool> {
    sql("jobs.deleted_at IS NULL")
}

/// The jobs of an account by name, from behind a folded name on.
pub(crate) fn list(conn: &mut Conn, owner: Id, after: Option<&str>, limit: i64) -> QueryResult<Vec<JobRow>> {
    let there = jobs::table.filter(jobs::owner_id.eq(owner)).filter(there());
    let mut own = there.into_boxed::<Backend>();
    if let Some(after) = after {
        own = own.filter(jobs::name_key.gt(after.to_owned()));
    }
    own.select(JobRow::as_select()).order(jobs::name_key).limit(limit).load(conn)
}

/// The jobs of all accounts with their owners' names, by account and name, from behind a place on.
pub(crate) fn list_all(
    conn: &mut Conn,
    after: Option<&(String, String)>,
    limit: i64,
) -> QueryResult<Vec<(JobRow, String)>> {
    let there = jobs::table.inner_join(users::table).filter(there());
    let mut all = there.into_boxed::<Backend>();
    if let Some((owner, key)) = after {
        let same = users::username.eq(owner.clone()).and(jobs::name_key.gt(key.clone()));
        all = all.filter(users::username.gt(owner.clone()).or(same));
    }
    all.select((JobRow::as_select(), users::username)).order((users::username, jobs::name_key)).limit(limit).load(conn)
}

/// The owner's job of a folded name.
pub(crate) fn find(conn: &mut Conn, owner: Id, key: &str) -> QueryResult<Option<JobRow>> {
    let own = jobs::table.filter(jobs::owner_id.eq(owner)).filter(jobs::name_key.eq(key));
    own.filter(there()).select(JobRow::as_select()).first(conn).optional()
}

/// A job of an id, whosever it is.
pub(crate) fn find_id(conn: &mut Conn, id: Id) -> QueryResult<Option<JobRow>> {
    let one = jobs::table.filter(jobs::id.eq(id)).filter(there());
    one.select(JobRow::as_select()).first(conn).optional()
}

/// The same of the owner's, locked until the end of the transaction.
pub(crate) fn lock(conn: &mut Conn, owner: Id, key: &str) -> QueryResult<Option<JobRow>> {
    let own = jobs::table.filter(jobs::owner_id.eq(owner)).filter(jobs::name_key.eq(key));
    Ok(locked!(own.filter(there()).select(JobRow::as_select())).load(conn)?.pop())
}

/// How many accounts have jobs: 2 stands for more than one.
pub(crate) fn owners(conn: &mut Conn) -> QueryResult<usize> {
    let all = jobs::table.select(jobs::owner_id).order(jobs::owner_id);
    let Some(first) = all.first::<Id>(conn).optional()? else { return Ok(0) };
    Ok(if all.filter(jobs::owner_id.gt(first)).first::<Id>(conn).optional()?.is_some() { 2 } else { 1 })
}

/// A job by its id, a deleted one too, locked until the end of the transaction.
pub(crate) fn lock_id(conn: &mut Conn, id: Id) -> QueryResult<Option<JobRow>> {
    Ok(locked!(jobs::table.filter(jobs::id.eq(id)).select(JobRow::as_select())).load(conn)?.pop())
}

/// The owner's jobs that belong to a task, by name.
pub(crate) fn of_task(conn: &mut Conn, owner: Id, task: Id) -> QueryResult<Vec<Id>> {
    let some = jobs::table.filter(jobs::task_id.eq(task)).filter(jobs::owner_id.eq(owner)).filter(there());
    some.order(jobs::name_key).select(jobs::id).limit(20).load(conn)
}

/// The jobs that belong to these tasks, locked until the end of the transaction.
pub(crate) fn lock_of_tasks(conn: &mut Conn, tasks: &[Id]) -> QueryResult<Vec<JobRow>> {
    super::chunked(tasks, |tasks| match tasks {
        [task] => {
            let some = jobs::table.select(JobRow::as_select()).filter(jobs::task_id.eq(task));
            let some = some.filter(there());
            locked!(some.order(jobs::id)).load(conn)
        }
        tasks => {
            let some = jobs::table.select(JobRow::as_select()).filter(among!(jobs::task_id, tasks));
            let some = some.filter(there());
            locked!(some.order(jobs::id)).load(conn)
        }
    })
}

/// Makes a job; 0 when there is one of that name.
pub(crate) fn insert(conn: &mut Conn, row: &JobRow) -> QueryResult<usize> {
    diesel::insert_into(jobs::table).values(row).on_conflict_do_nothing().execute(conn)
}

pub(crate) fn update(conn: &mut Conn, row: &JobRow) -> QueryResult<usize> {
    statements::update(jobs::table, jobs::id.eq(row.id), row).execute(conn)
}

/// Hides a job, which fires no more. Another one may take its name.
pub(crate) fn bury(conn: &mut Conn, id: Id, now: Instant) -> QueryResult<usize> {
    let hidden = (
        job_states::deleted_at.eq(now),
        job_states::next_run_at.eq(None::<Instant>),
        // No name holds a comma.
        job_states::name_key.eq(format!(",{id}")),
    );
    diesel::update(job_states::table.find(id)).set(hidden).execute(conn)
}

/// Whether the job is one that is deleted.
pub(crate) fn is_deleted(conn: &mut Conn, id: Id) -> QueryResult<bool> {
    let deleted = job_states::table.find(id).filter(job_states::deleted_at.is_not_null());
    Ok(deleted.select(job_states::id).first::<Id>(conn).optional()?.is_some())
}

/// Shows a deleted job again, as this row says.
pub(crate) fn revive(conn: &mut Conn, row: &JobRow) -> QueryResult<usize> {
    let shown = (job_states::deleted_at.eq(None::<Instant>), job_states::parked_at.eq(None::<Instant>));
    diesel::update(job_states::table.find(row.id)).set(shown).execute(conn)?;
    update(conn, row)
}

/// What became of the job's runs, since it last succeeded.
pub(crate) fn failures(conn: &mut Conn, id: Id) -> QueryResult<FailuresRow> {
    let found = job_states::table.find(id).select(FailuresRow::as_select()).first(conn).optional()?;
    Ok(found.unwrap_or_default())
}

/// Sets since when the job's owner knows that it is at rest for its zone.
pub(crate) fn set_zone_lost(conn: &mut Conn, id: Id, at: Option<Instant>) -> QueryResult<usize> {
    statements::update(job_states::table, job_states::id.eq(id), job_states::zone_lost_at.eq(at)).execute(conn)
}

/// Whether an agent defined the job last.
pub(crate) fn is_by_agent(conn: &mut Conn, id: Id) -> QueryResult<bool> {
    let found = job_states::table.find(id).select(job_states::by_agent).first(conn).optional()?;
    Ok(found.unwrap_or_default())
}

/// Sets whether an agent defined the job last.
pub(crate) fn set_by_agent(conn: &mut Conn, id: Id, by_agent: bool) -> QueryResult<usize> {
    let other = job_states::id.eq(id).and(job_states::by_agent.ne(by_agent));
    statements::update(job_states::table, other, job_states::by_agent.eq(by_agent)).execute(conn)
}

/// Sets what became of the job's runs.
pub(crate) fn set_failures(conn: &mut Conn, id: Id, row: FailuresRow) -> QueryResult<usize> {
    statements::update(job_states::table, job_states::id.eq(id), row).execute(conn)
}

/// Leaves a job whose account is out of use as it is, where its cursor stands as it was seen: it goes on from there by
/// [`unpark`].
pub(crate) fn park(conn: &mut Conn, id: Id, seen: Instant) -> QueryResult<usize> {
    let as_seen = job_states::id.eq(id).and(job_states::next_run_at.eq(seen));
    let parked = (job_states::parked_at.eq(seen), job_states::next_run_at.eq(None::<Instant>));
    statements::update(job_states::table, as_seen, parked).execute(conn)
}

/// Puts the cursors of an account's jobs back to where they stood when they were parked.
pub(crate) fn unpark(conn: &mut Conn, owner: Id) -> QueryResult<usize> {
    let parked = job_states::table.filter(job_states::owner_id.eq(owner)).filter(job_states::parked_at.is_not_null());
    let due = parked.filter(job_states::next_run_at.is_null()).filter(job_states::enabled);
    let due = due.filter(job_states::schedule.is_not_null()).filter(job_states::deleted_at.is_null());
    let count = diesel::update(due).set(job_states::next_run_at.eq(job_states::parked_at)).execute(conn)?;
    diesel::update(parked).set(job_states::parked_at.eq(None::<Instant>)).execute(conn)?;
    Ok(count)
}
