//! [`Queue`]: the work that waits for the workers of a pool, and whose turn it is. The engine's goes first and always finds a
//! worker; accounts take turns, however much each has waiting, and none holds every worker.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::asker::Party;
use super::worker_pool::{DbTask, PoolKind};
use crate::error::{Error, Result};

/// How much work may wait for the workers of a pool before callers are told to come back.
pub(super) const QUEUE: usize = 16_384;
/// How much of it may be of one account.
const EACH: usize = QUEUE / 4;

/// How many workers serve whom at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shares {
    /// All there are.
    workers: usize,
    /// All but the engine.
    requests: usize,
    /// One account.
    each: usize,
}

impl Shares {
    /// Those of so many workers. Of two that read each is for an account, or two accounts could not read at once; what
    /// an account writes is short, and may take all there are but the engine's.
    fn of(workers: usize, kind: PoolKind) -> Self {
        let most = workers.saturating_sub(1).max(1);
        match kind {
            PoolKind::Write => Self { workers, requests: most, each: most },
            PoolKind::Read | PoolKind::Search if workers == 2 => Self { workers, requests: 2, each: 1 },
            PoolKind::Read | PoolKind::Search => Self { workers, requests: most, each: most.saturating_sub(1).max(1) },
        }
    }
}

/// The work that waits for the workers of a pool.
pub(super) struct Queue {
    shares: Shares,
    state: Mutex<State>,
}

/// What became of work that was to be queued.
pub(super) enum Pushed {
    /// It is queued.
    Queued,
    /// It is, and one more worker is to be started for it, which counts as started from now on.
    ForAnother,
    /// It is not: every worker is opening a connection.
    Nobody(DbTask),
}

/// What rings for a worker that waits.
pub(super) type Bell = Arc<Condvar>;

#[derive(Default)]
struct State {
    engine: VecDeque<DbTask>,
    accounts: HashMap<Party, Account>,
    /// The accounts that have work waiting and may be served, the next first.
    turn: VecDeque<Party>,
    waiting: usize,
    /// How many workers serve accounts.
    requests: usize,
    /// The workers that have nothing to do, the last that worked last.
    idle: Vec<Bell>,
    workers: usize,
    /// How many of the workers are opening a connection and look for nothing meanwhile.
    opening: usize,
    closed: bool,
}

/// One account's work.
#[derive(Default)]
struct Account {
    waiting: VecDeque<DbTask>,
    /// How many workers serve it.
    workers: usize,
    /// Whether it stands in the order of turns.
    in_turn: bool,
}

impl Queue {
    pub(super) fn new(workers: usize, kind: PoolKind) -> Self {
        Self { shares: Shares::of(workers, kind), state: Mutex::default() }
    }

