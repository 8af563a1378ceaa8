//! Workers: threads that own a connection each and take work from one queue. They keep blocking database calls off the
//! async threads, end work at its deadline, and reopen a connection that broke. Whose turn it is is `queue`'s matter; what a
//! write worker does with several waiting writes is the driver's (`sqlite` commits them together, `postgres` begins one as it
//! ends the other). A worker holds no work while it opens a connection: those that have one do it, see `relief`.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::asker::Party;
use super::queue::{Bell, Pushed, Queue};
use super::relief::{Handed, Relief, Rest};
use super::{Conn, deadline, error};
use crate::error::{Error, Result};

/// How long a write may go on at least once it has begun, whatever its deadline: to cut it off fails those that share its
/// commit.
const BEGUN: Duration = Duration::from_secs(5);

/// What a worker calls.
pub(super) type Work = Box<dyn FnOnce(Result<&mut Conn>) -> Completion + Send>;

/// Work for a worker.
pub(super) struct DbTask {
    /// What to do. It is given the connection, or the reason why there is none, and returns what it came to.
    pub(super) work: Work,
    /// What may have been written when it fails.
    pub(super) rollback: RollbackPolicy,
    /// Whose it is.
    pub(super) party: Party,
    /// Whether it is a transaction.
    pub(super) kind: PoolKind,
    /// How many connections turned out to be broken before it was begun.
    pub(super) given_back: u8,
}

impl DbTask {
    /// Whether it is refused rather than given to another worker once more: after a failure of the server, every worker may
    /// have a connection of before.
    pub(super) fn was_given_back_often(&self) -> bool {
        self.given_back >= GIVEN_BACK
    }
}

/// How many broken connections work may meet: more than a daemon has by default.
const GIVEN_BACK: u8 = 100;

/// What work does, and the workers of a pool are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PoolKind {
    Read,
    /// It reads, and may take long.
    Search,
    Write,
}

/// Whose a piece of work is, and how long it may take.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms {
    pub(super) rollback: RollbackPolicy,
    pub(super) party: Party,
    /// Until when an answer is wanted.
    pub(super) deadline: Instant,
    /// How long it may go on once it has begun.
    pub(super) limit: Duration,
}

impl Terms {
    /// Nobody's, with all the time there is.
    #[cfg(test)]
    pub(super) fn of(rollback: RollbackPolicy) -> Self {
        let limit = Duration::from_secs(3600);
        Self { rollback, party: Party::Nobody, deadline: Instant::now() + limit, limit }
    }

    fn kind(&self) -> PoolKind {
        if self.rollback == RollbackPolicy::ReadOnly { PoolKind::Read } else { PoolKind::Write }
    }

    /// Until when it may go on that begins now.
    fn until(&self) -> Instant {
        let now = Instant::now();
        let until = self.deadline.min(now + self.limit);
        if self.rollback == RollbackPolicy::ReadOnly { until } else { until.max(now + BEGUN) }
    }
}

/// What a piece of work may have written when it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RollbackPolicy {
    /// Nothing: it only reads.
    ReadOnly,
    /// Anything: it must be undone.
    Savepoint,
    /// Nothing, as everything is checked first; unless the database itself fails, and then all that is committed with it
    /// fails too. Spares a savepoint, which costs SQLite a copy of every page that is written.
    ChecksFirst,
    /// Anything, of thousands of records maybe: it is begun with a transaction of its own. Those copies would have SQLite
    /// take a time that grows with the square of what is written.
    OwnTransaction,
}

/// A piece of work that is done but not yet answered.
pub(super) struct Completion {
    /// Why it failed, if it did; what it wrote is kept otherwise.
    pub(super) failed: Option<Error>,
    /// Answers the caller, given how the commit went.
    pub(super) answer: Box<dyn FnOnce(Result<()>) + Send>,
    /// The same work once more instead of an answer, where it failed and may be run again.
    pub(super) again: Option<Work>,
    /// Whether one of its statements was cut off.
    pub(super) cut: bool,
}

impl Completion {
    /// Whether what it wrote is to be kept.
    pub(super) fn keep(&self) -> bool {
        self.failed.is_none()
    }

    /// Why it failed, if the database may have said so, maybe after writes, and not the work's own checks.
    pub(super) fn fault(&self) -> Option<&Error> {
        self.failed.as_ref().filter(|error| error::is_of_database(error) && !deadline::is_too_late(error))
    }
}

/// What is left after a driver has run work.
pub(super) enum After {
    /// A connection that is still good.
    Good,
    /// One that is of no more use.
    Broken,
    /// The same, which showed before this task was begun.
    Unbegun(DbTask),
}

