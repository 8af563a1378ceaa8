//! The store: where the nouns are kept. [`Store`] runs work on workers of connections; the functions of the noun modules
//! (`task`, `tag` …) are the queries, written once and compiled for both databases. What a change means, who may make
//! it and what is recorded of it are the service's.

mod asker;
mod change_listener;
mod deadline;
mod dispatch;
mod error;
pub(crate) mod list;
mod own_field;
#[cfg(test)]
mod plans;
mod postgres;
mod queue;
mod relief;
pub(crate) mod repair;
pub(crate) mod rows;
pub(crate) mod schema;
mod server;
pub(crate) mod snapshot;
mod sqlite;
mod statements;
#[cfg(test)]
mod tests;
mod tls;
pub(crate) mod types;
mod worker_pool;

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

pub use asker::on_behalf_of;

#[cfg(test)]
pub(crate) use tests::on_both;

pub(crate) use asker::{Party, party};
pub(crate) use change_listener::ChangeNotification;
pub(crate) use deadline::{Halt, check_halt};
pub(crate) use dispatch::*;
pub(crate) use sqlite::beside;

use crate::clock::Clock;
use crate::error::{Error, Result};
pub use crate::model::{ConnectionSettings, Database, PoolMode};
use relief::Relief;
use server::{Server, Split, find_out, keeps_apart, on_a_thread, postgres};
pub use worker_pool::Load;
pub(crate) use worker_pool::RollbackPolicy;
use worker_pool::{Driver, Pool, PoolKind, Terms};

/// The version of the schema that this program works with: the number of its migrations.
pub const SCHEMA_VERSION: i64 = 11;

/// The first schema whose keys are folded as Unicode's normal forms have it, and whose comments have any: those of an older
/// one are made anew.
const FOLDED: i64 = 10;

/// For how long it is believed that the database takes writes, where none has failed.
const PROVEN: Duration = Duration::from_secs(60);

/// Whether opening a database of an older schema brings it up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migrate {
    /// It does.
    Run,
    /// It is refused.
    Refuse,
}

/// How much the store is going to be asked at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// By one command.
    Embedded,
    /// By many clients.
    Daemon,
}

/// What to open, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The database.
    pub database: Database,
    /// The PEM file of the authority that signed PostgreSQL's certificate; none: the system's authorities.
    pub ca: Option<PathBuf>,
    /// What to do with an older schema.
    pub migrate: Migrate,
    /// How much it is going to be asked at once.
    pub workers: Workers,
    /// How a PostgreSQL server is used.
    pub usage: ConnectionSettings,
}

impl Options {
    /// Those of a SQLite file of this program's schema that nobody else knows of.
    pub(crate) fn of_file(path: &Path) -> Self {
        Self {
            database: Database::Sqlite(path.to_owned()),
            ca: None,
            migrate: Migrate::Refuse,
            workers: Workers::Embedded,
            usage: ConnectionSettings::default(),
        }
    }
}

/// A connection of either database.
pub(crate) enum Conn {
    /// PostgreSQL.
    Postgres(Box<postgres::Conn>),
    /// SQLite.
    Sqlite(Box<sqlite::Conn>),
}

/// The open store. Clones share the workers.
#[derive(Clone)]
pub struct Store {
    name: Arc<str>,
    reads: Arc<Pool>,
    /// What reads what may take long.
    searches: Arc<Pool>,
    writes: Arc<Pool>,
    ears: Arc<change_listener::ChangeListener>,
    /// Looks after a daemon's SQLite file.
    keeper: Option<Arc<sqlite::Keeper>>,
    /// Opens connections that are no worker's.
    driver: Arc<dyn Driver>,
    options: Arc<Options>,
    halt: Halt,
    /// Whether this process has made the schema, on PostgreSQL.
    made: Arc<AtomicBool>,
    /// When a write was last seen to be possible; none after one that was not.
    proven: Arc<Mutex<Option<Instant>>>,
}

