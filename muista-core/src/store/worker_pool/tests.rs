//! Workers whose connections come late or not at all, without a server.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::mpsc::{Receiver, Sender, channel};

use diesel::prelude::*;

use super::*;

/// How long a test waits for what is to happen at once.
const PATIENCE: Duration = Duration::from_secs(60);

/// A driver that opens each connection when it is told how that ends.
struct Told {
    asked: Mutex<Sender<()>>,
    ends: Mutex<Receiver<Result<()>>>,
    /// Whether the next task is given back.
    breaks: AtomicBool,
}

impl Driver for Told {
    fn open(&self) -> Result<Conn> {
        self.asked.lock().unwrap().send(()).unwrap();
        let end = self.ends.lock().unwrap().recv_timeout(PATIENCE).unwrap();
        end.map(|()| Conn::Sqlite(Box::new(SqliteConnection::establish(":memory:").unwrap())))
    }

    fn run(&self, conn: &mut Conn, task: DbTask, _: &mut dyn Iterator<Item = DbTask>) -> After {
        if self.breaks.swap(false, Relaxed) {
            return After::Unbegun(task);
        }
        ((task.work)(Ok(conn)).answer)(Ok(()));
        After::Good
    }

    fn close(&self, conn: Conn) {
        drop(conn);
    }
}

/// Two workers, what tells that one of them opens a connection, and what says how that ends.
fn pool() -> (Arc<Told>, Pool, Receiver<()>, Sender<Result<()>>) {
    pool_beside(&Arc::default())
}

/// The same beside other pools.
fn pool_beside(relief: &Arc<Relief>) -> (Arc<Told>, Pool, Receiver<()>, Sender<Result<()>>) {
    let ((asked, asks), (end, ends)) = (channel(), channel());
    let driver = Arc::new(Told { asked: Mutex::new(asked), ends: Mutex::new(ends), breaks: AtomicBool::new(false) });
    let pool = Pool::new(Arc::<Told>::clone(&driver), PoolKind::Write, Threads::Own(2), relief);
    (driver, pool, asks, end)
}

fn send(pool: &Pool, party: Party) -> tokio::sync::oneshot::Receiver<Result<()>> {
    let (task, answer) = task(Terms::of(RollbackPolicy::ChecksFirst), |_| Ok(()));
    pool.send(DbTask { party, ..task }).unwrap();
    answer
}

fn answered(answer: tokio::sync::oneshot::Receiver<Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, answer).await }).unwrap().unwrap()
}

fn refused() -> Result<()> {
    Err(Error::unavailable("no more connections"))
}

#[test]
fn work_taken_before_there_was_a_connection_is_done_by_the_first_lane_that_has_one() {
    let (_, pool, asks, end) = pool();
    let first = send(&pool, Party::Nobody);
    asks.recv_timeout(PATIENCE).unwrap();
    let second = send(&pool, Party::Engine);
    // One worker is asked at a time here; the other has taken its work, or will find it taken.
    end.send(Ok(())).unwrap();
    answered(first).unwrap();
    answered(second).unwrap();
    // Nobody in particular may use one of two workers: that the other one is opening a connection does not count.
    answered(send(&pool, Party::Nobody)).unwrap();
    end.send(refused()).unwrap();
    answered(send(&pool, Party::Engine)).unwrap();
    end.send(refused()).unwrap();
    pool.close();
}

/// Both workers of a pool may be opening a connection for long, where another pool has all that can be had.
#[test]
fn another_pool_does_what_comes_while_every_lane_opens_a_connection() {
    let relief = Arc::default();
    let ((_, other, _asks, end), (_, pool, asks, ends)) = (pool_beside(&relief), pool_beside(&relief));
    end.send(Ok(())).unwrap();
    answered(send(&other, Party::Nobody)).unwrap();
    for party in [Party::Nobody, Party::Engine, Party::Nobody, Party::Engine] {
        answered(send(&pool, party)).unwrap();
    }
    asks.recv_timeout(PATIENCE).unwrap();
    ends.send(refused()).unwrap();
    ends.send(refused()).unwrap();
    pool.close();
    other.close();
}

#[test]
fn work_is_refused_where_no_lane_can_have_a_connection() {
    let (_, pool, asks, end) = pool();
    let first = send(&pool, Party::Nobody);
    asks.recv_timeout(PATIENCE).unwrap();
    end.send(refused()).unwrap();
    assert_eq!(answered(first).unwrap_err().message, "no more connections");
    // It tries again for what comes next.
    let second = send(&pool, Party::Nobody);
    end.send(Ok(())).unwrap();
    answered(second).unwrap();
    pool.close();
}

#[test]
fn work_that_a_broken_connection_gave_back_is_done_on_a_new_one() {
    let (driver, pool, asks, end) = pool();
    end.send(Ok(())).unwrap();
    answered(send(&pool, Party::Nobody)).unwrap();
    asks.recv_timeout(PATIENCE).unwrap();
    driver.breaks.store(true, Relaxed);
    let given_back = send(&pool, Party::Nobody);
    asks.recv_timeout(PATIENCE).unwrap();
    end.send(Ok(())).unwrap();
    answered(given_back).unwrap();
    pool.close();
}