    /// How much waits.
    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting
    }

    /// Queues work.
    ///
    /// # Errors
    /// `Unavailable` when too much waits already, or the queue is closed.
    pub(super) fn push(&self, task: DbTask) -> Result<Pushed> {
        let mut state = self.lock();
        if state.closed {
            return Err(Error::unavailable("the database is being closed"));
        }
        let full = |account: &Account| account.waiting.len() >= EACH;
        if task.party != Party::Engine && (state.waiting >= QUEUE || state.accounts.get(&task.party).is_some_and(full))
        {
            return Err(too_much());
        }
        if state.workers == self.shares.workers && state.opening == state.workers {
            return Ok(Pushed::Nobody(task));
        }
        state.add(task, self.shares);
        if !state.has_work(self.shares) {
            return Ok(Pushed::Queued);
        }
        let more = state.idle.is_empty() && state.workers < self.shares.workers;
        state.workers += usize::from(more);
        state.ring();
        Ok(if more { Pushed::ForAnother } else { Pushed::Queued })
    }

    /// Queues work that was taken from a queue before, for workers that were started already; returns it where the queue is
    /// closed, or every worker is opening a connection.
    pub(super) fn pass(&self, task: DbTask) -> Option<DbTask> {
        let mut state = self.lock();
        if state.closed || state.opening == state.workers {
            return Some(task);
        }
        state.add(task, self.shares);
        state.ring();
        None
    }

    /// A worker opens a connection from now on. Where every other one does so too, returns all that waits.
    pub(super) fn begin_opening(&self) -> Vec<DbTask> {
        let mut state = self.lock();
        state.opening += 1;
        if state.opening == state.workers { state.drain() } else { Vec::new() }
    }

    /// A worker has ended that, and looks for work again.
    pub(super) fn end_opening(&self) {
        self.lock().opening -= 1;
    }

    /// Queues work that waited for a connection, by a worker that looks for work next, so that it is done even where the
    /// queue is closed.
    pub(super) fn collect(&self, tasks: Vec<DbTask>) {
        let mut state = self.lock();
        for task in tasks {
            state.add(task, self.shares);
        }
    }

    /// Counts a worker out that could not be started.
    pub(super) fn lost_worker(&self) {
        self.lock().workers -= 1;
    }

    /// Returns the next task, once there is one, or none once the queue is closed and empty. Its party is served until
    /// [`Queue::done`].
    pub(super) fn wait(&self, bell: &Bell) -> Option<DbTask> {
        let mut state = self.lock();
        loop {
            if let Some(task) = state.take(self.shares) {
                if state.has_work(self.shares) {
                    state.ring();
                }
                return Some(task);
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

    /// Returns the next task for a worker that serves `party` and would serve another at once; none where nothing waits that no
    /// idle worker could do beside it.
    pub(super) fn next(&self, party: Party) -> Option<DbTask> {
        let mut state = self.lock();
        if !state.idle.is_empty() && state.has_work(self.shares) {
            return None;
        }
        state.leave(party, self.shares);
        let task = state.take(self.shares);
        if task.is_none() {
            state.enter(party);
        }
        task
    }

    /// A worker serves `party` no more.
    pub(super) fn done(&self, party: Party) {
        let mut state = self.lock();
        state.leave(party, self.shares);
        // The worker itself looks next; others only where it is to end.
        if state.closed {
            state.ring_all();
        }
    }

    /// A worker serves `party` no more, as it gave away what it had taken, and may not look for anything else soon: what the
    /// party may have done now falls to another worker.
    pub(super) fn gave_away(&self, party: Party) {
        let mut state = self.lock();
        state.leave(party, self.shares);
        if state.closed {
            state.ring_all();
        } else if state.has_work(self.shares) {
            state.ring();
        }
    }

    /// Takes no more work; workers end once nothing waits.
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
    /// Whether anything waits that a worker more could do.
    fn has_work(&self, shares: Shares) -> bool {
        !self.engine.is_empty() || (self.requests < shares.requests && !self.turn.is_empty())
    }

    fn add(&mut self, task: DbTask, shares: Shares) {
        let party = task.party;
        if party == Party::Engine {
            self.engine.push_back(task);
        } else {
            self.accounts.entry(party).or_default().waiting.push_back(task);
            self.offer(party, shares);
        }
        self.waiting += 1;
    }

    /// Takes all tasks, those of each account in their order, and serves nobody for it.
    fn drain(&mut self) -> Vec<DbTask> {
        let mut tasks: Vec<DbTask> = self.engine.drain(..).collect();
        self.accounts.retain(|_, account| {
            tasks.extend(account.waiting.drain(..));
            account.in_turn = false;
            account.workers > 0
        });
        self.turn.clear();
        self.waiting = 0;
        tasks
    }

    /// Takes the next task, and begins to serve its party.
    fn take(&mut self, shares: Shares) -> Option<DbTask> {
        let task = match self.engine.pop_front() {
            Some(task) => task,
            None if self.requests < shares.requests => {
                let party = self.turn.pop_front()?;
                let account = self.accounts.get_mut(&party)?;
                account.in_turn = false;
                account.waiting.pop_front()?
            }
            None => return None,
        };
        self.waiting -= 1;
        self.enter(task.party);
        self.offer(task.party, shares);
        Some(task)
    }

    fn enter(&mut self, party: Party) {
        if party != Party::Engine {
            self.requests += 1;
            self.accounts.entry(party).or_default().workers += 1;
        }
    }

    fn leave(&mut self, party: Party, shares: Shares) {
        if party == Party::Engine {
            return;
        }
        self.requests -= 1;
        if let Some(account) = self.accounts.get_mut(&party) {
            account.workers -= 1;
            if account.workers == 0 && account.waiting.is_empty() {
                self.accounts.remove(&party);
            }
        }
        self.offer(party, shares);
    }

    /// Puts an account behind the others in the order of turns, where it has work waiting and may have one more worker.
    fn offer(&mut self, party: Party, shares: Shares) {
        if let Some(account) = self.accounts.get_mut(&party)
            && !account.in_turn
            && !account.waiting.is_empty()
            && account.workers < shares.each
        {
            account.in_turn = true;
            self.turn.push_back(party);
        }
    }

    /// Wakes the worker that worked last: what it read is still at hand.
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