/// How a driver opens connections and runs work on them.
pub(super) trait Driver: Send + Sync + 'static {
    /// Opens a connection, of the schema this program knows.
    fn open(&self) -> Result<Conn>;
    /// Runs a task, and as many more of those that wait as it sees fit, and answers all it took but one that could not be
    /// begun.
    fn run(&self, conn: &mut Conn, task: DbTask, waiting: &mut dyn Iterator<Item = DbTask>) -> After;
    /// Closes a connection.
    fn close(&self, conn: Conn);
    /// What was put right in the database as it was opened.
    fn put_right(&self) -> Vec<&'static str> {
        Vec::new()
    }
}

/// How many threads a pool has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Threads {
    /// None: the caller's own thread does the work, and waits meanwhile. For a command, which has nothing else to do and
    /// for which a thread with a heap of its own takes as long as the query.
    Callers,
    /// So many, which share the queue.
    Own(usize),
}

/// Some workers with one queue. The threads start, and connections are opened, with the first piece of work.
pub(super) struct Pool {
    driver: Arc<dyn Driver>,
    name: &'static str,
    threads: Threads,
    /// Whether its workers leave the processor to others.
    polite: bool,
    state: Mutex<State>,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    relief: Arc<Relief>,
}

/// What is counted of a pool.
#[derive(Debug, Default)]
pub(super) struct Counters {
    busy: AtomicUsize,
    done: AtomicU64,
    cut: AtomicU64,
    /// How many workers have a connection.
    pub(super) connected: AtomicUsize,
    /// Whether no more work comes.
    pub(super) closed: AtomicBool,
}

/// How busy a pool of workers, or several, is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// How many workers there are.
    pub workers: usize,
    /// How many of them work.
    pub busy: usize,
    /// How much work waits for one.
    pub waiting: usize,
    /// How much was done since the process began.
    pub done: u64,
    /// How much of it was cut off at its deadline.
    pub cut: u64,
}

impl std::ops::AddAssign for Load {
    fn add_assign(&mut self, other: Self) {
        self.workers += other.workers;
        self.busy += other.busy;
        self.waiting += other.waiting;
        self.done += other.done;
        self.cut += other.cut;
    }
}

enum State {
    Idle,
    /// The connection that callers use in turn; none where it broke.
    Inline(Option<Conn>),
    /// The workers that were needed so far.
    Running(Vec<JoinHandle<()>>),
    Closed,
}

impl Pool {
    pub(super) fn new(driver: Arc<dyn Driver>, kind: PoolKind, threads: Threads, relief: &Arc<Relief>) -> Self {
        let name = match kind {
            PoolKind::Read => "muista-read",
            PoolKind::Search => "muista-search",
            PoolKind::Write => "muista-write",
        };
        let (queue, counters) = (Arc::new(Queue::new(threads.workers(), kind)), Arc::default());
        let relief = Arc::clone(relief);
        let polite = kind == PoolKind::Search;
        if threads != Threads::Callers {
            relief.join(&queue, &counters);
        }
        Self { driver, name, threads, polite, state: Mutex::new(State::Idle), queue, counters, relief }
    }

    /// How busy it is.
    pub(super) fn load(&self) -> Load {
        let counters = &self.counters;
        Load {
            workers: self.threads.workers(),
            busy: counters.busy.load(Relaxed),
            waiting: self.queue.waiting(),
            done: counters.done.load(Relaxed),
            cut: counters.cut.load(Relaxed),
        }
    }

    /// Queues work.
    ///
    /// # Errors
    /// `Unavailable` when too much waits already, or the pool is closed. The work is dropped then.
    pub(super) fn send(&self, task: DbTask) -> Result<()> {
        if self.threads == Threads::Callers {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if matches!(*state, State::Idle) {
                *state = State::Inline(None);
            }
            let State::Inline(conn) = &mut *state else {
                return Err(Error::unavailable("the database is being closed"));
            };
            let mut left = Some(task);
            while let Some(task) = left {
                left = serve(&*self.driver, conn, task, &mut std::iter::empty());
            }
            return Ok(());
        }
        let mut task = task;
        loop {
            match self.queue.push(task)? {
                Pushed::Queued => return Ok(()),
                Pushed::ForAnother => return self.start_worker(),
                Pushed::Nobody(left) => match self.relief.hand_over(left, &self.counters) {
                    Handed::Over | Handed::Waits => return Ok(()),
                    // A worker has ended its attempt meanwhile.
                    Handed::Back(left) => task = left,
                },
            }
        }
    }

