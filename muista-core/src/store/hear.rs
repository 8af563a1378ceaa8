//! Hearing that another process has committed something: by LISTEN on PostgreSQL, on a connection of its own; on SQLite,
//! which cannot tell, by looking at its log file each second.

use std::convert::Infallible;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::postgres::{self, Postgres};
use crate::error::Result;

/// How often SQLite's log is looked at. Two calls of the system each are nothing beside a connection that asks.
pub(super) const LOOK: Duration = Duration::from_secs(1);

/// What was heard.
pub(crate) enum Heard<'a> {
    /// Whatever is committed from now on is heard.
    Listening,
    /// Another process said this.
    Said(&'a str),
    /// Somebody has written something.
    Anything,
}

/// Where to listen.
pub(super) enum Ears {
    Postgres(Postgres),
    /// The file's log.
    Sqlite(PathBuf),
}

impl Ears {
    /// Listens until that fails.
    pub(super) async fn hear(&self, heard: impl Fn(Heard<'_>)) -> Result<Infallible> {
        match self {
            Self::Postgres(postgres) => postgres::listen(postgres, heard).await,
            Self::Sqlite(log) => watch(log.clone(), heard).await,
        }
    }
}

async fn watch(log: PathBuf, heard: impl Fn(Heard<'_>)) -> Result<Infallible> {
    let mut before = look(&log);
    heard(Heard::Listening);
    loop {
        tokio::time::sleep(LOOK).await;
        let now = look(&log);
        if now != before {
            before = now;
            heard(Heard::Anything);
        }
    }
}

/// What changes with each commit: the log's length and when it was written to; none where there is no log.
fn look(log: &PathBuf) -> Option<(u64, SystemTime)> {
    let file = std::fs::metadata(log).ok()?;
    Some((file.len(), file.modified().ok()?))
}
