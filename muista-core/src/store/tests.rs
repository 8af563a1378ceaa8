//! Workers under people who ask for too much: who else is served, and when work ends. Work that blocks is let go by the test,
//! so that nothing here depends on how long anything takes.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use futures::FutureExt as _;
use test_common::postgres;

use super::*;
use crate::clock::SystemClock;
use crate::error::ErrorKind;
use crate::model::Id;

/// Longer than anything here waits for.
const LATER: Duration = Duration::from_secs(60);

fn daemon(database: Database) -> Store {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Store::open(
        &Options {
            database,
            ca: None,
            migrate: Migrate::Run,
            workers: Workers::Daemon,
            usage: ConnectionSettings::default(),
        },
        &clock,
    )
    .unwrap()
}

/// Runs a test on a daemon's store of either database.
pub(crate) fn on_both(test: impl AsyncFn(&Store)) {
    let folder = tempfile::tempdir().unwrap();
    let server = Database::parse(&postgres::server().database().url).unwrap();
    for database in [Database::in_dir(folder.path()), server] {
        let store = daemon(database);
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test(&store));
        store.close();
    }
}

/// Work that says when it begins, and goes on until it is let go.
#[derive(Clone)]
struct Blocking {
    begun: Sender<()>,
    go: Arc<Mutex<Receiver<()>>>,
}

impl Blocking {
    fn new() -> (Self, Receiver<()>, Sender<()>) {
        let ((begun, told), (let_go, go)) = (channel(), channel());
        (Self { begun, go: Arc::new(Mutex::new(go)) }, told, let_go)
    }

    fn run(&self) -> Result<()> {
        self.begun.send(()).unwrap();
        // An end of the sender lets all go.
        let _ = self.go.lock().unwrap().recv();
        Ok(())
    }
}

fn account(number: u8) -> Id {
    Id::from_bytes([number; 16])
}

/// A request of an account's, on a task of its own.
fn request<T: Send + 'static>(
    number: u8,
    work: impl Future<Output = T> + Send + 'static,
) -> tokio::task::JoinHandle<T> {
    tokio::spawn(on_behalf_of(account(number), Instant::now() + LATER, work))
}

#[test]
fn reads_of_one_account_keep_neither_another_nor_the_engine_waiting() {
    on_both(async |store| {
        let (blocking, begun, let_go) = Blocking::new();
        let reads: Vec<_> = (0..20)
            .map(|_| {
                let (store, blocking) = (store.clone(), blocking.clone());
                request(1, async move { store.read(move |_| blocking.run()).await })
            })
            .collect();
        tokio::task::yield_now().await;
        begun.recv().unwrap();
        let other = store.clone();
        request(2, async move { other.read(|_| Ok(())).await }).await.unwrap().unwrap();
        store.read_for_engine(|_| Ok(())).await.unwrap();
        drop(let_go);
        for read in reads {
            read.await.unwrap().unwrap();
        }
    });
}

#[test]
fn writes_take_turns_and_the_engine_goes_first() {
    on_both(async |store| {
        let order = Arc::new(Mutex::new(Vec::new()));
        let (blocking, begun, let_go) = Blocking::new();
        // As many as there may be workers, so that what follows waits.
        let blocks: Vec<_> = (10..20)
            .map(|number| {
                let (store, blocking) = (store.clone(), blocking.clone());
                let party = Party::Account(account(number));
                tokio::spawn(
                    async move { store.write(RollbackPolicy::Savepoint, party, move |_| blocking.run()).await },
                )
            })
            .collect();
        tokio::task::yield_now().await;
        begun.recv().unwrap();
        let write = |party: Party, name: &'static str| {
            let (store, order) = (store.clone(), Arc::clone(&order));
            tokio::spawn(async move {
                let note = move |_: &mut Conn| {
                    order.lock().unwrap().push(name);
                    Ok(())
                };
                store.write(RollbackPolicy::Savepoint, party, note).await
            })
        };
        let one = Party::Account(account(1));
        let mut writes: Vec<_> = (0..500).map(|_| write(one, "one")).collect();
        tokio::task::yield_now().await;
        writes.push(write(Party::Account(account(2)), "other"));
        writes.push(write(Party::Engine, "engine"));
        // What a worker took before it had a connection counts once it has; the engine's may be done already, on the worker
        // that is kept free for it.
        let accounted = || {
            let load = store.load().1;
            load.waiting + load.busy + usize::try_from(load.done).unwrap()
        };
        let began = Instant::now();
        while accounted() < blocks.len() + writes.len() {
            assert!(began.elapsed() < LATER, "{:?}", store.load());
            tokio::task::yield_now().await;
        }
        drop(let_go);
        for write in blocks.into_iter().chain(writes) {
            write.await.unwrap().unwrap();
        }
        let order = order.lock().unwrap().clone();
        let place = |name: &str| order.iter().position(|it| *it == name).unwrap();
        // Other workers go on while the one that took it waits for a processor.
        assert!(place("engine") < 100, "{}", place("engine"));
        assert!(place("other") < 200, "{}", place("other"));
    });
}

#[test]
fn what_nobody_waits_for_is_not_begun() {
    on_both(async |store| {
        let (blocking, begun, let_go) = Blocking::new();
        let blocks: Vec<_> = (0..10)
            .map(|_| {
                let (store, blocking) = (store.clone(), blocking.clone());
                tokio::spawn(async move {
                    store.write(RollbackPolicy::Savepoint, Party::Engine, move |_| blocking.run()).await
                })
            })
            .collect();
        tokio::task::yield_now().await;
        begun.recv().unwrap();
        let done = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&done);
        let gone = async {
            store
                .write(RollbackPolicy::Savepoint, Party::Nobody, move |_| {
                    counted.fetch_add(1, Relaxed);
                    Ok(())
                })
                .await
        };
        assert!(gone.now_or_never().is_none(), "it waits, and its caller goes");
        drop(let_go);
        for block in blocks {
            block.await.unwrap().unwrap();
        }
        store.write(RollbackPolicy::Savepoint, Party::Nobody, |_| Ok(())).await.unwrap();
        assert_eq!(done.load(Relaxed), 0);
    });
}

/// Runs a statement that has no end of its own.
fn endless(conn: &mut Conn) -> Result<()> {
    let result = match conn {
        Conn::Sqlite(conn) => conn
            .batch_execute("WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n) SELECT count(*) FROM n"),
        Conn::Postgres(conn) => conn.batch_execute("SELECT pg_sleep(3600)"),
    };
    result.map_err(error::of_query)
}

#[test]
fn a_statement_ends_at_the_deadline_of_its_request() {
    on_both(async |store| {
        for _ in 0..3 {
            let deadline = Instant::now() + Duration::from_millis(100);
            let error = on_behalf_of(account(1), deadline, store.read(endless)).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Unavailable, "{error:?}");
            assert!(error.message.contains("too long") && error.hint.is_some(), "{error:?}");
            store.read(|_| Ok(())).await.unwrap();
        }
        // A worker counts after it has answered.
        let began = Instant::now();
        while store.load().0.cut < 3 {
            assert!(began.elapsed() < LATER, "{:?}", store.load());
            tokio::task::yield_now().await;
        }
        let late = on_behalf_of(account(1), Instant::now(), store.read(|_| Ok(()))).await.unwrap_err();
        assert_eq!((late.kind, late.message.contains("in time")), (ErrorKind::Unavailable, true), "{late:?}");
    });
}
