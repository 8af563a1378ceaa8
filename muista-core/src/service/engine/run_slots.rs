//! Which run starts next: the slots that a daemon runs scripts in, shared between accounts and jobs. Taking a run is
//! `run`'s.
//!
//! A script that runs is not stopped for another one's sake, so what is shared is what is still free:
//! - an account that runs `n` scripts gets another slot only while more than `n` are free, unless no other account has
//!   jobs. So there is a slot for one more account, however many scripts the others run and however long these take;
//! - an account has no more than `scripts.account_slots`, a job no more than `scripts.job_slots`;
//! - of the runs that may start, those of the account that runs the fewest scripts come first, then the longest waiting.

use std::collections::{BTreeMap, BTreeSet};

use crate::config::RunSlots;
use crate::error::Result;
use crate::model::Id;
use crate::store::rows::Pick;
use crate::store::{Conn, job, run_queue as queue};
use crate::time::Instant;

/// The scripts that one daemon runs.
struct Taken {
    /// How many, by account.
    owners: BTreeMap<Id, usize>,
    /// The accounts that get no further slot now.
    full: Vec<Id>,
    /// The jobs that get no further slot now.
    full_jobs: Vec<Id>,
}

/// When the first run may start that there is a slot for; none where there is no such run, or no slot.
pub(super) fn next(conn: &mut Conn, slots: &RunSlots, worker: &str) -> Result<Option<Instant>> {
    let Some(taken) = Taken::read(conn, slots, worker)? else { return Ok(None) };
    let pick = Pick { not_owners: taken.full, not_jobs: taken.full_jobs, ..Pick::default() };
    Ok(queue::first(conn, &pick)?.map(|(.., at)| at))
}

/// The run that is to start now, and its job; none where there is no such run, or no slot.
pub(super) fn due(conn: &mut Conn, slots: &RunSlots, worker: &str, now: Instant) -> Result<Option<(Id, Id)>> {
    let Some(taken) = Taken::read(conn, slots, worker)? else { return Ok(None) };
    for pick in taken.picks() {
        if let Some((run, job, available)) = queue::first(conn, &pick)?
            && available <= now
        {
            return Ok(Some((run, job)));
        }
    }
    Ok(None)
}

impl Taken {
    /// The scripts that `worker` runs; none where it has no free slot.
    fn read(conn: &mut Conn, slots: &RunSlots, worker: &str) -> Result<Option<Self>> {
        let all = queue::taken(conn, Some(worker))?;
        let free = slots.total.saturating_sub(all.len());
        if free == 0 {
            return Ok(None);
        }
        let (mut owners, mut jobs) = (BTreeMap::new(), BTreeMap::new());
        for (owner, job) in all {
            *owners.entry(owner).or_insert(0) += 1;
            *jobs.entry(job).or_insert(0) += 1;
        }
        let wants_share = owners.values().any(|count| *count >= free);
        let alone = wants_share && job::owners(conn)? < 2;
        let is_full = |count: usize| count >= slots.account || (count >= free && !alone);
        let full = owners.iter().filter(|(_, count)| is_full(**count)).map(|(owner, _)| *owner).collect();
        let full_jobs = jobs.into_iter().filter(|(_, count)| *count >= slots.job).map(|(job, _)| job).collect();
        Ok(Some(Self { owners, full, full_jobs }))
    }

    /// Where to look for a run, the accounts that run the fewest scripts first.
    fn picks(&self) -> Vec<Pick> {
        let idle = self.owners.keys().copied().collect();
        let mut picks = vec![Pick { not_owners: idle, not_jobs: self.full_jobs.clone(), ..Pick::default() }];
        let counts: BTreeSet<usize> = self.owners.values().copied().collect();
        for count in counts {
            let same = self.owners.iter().filter(|(owner, own)| **own == count && !self.full.contains(owner));
            let owners: Vec<Id> = same.map(|(owner, _)| *owner).collect();
            if !owners.is_empty() {
                picks.push(Pick { owners, not_jobs: self.full_jobs.clone(), ..Pick::default() });
            }
        }
        picks
    }
}
