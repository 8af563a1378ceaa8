//! What the connections to one database share, and how many there are: which workers there are of each sort, and what those
//! to a PostgreSQL server find out for each other. Doing work on them is `worker`'s.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};

use super::postgres::{self, Pooling};
use super::worker_pool::{Driver as _, Threads};
use super::{ConnectionSettings, Database, Options, PoolMode, Workers};
use crate::clock::Clock;
use crate::error::{Error, Result};

/// What the connections to one PostgreSQL server find out for each other.
pub(super) struct Server {
    pooling: Arc<Pooling>,
    generation: Arc<AtomicU64>,
    /// Whether the schema was made by this process.
    pub(super) made: Arc<AtomicBool>,
}

impl Server {
    pub(super) fn of(options: &Options) -> Self {
        // A command asks each thing once, for which a statement with a name would be no gain.
        let lent = match options.usage.pooling {
            PoolMode::Transaction => true,
            PoolMode::Auto => options.workers == Workers::Embedded,
            PoolMode::Session => false,
        };
        Self { pooling: Arc::new(Pooling::new(lent)), generation: Arc::default(), made: Arc::default() }
    }
}

/// How many workers there are of each sort.
pub(super) struct Split {
    pub(super) writes: Threads,
    /// None: the same workers read.
    pub(super) reads: Option<Threads>,
    /// None: those that read search, too.
    pub(super) searches: Option<Threads>,
}

impl Split {
    pub(super) fn of(options: &Options, listens: bool) -> Self {
        let (writes, reads, searches) = match (options.workers, &options.database) {
            // To open another connection takes as long as what a command does on it.
            (Workers::Embedded, Database::Sqlite(_)) => {
                return Self { writes: Threads::Callers, reads: None, searches: None };
            }
            // Its connection brings an event loop of its own, which cannot run within the caller's.
            (Workers::Embedded, Database::Postgres(_)) => (Threads::Own(1), Threads::Own(1), None),
            (Workers::Daemon, Database::Sqlite(_)) => (Threads::Own(1), Threads::Own(4), Some(Threads::Own(4))),
            (Workers::Daemon, Database::Postgres(_)) => {
                let most = usize::from(options.usage.connections.max(1)) - usize::from(listens);
                if most < 2 {
                    return Self { writes: Threads::Own(1), reads: None, searches: None };
                }
                (Threads::Own(most - most / 2), Threads::Own(most / 2), None)
            }
        };
        Self { writes, reads: Some(reads), searches }
    }
}

pub(super) fn postgres(
    options: &Options,
    clock: &Arc<dyn Clock>,
    url: &str,
    (name, writes): (&str, bool),
    server: &Server,
) -> postgres::Postgres {
    postgres::Postgres {
        url: url.to_owned(),
        name: name.to_owned(),
        ca: options.ca.clone(),
        migrate: options.migrate,
        clock: Arc::clone(clock),
        writes,
        pooling: Arc::clone(&server.pooling),
        generation: Arc::clone(&server.generation),
        made: Arc::clone(&server.made),
    }
}

/// Opens a connection to a PostgreSQL server once, brings its schema up to date, and finds out how it is reached; returns
/// whether others can be listened to.
pub(super) fn find_out(driver: postgres::Postgres, usage: &ConnectionSettings) -> Result<bool> {
    let (pooling, several) = (Arc::clone(&driver.pooling), usage.connections > 1);
    let looks = usage.pooling == PoolMode::Auto && several;
    on_a_thread(move || {
        driver.open().map(drop)?;
        if looks { driver.find_out_pooling() } else { Ok(()) }
    })?;
    Ok(several && (usage.listen_url.is_some() || !pooling.is_lent()))
}

/// Whether what writes and what reads have connections of their own.
pub(super) fn keeps_apart(options: &Options) -> bool {
    matches!(options.database, Database::Sqlite(_))
}

/// Does something on a thread of its own, since the caller's may be an async one.
pub(super) fn on_a_thread(work: impl FnOnce() -> Result<()> + Send + 'static) -> Result<()> {
    std::thread::spawn(work)
        .join()
        .unwrap_or_else(|_| Err(Error::internal("opening the database failed inside Muista")))
}
