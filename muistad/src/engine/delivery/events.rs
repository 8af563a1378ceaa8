//! What the delivery duty makes of what happened elsewhere: messages that were sent or not, taken, written down, lost.

use std::collections::HashSet;

use muista_core::clock::{Clock as _, SystemClock};
use muista_core::error::Result;
use muista_core::metrics::Breaker;
use muista_core::model::{Channel, Id};
use muista_core::service::engine::{Delivery, Recorded, Verdict};
use muista_core::time::Instant;
use tokio::time::Instant as Ticks;

use super::super::duty::More;
use super::{Deliveries, NAME, Outcome, Sender, UNSURE, released};
use crate::notify::State;

/// What happened elsewhere.
pub(super) enum Event {
    /// A message was sent, or not.
    Done(Id, Outcome),
    /// What came of messages was written down, or not.
    Recorded(Vec<Recorded>, Result<usize>),
    /// Messages of a channel were taken, so many at most.
    Claimed(Channel, usize, Result<Vec<Delivery>>),
    /// When the first messages may be taken.
    Next(Result<Vec<(Channel, Option<Instant>)>>),
    /// Leases were renewed, all but these.
    Renewed(Result<HashSet<Id>>),
}

impl<S: Sender> Deliveries<S> {
    pub(super) fn handle_event(&mut self, event: Event) {
        match event {
            Event::Done(id, outcome) => self.done(id, outcome),
            Event::Recorded(batch, Ok(_)) => {
                self.recording = false;
                self.good();
                for one in batch {
                    // What waits again is to be found again.
                    self.needs_poll |= matches!(one.verdict, Verdict::Retry { .. } | Verdict::Released { .. });
                    self.let_go(one.id);
                }
            }
            Event::Recorded(batch, Err(error)) => {
                self.recording = false;
                self.pending_results.splice(..0, batch);
                self.failed(&error);
            }
            Event::Claimed(channel, most, claimed) => self.claimed(channel, most, claimed),
            Event::Next(Ok(next)) => {
                self.claiming = false;
                self.good();
                for (channel, ready) in next {
                    if let Some(queue) = self.queues.get_mut(&channel) {
                        queue.ready = ready;
                    }
                }
            }
            Event::Next(Err(error)) => {
                (self.claiming, self.needs_poll) = (false, true);
                self.failed(&error);
            }
            Event::Renewed(renewed) => self.renewed(renewed),
        }
    }

    fn done(&mut self, id: Id, outcome: Outcome) {
        // It was lost, and its task ended before it was told.
        let Some((lease, channel)) = self.in_flight.sent(id) else { return };
        let Some(queue) = self.queues.get_mut(&channel) else { return };
        let now = SystemClock.now();
        let verdict = queue.end(id, outcome, now, std::time::Instant::now());
        self.pending_results.push(Recorded { id, lease, channel, verdict });
        self.refresh_breaker(channel);
    }

    /// Takes note of whether a channel is used, where that has changed.
    pub(super) fn refresh_breaker(&mut self, channel: Channel) {
        let Some(queue) = self.queues.get_mut(&channel) else { return };
        let Some(state) = queue.refresh_breaker(std::time::Instant::now()) else { return };
        tracing::info!(%channel, breaker = state.name(), "a channel's breaker has changed");
        self.capacity.set_limit(channel, queue.most());
        self.service.metrics().breaker(channel, shown(state));
        self.empty(channel);
    }

    /// Gives back what waits here for a channel that is not used for a while.
    fn empty(&mut self, channel: Channel) {
        let now = SystemClock.now();
        let Some(queue) = self.queues.get_mut(&channel).filter(|queue| !queue.is_open()) else { return };
        let waiting = queue.give_back();
        self.pending_results.extend(waiting.into_iter().map(|delivery| released(&delivery, now)));
        self.needs_poll = true;
    }

    fn claimed(&mut self, channel: Channel, most: usize, claimed: Result<Vec<Delivery>>) {
        self.claiming = false;
        let taken = claimed.as_ref().map_or(0, Vec::len);
        self.capacity.release(channel, most.saturating_sub(taken));
        match claimed {
            Ok(deliveries) => {
                self.good();
                // All there was: when there is more has to be asked.
                if deliveries.len() < most {
                    self.needs_poll = true;
                    if let Some(queue) = self.queues.get_mut(&channel) {
                        queue.ready = None;
                    }
                }
                self.accept(deliveries);
            }
            Err(error) => self.failed(&error),
        }
    }

    /// Takes up messages that are this daemon's. Their room was taken before.
    pub(super) fn accept(&mut self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            self.in_flight.add(&delivery);
            match self.queues.get_mut(&delivery.channel).filter(|queue| queue.is_open() && !self.stopping) {
                Some(queue) => queue.push(delivery),
                None => self.pending_results.push(released(&delivery, SystemClock.now())),
            }
        }
    }

    fn renewed(&mut self, renewed: Result<HashSet<Id>>) {
        self.renewing = false;
        match renewed {
            Ok(lost) => {
                self.renewed = Ticks::now();
                // What was written down meanwhile is no longer held, and so not lost.
                let lost: Vec<Id> = lost.into_iter().filter(|id| self.in_flight.has(*id)).collect();
                for id in lost {
                    tracing::warn!(notification = %id, "another daemon has taken a message over");
                    self.drop_in_flight(id);
                }
            }
            Err(error) => {
                if self.renewed.elapsed() >= UNSURE {
                    tracing::warn!(%error, "leases could not be renewed; what is in flight is given up");
                    self.in_flight.unsure().into_iter().for_each(|id| self.drop_in_flight(id));
                }
                self.failed(&error);
            }
        }
    }

    pub(super) fn drop_in_flight(&mut self, id: Id) {
        for queue in self.queues.values_mut() {
            queue.forget(id);
        }
        self.pending_results.retain(|one| one.id != id);
        self.let_go(id);
    }

    fn let_go(&mut self, id: Id) {
        if let Some(channel) = self.in_flight.remove(id) {
            self.capacity.release(channel, 1);
        }
    }

    fn good(&mut self) {
        let _ = self.rest.after(NAME, Ok(More::Now), SystemClock.now());
    }

    fn failed(&mut self, error: &muista_core::error::Error) {
        let pause = self.rest.failed(NAME, error);
        self.rest_until = Some(Ticks::now() + pause);
    }
}

fn shown(state: State) -> Breaker {
    match state {
        State::Closed => Breaker::Closed,
        State::HalfOpen => Breaker::HalfOpen,
        State::Open => Breaker::Open,
    }
}
