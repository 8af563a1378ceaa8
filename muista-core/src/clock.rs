//! Where the time comes from. The library never reads the wall clock itself: a [`Clock`] is passed in, so that tests
//! decide what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::time::Instant;

/// Tells the present moment.
pub trait Clock: Send + Sync {
    /// The present moment, in UTC.
    fn now(&self) -> Instant;

    /// Returns the time that leases are judged by, given one that nobody sets.
    fn lease_time(&self, steady: Instant) -> Instant {
        steady
    }
}

/// The time of leases, which goes on whatever the wall clock is set to. A database that several daemons share has a clock
/// of its own, which they all go by; else it is this machine's, from the wall clock's time when the process began.
#[derive(Clone)]
pub(crate) struct LeaseClock {
    clock: Arc<dyn Clock>,
    began: Instant,
    began_after_boot: Duration,
}

impl LeaseClock {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { began: clock.now(), began_after_boot: since_boot(), clock }
    }

    /// Returns the time of leases, given the database's where it has a clock of its own.
    pub(crate) fn now(&self, of_database: Option<Instant>) -> Instant {
        let steady = || self.began.plus(since_boot().saturating_sub(self.began_after_boot));
        self.clock.lease_time(of_database.unwrap_or_else(steady))
    }
}

/// How long the machine has run, sleep included (CLOCK_BOOTTIME).
fn since_boot() -> Duration {
    let time = clock_gettime(ClockId::Boottime);
    Duration::new(time.tv_sec.try_into().unwrap_or(0), time.tv_nsec.try_into().unwrap_or(0))
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

    fn lease_time(&self, _: Instant) -> Instant {
        self.now()
    }
}
