//! What becomes of work while a worker has no connection, which may take long to get or not be had at all: a pooler or a
//! server may give out fewer than there are workers. Workers that have one do the work of the others, whichever pool it was
//! for; where none has, the first that gets one. Workers that can have none try again ever more seldom.

use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::queue::{self, QUEUE, Queue};
use super::worker_pool::{Counters, DbTask, refuse};

/// How long a worker that could have no connection leaves it at that at first; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(60);

/// How often a worker at rest looks whether it is needed after all.
const LOOK: Duration = Duration::from_millis(100);

/// A pool of workers, as the others see it.
type Open = (Arc<Queue>, Arc<Counters>);

/// The pools of a store that are open, and the work that waits for the first connection that any of them gets.
#[derive(Default)]
pub(super) struct Relief(Mutex<State>);

#[derive(Default)]
struct State {
    pools: Vec<Open>,
    /// How many workers are opening a connection.
    opening: usize,
    /// Each with its number.
    waiting: Vec<(u64, DbTask)>,
    last: u64,
}

/// What became of a task that a pool without a connection cannot do.
pub(super) enum Handed {
    /// Another worker does it.
    Over,
    /// It waits for the first connection, or was refused as too much does already.
    Waits,
    /// Neither: no worker is opening one.
    Back(DbTask),
}

impl Relief {
    /// Hands a task to a pool that has a connection, rather to the worker's own. Where none has, it waits for the first that
    /// a worker gets which is opening one.
    pub(super) fn hand_over(&self, task: DbTask, own: &Arc<Counters>) -> Handed {
        let mut state = self.lock();
        let mut connected: Vec<_> = state.pools.iter().filter(|(_, pool)| pool.connected.load(Relaxed) > 0).collect();
        connected.sort_by_key(|(_, pool)| !Arc::ptr_eq(pool, own));
        let left = match connected.first() {
            Some((queue, _)) => queue.pass(task),
            None => Some(task),
        };
        match left {
            None => Handed::Over,
            Some(task) if state.opening == 0 => Handed::Back(task),
            Some(task) if state.waiting.len() >= QUEUE => {
                refuse([task], &queue::too_much());
                Handed::Waits
            }
            Some(task) => {
                state.last += 1;
                let number = state.last;
                state.waiting.push((number, task));
                Handed::Waits
            }
        }
    }

    /// A worker opens a connection from now on, until one of the functions below.
    pub(super) fn begin_opening(&self) {
        self.lock().opening += 1;
    }

    /// Returns the number of the last task that was left waiting.
    pub(super) fn last(&self) -> u64 {
        self.lock().last
    }

    /// A worker has a connection now, or opens none after all: it gets all that waits, in the order in which it came.
    pub(super) fn end_opening(&self) -> Vec<DbTask> {
        let mut state = self.lock();
        state.opening -= 1;
        std::mem::take(&mut state.waiting).into_iter().map(|(_, task)| task).collect()
    }

    /// A worker could open no connection: returns what waited since before it tried, up to the number `last`; all, where no
    /// other worker tries.
    pub(super) fn fail_opening(&self, last: u64) -> Vec<DbTask> {
        let mut state = self.lock();
        state.opening -= 1;
        let last = if state.opening == 0 { u64::MAX } else { last };
        state.waiting.extract_if(.., |(number, _)| *number <= last).map(|(_, task)| task).collect()
    }

    /// Has a pool that begins be one of them.
    pub(super) fn join(&self, queue: &Arc<Queue>, pool: &Arc<Counters>) {
        self.lock().pools.push((Arc::clone(queue), Arc::clone(pool)));
    }

    /// Has a pool that ends be none of them any more.
    pub(super) fn leave(&self, pool: &Arc<Counters>) {
        self.lock().pools.retain(|(_, other)| !Arc::ptr_eq(other, pool));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// When a worker without a connection tries to have one again.
#[derive(Debug, Default)]
pub(super) struct Rest {
    pause: Duration,
    until: Option<Instant>,
}

impl Rest {
    /// Notes whether a connection could be had.
    pub(super) fn note(&mut self, opened: bool) {
        self.pause = if opened { Duration::ZERO } else { (self.pause * 2).clamp(FIRST, LONGEST) };
        self.until = (!opened).then(|| Instant::now() + self.pause);
    }

    /// Whether it is time to try again.
    pub(super) fn is_over(&self) -> bool {
        self.until.is_none_or(|until| until <= Instant::now())
    }

    /// Waits while other workers of the pool have a connection and this is to rest; whether it is time to try again then.
    pub(super) fn wait(&self, pool: &Counters) -> bool {
        let is_at_rest = self.until.is_some();
        while !self.is_over() && pool.connected.load(Relaxed) > 0 && !pool.closed.load(Relaxed) {
            std::thread::sleep(LOOK);
        }
        is_at_rest && self.is_over() && pool.connected.load(Relaxed) > 0 && !pool.closed.load(Relaxed)
    }
}
