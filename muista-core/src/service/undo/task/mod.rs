//! Undoing changes of tasks, as many at once as are alike, so that undoing what was done to thousands takes few queries a
//! task: here is what is read and refused, taking away what was made is in `made`, bringing back the rest in `restore`.

mod made;
mod restore;

use std::collections::HashMap;

use super::Reversal;
use super::record::{noted, refuse_others, snapshot, unchanged};
use crate::error::Result;
use crate::model::{AuditEntry, Id, Task};
use crate::service::access::Access;
use crate::service::audit::audited::RecordScope;
use crate::service::task::assemble;
use crate::service::tx::Tx;
use crate::store;
use restore::Back;

/// Reverts tasks whose entries are alike.
pub(super) fn revert(tx: &mut Tx<'_>, entries: &[AuditEntry], reversal: &mut Reversal<'_>) -> Result<()> {
    let ids: Vec<Id> = entries.iter().map(|entry| entry.record_id).collect();
    store::task::lock(tx.conn, &ids)?;
    let mut here: HashMap<Id, Task> =
        assemble::all_by_ids(tx.conn, &ids)?.into_iter().map(|task| (task.id, task)).collect();
    let (mut made, mut back, mut access) = (Vec::new(), Vec::new(), Access::of(tx.owner()));
    for entry in entries {
        let now = here.remove(&entry.record_id);
        let before = snapshot::<Task>(entry.before.as_ref())?;
        if let Some(task) = now.as_ref().or(before.as_ref()).filter(|_| !reversal.consequences.hold(entry)) {
            let place = RecordScope { owner: task.owner_id, project: task.project_id };
            refuse_others(tx, &mut access, entry, place, Some(task.number))?;
            reversal.allowed.extend([&now, &before].into_iter().flatten().filter_map(|task| task.series_id));
        }
        unchanged(entry, now.as_ref())?;
        match before {
            Some(task) => back.push(Back { now, task }),
            None => made.extend(now),
        }
    }
    made::delete_lone(tx, &made)?;
    restore::all(tx, &mut back, reversal)?;
    for (entry, task) in entries.iter().zip(&made) {
        noted(tx, entry, Some(task), None)?;
    }
    for (entry, back) in entries.iter().zip(&back) {
        noted(tx, entry, back.now.as_ref(), Some(&back.task))?;
    }
    Ok(())
}