    /// Starts one more worker.
    fn start_worker(&self) -> Result<()> {
        let worker = Worker {
            driver: Arc::clone(&self.driver),
            queue: Arc::clone(&self.queue),
            counters: Arc::clone(&self.counters),
            relief: Arc::clone(&self.relief),
        };
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let thread = std::thread::Builder::new().name(self.name.to_owned());
        let polite = self.polite;
        let run = move || {
            if polite {
                yield_to_others();
            }
            worker.run();
        };
        let thread = thread.spawn(run).map_err(|e| {
            self.queue.lost_worker();
            Error::unavailable(format!("cannot start a thread for the database: {e}"))
        })?;
        match &mut *state {
            State::Running(threads) => threads.push(thread),
            other => *other = State::Running(vec![thread]),
        }
        Ok(())
    }

    /// Takes no more work and waits until what was queued is done and the connections are closed.
    pub(super) fn close(&self) {
        self.counters.closed.store(true, Relaxed);
        self.relief.leave(&self.counters);
        self.queue.close();
        let state = std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), State::Closed);
        match state {
            State::Inline(Some(conn)) => self.driver.close(conn),
            State::Running(threads) => {
                for thread in threads {
                    // A worker that panicked has no more work to wait for.
                    let _ = thread.join();
                }
            }
            State::Idle | State::Inline(None) | State::Closed => {}
        }
    }
}

/// A pool that nobody has any more takes no work from others either, so that its workers end.
impl Drop for Pool {
    fn drop(&mut self) {
        self.counters.closed.store(true, Relaxed);
        self.relief.leave(&self.counters);
        self.queue.close();
    }
}

impl Threads {
    fn workers(self) -> usize {
        match self {
            Self::Callers => 1,
            Self::Own(workers) => workers,
        }
    }
}

/// How much less of a processor a worker wants than others (setpriority(2)): a tenth of what they have, where there is not
/// enough for all.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Has this thread leave the processor to others. Elsewhere than on Linux a thread has no priority of its own.
fn yield_to_others() {
    // Without it, others wait a little longer.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::setpriority_process(Some(rustix::thread::gettid()), NICE);
}

/// A worker, and what it shares with the others.
struct Worker {
    driver: Arc<dyn Driver>,
    queue: Arc<Queue>,
    counters: Arc<Counters>,
    relief: Arc<Relief>,
}

impl Worker {
    /// A worker's life: take what waits, run it on the connection, until the queue is closed.
    fn run(&self) {
        let (mut conn, mut rest, bell) = (None, Rest::default(), Bell::default());
        loop {
            // While others of its pool have a connection, a worker that can have none leaves the work to them.
            if conn.is_none() && rest.wait(&self.counters) {
                conn = self.connect(None, &mut rest);
                continue;
            }
            let Some(task) = self.queue.wait(&bell) else { break };
            let unbegun = if conn.is_none() { Some(task) } else { self.work(&mut conn, task) };
            if unbegun.is_some() {
                conn = self.connect(unbegun, &mut rest);
            }
        }
        if let Some(conn) = conn {
            self.counters.connected.fetch_sub(1, Relaxed);
            self.driver.close(conn);
        }
    }

    /// Runs a task on the connection, and more of those that wait. A task that could not be begun is returned, and its party
    /// still served.
    fn work(&self, conn: &mut Option<Conn>, task: DbTask) -> Option<DbTask> {
        self.counters.busy.fetch_add(1, Relaxed);
        CUT.set(0);
        let (mut taken, mut party) = (1, task.party);
        let mut more = std::iter::from_fn(|| {
            let task = self.queue.next(party)?;
            (taken, party) = (taken + 1, task.party);
            Some(task)
        });
        let unbegun = serve(&*self.driver, conn, task, &mut more);
        if unbegun.is_none() {
            self.queue.done(party);
        }
        self.counters.busy.fetch_sub(1, Relaxed);
        self.counters.done.fetch_add(taken - u64::from(unbegun.is_some()), Relaxed);
        self.counters.cut.fetch_add(CUT.get(), Relaxed);
        if conn.is_none() {
            self.counters.connected.fetch_sub(1, Relaxed);
        }
        unbegun
    }

