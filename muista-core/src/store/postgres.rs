//! The PostgreSQL driver: one transaction for each write, and connections that are replaced when they are of no more use.
//! Connecting, the schema, and what an SQLSTATE means are in the files of this folder.

mod connect;
mod connection;
mod engine;
mod event;
mod listen;
pub(super) mod load;
mod pooling;
mod row;
mod runtime;
mod schema;
pub(super) mod snapshot;
pub(super) mod state;
mod tables;
pub(in crate::store) mod text;

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use super::worker_pool::{After, Completion, DbTask, Driver, PoolKind};
use super::{Conn as AnyConn, Migrate, error};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::model::Id;
pub(crate) use connection::Conn;
use connection::Failure;
pub(super) use pooling::Pooling;

pub(crate) use engine::{BATCH, clock_now, move_cursors, record};
pub(crate) use listen::listen;
pub(in crate::store) use schema::reindex;

/// The database, as diesel names it.
pub(crate) type Backend = diesel::pg::Pg;

/// A query whose rows this transaction will change: it locks them until its end.
macro_rules! locked {
    ($query:expr) => {
        $query.for_update()
    };
}

/// A query whose rows this transaction will work on: it locks them until its end, and leaves out what others have locked.
macro_rules! claimable {
    ($query:expr) => {
        $query.for_update().skip_locked()
    };
}

/// Whether a column's value is among some ids.
macro_rules! among {
    ($column:expr, $ids:expr) => {
        $column.eq_any($ids)
    };
}

/// Whether a column's text holds another. Skips ahead in the text (Boyer, Moore and Horspool), unlike LIKE, which starts
/// anew at each character of it.
macro_rules! holds {
    ($column:expr, $text:expr) => {
        $crate::store::postgres::strpos($column, $text).gt(0)
    };
}

diesel::define_sql_function! {
    /// The place of a text within another, from 1; 0 where it is not in it.
    fn strpos(text: diesel::sql_types::Text, part: diesel::sql_types::Text) -> diesel::sql_types::Integer;
}

/// Whether an id's last group begins with a text of lower-case hex digits. The column is named within SQL.
macro_rules! ends_with {
    ($column:literal, $short:expr) => {
        diesel::dsl::sql::<diesel::sql_types::Bool>(concat!("substr(CAST(", $column, " AS text), 25, "))
            .bind::<diesel::sql_types::Integer, _>(i32::try_from($short.len()).unwrap_or(i32::MAX))
            .sql(") = ")
            .bind::<diesel::sql_types::Text, _>($short.to_owned())
    };
}

#[path = "queries/mod.rs"]
pub(crate) mod queries;

/// How this database tells what it does for a query.
mod plan {
    pub(super) const EXPLAIN: &str = "EXPLAIN ";
    pub(super) type Steps = diesel::sql_types::Text;
    pub(super) type Step = String;

    pub(super) fn words(step: Step) -> String {
        step
    }
}

/// After how long without work a connection is looked at before it is read from: the server may have ended it. That is two
/// calls of the system and no round trip; under load they are spared.
const LULL: Duration = Duration::from_millis(1);

/// After how long it is tried with a round trip: a server whose machine failed ends nothing.
const IDLE: Duration = Duration::from_secs(1);

/// How many transactions a worker may run before it looks after its prepared statements again.
const CHAIN: usize = 64;

/// How often work is run again that met somebody else's.
const TRIES: usize = 5;

thread_local! {
    /// When this worker's connection last was of use.
    static USED: Cell<Option<Instant>> = const { Cell::new(None) };
    /// Of which generation this worker's connection is.
    static OPENED: Cell<u64> = const { Cell::new(0) };
}

/// Opens connections to one server.
pub(super) struct Postgres {
    pub(super) url: String,
    /// The URL without its password.
    pub(super) name: String,
    pub(super) ca: Option<PathBuf>,
    pub(super) migrate: Migrate,
    pub(super) clock: Arc<dyn Clock>,
    /// Whether its server must take writes; those that only read make do with one that does not.
    pub(super) writes: bool,
    /// Whether the server is lent by a pooler.
    pub(super) pooling: Arc<Pooling>,
    /// How often the server turned out to be another than it was: connections of before are replaced.
    pub(super) generation: Arc<AtomicU64>,
    /// Whether this process has made the schema.
    pub(super) made: Arc<AtomicBool>,
}

