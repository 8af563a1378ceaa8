//! What is old and goes: runs beyond those kept for each job, messages that were sent, occurrences.

use diesel::prelude::*;

use super::{Conn, chunked_count};
use crate::model::Id;
use crate::store::schema::{job_states, jobs, notifications, occurrences, runs};
use crate::time::Instant;

/// The jobs that have more than `keep` runs.
pub(crate) fn jobs_with_many_runs(conn: &mut Conn, keep: i64) -> QueryResult<Vec<Id>> {
    let many = runs::table.group_by(runs::job_id).having(diesel::dsl::count_star().gt(keep));
    many.select(runs::job_id).load(conn)
}

/// Runs of a job that ended before `before`, not of its newest `keep`, the oldest first.
pub(crate) fn old_runs(conn: &mut Conn, job: Id, before: Instant, keep: i64, limit: i64) -> QueryResult<Vec<Id>> {
    let newest = runs::table.filter(runs::job_id.eq(job)).order((runs::created_at.desc(), runs::id.desc()));
    let Some(last_kept) = newest.offset(keep - 1).select(runs::created_at).first::<Instant>(conn).optional()? else {
        return Ok(Vec::new());
    };
    let old = runs::table.filter(runs::job_id.eq(job)).filter(runs::created_at.lt(last_kept));
    let old = old.filter(runs::finished_at.lt(before)).order(runs::created_at).limit(limit);
    old.select(runs::id).load(conn)
}

pub(crate) fn delete_runs(conn: &mut Conn, ids: &[Id]) -> QueryResult<usize> {
    chunked_count(ids, |ids| diesel::delete(runs::table.filter(among!(runs::id, ids))).execute(conn))
}

/// A job that was deleted before `before` and whose runs have all ended.
pub(crate) fn deleted_job(conn: &mut Conn, before: Instant) -> QueryResult<Option<Id>> {
    let open = runs::table.filter(runs::job_id.eq(job_states::id)).filter(runs::finished_at.is_null());
    let gone = job_states::table.filter(job_states::deleted_at.lt(before));
    let gone = gone.filter(diesel::dsl::not(diesel::dsl::exists(open)));
    gone.order(job_states::deleted_at).select(job_states::id).first(conn).optional()
}

/// Some runs of a job.
pub(crate) fn runs_of(conn: &mut Conn, job: Id, limit: i64) -> QueryResult<Vec<Id>> {
    runs::table.filter(runs::job_id.eq(job)).limit(limit).select(runs::id).load(conn)
}

/// Deletes a job for good, with what runs it has left.
pub(crate) fn delete_job(conn: &mut Conn, id: Id) -> QueryResult<usize> {
    diesel::delete(jobs::table.find(id)).execute(conn)
}

/// Messages that waited when their reminder was deleted, and were made before `before`.
pub(crate) fn detached(conn: &mut Conn, before: Instant, limit: i64) -> QueryResult<Vec<Id>> {
    let held = notifications::table.filter(notifications::deleted_reminder_id.is_not_null());
    let held = held.filter(notifications::status.eq("PENDING")).filter(notifications::created_at.lt(before));
    held.limit(limit).select(notifications::id).load(conn)
}

/// Messages that were sent before `before`.
pub(crate) fn old_sent(conn: &mut Conn, before: Instant, limit: i64) -> QueryResult<Vec<Id>> {
    let old = notifications::table.filter(notifications::sent_at.lt(before));
    old.limit(limit).select(notifications::id).load(conn)
}

pub(crate) fn delete_notifications(conn: &mut Conn, ids: &[Id]) -> QueryResult<usize> {
    chunked_count(ids, |ids| diesel::delete(notifications::table.filter(among!(notifications::id, ids))).execute(conn))
}

/// Occurrences that fired before `before` and that no run and no message stands for any more.
pub(crate) fn old_occurrences(conn: &mut Conn, before: Instant, limit: i64) -> QueryResult<Vec<Id>> {
    let run = runs::table.filter(runs::occurrence_id.eq(occurrences::id.nullable()));
    let message = notifications::table.filter(notifications::occurrence_id.eq(occurrences::id.nullable()));
    let old = occurrences::table.filter(occurrences::fired_at.lt(before));
    let old = old.filter(diesel::dsl::not(diesel::dsl::exists(run)));
    let old = old.filter(diesel::dsl::not(diesel::dsl::exists(message)));
    old.limit(limit).select(occurrences::id).load(conn)
}

pub(crate) fn delete_occurrences(conn: &mut Conn, ids: &[Id]) -> QueryResult<usize> {
    chunked_count(ids, |ids| diesel::delete(occurrences::table.filter(among!(occurrences::id, ids))).execute(conn))
}
