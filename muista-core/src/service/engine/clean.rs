//! What is old and goes, so that a ledger does not grow for ever: runs and what they wrote after 30 days, of each job the
//! newest hundred kept, and jobs that were deleted so long ago; messages that were sent, and occurrences that nothing refers to, after 90 days; what let somebody
//! in and has expired; what agents did on days that are over.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::{BATCH, clean_files, daemon};
use crate::error::Result;
use crate::model::Id;
use crate::service::Service;
use crate::service::tx::{Tx, engine_transaction};
use crate::store::{
    Conn, RollbackPolicy, address_confirmation, agent_daily_count, clean as old, idempotency, login_failure,
    password_reset, session, signing_key,
};
use crate::time::Instant;

const DAY: Duration = Duration::from_secs(24 * 3600);
/// How long runs are kept.
const RUNS: u32 = 30;
/// How many runs of each job are kept, however old.
const NEWEST: i64 = 100;
/// How long messages and occurrences are kept.
const LEDGER: u32 = 90;
/// How many rows go in one transaction: a run takes its log along.
const MOST: i64 = BATCH as i64;

/// Deletes what is old, a part at a time; returns how much it was.
///
/// # Errors
/// When the database does not answer; what was deleted before then stays deleted.
pub async fn clean(service: &Service) -> Result<usize> {
    let (now, mut gone) = (service.now(), 0);
    let runs_before = now.minus(DAY * RUNS);
    for job in service.store.read(|conn| old::jobs_with_many_runs(conn, NEWEST)).await? {
        let find = move |conn: &mut Conn| old::old_runs(conn, job, runs_before, NEWEST, MOST);
        gone += in_parts(service, find, old::delete_runs).await?;
    }
    gone += deleted_jobs(service, runs_before).await?;
    gone += in_parts(service, move |conn| old::detached(conn, runs_before, MOST), old::delete_notifications).await?;
    let ledger_before: Instant = now.minus(DAY * LEDGER);
    gone += in_parts(service, move |conn| old::old_sent(conn, ledger_before, MOST), old::delete_notifications).await?;
    let find = move |conn: &mut Conn| old::old_occurrences(conn, ledger_before, MOST);
    gone += in_parts(service, find, old::delete_occurrences).await?;
    gone += answers(service, now).await?;
    gone += clean_files::files(service, now).await?;
    gone += credentials(service, now).await?;
    Ok(gone)
}

/// Deletes tokens and keys that expired a day ago, wrong passwords that nobody has added to for a day, and the counts of
/// days that are over everywhere.
async fn credentials(service: &Service, now: Instant) -> Result<usize> {
    let before: Instant = now.minus(DAY);
    let yesterday = before.in_zone(&TimeZone::UTC).date();
    let rest = move |tx: &mut Tx<'_>| {
        Ok(login_failure::delete_old(tx.conn, before)?
            + password_reset::delete_expired(tx.conn, before)?
            + address_confirmation::delete_expired(tx.conn, before)?
            + signing_key::delete_expired(tx.conn, before)?
            + agent_daily_count::delete_old(tx.conn, yesterday)?)
    };
    let mut gone = engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), rest).await?;
    loop {
        let delete = move |tx: &mut Tx<'_>| session::delete_expired(tx.conn, before, MOST);
        match engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), delete).await? {
            0 => return Ok(gone),
            some => gone += some,
        }
    }
}

/// Deletes jobs for good that were deleted before `before`, each after its runs, a part at a time.
async fn deleted_jobs(service: &Service, before: Instant) -> Result<usize> {
    let mut gone = 0;
    while let Some(job) = service.store.read(move |conn| old::deleted_job(conn, before)).await? {
        gone += in_parts(service, move |conn| old::runs_of(conn, job, MOST), old::delete_runs).await?;
        let delete = move |tx: &mut Tx<'_>| old::delete_job(tx.conn, job);
        gone += engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), delete).await?;
    }
    Ok(gone)
}

/// Deletes the answers that were kept for repeated requests and have expired.
async fn answers(service: &Service, now: Instant) -> Result<usize> {
    let mut gone = 0;
    loop {
        let delete = move |tx: &mut Tx<'_>| idempotency::delete_expired(tx.conn, now, MOST);
        match engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), delete).await? {
            0 => return Ok(gone),
            some => gone += some,
        }
    }
}

/// Finds and deletes until there is no more. What is looked for is looked for on a worker that holds up no writer.
async fn in_parts(
    service: &Service,
    find: impl Fn(&mut Conn) -> Result<Vec<Id>> + Copy + Send + 'static,
    delete: fn(&mut Conn, &[Id]) -> Result<usize>,
) -> Result<usize> {
    let mut gone = 0;
    loop {
        let ids = service.store.read(find).await?;
        if ids.is_empty() {
            return Ok(gone);
        }
        let deleted = engine_transaction(RollbackPolicy::Savepoint, service, &daemon(), move |tx: &mut Tx<'_>| {
            delete(tx.conn, &ids)
        })
        .await?;
        if deleted == 0 {
            // Another daemon was faster.
            return Ok(gone);
        }
        gone += deleted;
    }
}
