//! The event loop of a worker: a worker is a thread with one connection, which only goes on while the worker asks something of
//! it. So what the server said meanwhile, that it ended the connection for one, is not known before the loop is run.

use std::cell::RefCell;
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::error::{Error, Result};

thread_local! {
    static RUNTIME: RefCell<Option<Arc<Runtime>>> = const { RefCell::new(None) };
}

/// This thread's runtime, made when there is none yet.
pub(super) fn runtime() -> Result<Arc<Runtime>> {
    RUNTIME.with_borrow_mut(|slot| {
        if let Some(runtime) = slot {
            return Ok(Arc::clone(runtime));
        }
        let made = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Error::unavailable(format!("cannot start the database's event loop: {e}")))?;
        Ok(Arc::clone(slot.insert(Arc::new(made))))
    })
}
