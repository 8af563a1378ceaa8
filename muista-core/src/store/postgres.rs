//! The PostgreSQL driver: connecting, with TLS to any other machine, bringing the schema up to date, and one
//! transaction for each write.

mod engine;
mod event;
mod listen;
mod runtime;

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_async::AsyncPgConnection;
use diesel_async::async_connection_wrapper::AsyncConnectionWrapper;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use tokio_postgres::config::{Host, SslMode};

use super::lane::{Driver, Job};
use super::{Conn as AnyConn, Migrate, SCHEMA_VERSION, error, newer_schema, older_schema, statements, tls};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::model::Id;
use runtime::{LaneRuntime, ended, runtime};

/// A connection of this database: a blocking one, on tokio-postgres, so that no libpq is linked.
pub(crate) type Conn = AsyncConnectionWrapper<AsyncPgConnection, LaneRuntime>;
pub(crate) use engine::{BATCH, move_cursors, record};
pub(crate) use listen::listen;

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

#[path = "queries/mod.rs"]
pub(crate) mod queries;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// The advisory lock that migrations are made under; any number that no other program uses.
const MIGRATION_LOCK: i64 = 0x6d75_6973_7461;

/// After how long without work a connection is looked at before it is read from: the server may have ended it. That is two
/// calls of the system and no round trip; under load they are spared.
const LULL: Duration = Duration::from_millis(1);

/// After how long it is tried with a round trip: a server whose machine failed ends nothing.
const IDLE: Duration = Duration::from_secs(1);

/// How many transactions a lane may run before it looks after its prepared statements again.
const CHAIN: usize = 64;

thread_local! {
    /// When this lane's connection last was of use.
    static USED: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Opens connections to one server.
pub(super) struct Postgres {
    pub(super) url: String,
    /// The URL without its password.
    pub(super) name: String,
    pub(super) ca: Option<PathBuf>,
    pub(super) migrate: Migrate,
    pub(super) clock: Arc<dyn Clock>,
    /// Whether each job is a transaction; false on lanes that only read.
    pub(super) writes: bool,
}

impl Driver for Postgres {
    fn open(&self) -> Result<AnyConn> {
        let mut conn = self.connect()?;
        match version(&mut conn).map_err(|e| error::unreachable(&e.to_string(), &self.name))? {
            SCHEMA_VERSION => {}
            newer if newer > SCHEMA_VERSION => return Err(newer_schema(&self.name, newer)),
            older if self.migrate == Migrate::Refuse => return Err(older_schema(&self.name, older)),
            _ => self.bring_up_to_date(&mut conn)?,
        }
        Ok(AnyConn::Postgres(Box::new(conn)))
    }

    fn run(&self, conn: &mut AnyConn, job: Job, waiting: &mut dyn Iterator<Item = Job>) -> bool {
        let good =
            if self.writes { self.transactions(conn, job, &mut waiting.take(CHAIN)) } else { self.read(conn, job) };
        if let AnyConn::Postgres(conn) = conn {
            statements::trim(&mut **conn);
        }
        good
    }
}

impl Postgres {
    /// How to connect, encryption left aside.
    fn config(&self) -> Result<tokio_postgres::Config> {
        let mut config: tokio_postgres::Config = self
            .url
            .parse()
            .map_err(|e| Error::invalid("database_url", format!("{} cannot be read: {e}", self.name)))?;
        config.application_name("muista");
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(10));
        }
        Ok(config)
    }

    fn connect(&self) -> Result<Conn> {
        let (runtime, mut config) = (runtime()?, self.config()?);
        let connected = runtime.block_on(async {
            if is_local(&config) || config.get_ssl_mode() == SslMode::Disable {
                let (client, connection) = config
                    .ssl_mode(SslMode::Disable)
                    .connect(tokio_postgres::NoTls)
                    .await
                    .map_err(|e| self.unreachable(&e))?;
                return AsyncPgConnection::try_from_client_and_connection(client, connection)
                    .await
                    .map_err(|e| error::of_connection(&e, &self.name));
            }
            let tls = tls::connector(self.ca.as_deref())?;
            let (client, connection) =
                config.ssl_mode(SslMode::Require).connect(tls).await.map_err(|e| self.unreachable(&e))?;
            AsyncPgConnection::try_from_client_and_connection(client, connection)
                .await
                .map_err(|e| error::of_connection(&e, &self.name))
        })?;
        let mut conn = Conn::from(connected);
        statements::watch(&mut conn);
        Ok(conn)
    }

    fn unreachable(&self, e: &tokio_postgres::Error) -> Error {
        let mut reason = e.to_string();
        let mut cause = std::error::Error::source(e);
        while let Some(inner) = cause {
            reason = format!("{reason}: {inner}");
            cause = inner.source();
        }
        error::unreachable(&reason, &self.name)
    }

    /// Migrates under an advisory lock, since diesel takes none and several daemons may start at once.
    fn bring_up_to_date(&self, conn: &mut Conn) -> Result<()> {
        execute(conn, &format!("SELECT pg_advisory_lock({MIGRATION_LOCK})"))?;
        let result = self.migrate_locked(conn);
        execute(conn, &format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})")).and(result)
    }

    fn migrate_locked(&self, conn: &mut Conn) -> Result<()> {
        if version(conn).map_err(error::of_query)? == SCHEMA_VERSION {
            return Ok(());
        }
        // All or nothing: a schema without the account would never get it.
        conn.transaction(|conn| {
            conn.run_pending_migrations(MIGRATIONS).map_err(diesel::result::Error::QueryBuilderError)?;
            queries::user::ensure_local(conn, self.clock.now())
        })
        .map_err(|e| error::unreachable(&e.to_string(), &self.name))
    }

    /// Runs one job that only reads. It cannot be run twice, so a connection that has been idle is looked at first, and
    /// replaced where it is broken.
    fn read(&self, any: &mut AnyConn, job: Job) -> bool {
        if is_lost(any) {
            match self.open() {
                Ok(fresh) => *any = fresh,
                Err(error) => {
                    super::lane::refuse([job], &error);
                    return false;
                }
            }
        }
        let done = (job.work)(Ok(any));
        let good = !done.broken();
        (done.answer)(Ok(()));
        USED.set(Some(Instant::now()));
        good
    }

    /// Runs a job, and those that wait meanwhile, each as a transaction of its own, answered after its own commit. While
    /// jobs wait, the end of one transaction begins the next in the same round trip.
    fn transactions(&self, any: &mut AnyConn, first: Job, waiting: &mut dyn Iterator<Item = Job>) -> bool {
        let (mut next, mut good, mut begun) = (Some(first), true, false);
        while let Some(job) = next {
            if !begun && let Err(error) = self.begin(any, good) {
                super::lane::refuse([job], &error);
                return false;
            }
            let done = (job.work)(Ok(&mut *any));
            next = waiting.next();
            let ended = with(any, |conn| execute(conn, end(done.keep(), next.is_some())));
            good = ended.is_ok() && !done.broken();
            begun = good;
            (done.answer)(ended);
        }
        good
    }

    /// Begins a transaction. A connection that is of no more use, or turns out to be broken, is replaced.
    fn begin(&self, any: &mut AnyConn, good: bool) -> Result<()> {
        if good && begin(any).is_ok() {
            return Ok(());
        }
        *any = self.open()?;
        begin(any)
    }
}

