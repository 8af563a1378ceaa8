//! [`Queue`]: the work that waits for the lanes of a pool, and whose turn it is. The engine's goes first and always finds a
//! lane; accounts take turns, however much each has waiting, and none holds every lane.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::asker::Party;
use super::lane::{Access, Job};
use crate::error::{Error, Result};

/// How much work may wait for the lanes of a pool before callers are told to come back.
pub(super) const QUEUE: usize = 16_384;
/// How much of it may be of one account.
const EACH: usize = QUEUE / 4;

/// How many lanes serve whom at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shares {
    /// All there are.
    lanes: usize,
    /// All but the engine.
    requests: usize,
    /// One account.
    each: usize,
}

impl Shares {
    /// Those of so many lanes. Of two that read each is for an account, or two accounts could not read at once; what
    /// an account writes is short, and may take all there are but the engine's.
    fn of(lanes: usize, access: Access) -> Self {
        let most = lanes.saturating_sub(1).max(1);
        match access {
            Access::Write => Self { lanes, requests: most, each: most },
            Access::Read | Access::Search if lanes == 2 => Self { lanes, requests: 2, each: 1 },
            Access::Read | Access::Search => Self { lanes, requests: most, each: most.saturating_sub(1).max(1) },
        }
    }
}

/// The work that waits for the lanes of a pool.
pub(super) struct Queue {
    shares: Shares,
    state: Mutex<State>,
}

/// What became of work that was to be queued.
pub(super) enum Pushed {
    /// It is queued.
    Queued,
    /// It is, and one more lane is to be started for it, which counts as started from now on.
    ForAnother,
    /// It is not: every lane is opening a connection.
    Nobody(Job),
}

/// What rings for a lane that waits.
pub(super) type Bell = Arc<Condvar>;

#[derive(Default)]
struct State {
    engine: VecDeque<Job>,
    accounts: HashMap<Party, Account>,
    /// The accounts that have work waiting and may be served, the next first.
    turn: VecDeque<Party>,
    waiting: usize,
    /// How many lanes serve accounts.
    requests: usize,
    /// The lanes that have nothing to do, the last that worked last.
    idle: Vec<Bell>,
    lanes: usize,
    /// How many of the lanes are opening a connection and look for nothing meanwhile.
    opening: usize,
    closed: bool,
}

/// One account's work.
#[derive(Default)]
struct Account {
    waiting: VecDeque<Job>,
    /// How many lanes serve it.
    lanes: usize,
    /// Whether it stands in the order of turns.
    in_turn: bool,
}

impl Queue {
    pub(super) fn new(lanes: usize, access: Access) -> Self {
        Self { shares: Shares::of(lanes, access), state: Mutex::default() }
    }

    /// How much waits.
    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting
    }

    /// Queues work.
    ///
    /// # Errors
    /// `Unavailable` when too much waits already, or the queue is closed.
    pub(super) fn push(&self, job: Job) -> Result<Pushed> {
        let mut state = self.lock();
        if state.closed {
            return Err(Error::unavailable("the database is being closed"));
        }
        let full = |account: &Account| account.waiting.len() >= EACH;
        if job.party != Party::Engine && (state.waiting >= QUEUE || state.accounts.get(&job.party).is_some_and(full)) {
            return Err(too_much());
        }
        if state.lanes == self.shares.lanes && state.opening == state.lanes {
            return Ok(Pushed::Nobody(job));
        }
        state.add(job, self.shares);
        if !state.has_work(self.shares) {
            return Ok(Pushed::Queued);
        }
        let more = state.idle.is_empty() && state.lanes < self.shares.lanes;
        state.lanes += usize::from(more);
        state.ring();
        Ok(if more { Pushed::ForAnother } else { Pushed::Queued })
    }

    /// Queues work that was taken from a queue before, for lanes that were started already; returns it where the queue is
    /// closed, or every lane is opening a connection.
    pub(super) fn pass(&self, job: Job) -> Option<Job> {
        let mut state = self.lock();
        if state.closed || state.opening == state.lanes {
            return Some(job);
        }
        state.add(job, self.shares);
        state.ring();
        None
    }

    /// A lane opens a connection from now on. Where every other one does so too, returns all that waits.
    pub(super) fn begin_opening(&self) -> Vec<Job> {
        let mut state = self.lock();
        state.opening += 1;
        if state.opening == state.lanes { state.drain() } else { Vec::new() }
    }

    /// A lane has ended that, and looks for work again.
    pub(super) fn end_opening(&self) {
        self.lock().opening -= 1;
    }

    /// Queues work that waited for a connection, by a lane that looks for work next, so that it is done even where the
    /// queue is closed.
    pub(super) fn collect(&self, jobs: Vec<Job>) {
        let mut state = self.lock();
        for job in jobs {
            state.add(job, self.shares);
        }
    }

    /// Counts a lane out that could not be started.
    pub(super) fn lost_lane(&self) {
        self.lock().lanes -= 1;
    }

    /// Returns the next job, once there is one, or none once the queue is closed and empty. Its party is served until
    /// [`Queue::done`].
    pub(super) fn wait(&self, bell: &Bell) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.take(self.shares) {
                if state.has_work(self.shares) {
                    state.ring();
                }
                return Some(job);
            }
            if state.closed && state.waiting == 0 {
                return None;
            }
            state.idle.push(Arc::clone(bell));
            while state.idle.iter().any(|idle| Arc::ptr_eq(idle, bell)) {
                state = bell.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Returns the next job for a lane that serves `party` and would serve another at once; none where nothing waits that no
    /// idle lane could do beside it.
    pub(super) fn next(&self, party: Party) -> Option<Job> {
        let mut state = self.lock();
        if !state.idle.is_empty() && state.has_work(self.shares) {
            return None;
        }
        state.leave(party, self.shares);
        let job = state.take(self.shares);
        if job.is_none() {
            state.enter(party);
        }
        job
    }

    /// A lane serves `party` no more.
    pub(super) fn done(&self, party: Party) {
        let mut state = self.lock();
        state.leave(party, self.shares);
        // The lane itself looks next; others only where it is to end.
        if state.closed {
            state.ring_all();
        }
    }

    /// A lane serves `party` no more, as it gave away what it had taken, and may not look for anything else soon: what the
    /// party may have done now falls to another lane.
    pub(super) fn gave_away(&self, party: Party) {
        let mut state = self.lock();
        state.leave(party, self.shares);
        if state.closed {
            state.ring_all();
        } else if state.has_work(self.shares) {
            state.ring();
        }
    }

    /// Takes no more work; lanes end once nothing waits.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.ring_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn too_much() -> Error {
    Error::unavailable("too much work is waiting for the database").hint("try again in a moment")
}

