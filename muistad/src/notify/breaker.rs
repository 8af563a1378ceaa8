//! The circuit breaker of a channel: after failures in a row of the channel itself, messages wait, and one at a time
//! finds out whether it works again. Time is handed in.

use std::time::{Duration, Instant};

/// So many failures in a row open it.
const FAILURES: u32 = 5;
/// How long it stays open.
const OPEN: Duration = Duration::from_secs(30);
/// After this time a probe whose end nobody told counts as lost.
const PROBE: Duration = Duration::from_secs(120);

/// Where a breaker stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Messages pass.
    Closed,
    /// Messages wait.
    Open,
    /// One message passes and finds out.
    HalfOpen,
}

impl State {
    /// The name, as it stands in metrics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half-open",
        }
    }
}

/// Whether a message may be tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// It may.
    Yes,
    /// It may, alone: it is the probe.
    Probe,
    /// Not before this time.
    NotBefore(Instant),
}

/// A channel's breaker.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    failures: u32,
    open_until: Option<Instant>,
    probe_since: Option<Instant>,
}

impl Breaker {
    /// Whether a message may be tried now. After [`Allowed::Probe`] the caller tries one and tells what came of it.
    pub(crate) fn allow(&mut self, now: Instant) -> Allowed {
        let Some(until) = self.open_until else {
            return Allowed::Yes;
        };
        if now < until {
            return Allowed::NotBefore(until);
        }
        match self.probe_since.map(|since| since + PROBE) {
            Some(lost) if now < lost => Allowed::NotBefore(lost),
            _ => {
                self.probe_since = Some(now);
                Allowed::Probe
            }
        }
    }

    /// The channel works: it took a message, or refused that one alone.
    pub(crate) fn up(&mut self) {
        *self = Self::default();
    }

    /// The channel does not work.
    pub(crate) fn down(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES {
            self.open_until = Some(now + OPEN);
            self.probe_since = None;
        }
    }

    /// Where it stands, for metrics.
    pub(crate) fn state(&self, now: Instant) -> State {
        match self.open_until {
            None => State::Closed,
            Some(until) if now < until => State::Open,
            Some(_) => State::HalfOpen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert_eq!(breaker.allow(now), Allowed::Yes);
            breaker.down(now);
        }
        breaker
    }

    #[test]
    fn it_opens_after_five_failures_in_a_row() {
        let now = Instant::now();
        let mut breaker = opened(now);
        assert_eq!((breaker.allow(now), breaker.state(now)), (Allowed::NotBefore(now + OPEN), State::Open));

        let mut breaker = Breaker::default();
        for failures in 0..20 {
            breaker.down(now);
            if failures % 4 == 3 {
                breaker.up();
            }
            assert_eq!((breaker.allow(now), breaker.state(now)), (Allowed::Yes, State::Closed), "{failures}");
        }
    }

    #[test]
    fn one_probe_decides() {
        let start = Instant::now();
        let later = start + OPEN;
        let mut breaker = opened(start);
        assert_eq!((breaker.state(later), breaker.allow(later)), (State::HalfOpen, Allowed::Probe));
        assert!(matches!(breaker.allow(later), Allowed::NotBefore(_)), "one at a time");
        breaker.down(later);
        assert_eq!((breaker.allow(later), breaker.state(later)), (Allowed::NotBefore(later + OPEN), State::Open));
        let again = later + OPEN;
        assert_eq!(breaker.allow(again), Allowed::Probe);
        breaker.up();
        assert_eq!((breaker.allow(again), breaker.state(again)), (Allowed::Yes, State::Closed));
        for _ in 1..FAILURES {
            breaker.down(again);
        }
        assert_eq!(breaker.state(again), State::Closed, "counted anew");
    }

    #[test]
    fn a_lost_probe_does_not_close_the_channel_for_good() {
        let start = Instant::now();
        let mut breaker = opened(start);
        let later = start + OPEN;
        assert_eq!(breaker.allow(later), Allowed::Probe);
        assert_eq!(breaker.allow(later + PROBE), Allowed::Probe);
        assert_eq!(["closed", "open", "half-open"], [State::Closed, State::Open, State::HalfOpen].map(State::name));
    }
}