impl Store {
    /// Makes the store of `options`. For a command nothing is opened before the first piece of work; for a daemon the
    /// database is opened once, and brought up to date, before this returns. Blocks.
    ///
    /// # Errors
    /// When the daemon's database cannot be opened or has a schema that this program does not know.
    pub fn open(options: &Options, clock: &Arc<dyn Clock>) -> Result<Self> {
        let name = options.database.to_string();
        let server = Server::of(options);
        let daemon = options.workers == Workers::Daemon;
        let (mut keeper, mut listens) = (None, true);
        let (reads, writes): (Arc<dyn Driver>, Arc<dyn Driver>) = match &options.database {
            Database::Sqlite(path) => {
                let driver = sqlite::Sqlite::new(path.clone(), options.migrate, Arc::clone(clock));
                if daemon {
                    keeper = Some(Arc::new(sqlite::Keeper::start(driver.clone())?));
                }
                let driver: Arc<dyn Driver> = Arc::new(driver);
                (Arc::clone(&driver), driver)
            }
            Database::Postgres(url) => {
                let driver = |writes| postgres(options, clock, url, (&name, writes), &server);
                if daemon {
                    listens = find_out(driver(true), &options.usage)?;
                }
                (Arc::new(driver(false)), Arc::new(driver(true)))
            }
        };
        let workers = Split::of(options, listens);
        // A SQLite file has as many connections as it is asked for, and one sort of worker alone that writes.
        let shared = Arc::new(Relief::default());
        let relief = || if keeps_apart(options) { Arc::default() } else { Arc::clone(&shared) };
        let driver = Arc::clone(&reads);
        let writes = Arc::new(Pool::new(writes, PoolKind::Write, workers.writes, &relief()));
        let reads = match workers.reads {
            Some(threads) => Arc::new(Pool::new(reads, PoolKind::Read, threads, &relief())),
            None => Arc::clone(&writes),
        };
        let searches = match workers.searches {
            Some(threads) => Arc::new(Pool::new(Arc::clone(&driver), PoolKind::Search, threads, &relief())),
            None => Arc::clone(&reads),
        };
        Ok(Self {
            driver,
            reads,
            searches,
            writes,
            ears: Arc::new(change_listener::ChangeListener::new(options, clock, &name, &server)),
            keeper,
            options: Arc::new(options.clone()),
            halt: Halt::default(),
            made: server.made,
            proven: Arc::new(Mutex::new(Some(Instant::now()))),
            name: name.into(),
        })
    }

    /// The database's URL without its password.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether this process has made the tables, in a PostgreSQL database that had none.
    pub(crate) fn has_made_tables(&self) -> bool {
        self.made.load(Relaxed)
    }

