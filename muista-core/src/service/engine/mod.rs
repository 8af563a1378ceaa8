//! The engine's use cases: what a daemon does by itself, on nobody's behalf. Each is one transaction; what waits between
//! them, and what is done outside them, is the daemon's.
//!
//! The rows that they write are the ledger themselves, so that they leave no audit entries.

mod backup;
mod blocked;
mod clean;
mod clean_files;
mod delivery;
mod fire;
mod fire_jobs;
mod held;
mod listen;
mod missed;
mod outbox;
pub mod run;
mod run_end;
mod run_slots;
mod run_told;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use backup::backup_duties;
pub(in crate::service) use backup::of_faults;
pub use backup::{BackupKind, BackupTurn, Performed, claim_backup, perform_backup, renew_backup};
pub(crate) use blocked::Blocked;
pub use clean::clean;
pub use delivery::{
    Delivery, Recorded, Verdict, claim_deliveries, next_delivery, queue_depth, record_deliveries, release_deliveries,
    renew_deliveries,
};
pub use fire::{Capacity, Fired, fire_due, trigger};
pub use fire_jobs::{FiredJobs, fire_due_jobs};
pub(crate) use held::HeldRuns;
pub use held::{Holding, hold_run};
pub use listen::listen;
pub(crate) use outbox::why;

use std::collections::HashSet;

use super::{Caller, Service};
use crate::error::Result;
use crate::model::{Id, Origin};
use crate::store::{Conn, firing};
use crate::time::Instant;

/// How long a lease lasts unless it is renewed (spec §5).
pub const LEASE: Duration = Duration::from_secs(30);

/// How many rows one transaction takes on at most.
const BATCH: usize = 500;

/// From how much on a thing is told to be late.
const LATE: Duration = Duration::from_secs(60);

/// When the next reminder and the next job fall due; in the past where one is due already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NextDue {
    /// The reminder.
    pub reminder: Option<Instant>,
    /// The job.
    pub job: Option<Instant>,
}

impl NextDue {
    /// The earlier of the two.
    #[must_use]
    pub fn first(self) -> Option<Instant> {
        [self.reminder, self.job].into_iter().flatten().min()
    }

    /// Reads both, but for those that are left alone for now.
    fn read(conn: &mut Conn, blocked: &Blocked, now: Instant) -> Result<Self> {
        let except = blocked.ids(now);
        let next = Self { reminder: firing::next_reminder(conn, &except)?, job: firing::next_job(conn, &except)? };
        let again = if except.is_empty() { None } else { blocked.next() };
        let earlier = |at: Option<Instant>| at.into_iter().chain(again).min();
        Ok(Self { reminder: earlier(next.reminder), job: earlier(next.job) })
    }
}

/// When the next reminder and the next job fall due.
///
/// # Errors
/// When the database does not answer.
pub async fn next_due(service: &Service) -> Result<NextDue> {
    let (blocked, now) = (Arc::clone(&service.blocked), service.now());
    service.store.read_for_engine(move |conn| NextDue::read(conn, &blocked, now)).await
}

/// Which of these accounts are out of use: nothing fires for them, and nothing is sent to them.
fn disabled(conn: &mut Conn, accounts: impl Iterator<Item = Id>) -> Result<HashSet<Id>> {
    // `local` cannot be taken out of use, and is most often the only one.
    let accounts: HashSet<Id> = accounts.filter(|id| *id != Id::LOCAL_USER).collect();
    if accounts.is_empty() {
        return Ok(HashSet::new());
    }
    let accounts: Vec<Id> = accounts.into_iter().collect();
    let users = firing::users(conn, &accounts)?;
    Ok(users.into_iter().filter(|user| user.disabled_at.is_some()).map(|user| user.id).collect())
}

/// The daemon itself.
pub(super) fn daemon() -> Caller {
    Caller { actor: "muistad".to_owned(), ..Caller::local(Origin::Daemon, None) }
}