    /// Opens a connection, and gives away the task that was taken for it, as well as what waits where no other worker could do
    /// it: to the workers that have a connection, or the first that gets one. Where it can have none, and no worker has one,
    /// what waits for it is refused.
    fn connect(&self, taken: Option<DbTask>, rest: &mut Rest) -> Option<Conn> {
        self.relief.begin_opening();
        if let Some(task) = taken {
            let party = task.party;
            let handed = self.relief.hand_over(task, &self.counters);
            self.queue.gave_away(party);
            if matches!(handed, Handed::Over) && !rest.is_over() {
                self.queue.collect(self.relief.end_opening());
                return None;
            }
        }
        for task in self.queue.begin_opening() {
            self.relief.hand_over(task, &self.counters);
        }
        let last = self.relief.last();
        let opened = self.driver.open();
        rest.note(opened.is_ok());
        self.counters.connected.fetch_add(usize::from(opened.is_ok()), Relaxed);
        self.queue.end_opening();
        match opened {
            Ok(conn) => {
                self.queue.collect(self.relief.end_opening());
                Some(conn)
            }
            Err(error) => {
                refuse(self.relief.fail_opening(last), &error);
                None
            }
        }
    }
}

thread_local! {
    /// How much this worker has cut off since it last looked into the queue.
    static CUT: Cell<u64> = const { Cell::new(0) };
}

/// Runs a task, and maybe some that wait, on the connection, which is opened where there is none, and given up where it
/// turned out broken. Returns a task that could not be begun.
fn serve(
    driver: &dyn Driver,
    slot: &mut Option<Conn>,
    task: DbTask,
    waiting: &mut dyn Iterator<Item = DbTask>,
) -> Option<DbTask> {
    let conn = match &mut *slot {
        Some(conn) => conn,
        none => match driver.open() {
            Ok(conn) => none.insert(conn),
            Err(error) => {
                refuse([task], &error);
                return None;
            }
        },
    };
    let unbegun = match driver.run(conn, task, waiting) {
        After::Good => return None,
        After::Broken => None,
        After::Unbegun(task) => Some(DbTask { given_back: task.given_back + 1, ..task }),
    };
    *slot = None;
    unbegun
}

/// Tells all callers why their work could not be begun.
pub(super) fn refuse(tasks: impl IntoIterator<Item = DbTask>, error: &Error) {
    for task in tasks {
        ((task.work)(Err(error.clone())).answer)(Ok(()));
    }
}

/// Makes a task of a closure; the answer goes to the receiver. What writes thousands of records is not kept to be run
/// again: it may be large.
pub(super) fn task<T: Send + 'static>(
    terms: Terms,
    work: impl FnOnce(&mut Conn) -> Result<T> + Clone + Send + 'static,
) -> (DbTask, tokio::sync::oneshot::Receiver<Result<T>>) {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let work = attempt(work, terms, Arc::new(Mutex::new(Some(sender))));
    (DbTask { work, rollback: terms.rollback, party: terms.party, kind: terms.kind(), given_back: 0 }, receiver)
}

/// Whom the answer goes to, once.
type Answer<T> = Arc<Mutex<Option<tokio::sync::oneshot::Sender<Result<T>>>>>;

/// One attempt at some work. PostgreSQL may let somebody else's transaction through first, which undoes this one: there it
/// can be made once more. What nobody waits for any more, or what comes too late, is not begun.
fn attempt<T: Send + 'static>(
    work: impl FnOnce(&mut Conn) -> Result<T> + Clone + Send + 'static,
    terms: Terms,
    to: Answer<T>,
) -> Work {
    Box::new(move |conn: Result<&mut Conn>| {
        let repeatable = terms.rollback != RollbackPolicy::OwnTransaction && matches!(conn, Ok(Conn::Postgres(_)));
        let spare = repeatable.then(|| work.clone());
        let unwanted = to.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_none_or(|to| to.is_closed());
        let late = unwanted || Instant::now() >= terms.deadline;
        let mut cut = false;
        let result = conn.and_then(|conn| {
            if late {
                return Err(deadline::too_late());
            }
            let (result, was_cut) = deadline::within(terms.until(), || guarded(|| work(conn)));
            cut = was_cut;
            result.map_err(|error| if was_cut { deadline::too_slow() } else { error })
        });
        CUT.set(CUT.get() + u64::from(cut || late));
        let failed = result.as_ref().err().cloned();
        let spare = spare.filter(|_| failed.is_some() && !late && !cut);
        let again = spare.map(|work| attempt(work, terms, Arc::clone(&to)));
        let answer = Box::new(move |commit: Result<()>| {
            let sender = to.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(sender) = sender {
                // A caller that went away wants no answer.
                let _ = sender.send(result.and_then(|value| commit.map(|()| value)));
            }
        });
        Completion { failed, answer, again, cut }
    })
}

/// Turns a panic in `work` into an error, so that one request cannot take the worker down.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    // The connection may be seen in a half-done state; the caller's rollback undoes that.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| {
        tracing::error!("a database request panicked");
        Err(Error::internal("the request failed inside Muista").hint("please report it with what you did"))
    })
}

#[cfg(test)]
mod tests;