impl Driver for Postgres {
    fn open(&self) -> Result<AnyConn> {
        // Before it is opened: what is found out meanwhile is of the one before.
        OPENED.set(self.generation.load(Relaxed));
        let (mut conn, met) = self.connect()?;
        self.check_schema(&mut conn, met.has_schema)?;
        Ok(AnyConn::Postgres(Box::new(conn)))
    }

    fn run(&self, conn: &mut AnyConn, task: DbTask, waiting: &mut dyn Iterator<Item = DbTask>) -> After {
        let after = match (task.kind, self.pooling.is_lent()) {
            // A transaction that follows at once would keep the server that others wait for.
            (_, true) => self.transactions(conn, task, &mut std::iter::empty()),
            (PoolKind::Write, false) => self.transactions(conn, task, &mut waiting.take(CHAIN)),
            (PoolKind::Read | PoolKind::Search, false) => self.read(conn, task),
        };
        if let AnyConn::Postgres(conn) = conn {
            conn.trim();
        }
        after
    }

    fn close(&self, conn: AnyConn) {
        drop(conn);
    }
}

impl Postgres {
    /// Runs one task that only reads. It cannot be run twice, so a connection that has been idle is looked at first.
    fn read(&self, any: &mut AnyConn, task: DbTask) -> After {
        if !task.was_given_back_often() && self.is_lost(any) {
            return After::Unbegun(task);
        }
        let done = (task.work)(Ok(any));
        let (failure, cut) = (self.judge(any), done.cut);
        (done.answer)(Ok(()));
        USED.set(Some(Instant::now()));
        // What was to end one statement may come late and end another.
        if cut || failure.is_some_and(|failure| failure.is_of_the_connection()) { After::Broken } else { After::Good }
    }

    /// Runs a task, and those that wait meanwhile, each as a transaction of its own, answered after its own commit. While
    /// tasks wait, the end of one transaction begins the next in the same round trip.
    fn transactions(&self, any: &mut AnyConn, first: DbTask, waiting: &mut dyn Iterator<Item = DbTask>) -> After {
        let (mut next, mut good, mut begun) = (Some(first), !self.is_of_before(), false);
        while let Some(task) = next {
            if !begun && let Err(error) = self.begin(any, good) {
                if task.was_given_back_often() {
                    super::worker_pool::refuse([task], &error);
                    return After::Broken;
                }
                return After::Unbegun(task);
            }
            let (done, failure) = self.run_until_it_may(any, task);
            next = waiting.next();
            let ended = with(any, |conn| execute(conn, end(done.keep(), next.is_some())));
            let lost = self.judge(any);
            good = ended.is_ok() && !done.cut && !failure.is_some_and(|failure| failure.is_of_the_connection());
            begun = good;
            let uncertain = done.keep() && lost.is_some_and(|lost| lost.is_of_the_connection());
            (done.answer)(if uncertain { ended.map_err(|_| uncertain_commit()) } else { ended });
        }
        if good { After::Good } else { After::Broken }
    }

    /// Runs a task in the transaction that was begun, again where it met somebody else's that was let through first; also
    /// returns what the database failed with.
    fn run_until_it_may(&self, any: &mut AnyConn, task: DbTask) -> (Completion, Option<Failure>) {
        let mut done = (task.work)(Ok(&mut *any));
        for _ in 1..TRIES {
            let failure = self.judge(any);
            if done.keep() || !failure.as_ref().is_some_and(Failure::may_pass) {
                return (done, failure);
            }
            let Some(again) = done.again.take() else { return (done, failure) };
            let begun = with(any, |conn| execute(conn, "ROLLBACK")).and_then(|()| self.begin(any, true));
            done = again(begun.map(|()| &mut *any));
        }
        let failure = self.judge(any);
        (done, failure)
    }

    /// Takes what the database failed with since this was asked last, and draws from it what concerns other workers.
    fn judge(&self, any: &mut AnyConn) -> Option<Failure> {
        let AnyConn::Postgres(conn) = any else { return None };
        let failure = conn.take_failure()?;
        if failure.is_of_the_server() && OPENED.get() == self.generation.load(Relaxed) {
            self.generation.fetch_add(1, Relaxed);
        }
        if failure.is_of_a_pooler() {
            self.pooling.found();
        }
        Some(failure)
    }

