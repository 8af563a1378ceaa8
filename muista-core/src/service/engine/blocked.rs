//! [`Blocked`]: reminders and jobs whose time zone this machine does not know. They keep their cursors, so that nothing is
//! lost, and are looked at again from time to time; another daemon on the database may know the zone.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::model::Id;
use crate::time::Instant;

/// How long until one is looked at again.
const RETRY: Duration = Duration::from_secs(5 * 60);

/// What is left alone, each until when.
#[derive(Debug, Default)]
pub(crate) struct Blocked(Mutex<HashMap<Id, Instant>>);

impl Blocked {
    /// Those that are left alone now.
    pub(super) fn ids(&self, now: Instant) -> Vec<Id> {
        let mut blocked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back makes nothing wait for longer.
        blocked.retain(|_, until| *until > now && *until <= now.plus(RETRY));
        blocked.keys().copied().collect()
    }

    /// Leaves one alone for a while; `what` names it in the log.
    pub(super) fn add(&self, what: &str, id: Id, zone: Option<&str>, now: Instant) {
        tracing::error!(%id, zone, "the time zone of a {what} is not known here: it waits until it is");
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, now.plus(RETRY));
    }

    /// When the first is looked at again.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().min().copied()
    }
}