impl State {
    /// Whether anything waits that a lane more could do.
    fn has_work(&self, shares: Shares) -> bool {
        !self.engine.is_empty() || (self.requests < shares.requests && !self.turn.is_empty())
    }

    fn add(&mut self, job: Job, shares: Shares) {
        let party = job.party;
        if party == Party::Engine {
            self.engine.push_back(job);
        } else {
            self.accounts.entry(party).or_default().waiting.push_back(job);
            self.offer(party, shares);
        }
        self.waiting += 1;
    }

    /// Takes all jobs, those of each account in their order, and serves nobody for it.
    fn drain(&mut self) -> Vec<Job> {
        let mut jobs: Vec<Job> = self.engine.drain(..).collect();
        self.accounts.retain(|_, account| {
            jobs.extend(account.waiting.drain(..));
            account.in_turn = false;
            account.lanes > 0
        });
        self.turn.clear();
        self.waiting = 0;
        jobs
    }

    /// Takes the next job, and begins to serve its party.
    fn take(&mut self, shares: Shares) -> Option<Job> {
        let job = match self.engine.pop_front() {
            Some(job) => job,
            None if self.requests < shares.requests => {
                let party = self.turn.pop_front()?;
                let account = self.accounts.get_mut(&party)?;
                account.in_turn = false;
                account.waiting.pop_front()?
            }
            None => return None,
        };
        self.waiting -= 1;
        self.enter(job.party);
        self.offer(job.party, shares);
        Some(job)
    }

    fn enter(&mut self, party: Party) {
        if party != Party::Engine {
            self.requests += 1;
            self.accounts.entry(party).or_default().lanes += 1;
        }
    }

    fn leave(&mut self, party: Party, shares: Shares) {
        if party == Party::Engine {
            return;
        }
        self.requests -= 1;
        if let Some(account) = self.accounts.get_mut(&party) {
            account.lanes -= 1;
            if account.lanes == 0 && account.waiting.is_empty() {
                self.accounts.remove(&party);
            }
        }
        self.offer(party, shares);
    }

    /// Puts an account behind the others in the order of turns, where it has work waiting and may have one more lane.
    fn offer(&mut self, party: Party, shares: Shares) {
        if let Some(account) = self.accounts.get_mut(&party)
            && !account.in_turn
            && !account.waiting.is_empty()
            && account.lanes < shares.each
        {
            account.in_turn = true;
            self.turn.push_back(party);
        }
    }

    /// Wakes the lane that worked last: what it read is still at hand.
    fn ring(&mut self) {
        if let Some(bell) = self.idle.pop() {
            bell.notify_one();
        }
    }

    fn ring_all(&mut self) {
        while !self.idle.is_empty() {
            self.ring();
        }
    }
}

#[cfg(test)]
mod tests;