    /// Begins a transaction on a connection that is not known to be of no more use.
    ///
    /// # Errors
    /// When it is, or turns out to be.
    fn begin(&self, any: &mut AnyConn, good: bool) -> Result<()> {
        if !good {
            return Err(Error::unavailable("the connection to the database was lost"));
        }
        let begun = with(any, |conn| execute(conn, if self.pooling.is_lent() { connect::BEGIN_LENT } else { "BEGIN" }));
        self.judge(any);
        begun
    }

    /// Whether this worker's connection was opened before the server turned out to be another.
    fn is_of_before(&self) -> bool {
        OPENED.get() != self.generation.load(Relaxed)
    }

    /// Whether a connection turns out to be of no more use, after a time without work.
    fn is_lost(&self, any: &mut AnyConn) -> bool {
        let idle = USED.get().map_or(Duration::MAX, |used| used.elapsed());
        self.is_of_before()
            || (idle > LULL && with(any, |conn| Ok(conn.has_ended())).unwrap_or(true))
            || (idle > IDLE && with(any, |conn| execute(conn, "SELECT 1")).is_err())
    }
}

/// What ends a transaction, and begins another right away where one follows (PostgreSQL 12, `COMMIT`).
const fn end(keep: bool, another: bool) -> &'static str {
    match (keep, another) {
        (true, false) => "COMMIT",
        (true, true) => "COMMIT AND CHAIN",
        (false, false) => "ROLLBACK",
        (false, true) => "ROLLBACK AND CHAIN",
    }
}

/// The error where the connection ended before the answer to a commit came.
fn uncertain_commit() -> Error {
    Error::unavailable("the database closed the connection during the commit: the change may or may not have been made")
        .hint("look before you repeat it; over HTTP an Idempotency-Key makes repeating safe")
}

fn with<T>(conn: &mut AnyConn, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    match conn {
        AnyConn::Postgres(conn) => work(conn),
        AnyConn::Sqlite(_) => Err(Error::internal("a PostgreSQL worker holds another connection")),
    }
}

fn execute(conn: &mut Conn, sql: &str) -> Result<()> {
    conn.batch_execute(sql).map_err(error::of_query)
}

/// Task numbers that were never given, from the table's sequence.
pub(crate) fn reserve_numbers(conn: &mut Conn, count: usize) -> QueryResult<Vec<i64>> {
    #[derive(QueryableByName)]
    struct Number {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        number: i64,
    }
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let numbers = diesel::sql_query(
        "SELECT nextval(pg_get_serial_sequence('tasks', 'number')) AS number FROM generate_series(1, $1)",
    )
    .bind::<diesel::sql_types::BigInt, _>(count)
    .load::<Number>(conn)?;
    Ok(numbers.into_iter().map(|row| row.number).collect())
}

/// The channel of LISTEN and NOTIFY.
const SIGNALS: &str = "muista";

/// Lets nobody else work under a key that a client chose, until this transaction ends.
pub(crate) fn lock_key(conn: &mut Conn, scope: Id, key: &[u8]) -> QueryResult<()> {
    // Keys that share a number only wait for each other.
    let bytes = scope.as_bytes().iter().chain(key);
    let number = bytes.fold(0_i64, |number, byte| number.wrapping_mul(31).wrapping_add(i64::from(*byte)));
    diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
        .bind::<diesel::sql_types::BigInt, _>(number)
        .execute(conn)
        .map(drop)
}

/// Tells every process that listens, once this transaction is committed.
pub(crate) fn notify(conn: &mut Conn, payload: &str) -> QueryResult<()> {
    diesel::sql_query("SELECT pg_notify($1, $2)")
        .bind::<diesel::sql_types::Text, _>(SIGNALS)
        .bind::<diesel::sql_types::Text, _>(payload)
        .execute(conn)
        .map(drop)
}

/// Nothing: a PostgreSQL server watches over its own files.
pub(crate) fn damage(_: &mut Conn) -> QueryResult<Vec<String>> {
    Ok(Vec::new())
}
