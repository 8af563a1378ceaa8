//! Whether a channel is used. After some failures in a row that are the channel's own it rests, and then one message is
//! tried; its messages wait meanwhile, and spend no attempts (spec §5).

use std::time::Duration;

use muista_core::metrics::Breaker as State;
use muista_core::time::Instant;

use super::super::duty::later;

/// After how many failures in a row it rests.
const FAILURES: u32 = 5;
/// How long it rests.
const REST: Duration = Duration::from_secs(30);

/// The breaker of one channel.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    /// Until when the channel rests; past once one message is tried.
    until: Option<Instant>,
    probing: bool,
}

impl Breaker {
    pub(super) fn state(&self) -> State {
        match (self.until, self.probing) {
            (None, _) => State::Closed,
            (Some(_), true) => State::HalfOpen,
            (Some(_), false) => State::Open,
        }
    }

    /// Notes that the channel works.
    pub(super) fn works(&mut self) {
        *self = Self::default();
    }

    /// Notes that it does not.
    pub(super) fn fails(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        if self.probing || self.failures >= FAILURES {
            (self.probing, self.until) = (false, Some(later(now, REST)));
        }
    }

    /// When it is tried again, while it rests.
    pub(super) fn rests_until(&self) -> Option<Instant> {
        self.until.filter(|_| !self.probing)
    }

    /// Ends the rest where its time is over; returns whether it was.
    pub(super) fn try_again(&mut self, now: Instant) -> bool {
        let over = self.rests_until().is_some_and(|until| until <= now);
        self.probing |= over;
        over
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
    use super::*;

    #[test]
    fn five_failures_in_a_row_open_it_and_one_success_closes_it() {
        let now = Instant::from_micros(0).unwrap();
        let mut breaker = Breaker::default();
        (0..4).for_each(|_| breaker.fails(now));
        breaker.works();
        (0..4).for_each(|_| breaker.fails(now));
        assert_eq!(breaker.state(), State::Closed);
        breaker.fails(now);
        assert_eq!(breaker.state(), State::Open);
        assert!(!breaker.try_again(later(now, REST - Duration::from_millis(1))));
        assert!(breaker.try_again(later(now, REST)));
        assert_eq!(breaker.state(), State::HalfOpen);
        breaker.fails(later(now, REST));
        assert_eq!((breaker.state(), breaker.rests_until()), (State::Open, Some(later(now, REST * 2))));
        breaker.try_again(later(now, REST * 2));
        breaker.works();
        assert_eq!(breaker.state(), State::Closed);
    }
}
