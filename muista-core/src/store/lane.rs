//! Lanes: threads that own a connection each and take work from one queue. They keep blocking database calls off the
//! async threads, bound how much work waits, and reopen a connection that broke. What a write lane does with several
//! waiting writes is the driver's matter (`sqlite` commits them together, `postgres` begins one as it ends the other).
//! Where fewer connections can be had than there are lanes, those that have one do the work of the others: see `relief`.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use super::relief::{Relief, Rest};
use super::{Conn, error};
use crate::error::{Error, Result};

/// How much work may wait for a lane before callers are told to come back.
const QUEUE: usize = 16_384;

/// What a lane calls.
pub(super) type Work = Box<dyn FnOnce(Result<&mut Conn>) -> Settled + Send>;

/// Work for a lane.
pub(super) struct Job {
    /// What to do. It is given the connection, or the reason why there is none, and returns what it came to.
    pub(super) work: Work,
    /// What may have been written when it fails.
    pub(super) failure: Failure,
    /// Whether it is a transaction.
    pub(super) access: Access,
}

/// Whether work writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// What a piece of work may have written when it fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Anything: it must be undone.
    AfterWrites,
    /// Nothing, as everything is checked first; unless the database itself fails, and then all that is committed with it
    /// fails too. Spares a savepoint, which costs SQLite a copy of every page that is written.
    BeforeWrites,
    /// Anything, of thousands of records maybe: it is begun with a transaction of its own. Those copies would have SQLite
    /// take a time that grows with the square of what is written.
    AfterMany,
}

/// A piece of work that is done but not yet answered.
pub(super) struct Settled {
    /// Why it failed, if it did; what it wrote is kept otherwise.
    pub(super) failed: Option<Error>,
    /// Answers the caller, given how the commit went.
    pub(super) answer: Box<dyn FnOnce(Result<()>) + Send>,
    /// The same work once more instead of an answer, where it failed and may be run again.
    pub(super) again: Option<Work>,
}

impl Settled {
    /// Whether what it wrote is to be kept.
    pub(super) fn keep(&self) -> bool {
        self.failed.is_none()
    }

    /// Why it failed, if the database may have said so, maybe after writes, and not the work's own checks.
    pub(super) fn fault(&self) -> Option<&Error> {
        self.failed.as_ref().filter(|error| error::is_of_database(error))
    }
}

/// How a driver opens connections and runs work on them.
pub(super) trait Driver: Send + Sync + 'static {
    /// Opens a connection, of the schema this program knows.
    fn open(&self) -> Result<Conn>;
    /// Runs a job, and as many more of those that wait as it sees fit, and answers all it took; returns whether the
    /// connection is still good.
    fn run(&self, conn: &mut Conn, job: Job, waiting: &mut dyn Iterator<Item = Job>) -> bool;
    /// Closes a connection.
    fn close(&self, conn: Conn);
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

/// Some lanes with one queue. The threads start, and connections are opened, with the first piece of work.
pub(super) struct Pool {
    driver: Arc<dyn Driver>,
    name: &'static str,
    threads: Threads,
    state: Mutex<State>,
    counters: Arc<Counters>,
    relief: Arc<Relief>,
}

/// What is counted of a pool.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) waiting: AtomicUsize,
    busy: AtomicUsize,
    done: AtomicU64,
    /// How many lanes have a connection.
    pub(super) connected: AtomicUsize,
    /// Whether no more work comes.
    pub(super) closed: AtomicBool,
}

/// How busy a pool of lanes is at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// How many lanes there are.
    pub lanes: usize,
    /// How many of them work.
    pub busy: usize,
    /// How much work waits for one.
    pub waiting: usize,
    /// How much was done since the process began.
    pub done: u64,
}

enum State {
    Idle,
    /// The connection that callers use in turn; none where it broke.
    Inline(Option<Conn>),
    Running {
        queue: Sender<Job>,
        threads: Vec<JoinHandle<()>>,
    },
    Closed,
}

impl Pool {
    pub(super) fn new(driver: Arc<dyn Driver>, name: &'static str, threads: Threads, relief: &Arc<Relief>) -> Self {
        let (state, relief) = (Mutex::new(State::Idle), Arc::clone(relief));
        Self { driver, name, threads, state, counters: Arc::default(), relief }
    }

