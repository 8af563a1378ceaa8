//! One channel's way: the messages that wait here for it, how many are being sent, and whether it works at all.

use std::collections::VecDeque;
use std::time::Duration;

use muista_core::metrics::Breaker as State;
use muista_core::model::Id;
use muista_core::service::engine::{Delivery, Verdict};
use muista_core::time::Instant;

use super::super::duty::later;
use super::breaker::Breaker;
use super::sender::Outcome;

/// How long a message waits whose channel does not work but is still used.
const PAUSE: Duration = Duration::from_secs(1);

/// One channel's way.
#[derive(Debug)]
pub(super) struct Lane {
    queue: VecDeque<Delivery>,
    sending: usize,
    concurrency: usize,
    breaker: Breaker,
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
            ready: None,
        }
    }

    /// How many messages it may hold: those that are sent at once and as many that follow.
    pub(super) fn most(&self) -> usize {
        match self.breaker.state() {
            State::Closed => self.concurrency * 2,
            State::HalfOpen => 1,
            State::Open => 0,
        }
    }

    /// Whether it takes messages.
    pub(super) fn is_open(&self) -> bool {
        self.most() > 0
    }

    pub(super) fn breaker_state(&self) -> State {
        self.breaker.state()
    }

    pub(super) fn queue(&mut self, delivery: Delivery) {
        self.queue.push_back(delivery);
    }

    /// The next message to send, if one can be begun.
    pub(super) fn begin(&mut self) -> Option<Delivery> {
        let most = self.concurrency.min(self.most());
        let next = if self.sending < most { self.queue.pop_front() } else { None };
        self.sending += usize::from(next.is_some());
        next
    }

    /// Takes note of how a message ended, and says what becomes of it.
    pub(super) fn end(&mut self, outcome: Outcome, now: Instant) -> Verdict {
        self.sending = self.sending.saturating_sub(1);
        match outcome {
            Outcome::Down { error } => {
                self.breaker.fails(now);
                let at = self.breaker.rests_until().unwrap_or_else(|| later(now, PAUSE));
                Verdict::Released { at, error: Some(error) }
            }
            answered => {
                self.breaker.works();
                match answered {
                    Outcome::Retry { after, error } => Verdict::Retry { at: later(now, after), error },
                    Outcome::Failed { error } => Verdict::Failed { error },
                    Outcome::Sent | Outcome::Down { .. } => Verdict::Sent,
                }
            }
        }
    }

    /// Takes all that waits out of the queue.
    pub(super) fn give_back(&mut self) -> Vec<Delivery> {
        self.queue.drain(..).collect()
    }

    /// Forgets a message that is no longer this daemon's.
    pub(super) fn forget(&mut self, id: Id, sending: bool) {
        let before = self.queue.len();
        self.queue.retain(|delivery| delivery.id != id);
        if sending && self.queue.len() == before {
            self.sending = self.sending.saturating_sub(1);
        }
    }

    /// When it is to be looked at next.
    pub(super) fn next(&self, now: Instant) -> Option<Instant> {
        match self.breaker.rests_until() {
            Some(until) => Some(until),
            // What is ready already waits for room, and room comes with an event.
            None => self.ready.filter(|at| *at > now),
        }
    }

    /// Ends the rest where its time is over; returns whether it was.
    pub(super) fn try_again(&mut self, now: Instant) -> bool {
        self.breaker.try_again(now)
    }
}
