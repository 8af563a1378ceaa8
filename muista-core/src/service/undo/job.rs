//! Undoing a change of a job. How it stands stays as it is, and it goes on from now.

use super::record::{noted, refuse_others, snapshot, unchanged};
use crate::error::{Error, Result};
use crate::model::{AuditEntry, Job, JobStatus};
use crate::service::sight::Sight;
use crate::service::write::{Place, Tx};
use crate::service::{Work, job};
use crate::store;
use crate::store::rows::JobRow;

/// Reverts a job.
pub(super) fn revert(tx: &mut Tx<'_>, entry: &AuditEntry) -> Result<()> {
    let now = store::job::lock_id(tx.conn, entry.record_id)?.map(JobRow::into_job).transpose()?;
    let before = snapshot::<Job>(entry.before.as_ref())?;
    let places: Vec<Place> = [&now, &before].into_iter().flatten().map(place).collect();
    let mut sight = Sight::of(tx.owner());
    refuse_others(tx, &mut sight, entry, &places, None)?;
    unchanged(entry, now.as_ref())?;
    tx.wake(Work::Schedules);
    let Some(mut back) = before else {
        if let Some(now) = &now {
            refuse_used(tx, now)?;
            store::job::delete(tx.conn, now.id)?;
        }
        return noted(tx, entry, now.as_ref(), None);
    };
    back.version = now.as_ref().map_or(back.version, |now| now.version) + 1;
    back.updated_at = tx.now;
    // Its runs went with a job that was deleted.
    (back.status, back.last_run_at) =
        now.as_ref().map_or((JobStatus::Pending, back.last_run_at), |now| (now.status, now.last_run_at));
    back.next_run_at = job::next_run(&back, tx.now)?;
    restore_task(tx, &back)?;
    job::refuse_taken(tx, &back)?;
    match &now {
        Some(_) => store::job::update(tx.conn, &JobRow::of(&back)?)?,
        None => store::job::insert(tx.conn, &JobRow::of(&back)?)?,
    };
    noted(tx, entry, now.as_ref(), Some(&back))
}

fn place(job: &Job) -> Place {
    Place { owner: job.owner_id, project: None }
}

/// Refuses to delete, by undoing, a job that has a history.
fn refuse_used(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    if store::run::of_job(tx.conn, job.id, None, None, 1)?.is_empty() {
        return Ok(());
    }
    Err(Error::conflict(format!("the job {} has runs by now", job.name)).hint("delete it with `muista job rm`"))
}

/// Refuses to give a job to a task that is deleted.
fn restore_task(tx: &mut Tx<'_>, job: &Job) -> Result<()> {
    let Some(task) = job.task_id else { return Ok(()) };
    if store::task::places(tx.conn, &[task])?.is_empty() {
        return Err(Error::conflict(format!("the task of the job {} is deleted", job.name))
            .hint("undo that first; `muista log` shows the changes"));
    }
    Ok(())
}
