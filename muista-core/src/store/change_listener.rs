//! Hearing that another process has committed something: by LISTEN on PostgreSQL, on a connection of its own; on SQLite,
//! which cannot tell, by looking at its log file each second. Where LISTEN is of no use, `Store::listen` asks the database.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, SystemTime};

use super::postgres::{self, Postgres};
use super::server::Server;
use super::{Database, Options, PoolMode, sqlite};
use crate::clock::Clock;
use crate::error::{Error, Result};

/// How often SQLite's log is looked at. Two calls of the system each are nothing beside a connection that asks.
pub(super) const LOOK: Duration = Duration::from_secs(1);

/// What was heard.
pub(crate) enum ChangeNotification<'a> {
    /// Whatever is committed from now on is heard.
    Listening,
    /// Another process said this.
    Said(&'a str),
    /// Somebody has written something.
    Anything,
    /// A backup was restored.
    Restored,
}

/// What is said on PostgreSQL when a backup was restored.
pub(super) const RESTORED: &str = "restored";

/// Where to listen.
pub(super) enum ChangeListener {
    Postgres(Arc<Listener>),
    /// The file's log.
    Sqlite(PathBuf),
}

/// How a PostgreSQL server is listened to.
pub(super) struct Listener {
    server: Postgres,
    /// Whether there is a way past any pooler.
    past_poolers: bool,
    /// Whether one connection more may be had for it.
    may_connect: bool,
    /// Whether it is to be found out if there is a pooler.
    finds_out: bool,
    /// Whether it has listened since this was last found out: what is between may be another by now.
    has_listened: AtomicBool,
}

impl ChangeListener {
    /// Makes those for a database.
    pub(super) fn new(options: &Options, clock: &Arc<dyn Clock>, name: &str, server: &Server) -> Self {
        let url = match &options.database {
            Database::Postgres(url) => url,
            Database::Sqlite(path) => return Self::Sqlite(sqlite::beside(path, "-wal")),
        };
        let usage = &options.usage;
        let (url, name) = match &usage.listen_url {
            Some(url) => (url, Database::Postgres(url.clone()).to_string()),
            None => (url, name.to_owned()),
        };
        Self::Postgres(Arc::new(Listener {
            server: super::postgres(options, clock, url, (&name, false), server),
            past_poolers: usage.listen_url.is_some(),
            may_connect: usage.connections > 1,
            finds_out: usage.pooling == PoolMode::Auto && usage.listen_url.is_none() && usage.connections > 1,
            has_listened: AtomicBool::new(false),
        }))
    }

    /// Listens until that fails.
    pub(super) async fn listen(&self, heard: impl Fn(ChangeNotification<'_>)) -> Result<Infallible> {
        match self {
            Self::Postgres(listener) => {
                let heard = |what: ChangeNotification<'_>| {
                    if matches!(what, ChangeNotification::Listening) {
                        listener.has_listened.store(true, Relaxed);
                    }
                    heard(what);
                };
                postgres::listen(&listener.server, heard).await
            }
            Self::Sqlite(log) => watch(log.clone(), heard).await,
        }
    }

    /// Looks again whether a pooler lends the server, where listening has ended: it may be new. Not where listening could
    /// not even begin, since the two connections that it takes may be those that others lack.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub(super) async fn find_out_again(&self) -> Result<()> {
        let Self::Postgres(listener) = self else { return Ok(()) };
        let has_listened = listener.has_listened.swap(false, Relaxed);
        if !has_listened || !listener.finds_out || listener.server.pooling.is_lent() {
            return Ok(());
        }
        let listener = Arc::clone(listener);
        let found = tokio::task::spawn_blocking(move || listener.server.find_out_pooling()).await;
        found.map_err(|e| Error::internal(format!("looking for a pooler broke off: {e}")))?
    }

    /// Returns once listening is of no use: a pooler that lends the server takes LISTEN, and tells nothing.
    pub(super) async fn are_deaf(&self) {
        match self {
            Self::Postgres(listener) if !listener.may_connect => {}
            Self::Postgres(listener) if !listener.past_poolers => listener.server.pooling.lent().await,
            _ => std::future::pending().await,
        }
    }
}

async fn watch(log: PathBuf, heard: impl Fn(ChangeNotification<'_>)) -> Result<Infallible> {
    let mut before = look(&log);
    heard(ChangeNotification::Listening);
    loop {
        tokio::time::sleep(LOOK).await;
        let now = look(&log);
        if now != before {
            before = now;
            heard(ChangeNotification::Anything);
        }
    }
}

/// What changes with each commit: the log's length and when it was written to; none where there is no log.
fn look(log: &PathBuf) -> Option<(u64, SystemTime)> {
    let file = std::fs::metadata(log).ok()?;
    Some((file.len(), file.modified().ok()?))
}
