//! What lanes do where fewer connections can be had than there are lanes: a pooler or a server may give out only so many.
//! Those that have one do the work of the others, whichever pool it was for, and the others try again ever more seldom.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::lane::{Counters, Job};
use super::queue::Queue;

/// How long a lane that could have no connection leaves it at that at first; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// How often a lane at rest looks whether it is needed after all.
const LOOK: Duration = Duration::from_millis(100);

/// A pool of lanes, as the others see it.
type Open = (Arc<Queue>, Arc<Counters>);

/// The pools of a store that are open.
#[derive(Default)]
pub(super) struct Relief(Mutex<Vec<Open>>);

impl Relief {
    /// Hands a job to a pool that has a connection, rather to the lane's own; returns it where none has.
    pub(super) fn take(&self, job: Job, own: &Arc<Counters>) -> Option<Job> {
        let pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut connected: Vec<_> = pools.iter().filter(|(_, pool)| pool.connected.load(Relaxed) > 0).collect();
        connected.sort_by_key(|(_, pool)| !Arc::ptr_eq(pool, own));
        match connected.first() {
            Some((queue, _)) => queue.pass(job),
            None => Some(job),
        }
    }

    /// Has a pool that begins be one of them.
    pub(super) fn join(&self, queue: &Arc<Queue>, pool: &Arc<Counters>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((Arc::clone(queue), Arc::clone(pool)));
    }

    /// Has a pool that ends be none of them any more.
    pub(super) fn leave(&self, pool: &Arc<Counters>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(_, other)| !Arc::ptr_eq(other, pool));
    }
}

/// When a lane without a connection tries to have one again.
#[derive(Debug, Default)]
pub(super) struct Rest {
    pause: Duration,
    until: Option<Instant>,
}

impl Rest {
    /// Notes whether a connection could be had.
    pub(super) fn note(&mut self, opened: bool) {
        self.pause = if opened { Duration::ZERO } else { (self.pause * 2).clamp(FIRST, LONGEST) };
        self.until = (!opened).then(|| Instant::now() + self.pause);
    }

    /// Whether it is time to try again.
    pub(super) fn is_over(&self) -> bool {
        self.until.is_none_or(|until| until <= Instant::now())
    }

    /// Waits while other lanes of the pool have a connection and this is to rest; whether it is time to try again then.
    pub(super) fn wait(&self, pool: &Counters) -> bool {
        let is_at_rest = self.until.is_some();
        while !self.is_over() && pool.connected.load(Relaxed) > 0 && !pool.closed.load(Relaxed) {
            std::thread::sleep(LOOK);
        }
        is_at_rest && self.is_over() && pool.connected.load(Relaxed) > 0 && !pool.closed.load(Relaxed)
    }
}
