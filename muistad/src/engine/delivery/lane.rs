//! One channel's way: the messages that wait here for it, how many are being sent, and whether it works at all.

use std::collections::VecDeque;
use std::time::{Duration, Instant as Ticks};

use muista_core::model::Id;
use muista_core::service::engine::{Delivery, Verdict};
use muista_core::time::Instant;

use super::sender::Outcome;
use crate::notify::{Allowed, Breaker, State};

/// How long a message waits whose channel does not work but is still used.
const PAUSE: Duration = Duration::from_secs(1);

/// One channel's way.
#[derive(Debug)]
pub(super) struct Lane {
    queue: VecDeque<Delivery>,
    sending: usize,
    concurrency: usize,
    breaker: Breaker,
    /// How the breaker stood when it was last looked at.
    state: State,
    /// When the first message that nobody has taken may be; none when there is none.
    pub(super) ready: Option<Instant>,
}

impl Lane {
    pub(super) fn new(concurrency: usize) -> Self {
        Self {
            queue: VecDeque::new(),
            sending: 0,
            concurrency: concurrency.max(1),
            breaker: Breaker::default(),
            state: State::Closed,
            ready: None,
        }
    }

    /// How many messages it may hold: those that are sent at once and as many that follow.
    pub(super) fn most(&self) -> usize {
        match self.state {
            State::Closed => self.concurrency * 2,
            State::HalfOpen => 1,
            State::Open => 0,
        }
    }

    /// Whether it takes messages.
    pub(super) fn is_open(&self) -> bool {
        self.most() > 0
    }

    /// Looks at the breaker; returns how it stands where that has changed.
    pub(super) fn look(&mut self, ticks: Ticks) -> Option<State> {
        let state = self.breaker.state(ticks);
        (std::mem::replace(&mut self.state, state) != state).then_some(state)
    }

    pub(super) fn queue(&mut self, delivery: Delivery) {
        self.queue.push_back(delivery);
    }

    /// The next message to send, if one can be begun.
    pub(super) fn begin(&mut self, ticks: Ticks) -> Option<Delivery> {
        if self.queue.is_empty() || self.sending >= self.concurrency.min(self.most()) {
            return None;
        }
        if matches!(self.breaker.allow(ticks), Allowed::NotBefore(_)) {
            return None;
        }
        self.sending += 1;
        self.queue.pop_front()
    }

    /// Takes note of how a message ended, and says what becomes of it.
    pub(super) fn end(&mut self, outcome: Outcome, now: Instant, ticks: Ticks) -> Verdict {
        self.sending = self.sending.saturating_sub(1);
        if !matches!(outcome, Outcome::Down { .. }) {
            self.breaker.up();
        }
        match outcome {
            Outcome::Sent => Verdict::Sent,
            Outcome::Retry { after, error } => Verdict::Retry { at: now.plus(after), error },
            Outcome::Failed { error } => Verdict::Failed { error },
            Outcome::Down { error } => {
                self.breaker.down(ticks);
                let wait = self.rest(ticks).unwrap_or(PAUSE);
                Verdict::Released { at: now.plus(wait), error: Some(error) }
            }
        }
    }

    /// Takes all that waits out of the queue.
    pub(super) fn give_back(&mut self) -> Vec<Delivery> {
        self.queue.drain(..).collect()
    }

    /// Forgets a message that is no longer this daemon's.
    pub(super) fn forget(&mut self, id: Id, sending: bool) {
        self.queue.retain(|delivery| delivery.id != id);
        self.sending = self.sending.saturating_sub(usize::from(sending));
    }

    /// When it is to be looked at next.
    pub(super) fn next(&mut self, now: Instant, ticks: Ticks) -> Option<Instant> {
        match self.rest(ticks) {
            Some(rest) => Some(now.plus(rest)),
            // What is ready already waits for room, and room comes with an event.
            None => self.ready.filter(|at| *at > now),
        }
    }

    /// How long it is not used; none when it is.
    fn rest(&mut self, ticks: Ticks) -> Option<Duration> {
        // Asking at any other time would begin a probe.
        if self.breaker.state(ticks) != State::Open {
            return None;
        }
        match self.breaker.allow(ticks) {
            Allowed::NotBefore(until) => Some(until.saturating_duration_since(ticks)),
            Allowed::Yes | Allowed::Probe => None,
        }
    }
}
