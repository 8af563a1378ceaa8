//! What a run that waits is waiting for, said when it is shown: its time, another run of its job, a slot, or its account.
//! Nothing of this is stored, since it changes with what others do.

use std::collections::HashMap;

use crate::config::RunSlots;
use crate::error::Result;
use crate::model::{Id, Overlap, Run, RunStatus, WaitingFor};
use crate::store::rows::WaitingRow;
use crate::store::{Conn, run, run_queue};
use crate::time::Instant;

/// Adds to each of these runs what it waits for, and when its next attempt begins.
pub(crate) fn explain(conn: &mut Conn, slots: &RunSlots, now: Instant, runs: &mut [Run]) -> Result<()> {
    let failed: Vec<Id> = runs.iter().filter(|run| run.status == RunStatus::Failed).map(|run| run.id).collect();
    let retries: HashMap<Id, Instant> =
        if failed.is_empty() { HashMap::new() } else { run::retries(conn, &failed)?.into_iter().collect() };
    let due: Vec<Id> =
        runs.iter().filter(|run| run.available_at.is_some_and(|at| at <= now)).map(|run| run.id).collect();
    let mut waiting = HashMap::new();
    let mut taken = Vec::new();
    if !due.is_empty() {
        waiting.extend(run::waiting(conn, &due)?.into_iter().map(|row| (row.run, row)));
        taken = run_queue::taken(conn, None)?;
    }
    for run in runs {
        if let Some(at) = retries.get(&run.id) {
            run.next_retry_at = Some(*at);
        }
        let reason = match (run.available_at, waiting.get(&run.id)) {
            (Some(at), _) if at > now => Some((WaitingFor::Time, "the time of its next attempt".to_owned())),
            (Some(_), Some(row)) => Some(obstacle(row, &taken, slots)),
            _ => None,
        };
        (run.waiting_for, run.waiting_reason) = reason.unzip();
    }
    Ok(())
}

/// What keeps a run from starting whose time has come. `taken` are the account and the job of each run that runs.
fn obstacle(row: &WaitingRow, taken: &[(Id, Id)], slots: &RunSlots) -> (WaitingFor, String) {
    if row.disabled_at.is_some() {
        return (WaitingFor::Account, "its account, which is disabled".to_owned());
    }
    if row.overlap != Overlap::Allow.as_str() && taken.iter().any(|(_, job)| *job == row.job) {
        return (WaitingFor::Run, "another run of this job to end".to_owned());
    }
    let own = taken.iter().filter(|(owner, _)| *owner == row.owner).count();
    let reason = match taken.len() {
        0 => "a daemon to start it".to_owned(),
        running => format!(
            "a slot: {running} {} run, {own} of this account; a daemon has {} slots (`scripts.slots`)",
            if running == 1 { "script" } else { "scripts" },
            slots.total
        ),
    };
    (WaitingFor::Place, reason)
}
