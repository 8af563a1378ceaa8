//! [`HeldRuns`]: the runs that this process works on. It never takes them for those of a daemon that is gone.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::run::Lease;
use crate::service::Service;

/// The leases on runs that this process works under.
#[derive(Debug, Default)]
pub(crate) struct HeldRuns(Mutex<HashSet<Lease>>);

/// Marks a run as worked on by this process, until it is dropped.
#[derive(Debug)]
pub struct Holding {
    held: Arc<HeldRuns>,
    lease: Lease,
}

impl HeldRuns {
    /// Whether this process works under the lease.
    pub(super) fn has(&self, lease: Lease) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&lease)
    }
}

/// Marks a run that was claimed as worked on by this process.
#[must_use]
pub fn hold_run(service: &Service, lease: Lease) -> Holding {
    let held = Arc::clone(&service.held);
    held.0.lock().unwrap_or_else(PoisonError::into_inner).insert(lease);
    Holding { held, lease }
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.held.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.lease);
    }
}
