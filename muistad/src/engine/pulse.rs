//! [`Pulse`]: when each duty last looked around, for those who ask whether the engine lives. A duty looks around at least
//! every 30 seconds; one that hangs, or was lost by a fault, does not.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a duty may be silent before the engine counts as hanging.
const SILENCE: Duration = Duration::from_secs(90);

/// How long a duty may fail before the engine counts as failing: what met a change in between is done a moment later.
const PATIENCE: Duration = Duration::from_secs(5);

/// When each duty last looked around. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Pulse {
    began: Instant,
    duties: Arc<Mutex<Vec<Beat>>>,
}

/// One duty's.
#[derive(Debug, Clone)]
pub(super) struct Beat {
    duty: &'static str,
    began: Instant,
    /// Milliseconds from the beginning.
    last: Arc<AtomicU64>,
    /// Milliseconds from the beginning until it began to fail; [`WELL`] while it does not.
    failing: Arc<AtomicU64>,
}

/// What stands for a duty that does not fail.
const WELL: u64 = u64::MAX;

impl Default for Pulse {
    fn default() -> Self {
        Self { began: Instant::now(), duties: Arc::default() }
    }
}

impl Pulse {
    /// The beat of a duty that begins.
    pub(super) fn of(&self, duty: &'static str) -> Beat {
        let beat = Beat { duty, began: self.began, last: Arc::default(), failing: Arc::new(WELL.into()) };
        beat.beat();
        self.duties.lock().unwrap_or_else(PoisonError::into_inner).push(beat.clone());
        beat
    }

    /// Each duty with how long ago it looked around.
    pub(crate) fn ages(&self) -> Vec<(&'static str, Duration)> {
        let now = self.began.elapsed();
        let duties = self.duties.lock().unwrap_or_else(PoisonError::into_inner);
        let age = |beat: &Beat| now.saturating_sub(Duration::from_millis(beat.last.load(Relaxed)));
        duties.iter().map(|beat| (beat.duty, age(beat))).collect()
    }

    /// The duty that has been silent for too long, with how long that is, if there is one.
    pub(crate) fn silent(&self) -> Option<(&'static str, Duration)> {
        self.ages().into_iter().find(|(_, age)| *age > SILENCE)
    }

    /// The duty that has failed for too long, with how long that is, if there is one.
    pub(crate) fn failing(&self) -> Option<(&'static str, Duration)> {
        let now = self.began.elapsed();
        let duties = self.duties.lock().unwrap_or_else(PoisonError::into_inner);
        let since = |beat: &Beat| match beat.failing.load(Relaxed) {
            WELL => Duration::ZERO,
            began => now.saturating_sub(Duration::from_millis(began)),
        };
        duties.iter().map(|beat| (beat.duty, since(beat))).find(|(_, age)| *age > PATIENCE)
    }
}

impl Beat {
    /// Whether the duty's last turn failed.
    pub(super) fn stands(&self, fails: bool) {
        let now = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(WELL - 1);
        let began = self.failing.load(Relaxed);
        self.failing.store(if !fails { WELL } else { began.min(now) }, Relaxed);
    }

    /// The duty looks around now.
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
        let pulse = Pulse { began, ..Pulse::default() };
        let (beating, silent) = (pulse.of("beating"), pulse.of("silent"));
        assert_eq!(pulse.silent(), None);
        silent.last.store(0, Relaxed);
        beating.beat();
        assert_eq!(pulse.silent().map(|(duty, _)| duty), Some("silent"));
        silent.beat();
        assert_eq!(pulse.silent(), None);
    }
}
