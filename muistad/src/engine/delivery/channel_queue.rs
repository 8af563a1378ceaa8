//! [`ChannelQueue`]: the messages that wait here for it, how many are being sent, and whether it works at all.

use std::collections::VecDeque;
use std::time::{Duration, Instant as Ticks};

use muista_core::model::Id;
use muista_core::service::engine::{Delivery, Verdict};
use muista_core::time::Instant;

use super::sender::Outcome;
use crate::notify::{Allowed, Breaker, State};

/// How long a message waits whose channel does not work but is still used.
const PAUSE: Duration = Duration::from_secs(1);

/// A message that takes longer than this waits for its server: others are sent beside it.
const SLOW: Duration = Duration::from_secs(5);

/// One channel's messages on their way.
#[derive(Debug)]
pub(super) struct ChannelQueue {
    queue: VecDeque<Delivery>,
    /// The messages that are being sent, and since when.
    sending: Vec<(Id, Ticks)>,
    concurrency: usize,
    /// How many messages may wait for slow servers beside those.
    patience: usize,
    /// How many did when this was last looked at.
    slow: usize,
    breaker: Breaker,
    /// How the breaker stood when it was last looked at.
    state: State,
    /// When the first message that nobody has taken may be; none when there is none.
    pub(super) ready: Option<Instant>,
}

impl ChannelQueue {
    pub(super) fn new(concurrency: usize, patience: usize) -> Self {
        Self {
            queue: VecDeque::new(),
            sending: Vec::new(),
            concurrency: concurrency.max(1),
            patience,
            slow: 0,
            breaker: Breaker::default(),
            state: State::Closed,
            ready: None,
        }
    }

    /// Returns how many messages it may hold: those that are sent at once and as many that follow, and those that wait
    /// for slow servers.
    pub(super) fn most(&self) -> usize {
        match self.state {
            State::Closed => self.concurrency * 2 + self.slow,
            State::HalfOpen => 1,
            State::Open => 0,
        }
    }

    /// Counts the messages that wait for slow servers; returns whether there are others than before.
    pub(super) fn count_slow(&mut self, ticks: Ticks) -> bool {
        let slow = self.sending.iter().filter(|(_, since)| ticks.saturating_duration_since(*since) >= SLOW).count();
        let slow = slow.min(self.patience);
        std::mem::replace(&mut self.slow, slow) != slow
    }

    /// Returns whether it takes messages.
    pub(super) fn is_open(&self) -> bool {
        self.most() > 0
    }

    /// Looks at the breaker; returns how it stands where that has changed.
    pub(super) fn refresh_breaker(&mut self, ticks: Ticks) -> Option<State> {
        let state = self.breaker.state(ticks);
        (std::mem::replace(&mut self.state, state) != state).then_some(state)
    }

    pub(super) fn push(&mut self, delivery: Delivery) {
        self.queue.push_back(delivery);
    }

    /// Returns the next message to send, if one can be begun.
    pub(super) fn begin(&mut self, ticks: Ticks) -> Option<Delivery> {
        let at_once = if self.state == State::Closed { self.concurrency + self.slow } else { self.most() };
        if self.queue.is_empty() || self.sending.len() >= at_once {
            return None;
        }
        if matches!(self.breaker.allow(ticks), Allowed::NotBefore(_)) {
            return None;
        }
        let delivery = self.queue.pop_front()?;
        self.sending.push((delivery.id, ticks));
        Some(delivery)
    }

    /// Takes note of how a message ended, and says what becomes of it.
    pub(super) fn end(&mut self, id: Id, outcome: Outcome, now: Instant, ticks: Ticks) -> Verdict {
        self.sending.retain(|(sent, _)| *sent != id);
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
    pub(super) fn forget(&mut self, id: Id) {
        self.queue.retain(|delivery| delivery.id != id);
        self.sending.retain(|(sent, _)| *sent != id);
    }

    /// Returns the instant at which it is to be looked at next.
    pub(super) fn next(&mut self, now: Instant, ticks: Ticks) -> Option<Instant> {
        match self.rest(ticks) {
            Some(rest) => Some(now.plus(rest)),
            // What is ready already waits for room, and room comes with an event, or with a message that is slow.
            None => {
                let slow = self.next_slow(ticks).map(|wait| now.plus(wait));
                self.ready.filter(|at| *at > now).into_iter().chain(slow).min()
            }
        }
    }

    /// Returns how long until one more message counts as slow; none where that changes nothing.
    fn next_slow(&self, ticks: Ticks) -> Option<Duration> {
        if self.slow >= self.patience || self.sending.len() < self.concurrency {
            return None;
        }
        let taken = self.sending.iter().map(|(_, since)| ticks.saturating_duration_since(*since));
        taken.filter(|taken| *taken < SLOW).map(|taken| SLOW - taken).min()
    }

    /// Returns how long it is not used; none when it is.
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

#[cfg(test)]
mod tests {
    use muista_core::clock::{Clock as _, SystemClock};
    use muista_core::model::Channel;
    use muista_core::model::{Content, ContentKind};

    use super::*;

    fn delivery() -> Delivery {
        let now = SystemClock.now();
        let content = Content {
            kind: ContentKind::Reminder,
            title: "Buy cat food".to_owned(),
            task_id: None,
            task_number: None,
            due: None,
            note: None,
            scheduled_for: None,
            late_seconds: None,
        };
        let (recipient, created_at) = ("kim@b.example".to_owned(), now);
        let (id, owner, channel) = (Id::new(now), Id::new(now), Channel::Email);
        Delivery { id, owner, lease: 1, channel, recipient, content, attempts: 0, created_at }
    }

    #[test]
    fn messages_that_wait_for_slow_servers_hold_up_no_others() {
        let (start, now) = (Ticks::now(), SystemClock.now());
        let mut queue = ChannelQueue::new(2, 3);
        (0..20).for_each(|_| queue.push(delivery()));
        let begun = |queue: &mut ChannelQueue, ticks| std::iter::from_fn(|| queue.begin(ticks)).count();
        assert_eq!((begun(&mut queue, start), queue.most()), (2, 4));
        assert_eq!(queue.next(now, start), Some(now.plus(SLOW)));
        assert!(!queue.count_slow(start + SLOW / 2) && begun(&mut queue, start + SLOW / 2) == 0);
        // Two are slow, and two others take their places; of those one more may be slow, and no more.
        let later = start + SLOW;
        assert!(queue.count_slow(later));
        assert_eq!((begun(&mut queue, later), queue.most()), (2, 6));
        let latest = later + SLOW;
        assert!(queue.count_slow(latest));
        assert_eq!((begun(&mut queue, latest), queue.most(), queue.next(now, latest)), (1, 7, None));
        // One that ends makes room for one.
        let (id, _) = queue.sending[0];
        assert_eq!(queue.end(id, Outcome::Sent, now, latest), Verdict::Sent);
        queue.count_slow(latest);
        assert_eq!(begun(&mut queue, latest), 1);
    }
}