/// Whether a connection turns out to be of no more use, after a time without work.
fn is_lost(any: &mut AnyConn) -> bool {
    let idle = USED.get().map_or(Duration::MAX, |used| used.elapsed());
    (idle > LULL && with(any, ended).is_err()) || (idle > IDLE && with(any, |conn| execute(conn, "SELECT 1")).is_err())
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

fn begin(conn: &mut AnyConn) -> Result<()> {
    with(conn, |conn| execute(conn, "BEGIN"))
}

fn with<T>(conn: &mut AnyConn, work: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    match conn {
        AnyConn::Postgres(conn) => work(conn),
        AnyConn::Sqlite(_) => Err(Error::internal("a PostgreSQL lane holds another connection")),
    }
}

fn execute(conn: &mut Conn, sql: &str) -> Result<()> {
    conn.batch_execute(sql).map_err(error::of_query)
}

/// How many migrations the database has had; 0 for an empty one.
fn version(conn: &mut Conn) -> QueryResult<i64> {
    #[derive(QueryableByName)]
    struct Version {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        version: i64,
    }
    let known =
        diesel::sql_query("SELECT (to_regclass('__diesel_schema_migrations') IS NOT NULL)::int::bigint AS version")
            .get_result::<Version>(conn)?;
    if known.version == 0 {
        return Ok(0);
    }
    diesel::sql_query("SELECT count(*) AS version FROM __diesel_schema_migrations")
        .get_result::<Version>(conn)
        .map(|row| row.version)
}

/// Whether the server is on this machine, where nobody stands between.
fn is_local(config: &tokio_postgres::Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
    })
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