    /// What was put right in a SQLite file as it was opened: copies lack it.
    pub(crate) fn put_right(&self) -> Vec<&'static str> {
        self.driver.put_right()
    }

    /// How busy the workers are that read, and those that write.
    #[must_use]
    pub fn load(&self) -> (Load, Load) {
        let mut reads = self.reads.load();
        if !Arc::ptr_eq(&self.reads, &self.searches) {
            reads += self.searches.load();
        }
        (reads, self.writes.load())
    }

    /// Runs `work` on a connection for reading, in the turn of whoever asks.
    ///
    /// # Errors
    /// What `work` says; `Unavailable` where it took too long.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T> + Clone + Send + 'static,
    ) -> Result<T> {
        self.noted(run(&self.reads, terms(RollbackPolicy::ReadOnly, party(), READ), work).await)
    }

    /// The same for what looks through texts, which may take long: with SQLite others have the processor first.
    pub(crate) async fn search<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T> + Clone + Send + 'static,
    ) -> Result<T> {
        self.noted(run(&self.searches, terms(RollbackPolicy::ReadOnly, party(), READ), work).await)
    }

    /// The same for what looks at everything there is.
    pub(crate) async fn read_at_length<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T> + Clone + Send + 'static,
    ) -> Result<T> {
        run(&self.searches, terms(RollbackPolicy::ReadOnly, party(), LONG), work).await
    }

    /// The same for the engine, which waits for nobody.
    pub(crate) async fn read_for_engine<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Conn) -> Result<T> + Clone + Send + 'static,
    ) -> Result<T> {
        self.noted(run(&self.reads, terms(RollbackPolicy::ReadOnly, Party::Engine, READ), work).await)
    }

    /// Runs `work` as one transaction, kept only when it succeeds; returns after the commit.
    ///
    /// # Errors
    /// What `work` says; `Unavailable` where it took too long.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        rollback: RollbackPolicy,
        party: Party,
        work: impl FnOnce(&mut Conn) -> Result<T> + Clone + Send + 'static,
    ) -> Result<T> {
        let most = if rollback == RollbackPolicy::OwnTransaction { LONG } else { WRITE };
        self.noted(run(&self.writes, terms(rollback, party, most), work).await)
    }

    /// Notes a failure after which the database may be able to do nothing at all.
    fn noted<T>(&self, done: Result<T>) -> Result<T> {
        if done.as_ref().is_err_and(|error| error.trouble.is_some()) {
            *self.proven.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        done
    }

    /// Whether it is to be tried out if anything can be written.
    pub(crate) fn writes_in_doubt(&self) -> bool {
        self.proven.lock().unwrap_or_else(PoisonError::into_inner).is_none_or(|at| at.elapsed() > PROVEN)
    }

    /// Notes that something could be written.
    pub(crate) fn note_probe(&self) {
        *self.proven.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// What gives up the work that takes long.
    pub(crate) fn halt(&self) -> &Halt {
        &self.halt
    }

    /// Tells what other processes commit on the same database, until that fails; for a daemon.
    pub(crate) async fn listen(&self, heard: impl Fn(ChangeNotification<'_>)) -> Result<Infallible> {
        self.ears.find_out_again().await?;
        tokio::select! {
            biased;
            () = self.ears.are_deaf() => {}
            ended = self.ears.listen(&heard) => return ended,
        }
        let mut before = self.read_for_engine(event::last_transaction).await?;
        heard(ChangeNotification::Listening);
        loop {
            tokio::time::sleep(change_listener::LOOK).await;
            let now = self.read_for_engine(event::last_transaction).await?;
            if now != before {
                before = now;
                heard(ChangeNotification::Anything);
            }
        }
    }

    /// Copies all of a SQLite database to a new file of mode 0600, while others write, also one that has lost its name. It
    /// is on the disk when this returns.
    ///
    /// # Errors
    /// `Unavailable` where there is such a file already or it cannot be written; none is left then. `Conflict` on
    /// PostgreSQL.
    pub async fn copy_to(&self, path: PathBuf) -> Result<()> {
        match &self.keeper {
            Some(keeper) => keeper.copy(path).await,
            None => {
                self.read(move |conn| match conn {
                    Conn::Sqlite(conn) => sqlite::copy(conn, &path),
                    Conn::Postgres(_) => {
                        Err(Error::conflict("a PostgreSQL database is not a file that could be copied"))
                    }
                })
                .await
            }
        }
    }

    /// Takes no more work, and waits until what was queued is done and every connection is closed. Blocks.
    pub fn close(&self) {
        self.halt.order();
        self.writes.close();
        self.reads.close();
        self.searches.close();
        if let Some(keeper) = &self.keeper {
            keeper.close();
        }
    }
}

/// How long a read may take once it has begun.
const READ: Duration = Duration::from_secs(10);
/// How long a write may take.
const WRITE: Duration = Duration::from_secs(30);
/// How long work on thousands of records may take.
const LONG: Duration = Duration::from_secs(10 * 60);

/// The terms of work that may go on so long, and waits for its turn no longer than its request.
fn terms(rollback: RollbackPolicy, party: Party, limit: Duration) -> Terms {
    Terms { rollback, party, deadline: asker::deadline(limit.max(WRITE)), limit }
}

async fn run<T: Send + 'static>(
    pool: &Pool,
    terms: Terms,
    work: impl FnOnce(&mut Conn) -> Result<T> + Clone + Send + 'static,
) -> Result<T> {
    let (task, answer) = worker_pool::task(terms, work);
    pool.send(task)?;
    answer.await.unwrap_or_else(|_| Err(Error::unavailable("the database was closed before the work was done")))
}

fn newer_schema(name: &str, found: i64) -> Error {
    Error::unavailable(format!("{name} has schema {found}, this muista knows {SCHEMA_VERSION}"))
        .hint("a newer muista has used it: update this one")
}

fn older_schema(name: &str, found: i64) -> Error {
    Error::unavailable(format!("{name} has schema {found}, this muista needs {SCHEMA_VERSION}"))
        .hint("any command brings it up to date, and so does muistad without --no-migrate")
}
