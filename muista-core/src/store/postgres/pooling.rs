//! [`Pooling`]: whether a server is lent for a single transaction by a pooler in between, as pgbouncer does in its
//! transaction mode. Then nothing that is of a session may be relied on.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tokio::sync::Notify;

use super::Postgres;
use super::connection::Conn;
use crate::error::Result;

/// Whether a server is lent for one transaction.
#[derive(Debug)]
pub(crate) struct Pooling {
    lent: AtomicBool,
    /// Tells that it turned out to be.
    told: Notify,
}

impl Pooling {
    pub(in crate::store) fn new(lent: bool) -> Self {
        Self { lent: AtomicBool::new(lent), told: Notify::new() }
    }

    /// Whether it is, as far as is known.
    pub(in crate::store) fn is_lent(&self) -> bool {
        self.lent.load(Relaxed)
    }

    /// Notes that it turned out to be.
    pub(super) fn found(&self) {
        if !self.lent.swap(true, Relaxed) {
            tracing::warn!(
                "a pooler lends the database's servers by the transaction: no more statements are kept, and what others \
                 commit is looked for each second"
            );
            self.told.notify_waiters();
        }
    }

    /// Returns once it is known to be.
    pub(in crate::store) async fn lent(&self) {
        let told = self.told.notified();
        if !self.is_lent() {
            told.await;
        }
    }
}

impl Postgres {
    /// Finds out whether a pooler lends a server for one transaction: then two connections that are open at once may be
    /// served by the same process, or one by several.
    ///
    /// # Errors
    /// When the server cannot be reached. That a second connection cannot be had is none: it may be the only one.
    pub(in crate::store) fn find_out_pooling(&self) -> Result<()> {
        let (mut one, _) = self.connect()?;
        let Ok((mut other, _)) = self.connect() else { return Ok(()) };
        // In this order a pooler that takes its servers in turn is found out too.
        let mut served = Vec::new();
        for conn in [&mut one, &mut other] {
            served.push(process(conn).map_err(|e| self.named(e))?);
        }
        for conn in [&mut other, &mut one] {
            served.push(process(conn).map_err(|e| self.named(e))?);
        }
        let keeps = served[0] == served[3] && served[1] == served[2] && served[0] != served[1];
        if !keeps {
            self.pooling.found();
        }
        Ok(())
    }
}

/// Returns the process that serves this statement.
fn process(conn: &mut Conn) -> diesel::QueryResult<Option<String>> {
    Ok(conn.ask_simply("SELECT pg_backend_pid()")?.into_iter().next().flatten())
}
