//! The epoch of the data: 0, or another number after each restore of a backup. What clients remember by a record's version
//! holds within one epoch only, and a restore may happen beside a daemon that runs.

use std::sync::atomic::{AtomicI64, Ordering::Relaxed};

use crate::error::{Error, Result};
use crate::service::Service;
use crate::store::{Conn, restore};

/// The epoch as a process knows it.
#[derive(Debug, Default)]
pub(in crate::service) struct Known(AtomicI64);

impl Service {
    /// Returns the epoch as far as it is known here: a restore is heard of a moment later.
    #[must_use]
    pub fn epoch(&self) -> i64 {
        self.epoch.0.load(Relaxed)
    }

    /// Looks up the epoch.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn look_up_epoch(&self) -> Result<i64> {
        let found = self.store.read(restore::epoch).await?;
        self.epoch.0.store(found, Relaxed);
        Ok(found)
    }
}

impl Known {
    /// Refuses a change whose caller goes by what it saw in another epoch, within the transaction of the change.
    pub(in crate::service) fn check(&self, conn: &mut Conn, wanted: Option<i64>) -> Result<()> {
        let Some(wanted) = wanted else { return Ok(()) };
        let found = restore::epoch(conn)?;
        self.0.store(found, Relaxed);
        if found == wanted {
            return Ok(());
        }
        Err(Error::precondition_failed("it was seen before the database was restored from a backup")
            .hint("look at it again"))
    }
}
