//! Undoing a change of a job. How it stands stays as it is, and it goes on from now. One that was deleted comes back with
//! its runs and what they wrote, as long as it was not cleaned away; after that it comes back without.

use super::Reversal;
use super::record::{noted, refuse_others, snapshot, unchanged};
use crate::error::{Error, Result};
use crate::model::{AuditEntry, Id, Job, JobStatus};
use crate::service::access::Access;
use crate::service::audit::audited::RecordScope;
use crate::service::tx::Tx;
use crate::service::{Topic, job};
use crate::store;
use crate::store::rows::JobRow;

/// Reverts a job.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry, reversal: &Reversal<'_>) -> Result<()> {
    let kept = store::job::lock_id(tx.conn, entry.record_id)?.map(JobRow::into_job).transpose()?;
    let is_deleted = store::job::is_deleted(tx.conn, entry.record_id)?;
    let now = kept.clone().filter(|_| !is_deleted);
    let before = snapshot::<Job>(entry.before.as_ref())?;
    let follows = reversal.consequences.hold(entry);
    if let Some(place) = now.as_ref().or(before.as_ref()).map(scope).filter(|_| !follows) {
        refuse_others(tx, &mut Access::of(tx.owner()), entry, place, None)?;
    }
    unchanged(entry, now.as_ref())?;
    if let Some(back) = before.as_ref().filter(|_| !follows) {
        job::refuse_command(&tx.caller, reversal.settings, now.as_ref(), back)?;
    }
    tx.publish(Topic::Schedules);
    let Some(mut back) = before else {
        if let Some(now) = &now {
            refuse_used(tx, now)?;
            job::bury(tx, now)?;
        }
        return noted(tx, entry, now.as_ref(), None);
    };
    back.version = now.as_ref().map_or(back.version, |now| now.version) + 1;
    back.updated_at = tx.now;
    match &kept {
        // How it stands is not what anybody changed.
        Some(kept) => (back.status, back.last_run_at) = (kept.status, kept.last_run_at),
        // It was cleaned away with its runs.
        None => back.status = JobStatus::Pending,
    }
    back.next_run_at = job::next_run(&back, tx.now)?;
    refuse_task(tx, &back, now.as_ref().and_then(|now| now.task_id))?;
    job::refuse_taken(tx, &back)?;
    match (&kept, &now) {
        (_, Some(_)) => store::job::update(tx.conn, &JobRow::of(&back)?)?,
        (Some(_), None) => store::job::revive(tx.conn, &JobRow::of(&back)?)?,
        (None, None) => store::job::insert(tx.conn, &JobRow::of(&back)?)?,
    };
    job::note_definer(tx, &back)?;
    noted(tx, entry, now.as_ref(), Some(&back))
}

fn scope(job: &Job) -> RecordScope {
    RecordScope { owner: job.owner_id, project: None }
}

/// Refuses to delete, by undoing, a job that has a history.
fn refuse_used(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    if store::run::of_job(tx.conn, job.id, None, None, 1)?.is_empty() {
        return Ok(());
    }
    Err(Error::conflict(format!("the job {} has runs by now", job.name)).hint("delete it with `muista job rm`"))
}

/// Refuses to give a job to a task that is deleted, or that the job's owner does not see; that which it has stays.
fn refuse_task(tx: &mut Tx<'_>, job: &Job, now: Option<Id>) -> Result<()> {
    let Some(task) = job.task_id.filter(|task| now != Some(*task)) else { return Ok(()) };
    let Some((_, owner, project)) = store::task::places(tx.conn, &[task])?.pop() else {
        return Err(Error::conflict(format!("the task of the job {} is deleted", job.name))
            .hint("undo that first; `muista log` shows the changes"));
    };
    match Access::of(job.owner_id).permission(tx.conn, owner, project)? {
        Some(_) => Ok(()),
        None => Err(Error::not_found(format!("task of the job {}", job.name))
            .hint("somebody else has it, and does not share it any more")),
    }
}