    /// How busy it is.
    pub(super) fn load(&self) -> Load {
        let lanes = match self.threads {
            Threads::Callers => 1,
            Threads::Own(lanes) => lanes,
        };
        let counters = &self.counters;
        let (busy, waiting) = (counters.busy.load(Relaxed), counters.waiting.load(Relaxed));
        Load { lanes, busy, waiting, done: counters.done.load(Relaxed) }
    }

    /// Queues work.
    ///
    /// # Errors
    /// `Unavailable` when too much waits already, or the pool is closed. The work is dropped then.
    pub(super) fn send(&self, job: Job) -> Result<()> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*state, State::Idle) {
            *state = self.start()?;
        }
        let queue = match &mut *state {
            State::Inline(conn) => {
                serve(&*self.driver, conn, job, &mut std::iter::empty());
                return Ok(());
            }
            State::Running { queue, .. } => queue,
            State::Idle | State::Closed => return Err(Error::unavailable("the database is being closed")),
        };
        // Counted before a lane can take it. A queue with bounds of its own would hold room for all of them at once.
        if self.counters.waiting.fetch_add(1, Relaxed) >= QUEUE {
            self.counters.waiting.fetch_sub(1, Relaxed);
            let error = Error::unavailable("too much work is waiting for the database");
            return Err(error.hint("try again in a moment"));
        }
        queue.send(job).map_err(|_| {
            self.counters.waiting.fetch_sub(1, Relaxed);
            Error::internal("the database's threads have ended")
        })
    }

    fn start(&self) -> Result<State> {
        let Threads::Own(lanes) = self.threads else { return Ok(State::Inline(None)) };
        let (sender, jobs) = channel();
        self.relief.join(&sender, &self.counters);
        let queue = Arc::new(Queue { jobs: Mutex::new(jobs), counters: Arc::clone(&self.counters) });
        let threads = (0..lanes)
            .map(|_| {
                let (driver, queue) = (Arc::clone(&self.driver), Arc::clone(&queue));
                let relief = Arc::clone(&self.relief);
                std::thread::Builder::new().name(self.name.to_owned()).spawn(move || run(&*driver, &queue, &relief))
            })
            .collect::<std::io::Result<_>>()
            .map_err(|e| Error::unavailable(format!("cannot start a thread for the database: {e}")))?;
        Ok(State::Running { queue: sender, threads })
    }

    /// Takes no more work and waits until what was queued is done and the connections are closed.
    pub(super) fn close(&self) {
        let state = std::mem::replace(&mut *self.state.lock().unwrap_or_else(PoisonError::into_inner), State::Closed);
        match state {
            State::Inline(Some(conn)) => self.driver.close(conn),
            State::Running { queue, threads } => {
                self.counters.closed.store(true, Relaxed);
                self.relief.leave(&self.counters);
                drop(queue);
                for thread in threads {
                    // A lane that panicked has no more work to wait for.
                    let _ = thread.join();
                }
            }
            State::Idle | State::Inline(None) | State::Closed => {}
        }
    }
}

/// A pool that nobody has any more takes no work from others either, so that its lanes end.
impl Drop for Pool {
    fn drop(&mut self) {
        self.counters.closed.store(true, Relaxed);
        self.relief.leave(&self.counters);
    }
}

/// The work that waits for the lanes of a pool.
struct Queue {
    jobs: Mutex<Receiver<Job>>,
    counters: Arc<Counters>,
}

impl Queue {
    /// The next job, once there is one; none once the queue is closed and empty.
    fn wait(&self) -> Option<Job> {
        let job = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()?;
        self.counters.waiting.fetch_sub(1, Relaxed);
        Some(job)
    }

    /// The next job, if one waits and no other lane is there to take it.
    fn next(&self) -> Option<Job> {
        let job = self.jobs.try_lock().ok()?.try_recv().ok()?;
        self.counters.waiting.fetch_sub(1, Relaxed);
        Some(job)
    }
}

