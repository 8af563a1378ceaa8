//! Where the time comes from. The library never reads the wall clock itself: a [`Clock`] is passed in, so that tests
//! decide what time it is.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::time::Instant;

/// Tells the present moment.
pub trait Clock: Send + Sync {
    /// The present moment, in UTC.
    fn now(&self) -> Instant;
}

/// The machine's wall clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::from_timestamp(jiff::Timestamp::now())
    }
}

/// A clock that stands still until it is set, for tests.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self(AtomicI64::new(now.as_micros()))
    }

    /// Sets the clock.
    pub fn set(&self, now: Instant) {
        self.0.store(now.as_micros(), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        // Only instants are ever stored here.
        Instant::from_micros(self.0.load(Ordering::SeqCst)).unwrap_or(Instant::MIN)
    }
}
