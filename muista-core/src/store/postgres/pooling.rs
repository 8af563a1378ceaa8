//! [`Pooling`]: whether a server is lent for a single transaction by a pooler in between, as pgbouncer does in its
//! transaction mode. Then nothing that is of a session may be relied on.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// Whether a server is lent for one transaction.
#[derive(Debug, Default)]
pub(crate) struct Pooling {
    lent: AtomicBool,
}

impl Pooling {
    /// Whether it is, as far as is known.
    pub(super) fn is_lent(&self) -> bool {
        self.lent.load(Relaxed)
    }

    /// Notes that it turned out to be.
    pub(super) fn found(&self) {
        if !self.lent.swap(true, Relaxed) {
            tracing::warn!("a pooler lends the database's servers by the transaction: no more statements are kept");
        }
    }
}