/// A lane's life: take what waits, run it on the connection, until the queue is closed.
fn run(driver: &dyn Driver, queue: &Queue, relief: &Relief) {
    let (mut conn, mut rest, counters) = (None, Rest::default(), &queue.counters);
    loop {
        // While others of its pool have a connection, a lane that can have none leaves the work to them.
        if conn.is_none() && rest.wait(counters) {
            conn = open(driver, counters, &mut rest).ok();
            continue;
        }
        let Some(mut job) = queue.wait() else { break };
        if conn.is_none() {
            // Nobody waits for a connection while another lane has one.
            let left = relief.take(job, counters);
            let opened = if left.is_some() || rest.is_over() { open(driver, counters, &mut rest) } else { continue };
            let Some(kept) = left else {
                conn = opened.ok();
                continue;
            };
            job = kept;
            match opened {
                Ok(opened) => conn = Some(opened),
                Err(error) => {
                    relief.take(job, counters).into_iter().for_each(|job| refuse([job], &error));
                    continue;
                }
            }
        }
        counters.busy.fetch_add(1, Relaxed);
        let mut taken = 1;
        let more = std::iter::from_fn(|| queue.next());
        serve(driver, &mut conn, job, &mut more.inspect(|_| taken += 1));
        counters.busy.fetch_sub(1, Relaxed);
        counters.done.fetch_add(taken, Relaxed);
        if conn.is_none() {
            counters.connected.fetch_sub(1, Relaxed);
        }
    }
    if let Some(conn) = conn {
        counters.connected.fetch_sub(1, Relaxed);
        driver.close(conn);
    }
}

/// Opens a lane's connection.
fn open(driver: &dyn Driver, counters: &Counters, rest: &mut Rest) -> Result<Conn> {
    let opened = driver.open();
    rest.note(opened.is_ok());
    if opened.is_ok() {
        counters.connected.fetch_add(1, Relaxed);
    }
    opened
}

/// Runs a job, and maybe some that wait, on the connection, which is opened where there is none, and given up where it
/// turned out broken.
fn serve(driver: &dyn Driver, slot: &mut Option<Conn>, job: Job, waiting: &mut dyn Iterator<Item = Job>) {
    let conn = match &mut *slot {
        Some(conn) => conn,
        none => match driver.open() {
            Ok(conn) => none.insert(conn),
            Err(error) => return refuse([job], &error),
        },
    };
    if !driver.run(conn, job, waiting) {
        *slot = None;
    }
}

/// Tells all callers why their work could not be begun.
pub(super) fn refuse(jobs: impl IntoIterator<Item = Job>, error: &Error) {
    for job in jobs {
        ((job.work)(Err(error.clone())).answer)(Ok(()));
    }
}

/// Makes a job of a closure; the answer goes to the receiver. What writes thousands of records is not kept to be run
/// again: it may be large.
pub(super) fn job<T: Send + 'static>(
    access: Access,
    failure: Failure,
    work: impl FnOnce(&mut Conn) -> Result<T> + Clone + Send + 'static,
) -> (Job, tokio::sync::oneshot::Receiver<Result<T>>) {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let repeatable = failure != Failure::AfterMany;
    (Job { work: attempt(work, repeatable, Arc::new(Mutex::new(Some(sender)))), failure, access }, receiver)
}

/// Whom the answer goes to, once.
type Asker<T> = Arc<Mutex<Option<tokio::sync::oneshot::Sender<Result<T>>>>>;

/// One attempt at some work. PostgreSQL may let somebody else's transaction through first, which undoes this one: there it
/// can be made once more.
fn attempt<T: Send + 'static>(
    work: impl FnOnce(&mut Conn) -> Result<T> + Clone + Send + 'static,
    repeatable: bool,
    asker: Asker<T>,
) -> Work {
    Box::new(move |conn: Result<&mut Conn>| {
        let spare = (repeatable && matches!(conn, Ok(Conn::Postgres(_)))).then(|| work.clone());
        let result = conn.and_then(|conn| guarded(|| work(conn)));
        let failed = result.as_ref().err().cloned();
        let spare = spare.filter(|_| failed.is_some());
        let again = spare.map(|work| attempt(work, repeatable, Arc::clone(&asker)));
        let answer = Box::new(move |commit: Result<()>| {
            let sender = asker.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(sender) = sender {
                // A caller that went away wants no answer.
                let _ = sender.send(result.and_then(|value| commit.map(|()| value)));
            }
        });
        Settled { failed, answer, again }
    })
}

/// Turns a panic in `work` into an error, so that one request cannot take the lane down.
fn guarded<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    // The connection may be seen in a half-done state; the caller's rollback undoes that.
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| {
        tracing::error!("a database request panicked");
        Err(Error::internal("the request failed inside Muista").hint("please report it with what you did"))
    })
}
