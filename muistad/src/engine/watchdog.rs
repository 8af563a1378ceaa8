//! [`Watchdog`]: when each duty last looked around, for those who ask whether the engine lives. A duty looks around at
//! least every 30 seconds; one that hangs, or was lost by a fault, does not.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a duty may be silent before the engine counts as hanging.
const SILENCE: Duration = Duration::from_secs(90);

/// How long a duty may fail before the engine counts as failing: what met a change in between is done a moment later.
const PATIENCE: Duration = Duration::from_secs(5);

/// When each duty last looked around. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Watchdog {
    began: Instant,
    duties: Arc<Mutex<Vec<Heartbeat>>>,
}

/// The heartbeat of one duty.
#[derive(Debug, Clone)]
pub(super) struct Heartbeat {
    duty: &'static str,
    began: Instant,
    /// Milliseconds from the beginning.
    last: Arc<AtomicU64>,
    /// Milliseconds from the beginning until it began to fail; [`WELL`] while it does not.
    failing: Arc<AtomicU64>,
}

/// What stands for a duty that does not fail.
const WELL: u64 = u64::MAX;

impl Default for Watchdog {
    fn default() -> Self {
        Self { began: Instant::now(), duties: Arc::default() }
    }
}

impl Watchdog {
    /// Registers a duty that begins.
    pub(super) fn register(&self, duty: &'static str) -> Heartbeat {
        let heartbeat = Heartbeat { duty, began: self.began, last: Arc::default(), failing: Arc::new(WELL.into()) };
        heartbeat.beat();
        self.duties.lock().unwrap_or_else(PoisonError::into_inner).push(heartbeat.clone());
        heartbeat
    }

    /// Each duty with how long ago it looked around.
    pub(crate) fn ages(&self) -> Vec<(&'static str, Duration)> {
        let now = self.began.elapsed();
        let duties = self.duties.lock().unwrap_or_else(PoisonError::into_inner);
        let age = |heartbeat: &Heartbeat| now.saturating_sub(Duration::from_millis(heartbeat.last.load(Relaxed)));
        duties.iter().map(|heartbeat| (heartbeat.duty, age(heartbeat))).collect()
    }

    /// Returns the duty that has been silent for too long, with how long that is, if there is one.
    pub(crate) fn silent(&self) -> Option<(&'static str, Duration)> {
        self.ages().into_iter().find(|(_, age)| *age > SILENCE)
    }

    /// Returns the duty that has failed for too long, with how long that is, if there is one.
    pub(crate) fn failing(&self) -> Option<(&'static str, Duration)> {
        let now = self.began.elapsed();
        let duties = self.duties.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |heartbeat: &Heartbeat| match heartbeat.failing.load(Relaxed) {
            WELL => Duration::ZERO,
            began => now.saturating_sub(Duration::from_millis(began)),
        };
        duties.iter().map(|heartbeat| (heartbeat.duty, since(heartbeat))).find(|(_, age)| *age > PATIENCE)
    }
}

impl Heartbeat {
    /// Notes whether the duty's last turn failed.
    pub(super) fn set_failing(&self, fails: bool) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(WELL - 1);
        let began = self.failing.load(Relaxed);
        self.failing.store(if !fails { WELL } else { began.min(now) }, Relaxed);
    }

    /// Notes that the duty looks around now.
    pub(super) fn beat(&self) {
        self.last.store(u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX), Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duty_that_is_silent_for_long_is_named() {
        let Some(began) = Instant::now().checked_sub(SILENCE * 2) else { return };
        let watchdog = Watchdog { began, ..Watchdog::default() };
        let (beating, silent) = (watchdog.register("beating"), watchdog.register("silent"));
        assert_eq!(watchdog.silent(), None);
        silent.last.store(0, Relaxed);
        beating.beat();
        assert_eq!(watchdog.silent().map(|(duty, _)| duty), Some("silent"));
        silent.beat();
        assert_eq!(watchdog.silent(), None);
    }
}
